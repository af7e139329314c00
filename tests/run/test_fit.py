"""The sizes that a network takes: those at which torch runs it, and no others."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import fit_networks
import pytest
from torch_fits import by_torch

import convshape as cs
from convshape import clock

FILE = str(Path(fit_networks.__file__))


#: The call, the channels, how many axes, what they are called, the largest size.
NETWORKS = [
    ("LeNet()", 1, "HW", 40),
    ("AlexNet()", 3, "HW", 260),
    ("ResNet18()", 3, "HW", 40),
    ("UNet()", 1, "HW", 66),
    ("UNet(padding=0, depth=2)", 1, "HW", 70),
    ("Discriminator()", 3, "HW", 100),
    ("SegNet()", 3, "HW", 40),
    ("M5()", 1, "L", 3000),
    ("Patches()", 3, "HW", 80),
    ("Windows()", 3, "HW", 60),
    ("Resizing()", 3, "HW", 40),
    ("Sequences()", 4, "L", 100),
    ("Folds()", 3, "HW", 40),
]


@pytest.mark.parametrize(("call", "channels", "names", "limit"), NETWORKS)
def test_a_network_takes_what_torch_takes(call: str, channels: int, names: str, limit: int) -> None:
    found = cs.fit(f"{FILE}:{call}", f"{channels}x{'x'.join(names)}", max=limit)
    assert not found.unknown
    # On "meta" nobody looks at the indices of maxima, and a recurrent layer is slow.
    fits = by_torch(call, "cpu" if call[0] == "S" else "meta")
    least = found.smallest
    assert least is not None
    step = max(1, limit // 60) | 1  # odd, so that all remainders come
    lines: list[dict[str, int]] = [dict.fromkeys(names, n) for n in range(1, limit + 1, step)]
    for name in names:  # along each axis, past the smallest that fits
        around = {min(max(1, least[name] + d), limit) for d in (-17, -8, -2, -1, 0, 1, 2, 4, 8, 16)}
        lines += [least | {name: n} for n in around]
    for sizes in lines:
        assert (sizes in found) is fits(channels, *sizes.values()), sizes


@pytest.mark.parametrize(
    ("layer", "input", "smallest"),
    [
        ("Conv1d(1, 2, 3)", "1x9", {"L": 3}),
        ("Conv2d(1, 2, (3, 4))", "1x9x9", {"H": 3, "W": 4}),
        ("Conv3d(1, 2, (2, 3, 4))", "1x9x9x9", {"D": 2, "H": 3, "W": 4}),
    ],
)
def test_axes_without_names_have_the_usual_ones(
    layer: str, input: str, smallest: dict[str, int], tmp_path: Path
) -> None:
    (tmp_path / "net.yaml").write_text(f"input: {input}\nlayers: ['{layer}']\n")
    assert cs.fit(tmp_path / "net.yaml").smallest == smallest


@pytest.mark.parametrize(("length", "limit"), [(1025, 2048), (2048, 2048), (2049, 4098)])
def test_sizes_are_searched_to_twice_a_large_size_of_the_file(
    length: int, limit: int, tmp_path: Path
) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(f"input: 1x{length}\nlayers: ['Conv1d(1, 2, 3)']\n")
    found = cs.fit(file)
    assert (found.limit, found.why, found.sizes) == (limit, "", [{"L": [(3, limit, 1)]}])


def test_what_stopped_every_size_and_how_far_sizes_were_searched(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: 1x9\nlayers: ['Conv1d(1, 2, 3)', 'Conv1d(3, 2, 3)']\n")
    stopped = cs.fit(file)
    assert (stopped.sizes, stopped.why) == ([], "")
    assert "expects 3 channels, but receives 2" in stopped.refusal
    file.write_text("input: 1x9\nlayers: ['Conv1d(3, 2, 3)']\n")
    assert "expects 3 channels, but receives 1" in cs.fit(file).refusal
    file.write_text("input: 1x9\nlayers: ['Conv1d(1, 2, 3)']\n")
    for limit, why in ((16384, ""), (16385, "only sizes up to 16384 were searched")):
        found = cs.fit(file, max=limit)
        assert (found.sizes, found.why) == ([{"L": [(3, 16384, 1)]}], why)
        assert found.refusal == ""
        assert found.to_dict()["why"] == (why or None)
    assert cs.fit(file, max=99).limit == 99
    file.write_text("input: 1x20000\nlayers: ['Conv1d(1, 2, 3)']\n")
    assert (cs.fit(file).limit, cs.fit(file).why) == (40000, "")


def test_a_size_at_which_the_batch_is_lost_does_not_fit(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: 1x8\nlayers: ['input.view(-1, 8)']\n")
    assert cs.fit(file, max=30).sizes == [{"L": [(8, 8, 1)]}]


@pytest.mark.parametrize(
    ("call", "channels", "limit"), [("LeNet()", 1, 120), ("Patches()", 3, 140)]
)
def test_axes_that_a_flatten_ties_are_told_pair_by_pair(
    call: str, channels: int, limit: int
) -> None:
    found = cs.fit(f"{FILE}:{call}", f"{channels}xHxW", max=limit)
    assert not found.independent
    fits = by_torch(call)
    for h in range(8, limit + 1, 4):
        for w in range(8, limit + 1, 4):
            assert ({"H": h, "W": w} in found) is fits(channels, h, w), (h, w)


def test_maxima_go_back_only_where_every_pooling_comes_out_even() -> None:
    found = cs.fit(f"{FILE}:SegNet(sized=False)", "3xHxW", max=40)
    assert found.sizes == [{"H": [(8, 40, 8)], "W": [(8, 40, 8)]}]
    fits = by_torch("SegNet(sized=False)", "cpu", draws=50)
    for n in range(8, 41):
        assert fits(3, n, n) is (n % 8 == 0)


def test_how_many_values_names_unpack_is_a_condition(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(
        "input: 4x8\nlayers:\n  rows: input.transpose(0, 2)\n  a, b: rows\n  out: a.t() + b.t()\n"
    )
    assert cs.fit(file, input="4xL").to_json() == {"L": [[2, 2, 1]]}


@pytest.mark.parametrize(
    ("condition", "heights"),
    [
        ("len(x[0, 0]) < 9 or len(x[0, 0]) % 2 == 0", [[1, 8, 1], [10, 20, 2]]),
        ("x.shape[2] & 7 == 0", [[8, 16, 8]]),
        ("1 | x.shape[2] == 9", [[8, 9, 1]]),
        ("x.shape[2] ^ 8 == 1", [[9, 9, 1]]),
        ("~x.shape[2] < -5", [[5, 20, 1]]),
        ("x.shape[2].bit_length() == 4", [[8, 15, 1]]),
        ("hash(x.shape[2]) != 4", [[1, 3, 1], [5, 20, 1]]),
        ("float(x.shape[2]).is_integer()", [[1, 20, 1]]),
    ],
)
def test_whatever_is_asked_of_a_size_is_a_condition(
    condition: str, heights: list[list[int]], tmp_path: Path
) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def forward(self, x):\n"
        f"        assert {condition}\n"
        "        return x\n"
    )
    found = cs.fit(file, "3xHxW", max=20)
    assert found.to_json() == {"H": heights, "W": [[1, 20, 1]]}


def test_what_a_loop_counts_leaves_sizes_unknown(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def forward(self, x):\n"
        "        assert len([*range(x.shape[1])]) < 9\n"
        "        return x\n"
    )
    found = cs.fit(file, input="L", max=20)
    assert (found.sizes, found.why) == ([], "it depends on a size by more than comparisons")
    assert found.unknown


def test_what_there_was_no_time_for_is_unknown(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: 1x9\nlayers: ['Conv1d(1, 2, 3)']\n")
    found = cs.fit(file, seconds=-1)
    assert (found.sizes, found.why) == ([], "the time limit was reached")
    assert found.unknown == [(2 ** (found.limit + 1) - 2,)]


@pytest.mark.parametrize(("call", "channels"), [("LeNet()", 1), ("Patches()", 3)])
def test_whenever_the_time_is_up_what_was_said_holds(
    call: str, channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def searched(seconds: int) -> cs.Fit:
        ticks = count()
        monkeypatch.setattr(clock, "seconds", lambda: next(ticks))  # each look at it is a second
        return cs.fit(f"{FILE}:{call}", f"{channels}xHxW", max=40, seconds=seconds)

    whole = searched(10**6)
    fits = {(h, w): {"H": h, "W": w} in whole for h in range(1, 41) for w in range(1, 41)}
    for seconds in range(0, 90, 7):
        part = searched(seconds)
        assert part.why in ("", "the time limit was reached")
        for (h, w), does in fits.items():
            is_open = any(rows >> h & 1 and columns >> w & 1 for rows, columns in part.unknown)
            assert is_open or ({"H": h, "W": w} in part) is does, (seconds, h, w)


def test_a_search_that_is_over_finds_nothing() -> None:
    network = cs.nn.Conv2d(1, 1, 3)
    with clock.search():  # as for a fix, which has so much time
        clock.until(-1)
        found = cs.fit(network, "1xHxW", max=20)
    assert (found.sizes, found.why) == ([], "the time limit was reached")
    assert found.unknown == [(2**21 - 2, 2**21 - 2)]


def test_a_condition_on_many_sizes_is_looked_at_in_halves(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: 1x10x10x10\nlayers: [Flatten(), 'Linear(1000, 2)']\n")
    found = cs.fit(file, input="1xDxHxW", max=120, seconds=60)
    assert (found.why, found.unknown) == ("", [])
    triples = [
        (d, h, 1000 // (d * h))
        for d in range(1, 121)
        for h in range(1, 121)
        if 1000 % (d * h) == 0 and 1000 // (d * h) <= 120
    ]
    assert all(dict(zip("DHW", sizes, strict=True)) in found for sizes in triples)
    assert sum(d.bit_count() * h.bit_count() * w.bit_count() for d, h, w in found.boxes) == len(
        triples
    )


def test_sizes_at_which_an_operation_is_not_known_are_unknown(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def forward(self, x):\n"
        "        return torch.nonzero(x) if x.shape[1] > 4 else x\n"
    )
    found = cs.fit(file, input="L", max=20)
    assert found.to_json() == {"L": [[1, 4, 1]]}
    assert found.why.startswith("nonzero: how many elements are not zero depends on data")
    assert found.unknown


def test_the_input_of_a_source_is_inferred() -> None:
    assert (
        cs.fit(f"{FILE}:LeNet()", max=40).sizes == cs.fit(f"{FILE}:LeNet()", "1xHxW", max=40).sizes
    )


def test_without_an_input_no_size_varies() -> None:
    class Constant(cs.nn.Module):
        def forward(self) -> cs.Tensor:
            return cs.Tensor((1, 3))

    with pytest.raises(cs.SpecError, match="the network has no input whose sizes could vary"):
        cs.fit(Constant())
    with pytest.raises(cs.SpecError, match=r"no input size is variable: \(\)"):
        cs.fit(cs.nn.ReLU(), cs.Tensor(()))


def test_of_runs_that_came_equally_far_the_first_is_named(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.fc = torch.nn.Linear(50, 2)\n"
        "    def forward(self, x):\n"
        "        return self.fc(x) if x.shape[1] > 4 else self.fc(x)\n"
    )
    found = cs.fit(file, input="L", max=20)
    assert found.sizes == []
    assert found.refusal.startswith("at 20 linear expects 50 features")
