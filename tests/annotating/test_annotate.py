"""`convshape annotate`: the shapes beside the lines, in the terminal and in the file."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from terminal import run

import convshape as cs
from convshape.render import comments

TORCH = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
NET = f"""{TORCH}

class Block(nn.Module):
    def __init__(self, channels, out):
        super().__init__()
        self.conv = nn.Conv2d(channels, out, 3, padding=1)

    def forward(self, x):
        return F.relu(self.conv(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(
            Block(3, 8),
            nn.MaxPool2d(2),  # halves
            Block(8, 16),
        )
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = self.blocks(x)  # the features
        x = x.mean(
            (2, 3),
        )
        return self.fc(x)
"""
ANNOTATED = f"""{TORCH}

class Block(nn.Module):
    def __init__(self, channels, out):
        super().__init__()
        self.conv = nn.Conv2d(channels, out, 3, padding=1)

    def forward(self, x):
        return F.relu(self.conv(x))  # 1×8×32×32 … 1×16×16×16 (2 times)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(
            Block(3, 8),  # 1×8×32×32
            nn.MaxPool2d(2),  # halves  # 1×8×16×16
            Block(8, 16),  # 1×16×16×16
        )
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = self.blocks(x)  # the features  # 1×16×16×16
        x = x.mean(
            (2, 3),
        )  # 1×16
        return self.fc(x)  # 1×10
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, text: str, name: str = "net.py") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def forward(*lines: str) -> str:
    """Return a source whose forward has these lines."""
    body = "\n".join(f"        {line}" for line in lines)
    return f"{TORCH}\nclass Net(nn.Module):\n    def forward(self, x):\n{body}\n"


def noted(folder: Path, *lines: str, sample: str = "3x8x8") -> list[str]:
    """Return the comments that `--write` puts behind the lines of a forward, empty where none."""
    path = write(folder, forward(*lines))
    cs.annotate("net.py:Net", input=sample).write()
    after = path.read_text("utf-8").splitlines()[-sum(line.count("\n") + 1 for line in lines) :]
    before = "\n".join(lines).split("\n")
    assert all(new.strip().startswith(old.strip()) for new, old in zip(after, before, strict=True))
    return [new.strip()[len(old.strip()) :].strip() for new, old in zip(after, before, strict=True)]


# What is written


def test_write_puts_the_shapes_behind_the_lines_and_changes_nothing_else(folder: Path) -> None:
    path = write(folder, NET)
    assert run("annotate", "net.py:Net", "--in", "3x32x32", "--write") == (
        0,
        "net.py: 7 comments written\n",
        "",
    )
    assert path.read_text("utf-8") == ANNOTATED
    assert run("annotate", "net.py:Net", "--in", "3x32x32", "--write") == (
        0,
        "net.py is up to date\n",
        "",
    )
    assert path.read_text("utf-8") == ANNOTATED


def test_another_input_exchanges_the_comments_written_before(folder: Path) -> None:
    path = write(folder, ANNOTATED)
    cs.annotate("net.py:Net", input="3x64x64").write()
    expected = ANNOTATED.replace("1×8×32×32", "1×8×64×64").replace("16×16×16", "16×32×32")
    assert path.read_text("utf-8") == expected.replace("1×8×16×16", "1×8×32×32")


