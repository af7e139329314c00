"""The command line as a user meets it: answers on stdout, errors on stderr, exit statuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal import LENET, ROOT, on_screen, on_terminal, run

import convshape
from convshape.cli import COMMANDS, command, typer_app
from convshape.cli.parameters import parse

DCGAN = str(ROOT / "examples" / "dcgan_generator.yaml")
SOURCE = str(ROOT / "benchmarks" / "lenet.py") + ":LeNet()"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("conv --in 32 --k 5", "28"),
        ("conv --in 224 --kernel-size 7 --stride 2 --padding 3", "112"),
        ("conv --in 224 -k 7 -s 2 -p 3", "112"),
        ("conv --in 32x48 --k 3x5 --s 2", "15x22"),
        ("conv --in 32×48 --k 3", "30x46"),
        ("conv --in 32 --k 3x5", "30x28"),
        ("conv --in 16x112x112 --k 3 --p 1", "16x112x112"),
        ("conv --in 32 --k 4 --p same --d 2", "32"),
        ("conv --in 32 --k 4 --p valid", "29"),
        ("pool --in 112 --k 3 --s 2 --p 1", "56"),
        ("pool --in 112 --k 3 --s 2 --ceil", "56"),
        ("pool --in 5 --k 2 --s 2 --p 1 --ceil-mode", "3"),
        ("pool --in 28 --k 2", "14"),
        ("pool --in 28 --k 3 --d 2 --s 1", "24"),
        ("deconv --in 7 --k 4 --s 2 --p 1", "14"),
        ("deconv --in 7x9 --k 3 --s 2 --p 1 --output-padding 1", "14x18"),
    ],
)
def test_piped_the_answer_stands_alone(command: str, answer: str) -> None:
    assert run(*command.split()) == (0, f"{answer}\n", "")
    assert run(*command.split(), "-q", "-e") == (0, f"{answer}\n", "")


@pytest.mark.parametrize(
    ("command", "equation"),
    [
        ("conv --in 32 --k 5", "⌊(32 + 2·0 − 1·(5 − 1) − 1) / 1⌋ + 1 = 28"),
        (
            "conv --in 32x48 --k 3",
            "H: ⌊(32 + 2·0 − 1·(3 − 1) − 1) / 1⌋ + 1 = 30\n"
            "W: ⌊(48 + 2·0 − 1·(3 − 1) − 1) / 1⌋ + 1 = 46",
        ),
        (
            "conv --in 9 --k 4 --p same",
            "9: padding='same' adds 1 before and 2 after, which keeps the size",
        ),
        (
            "pool --in 10 --k 1 --s 2 --ceil",
            "⌈(10 + 2·0 − 1·(1 − 1) − 1) / 2⌉ + 1 = 6, less the last window, which would start in "
            "the right padding: 5\n5 of 10 are never used; all are with --kernel-size 2",
        ),
        ("pool --in 6 --k 3 --s 2 --ceil", "⌈(6 + 2·0 − 1·(3 − 1) − 1) / 2⌉ + 1 = 3"),
        (
            "conv --in 10 --k 3 --s 2",
            "⌊(10 + 2·0 − 1·(3 − 1) − 1) / 2⌋ + 1 = 4\n"
            "the last 1 of 10 is never used; all are with --padding 1 or an input of 9 or 11",
        ),
        (
            "pool --in 11x10 --k 2",
            "H: ⌊(11 + 2·0 − 1·(2 − 1) − 1) / 2⌋ + 1 = 5\n"
            "W: ⌊(10 + 2·0 − 1·(2 − 1) − 1) / 2⌋ + 1 = 5\n"
            "H: the last 1 of 11 is never used; "
            "all are with --padding 1x0, --ceil-mode or an input of 10 or 12",
        ),
        ("deconv --in 7 --k 4 --s 2 --p 1", "(7 − 1)·2 − 2·1 + 1·(4 − 1) + 0 + 1 = 14"),
    ],
)
def test_explained_the_equation_has_the_numbers(command: str, equation: str) -> None:
    status, out, _ = run(*command.split(), "--explain")
    assert (status, out.partition("\n")[2]) == (0, equation + "\n")


def test_on_a_terminal_the_equation_is_shown() -> None:
    assert (
        on_terminal("conv", "--in", "32", "--k", "5")
        == "28\n⌊(32 + 2·0 − 1·(5 − 1) − 1) / 1⌋ + 1 = 28\n"
    )
    assert on_terminal("conv", "--in", "32x48", "--k", "5", "-q") == "28×44\n"


def test_a_terminal_without_utf_8_shows_plain_signs() -> None:
    shown = on_terminal("conv", "--in", "32", "--k", "5", encoding="ascii")
    assert shown == "28\nfloor((32 + 2*0 - 1*(5 - 1) - 1) / 1) + 1 = 28\n"
    table = on_terminal("trace", LENET, encoding="ascii")
    assert "1x6x28x28" in table
    assert table.isascii()


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("example", ["googlenet", "unet", "vit"])
def test_the_table_fits_the_terminal(example: str, columns: int) -> None:
    shown = on_screen("trace", f"{ROOT}/examples/{example}.yaml", columns=columns)
    assert max(map(len, shown.splitlines())) <= columns
    assert "…" not in shown


def test_an_error_fits_the_terminal_with_its_carets_in_place(tmp_path: Path) -> None:
    line = (
        "  conv1: Conv2d(3, 32, 3, padding=1, stride=1, dilation=1, groups=1, bias=True, "
        "padding_mod='zeros')"
    )
    (tmp_path / "net.yaml").write_text(f"input: 3x8x8\nlayers:\n{line}\n")
    shown = on_terminal("trace", "net.yaml", folder=tmp_path).splitlines()
    assert max(map(len, shown)) <= 80
    above, below = shown[2:4]
    assert above[below.index("^") : below.rindex("^") + 1] == "padding_mod='zeros'"
    (tmp_path / "net.yaml").write_text("input: 3x8x8\nlayers: ['Conv2d()']\n")
    shown = on_terminal("trace", "net.yaml", folder=tmp_path).splitlines()
    assert shown[4:] == [
        "   fix: Conv2d(in_channels, out_channels, kernel_size, stride=1, padding=0,",
        "      dilation=1, groups=1, bias=True, padding_mode='zeros', device=None,",
        "      dtype=None)",
    ]


REFUSED = {
    "kernel too large": (
        "conv --in 3 --k 5",
        1,
        "conv has a kernel of 5, larger than its padded input 3",
    ),
    "zero stride": ("conv --in 9 --k 3 --s 0", 1, "stride"),
    "negative stride": ("conv --in 9 --k 3 --s -1", 1, "stride"),
    "negative padding": ("conv --in 9 --k 3 --p -1", 1, "padding"),
    "zero dilation": ("conv --in 9 --k 3 --d 0", 1, "dilation"),
    "zero kernel": ("conv --in 9 --k 0", 1, "kernel"),
    "negative kernel": ("conv --in 9 --k -3", 1, "--kernel-size -3 has a negative size"),
    "negative size": ("conv --in -9 --k 3", 1, "--in -9 has a negative size"),
    "same in capitals": ("conv --in 9 --k 3 --p SAME", 2, "cannot read the --padding 'SAME'"),
    "same where it is not known": (
        "deconv --in 9 --k 3 --p same",
        2,
        "cannot read the --padding 'same'",
    ),
    "same with stride": ("conv --in 9 --k 3 --p same --s 2", 1, "stride"),
    "too many layers": ("layer ReLU()*3000000 --in 3x8x8", 2, "more than 50,000 layers"),
    "pool padding": ("pool --in 9 --k 2 --p 2", 1, "more than half its kernel"),
    "output padding": ("deconv --in 9 --k 2 --output-padding 1", 1, "output_padding"),
    "deconv too small": ("deconv --in 1 --k 1 --p 1", 1, "too small"),
    "an open size": ("conv --in 32x --k 3", 2, "cannot read the --in '32x': a size is missing"),
    "a word": (
        "conv --in large --k 3",
        2,
        "cannot read the --in 'large': 'large' is not a whole number",
    ),
    "a channel": ("conv --in 3x32x32 --k 3x3", 2, "--kernel-size has 2 sizes, but --in has 3"),
    "two for three": ("conv --in 3x32 --k 3x3x3", 2, "--in has 2 sizes, but --kernel-size has 3"),
    "four axes": ("conv --in 1x3x32x32 --k 3", 2, "conv takes 1 to 3 spatial dimensions, got 4"),
    "no kernel": ("conv --in 32", 2, "--kernel-size"),
    "unknown option": ("conv --in 32 --k 3 --strid 2", 2, "--strid"),
    "unknown command": ("convolve --in 32", 2, "convolve"),
    "beyond 64 bits": (f"conv --in {2**63} --k 3", 2, "larger than torch can count in 64 bits"),
    "unknown layer": (
        "layer Conv2D(3,6,5) --in 3x32x32",
        2,
        "unknown layer, function or name 'Conv2D'",
    ),
    "a layer that refuses": (
        "layer Conv2d(4,6,5) --in 3x32x32",
        1,
        "Conv2d(4, 6, 5) expects 4 channels, but receives 3",
    ),
    "a function that refuses": (
        "layer F.max_pool2d(input,9) --in 3x8x8",
        1,
        "larger than its padded input",
    ),
    "too few inputs": (
        "layer Bilinear(4,5,6) --in 4",
        2,
        "takes 2 inputs (input1, input2), but 1 is given",
    ),
    "a function of more": (
        "layer cat([input,input]) --in 4 --in 5",
        2,
        "takes one input, got 2",
    ),
    "no layer": ("layer 3+4 --in 3x8x8", 2, "'3+4' is an int, neither a layer nor a tensor"),
    "no file": ("trace nowhere.yaml", 2, "file not found: nowhere.yaml"),
    "a constant that does not exist": (
        f"trace {LENET} --set widht=3",
        2,
        "--set widht: the file has no such constant",
    ),
    "a constant that is no expression": (
        f"trace {DCGAN} --set width=abc",
        2,
        "function or name 'abc'",
    ),
    "too many inputs": (
        f"trace {LENET} --in 3 --in 4",
        2,
        "takes 1 input (input), but 2 shapes are given",
    ),
    "a constant without a value": (f"trace {LENET} --set width", 2, "cannot read --set 'width'"),
}


@pytest.mark.parametrize(
    ("layer", "output", "note"),
    [
        ("GRUCell(10, 20)", "1×20", "input 10"),
        ("TransformerEncoderLayer(64, 8)", "1×16×64", "input 16×64, from self_attn"),
        (
            "MultiheadAttention(64, 8, batch_first=True)",
            "1×16×64, 1×16×16",
            "inputs query, key, value: each 16×64",
        ),
    ],
)
def test_a_layer_without_inputs_gets_some(layer: str, output: str, note: str) -> None:
    status, out, err = run("layer", layer, "-q")
    assert (status, out, err) == (
        0,
        f"{output.replace('×', 'x')}\n",
        f"note: {note}; --in to choose\n",
    )


def test_inputs_that_are_missing_are_as_the_first_if_the_layer_takes_that() -> None:
    _, _, err = run("layer", "MultiheadAttention(64, 8)", "--in", "10x64")
    assert "fix: --in query=10x64 --in key=10x64 --in value=10x64" in err
    _, _, err = run("layer", "Bilinear(4, 5, 6)", "--in", "4")
    assert "fix: --in input1=4 --in input2=..." in err


@pytest.mark.parametrize(("command", "status", "message"), REFUSED.values(), ids=REFUSED)
def test_refusals(command: str, status: int, message: str) -> None:
    got, out, err = run(*command.split())
    assert (got, out) == (status, "")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("command", "status", "message"),
    [
        case
        for case in REFUSED.values()
        if case[0].split()[0] in ("conv", "pool", "deconv", "layer", "trace")
    ],
)
def test_refusals_in_json(command: str, status: int, message: str) -> None:
    got, out, err = run(*command.split(), "--json")
    assert got == status
    if ("--k" not in command and command.startswith("conv")) or "--strid" in command:
        assert message in err  # wrong usage is told in words: nothing was asked yet
        return
    error = json.loads(out)["error"]
    assert set(error) - {"row"} == {"message", "where", "snippet", "why", "fix", "fixes", "others"}
    assert message in error["message"]
    assert err == ""


def test_the_number_of_axes_is_advised() -> None:
    _, _, err = run("conv", "--in", "3x32x32", "--k", "3x3")
    assert err.splitlines()[-1] == "   fix: --in 32x32: spatial sizes only"


def test_a_fix_of_one_layer_is_an_option() -> None:
    _, _, err = run("pool", "--in", "9", "--k", "2", "--p", "2")
    assert err.splitlines()[-1] == "   fix: --padding 1"
    assert run("pool", "--in", "9", "--k", "2", "--padding", "1")[0] == 0


def test_a_padding_that_is_enough_is_offered() -> None:
    for line, fix in (
        ("conv --in 3x9 --k 5 --d 2", "--padding 3x0"),
        ("pool --in 3 --k 14", "--padding 6"),
        (
            "pool --in 3 --k 3 --d 9",
            "--kernel-size 1",
        ),  # a padding of half the kernel would not be enough
    ):
        status, _, err = run(*line.split())
        assert (status, err.splitlines()[-1]) == (1, f"   fix: {fix}")
        assert run(*line.split(), *fix.split())[0] == 0


def test_json_of_a_size() -> None:
    _, out, _ = run("conv", "--in", "32x48", "--k", "5", "--json")
    assert run("conv", "--in", "32x48", "--k", "5", "--format", "json")[1] == out
    assert json.loads(out) == {
        "schema": 1,
        "command": "conv",
        "in": [32, 48],
        "out": [28, 44],
        "equations": [
            "H: ⌊(32 + 2·0 − 1·(5 − 1) − 1) / 1⌋ + 1 = 28",
            "W: ⌊(48 + 2·0 − 1·(5 − 1) − 1) / 1⌋ + 1 = 44",
        ],
        "unused": [0, 0],
        "error": None,
    }


def test_layer() -> None:
    assert run("layer", "Conv2d(3, 6, 5)", "--in", "3x32x32") == (0, "1x6x28x28\n", "")
    assert (
        run("layer", "MaxPool2d(2, return_indices=True)", "--in", "3x4x4")[1]
        == "1x3x2x2, 1x3x2x2\n"
    )
    assert (
        run("layer", "F.max_pool2d(input, 2)", "--in", "6x28x28", "--batch", "4")[1]
        == "4x6x14x14\n"
    )
    assert run("layer", "Conv2d(3, 6, 5)(input).flatten(1)", "--in", "3x32x32")[1] == "1x4704\n"
    _, out, _ = run("layer", "Conv2d(3, 6, 5)", "--in", "3x32x32", "--explain")
    assert out.splitlines() == [
        "1x6x28x28",
        "Conv2d(3, 6, 5): 1×3×32×32 → 1×6×28×28, 456 parameters",
        "⌊(32 + 2·0 − 1·(5 − 1) − 1) / 1⌋ + 1 = 28",
    ]
    _, out, _ = run("layer", "Conv2d(3, 6, 5)", "--in", "3x32x32", "--format", "json")
    assert json.loads(out)["rows"] == [
        {
            "path": "",
            "kind": "module",
            "layer": "Conv2d(3, 6, 5)",
            "in": [[1, 3, 32, 32]],
            "out": [[1, 6, 28, 28]],
            "params": 456,
            "macs": 28 * 28 * 6 * 75,
            "field": {"size": [5, 5], "stride": [1, 1], "start": [0, 0]},
            "where": "",
        }
    ]


def test_trace_of_a_file_and_of_standard_input() -> None:
    status, out, err = run("trace", LENET)
    assert (status, err) == (0, "")
    assert out.splitlines()[-1].split() == ["total", "62006", "651720", "16"]
    assert run("trace", "-", input=Path(LENET).read_text())[1] == out
    assert "\x1b" not in out


def test_a_trace_that_stops_shows_what_came_before() -> None:
    status, out, err = run("trace", LENET, "--in", "3x36x36")
    assert status == 1
    assert out.splitlines()[-3].split() == ["flat", "Flatten()", "1x576", "0", "0"]
    assert out.splitlines()[-2].split() == [
        "fc1",
        "Linear(400,",
        "120)",
        "!",
        "does",
        "not",
        "fit",
        "48120",
    ]
    assert err.splitlines() == [
        "error: fc1: Linear(400, 120) expects 400 features, but receives 576",
        f"  --> {LENET}:13:8",
        " 13 |   fc1: Linear(16*5*5, 120)",
        "    |        ^^^^^^^^^^^^^^^^^^^",
        "   flat gave 16 × 6 × 6 = 576, because the input is 36 × 36",
        "   fix: 1. Linear(576, 120)",
        "        2. an input of 32..35 × 32..35",
    ]
    status, out, err = run("trace", LENET, "--in", "3x36x36", "--format", "json")
    answer = json.loads(out)
    assert (status, err) == (1, "")
    assert list(answer) == ["schema", "name", "inputs", "rows", "total", "note", "error"]
    assert [row["path"] for row in answer["rows"]][-1] == "flat"
    assert (
        answer["error"]["message"] == "fc1: Linear(400, 120) expects 400 features, but receives 576"
    )


def test_json_of_what_cannot_be_read_is_json() -> None:
    status, out, _ = run("trace", "nowhere.yaml", "--json")
    assert status == 2
    assert json.loads(out)["error"]["message"] == "file not found: nowhere.yaml"
    assert json.loads(out)["rows"] == []


def test_version_help_and_completion() -> None:
    assert run("--version") == (0, f"convshape {convshape.__version__}\n", "")
    for name in COMMANDS:
        status, out, _ = run(name, "--help")
        assert status == 0
        assert "Example" in out
    assert "--install-completion" in run("--help")[1]
    shown = subprocess.run(
        [sys.executable, "-m", "convshape"],
        env=os.environ
        | {"_CONVSHAPE_COMPLETE": "complete_bash", "COMP_WORDS": "convshape tr", "COMP_CWORD": "1"},
        capture_output=True,
        text=True,
    )
    assert shown.stdout.split() == ["trace"]


def test_a_reader_that_stops_reading_is_no_error() -> None:
    process = subprocess.run(
        f"{sys.executable} -m convshape trace {LENET} --json | head -c 1",
        shell=True,
        capture_output=True,
        text=True,
    )
    assert (process.stdout, process.stderr) == ("{", "")


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import convshape", {"rich", "typer", "yaml", "numpy", "inspect", "dataclasses"}),
        ("import convshape; convshape.conv_size(32, 5)", {"rich", "typer", "yaml", "numpy"}),
        (
            "from convshape.cli import main; main(['conv', '--in', '32', '--k', '5'])",
            {
                "rich",
                "typer",
                "yaml",
                "numpy",
                "inspect",
                "dataclasses",
                "ast",
                "convshape.run.runner",
                "convshape.shapetorch.ops",
                "convshape.shapetorch.nn.modules.linear",
                "convshape.shapetorch.nn.functional.pooling",
            },
        ),
        (
            "from convshape.cli import main; "
            "main(['solve', 'conv', '--in', '224', '--out', '112', '-e'])",
            set("rich typer yaml numpy inspect dataclasses ast convshape.run.runner".split()),
        ),
        (
            f"from convshape.cli import main; main(['trace', {LENET!r}, '--json'])",
            set(
                "rich typer numpy inspect dataclasses fractions threading string "
                "convshape.shapetorch.ops.spaces convshape.shapetorch.ops.pointwise "
                "convshape.shapetorch.nn.modules.batchnorm convshape.run.trial "
                "convshape.shapetorch.namespace convshape.shapetorch.nn.modules.rnn "
                "convshape.shapetorch.nn.functional.loss".split()
            ),
        ),
        (
            f"from convshape.cli import main; main(['trace', {SOURCE!r}, '--in', '3x32x32'])",
            set(
                "rich typer yaml numpy inspect dataclasses ast fractions threading "
                "convshape.readers.expressions.evaluate convshape.readers.expressions.vocabulary "
                "convshape.shapetorch.nn.modules.rnn convshape.render.table".split()
            ),
        ),
    ],
)
def test_nothing_is_imported_before_it_is_needed(statement: str, absent: set[str]) -> None:
    code = (
        f"import sys; before = set(sys.modules)\n{statement}\n"
        f"print(*sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not absent & set(process.stderr.split())


def test_the_end_of_the_process_searches_no_memory() -> None:
    code = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 1000))\n"
    code += "from convshape.cli import main; main(['conv', '--in', '32', '--k', '5'])"
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert process.stdout == "28\nTrue\n"


WORDS = (
    "--in --in=3 --k -k --kernel-size=5 3 5x5 -s=2 --ceil --ceil=1 -qe -q --json --format json "
    "table tables --batch 0 -1 --batch=2 07 ٣ -- - --s= --set a=1 --help --nothing net.yaml ReLU()"
).split()


@given(name=st.sampled_from(list(COMMANDS)), words=st.lists(st.sampled_from(WORDS), max_size=7))
def test_what_is_read_at_once_is_what_typer_reads(name: str, words: list[str]) -> None:
    """Whatever the quick reader takes, Typer takes and reads alike."""
    values = parse(command(name), words)
    if values is None:
        return
    assert typer_app.read([name, *words])[1] == values


@pytest.mark.parametrize(
    ("name", "text", "target"),
    [
        ("net.yaml", "input: 3x32x32\nlayers:\n  - Conv2d(3, 6, 5)\n", "net.yaml"),
        ("net.py", "import torch\nnet = torch.nn.ReLU()\n", "net.py:net"),
        ("net.py", "import torch\nnet = torch.nn.ReLU()\n", "net:net"),
    ],
)
def test_the_file_that_is_traced_is_not_written_over(
    name: str, text: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(text)
    Path("link.csv").symlink_to(name)
    for output in (name, "link.csv", f"../{tmp_path.name}/{name}"):
        status, out, err = run("trace", target, "--in", "3x32x32", "--format", "csv", "-o", output)
        assert (status, out) == (2, "")
        assert f"error: {output} is the traced file" in err
        assert Path(name).read_text() == text
    assert run("trace", target, "--in", "3x32x32", "-o", "other.csv")[0] == 0


@pytest.mark.parametrize(
    "line",
    [
        "conv --in 32 --k 5",
        "pool --in=7 -k 3 -s 2 --ceil -e",
        "layer ReLU() --in 3 --in 4 --batch 2",
        "trace - --set a=1 --set b=2 --format json",
        "layers",
        "solve conv --in 224 --out 112 --k 1..7 -s 2 --per-axis",
    ],
)
def test_usual_command_lines_need_no_typer(line: str) -> None:
    name, *words = line.split()
    assert parse(command(name), words) is not None


def test_numbers_of_ten_digits_are_left_to_typer() -> None:
    function = command("trace")
    values = parse(function, ["net.yaml", "--depth", "9" * 9])
    assert values is not None
    assert values["depth"] == 999_999_999
    assert parse(function, ["net.yaml", "--depth", "9" * 10]) is None