@pytest.mark.parametrize(
    ("line", "comment"),
    [
        ("return x.flatten(1)", "# 1×192"),
        ("return x.sum()", "# → ()"),
        ("return x.flatten()", "# → 192"),
        ("return x.chunk(2, 3)", "# 1×3×8×4, 1×3×8×4"),
        ("return list(x.unbind(2))", "# 1×3×8, 1×3×8, 1×3×8, … (8 tensors)"),
        ("y = {'a': x, 'b': [x[0]]}; return y", "# 1×3×8×8, 3×8×8; 1×3×8×8, 3×8×8"),
        ("n = x.shape[0]; return x", "# 1×3×8×8"),
        ("if x.ndim > 3: return x[0]", "# 3×8×8"),
        ("x += 1; return x  # noqa: E702", "# 1×3×8×8; 1×3×8×8"),
        ("'halves'; y = [x]; y[0] += 1; return y[0].flatten(1)", "# 1×3×8×8; 1×192"),
        ("return x  # type: ignore", "# 1×3×8×8"),
        ("return x  # B×C×H×W", "# 1×3×8×8"),
        ("return x  # 3x8x8", "# 1×3×8×8"),
        ("return x  # 4", "# 1×3×8×8"),
        ("return x  # shape (B, C, H, W)", "# 1×3×8×8"),
        ("return x  # conv 3×3", "# 1×3×8×8"),
        ("return x  # kernel 3×3, 2 times", "# 1×3×8×8"),
        ("return x   ", "# 1×3×8×8"),
    ],
)
def test_one_line(folder: Path, line: str, comment: str) -> None:
    assert noted(folder, line) == [comment]


@pytest.mark.parametrize(
    "stale",
    [
        "1×3×9×9", "1×3×9×9 … 1×3×4×4 (2 times)", "1×3; 1×4", "1×1, 1×1, 1×1, … (8 tensors)",
        "→ 8", "→ ()", "1×3×H×W", "1×6×(H − 4)×⌊(W + 1) / 2⌋", "→ N·3",
    ],
)  # fmt: skip
def test_a_comment_of_ours_is_exchanged(folder: Path, stale: str) -> None:
    write(folder, forward(f"return x  # mine  # {stale}"))
    result = cs.annotate("net.py:Net", input="3x8x8")
    assert [each.written for each in result.lines] == [stale]
    assert result.text == forward("return x  # mine  # 1×3×8×8")


def test_what_is_written_is_recognized(folder: Path) -> None:
    for shapes in ([()], [(5,)], [(5,), (2, 3)], [(1, 2)] * 7, [(0, 10**30)]):
        value = comments.value_comment(shapes, shapes, 3)
        words = comments.comment([value, value])
        place = comments.Place(1, 1, 3)
        assert comments.written(f"x  # {words}", place) == words


def test_statements_of_several_lines(folder: Path) -> None:
    assert noted(
        folder,
        "x = (",
        "    x  # the input",
        "    + 1",
        ")",
        "x = F.max_pool2d(x, 2) \\",
        "    .flatten(1)",
        'y = x.view("""',
        '""" and -1); z = [',
        "    y]",
        "return x",
    ) == ["", "", "", "# 1×3×8×8", "", "# 1×48", "", "", "# → 48; 48", "# 1×48"]  # fmt: skip


def test_generators_and_layers_by_name(folder: Path) -> None:
    assert noted(
        folder,
        "def parts():",
        "    yield x.flatten(1)",
        "    x.shape",
        "from collections import OrderedDict",
        "layers = nn.Sequential(OrderedDict(a=nn.ReLU()))",
        "return layers(list(parts())[0])",
    ) == ["", "# 1×192", "", "", "", "# 1×192"]


def test_loops_calls_and_what_gives_nothing(folder: Path) -> None:
    assert noted(
        folder,
        "maps = []",
        "for i in range(3):",
        "    x = F.max_pool2d(x, 2, 1)",
        "    maps.append(x[:, 0])",
        "    n = len(maps)",
        "sizes = [each.shape for each in maps]",
        "y = [each.flatten() for each in maps]",
        "if n > 5:",
        "    y = None",
        "return (lambda z: z[0])(y)",
    ) == [
        "",
        "",
        "# 1×3×7×7 … 1×3×5×5 (3 times)",
        "# 1×7×7 … 1×5×5 (3 times)",
        "",
        "",
        "# → 49, 36, 25",
        "",
        "",
        "# → 49",
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("last", ["", "end"])
def test_newlines_encoding_and_a_missing_last_newline_stay(
    folder: Path, newline: str, encoding: str, last: str
) -> None:
    cookie = "# -*- coding: cp1252 -*-\n" if encoding == "cp1252" else ""
    text = f"{cookie}# é\n{forward('	', 'return x')[:-1]}{last and newline}"
    path = folder / "net.py"
    path.write_bytes(text.replace("\n", newline).encode(encoding))
    cs.annotate("net.py:Net", input="3x8x8").write()
    expected = text.replace("return x", "return x  # 1×3×8×8").replace("\n", newline)
    assert path.read_bytes() == expected.encode(encoding)


def test_an_encoding_without_the_signs_is_refused(folder: Path) -> None:
    text = "# -*- coding: latin-1 -*-\n" + forward(
        "for _ in 'ab':", "    x = x[..., 1:]", "return x"
    )
    path = write(folder, text)
    status, _, error = run("annotate", "net.py:Net", "--in", "3x8x8", "--write")
    assert (status, error.splitlines()[0]) == (
        2,
        "error: net.py is in iso-8859-1, which has no '…'",
    )
    assert path.read_text() == text


_STATEMENTS = st.sampled_from(
    [
        "x = x + 1", "x = (x\n  + 1)", "y = [x,\n\n x]", "x = F.relu(x); y = x", "x += 1",
        's = """\n# 1×2\n"""', "s = '# 1×2'; y = x", "if True: x = x * 2",
        "for _ in range(2): x = x.abs()", "x = x \\\n  * 2", "x = x  # mine", "x = x  # 1×9",
        "x = x  # mine  # 1×9", "pass", "y: object = x",
        "def inner(z):\n    return z + 1\nx = inner(x)", "with torch.no_grad(): x = x.abs()",
        "(y := x)", "y = f'{1}' and x", "x = x;", "x = (lambda z: z\n )(x)", "assert x is not None",
        "del x; x = torch.ones(1, 2)", "@torch.no_grad()\ndef g(z): return z\nx = g(x)",
        "try: x = x + 1\nfinally: pass", "x = x  \t", "# 1×2",
        "async def h(): return x", "y = [z for z in (x,\n x)]", "print((x,\n 1))", "\f", "x = x  #",
        "",
    ]
)  # fmt: skip


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_STATEMENTS, max_size=6), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_any_layout_stays_the_same_program(
    tmp_path: Path, statements: list[str], newline: str, ends: bool
) -> None:
    lines = [line for statement in [*statements, "return x"] for line in statement.split("\n")]
    text = forward(*lines).replace("\n", newline)
    path = write(tmp_path, text if ends else text.removesuffix(newline))
    before, target = path.read_bytes(), f"{path}:Net"
    trace = cs.trace(target, input="3x8x8").to_dict()
    cs.annotate(target, input="3x8x8").write()
    once = path.read_bytes()
    assert ast.dump(ast.parse(once)) == ast.dump(ast.parse(before))
    assert cs.trace(target, input="3x8x8").to_dict() == trace
    again = cs.annotate(target, input="3x8x8")
    assert again.outdated == []
    assert again.write() == 0
    assert path.read_bytes() == once
    for old, new in zip(before.decode().split("\n"), once.decode().split("\n"), strict=True):
        own = old.split("#")[0].rstrip("\r\n") if "1×9" in old else old.rstrip("\r\n")
        assert new.startswith(own)


def test_symbols(folder: Path) -> None:
    path = write(folder, NET)
    assert run("annotate", "net.py:Net", "--in", "3xHxW", "--write")[0] == 0
    text = path.read_text("utf-8")
    assert "(self.conv(x))  # 1×8×H×W … 1×16×⌊H/2⌋×⌊W/2⌋ (2 times)\n" in text
    assert run("annotate", "net.py:Net", "--in", "3xHxW", "--check") == (0, "", "")
    status, shown, _ = run("annotate", "net.py:Net", "--in", "3xHxW", "--json")
    answer = json.loads(shown)
    assert status == 0
    assert answer["lines"][0]["statements"][0]["last"] == [[1, 16, "⌊H/2⌋", "⌊W/2⌋"]]
    assert answer["conditions"] == ["H ≥ 2", "W ≥ 2"]
    assert str(cs.annotate("net.py:Net", input="3xHxW")).splitlines()[1] == "if H ≥ 2, W ≥ 2"
    cs.annotate("net.py:Net", input="3x32x32").write()
    assert path.read_text("utf-8") == ANNOTATED


@pytest.mark.parametrize(
    "layer",
    ["Conv2d(3, 4, 3, 2, 1)", "ConvTranspose2d(3, 4, 4, 3)", "PixelShuffle(1)", "Flatten()",
     "Flatten(2)", "AvgPool2d(3, 2, ceil_mode=True)", "ReplicationPad2d((0, 1, 2, 3))",
     "Upsample(scale_factor=3)"],
)  # fmt: skip
def test_sizes_in_symbols_are_recognized(folder: Path, layer: str) -> None:
    write(
        folder, forward(f"y = nn.{layer}(x)", "z = y.flatten() * 2", "return y.unfold(-1, 2, 2), z")
    )
    result = cs.annotate("net.py:Net", input="3xHxW")
    result.write()
    again = cs.annotate("net.py:Net", input="3xHxW")
    assert [each.written for each in again.lines] == [each.comment for each in result.lines]
    assert len(again.lines) == 3


# What is shown, checked and refused


def test_where_it_stops_the_mismatch_stands_under_its_line(folder: Path) -> None:
    text = NET.replace("Linear(16, 10)", "Linear(17, 10)")
    path = write(folder, text)
    status, shown, error = run("annotate", "net.py:Net", "--in", "3x32x32", "--write")
    assert status == 1
    assert error.startswith("error: fc: Linear(17, 10) expects 17 features, but receives 16\n")
    assert shown.splitlines()[-2:] == [
        "30          return self.fc(x)",
        "            ✗ fc: Linear(17, 10) expects 17 features, but receives 16",
    ]
    assert path.read_text() == text


def test_a_comment_that_is_there_is_not_shown_twice(folder: Path) -> None:
    write(folder, NET)
    plain = run("annotate", "net.py:Net", "--in", "3x32x32")
    write(folder, ANNOTATED)
    assert run("annotate", "net.py:Net", "--in", "3x32x32") == plain


def test_check_tells_what_is_missing_or_out_of_date(folder: Path) -> None:
    write(folder, ANNOTATED)
    assert run("annotate", "net.py:Net", "--in", "3x32x32", "--check") == (0, "", "")
    write(folder, ANNOTATED.replace("# 1×10", "# 1×11").replace("  # 1×16\n", "\n"))
    status, shown, error = run("annotate", "net.py:Net", "--in", "3x32x32", "--check")
    assert (status, shown) == (1, "")
    assert "2 comments of shapes are missing or out of date" in error
    assert "the line gives 1×16, but has no comment\n  --> net.py:29" in error
    assert "the line gives 1×10, but says 1×11\n  --> net.py:30" in error


def test_json_has_the_lines_with_their_shapes(folder: Path) -> None:
    write(folder, ANNOTATED.replace("# 1×10", "# 1×11"))
    status, shown, _ = run("annotate", "net.py:Net", "--in", "3x32x32", "--json", "--check")
    answer = json.loads(shown)
    assert status == 1
    assert answer["lines"][0] == {
        "line": 12,
        "comment": "1×8×32×32 … 1×16×16×16 (2 times)",
        "written": "1×8×32×32 … 1×16×16×16 (2 times)",
        "statements": [
            {"line": 12, "end_line": 12, "times": 2, "first": [[1, 8, 32, 32]],
             "last": [[1, 16, 16, 16]]}
        ],
    }  # fmt: skip
    assert answer["lines"][-1]["written"] == "1×11"
    assert answer["error"]["message"].startswith("net.py: 1 comment")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["none.py"], 2, "file not found: none.py"),
        (["net.py:Nett"], 2, "did you mean net.py:Net?"),
        (["net.ipynb"], 2, "jupyter nbconvert --to script net.ipynb"),
        (["-"], 2, "standard input has no file"),
        (["printed.txt", "--in", "3x8x8"], 2, "is a printed model, which cannot have comments"),
        (["net.txt"], 2, "a file that ends in .py"),
        (["net.json", "--write"], 2, "JSON, which has no comments"),
        (["net.json", "--check"], 2, "JSON, which has no comments"),
        (["net.py:Net", "--write", "--check"], 2, "--write and --check cannot be combined"),
        (["net.py:Net", "--set", "a=1"], 2, "no constants to set"),
        (["outer.py:Net", "--in", "3x8x8"], 2, "runs is in net.py"),
        (["net.py:Net", "--in", "3x"], 2, "cannot read"),
    ],
)
def test_refusals(folder: Path, arguments: list[str], status: int, words: str) -> None:
    write(folder, NET)
    write(folder, "from net import Net\n", "outer.py")
    write(folder, "Net(\n  (a): ReLU()\n)\n", "printed.txt")
    write(folder, '{"input": "3x8x8", "layers": {"a": "ReLU()"}}', "net.json")
    write(folder, "{}", "net.ipynb")
    write(folder, NET, "net.txt")
    assert run("annotate", *arguments)[0] == status
    assert words in run("annotate", *arguments)[2]


def test_a_file_that_changes_meanwhile_is_left_as_it_is(folder: Path) -> None:
    path = write(folder, NET)
    result = cs.annotate("net.py:Net", input="3x32x32")
    path.write_text("# new")
    with pytest.raises(cs.SpecError, match="changed in the meantime"):
        result.write()
    assert path.read_text() == "# new"


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_the_mode_of_the_file_stays(folder: Path) -> None:
    path = write(folder, NET)
    path.chmod(0o750)
    cs.annotate("net.py:Net", input="3x32x32").write()
    assert path.stat().st_mode & 0o777 == 0o750
    assert [each.name for each in folder.iterdir() if each.suffix == ".tmp"] == []


def test_python_has_the_lines(folder: Path) -> None:
    write(folder, NET)
    result = cs.annotate("net.py:Net", (3, 32, 32))
    assert [each.comment for each in result.lines][-1] == "1×10"
    assert str(result).splitlines()[0] == "Net  1×3×32×32"
    assert repr(result) == "<Annotated net.py: 7 lines>"
    assert result.text == ANNOTATED


# Networks that people write


NANOGPT = f"""{TORCH}import math
from dataclasses import dataclass


class CausalSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head, self.n_embd = config.n_head, config.n_embd
        mask = torch.tril(torch.ones(config.block_size, config.block_size))
        self.register_buffer("bias", mask.view(1, 1, config.block_size, config.block_size))

    def forward(self, x):
        B, T, C = x.size() # batch size, sequence length, embedding dimensionality (n_embd)
        q, k, v  = self.c_attn(x).split(self.n_embd, dim=2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2) # (B, nh, T, hs)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2) # (B, nh, T, hs)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2) # (B, nh, T, hs)
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.bias[:,:,:T,:T] == 0, float('-inf'))
        att = F.softmax(att, dim=-1)
        y = att @ v # (B, nh, T, T) x (B, nh, T, hs) -> (B, nh, T, hs)
        y = y.transpose(1, 2).contiguous().view(B, T, C) # re-assemble all head outputs side by side
        return self.c_proj(y)


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.n_embd)
        self.attn = CausalSelfAttention(config)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x


@dataclass
class GPTConfig:
    block_size: int = 64
    n_layer: int = 3
    n_head: int = 4
    n_embd: int = 32


class GPT(nn.Module):
    def __init__(self, config=GPTConfig()):
        super().__init__()
        self.transformer = nn.ModuleDict(dict(
            wte = nn.Embedding(100, config.n_embd),
            wpe = nn.Embedding(config.block_size, config.n_embd),
            h = nn.ModuleList([Block(config) for _ in range(config.n_layer)]),
        ))
        self.lm_head = nn.Linear(config.n_embd, 100, bias=False)

    def forward(self, idx, targets=None):
        device = idx.device
        b, t = idx.size()
        pos = torch.arange(0, t, dtype=torch.long, device=device) # shape (t)
        x = self.transformer.wte(idx) + self.transformer.wpe(pos)
        for block in self.transformer.h:
            x = block(x)
        if targets is not None:
            logits = self.lm_head(x)
        else:
            logits = self.lm_head(x[:, [-1], :]) # note: using list [-1] to preserve the time dim
            loss = None
        return logits, loss
"""


def test_nanogpt(folder: Path) -> None:
    path = write(folder, NANOGPT, "model.py")
    before = cs.trace("model.py:GPT", input="int64:16").to_dict()
    cs.annotate("model.py:GPT", input="int64:16").write()
    text = path.read_text("utf-8")
    for line in (
        "split(self.n_embd, dim=2)  # 1×16×32, 1×16×32, 1×16×32 (3 times)",
        ".transpose(1, 2) # (B, nh, T, hs)  # 1×4×16×8 (3 times)",
        "device=device) # shape (t)  # → 16",
        "            x = block(x)  # 1×16×32 (3 times)",
        "preserve the time dim  # 1×1×100",
        "return logits, loss  # 1×1×100",
        "            logits = self.lm_head(x)\n",
        "embedding dimensionality (n_embd)\n",
    ):
        assert line in text
    assert cs.trace("model.py:GPT", input="int64:16").to_dict() == before
    assert cs.annotate("model.py:GPT", input="int64:16").write() == 0


UNET = f"""{TORCH}

def double(i, o):
    return nn.Sequential(
        nn.Conv2d(i, o, 3, padding=1), nn.ReLU(),
        nn.Conv2d(o, o, 3, padding=1), nn.ReLU())


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList([double(3, 8), double(8, 16)])
        self.up = nn.ConvTranspose2d(16, 8, 2, 2)
        self.last = double(16, 8)

    def forward(self, x):
        skips = []
        for level, conv in enumerate(self.down):
            x = conv(x)
            if level == 0:
                skips += [x]
                x = F.max_pool2d(x, 2)
        x = torch.cat([self.up(x), skips.pop()], 1)
        return self.last(x)
"""


def test_unet(folder: Path) -> None:
    path = write(folder, UNET)
    cs.annotate("net.py:UNet", input="3x16x16").write()
    text = path.read_text("utf-8")
    for line in (
        "x = conv(x)  # 1×8×16×16 … 1×16×8×8 (2 times)",
        "skips += [x]  # 1×8×16×16",
        "skips.pop()], 1)  # 1×16×16×16",
        "return self.last(x)  # 1×8×16×16",
    ):
        assert line in text
    assert cs.annotate("net.py:UNet", input="3x16x16").write() == 0


@pytest.mark.parametrize("name", ["lenet", "squeezenet", "wavenet", "resnet18"])
def test_network_files(folder: Path, name: str) -> None:
    source = (Path(__file__).parents[2] / "examples" / f"{name}.yaml").read_text("utf-8")
    path = write(folder, source, f"{name}.yaml")
    before = cs.trace(path).to_dict()
    assert cs.annotate(path).write() > 0
    assert cs.trace(path).to_dict() == before
    assert cs.annotate(path).write() == 0
    for old, new in zip(source.splitlines(), path.read_text("utf-8").splitlines(), strict=True):
        assert new.startswith(old)


def test_a_network_file(folder: Path) -> None:
    text = (
        "input: 3x8x8\nlayers:\n  a: 'Conv2d(3, 4, 3)'   # '#'\n  b, c: a.chunk(2, 1)\n"
        "  d: >-\n    relu(b)\n"
    )
    write(folder, text, "net.yaml")
    assert cs.annotate("net.yaml").text == (
        "input: 3x8x8\nlayers:\n  a: 'Conv2d(3, 4, 3)'   # '#'  # 1×4×6×6\n"
        "  b, c: a.chunk(2, 1)  # 1×2×6×6, 1×2×6×6\n  d: >-  # 1×2×6×6\n    relu(b)\n"
    )
