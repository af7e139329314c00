"""Known values stay known: they equal torch's, and no other value is claimed."""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING

import pytest
import torch
import torch.nn.functional as torch_functional

from convshape.errors import ShapeError, UnknownOperation
from convshape.shapetorch import nn
from convshape.shapetorch.known_values import Near, values_of
from convshape.shapetorch.nn import functional
from convshape.shapetorch.placeholder import Placeholder
from convshape.shapetorch.torch_module import namespace

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

ours: Any = namespace("torch")
CHAINS = 2500
DTYPES = "int64 int64 int32 float32 float32 float64 bool uint8 float16 bfloat16 int8".split()


class Chain:
    """Random statements over a few small tensors."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.names: list[str] = []
        self.dims: dict[str, int] = {}

    def literal(self) -> str:
        dtype = self.random.choice(DTYPES)
        sizes = [self.random.randint(1, 4) for _ in range(self.random.randint(0, 3))]

        def numbers(sizes: list[int]) -> Any:
            return [numbers(sizes[1:]) for _ in range(sizes[0])] if sizes else self.number(dtype)

        return f"torch.tensor({numbers(sizes)!r}, dtype=torch.{dtype})"

    def number(self, dtype: str) -> Any:
        if dtype == "bool":
            return self.random.random() < 0.5
        if "int" in dtype:
            return self.random.randint(0 if dtype == "uint8" else -9, 9)
        return self.random.choice([0.0, 1.0, 2.0, 0.5, -1.5, 3.0, self.random.uniform(-3, 3)])

    def creation(self) -> str:
        pick, count = self.random.choice, self.random.randint(0, 9)
        return pick(
            [
                *[self.literal()] * 5,
                f"torch.arange({count})",
                f"torch.arange({pick([-3, 0])}, {count}, {pick([1, 2, 0.5, 0.3])})",
                f"torch.linspace({pick([0, -1, 0.1])}, {pick([1, 0.3, 7])}, {count})",
                f"torch.full(({count}, 2), {pick([2, 2.5, True])})",
                f"torch.zeros({count}, dtype=torch.{pick(DTYPES)})",
                "torch.eye(2, 3)",
                "torch.empty(3).fill_(2)",
                "torch.tril_indices(3, 2)",
            ]
        )

    def statement(self) -> tuple[str, bool]:
        """Return an expression, or a statement that writes into a tensor."""
        pick = self.random.choice
        x, y = pick(self.names), pick(self.names)
        n = max(self.dims[x], 1)
        marks = {
            "x": x,
            "y": pick([y, y, "2", "0.5", "True", "-1"]),
            "t": y,
            "d": str(self.random.randint(-n, n - 1)),
            "e": str(self.random.randint(-n, n - 1)),
            "n": str(self.random.randint(0, 3)),
            "v": pick(["0", "1", "-2", "0.5", "True"]),
            "c": pick(DTYPES),
        }
        writes = self.random.random() < 0.25
        template = pick(WRITES if writes else EXPRESSIONS if self.random.random() < 0.6 else VIEWS)
        text = template
        for mark, value in marks.items():
            text = text.replace(f"<{mark}>", value)
        return text, writes


EXPRESSIONS = [
    *(f"<x> {op} <y>" for op in "+ - * / // % == != < <= > >= & | ^ **".split()),
    *(f"<v> {op} <x>" for op in "+ - * / // == < **".split()),
    *(
        f"torch.{name}(<x>)"
        for name in "neg abs floor ceil round trunc sign sqrt exp log log2 square reciprocal "
        "logical_not bitwise_not relu isnan isfinite sigmoid rsqrt unique nonzero bincount "
        "unique_consecutive diag repeat_interleave fliplr".split()
    ),
    *(
        f"torch.{name}(<x>, <t>)"
        for name in "maximum minimum add sub mul div floor_divide remainder fmod logical_and isin "
        "outer matmul take masked_select gcd cartesian_prod max".split()
    ),
    *(f"<x>.{name}()" for name in "sum mean prod any all amax count_nonzero argmax min".split()),
    *(f"<x>.{name}(<d>)" for name in "sum mean prod any all amax argmin argsort".split()),
    *(f"<x>.{name}(<d>, keepdim=True)" for name in "sum all amin argmax".split()),
    *(f"<x>.{name}(<d>)" for name in "cumsum cumprod".split()),
    *(f"<x>.{name}(<d>)[{i}]" for name in "max min cummax cummin sort".split() for i in (0, 1)),
    "<x>.sort(dim=<d>, descending=True)[0]",
    "<x>.sort(dim=<d>, stable=True, descending=True)[1]",
    "<x>.topk(<n>, <d>)[0]",
    "<x>.topk(<n>, <d>)[1]",
    "<x>.sum(dtype=torch.<c>)",
    "<x>.sum((0, -1))",
    "<x>.sum([])",
    "<x>.clamp_max(<v>)",
    "torch.constant_pad_nd(<x>, (1, 1), <v>)",
    "torch.div(<x>, <y>, rounding_mode='floor')",
    "torch.div(<x>, <y>, rounding_mode='trunc')",
    "torch.diff(<x>, dim=<d>)",
    "torch.cat([<x>, <t>], <d>)",
    "torch.stack([<x>, <x>], dim=<d>)",
    "torch.flip(<x>, dims=[<d>])",
    "torch.roll(<x>, <n>, <d>)",
    "torch.roll(<x>, shifts=<n>)",
    "<x>.repeat(2, 1, <n>)",
    "<x>.repeat_interleave(<n>, dim=<d>)",
    "<x>.repeat_interleave(<t>)",
    "<x>.index_select(<d>, <t>)",
    "<x>.gather(<d>, <t>)",
    "<x>.scatter(<d>, <t>, 1)",
    "<x>.index_fill(<d>, <t>, 2)",
    "<x>[<t>]",
    "<x>[<x> > 0]",
    "<x>[..., 0]",
    "<x>[None, ::2]",
    "<x>[[0, 0]]",
    "<x>[:, <t>]",
    "<x>.masked_fill(<x> > 1, <v>)",
    "torch.where(<x> > 0, <x>, <y>)",
    "torch.where(<x>)[0]",
    "torch.unique(<x>, return_inverse=True)[1]",
    "torch.unique(<x>, return_counts=True)[1]",
    "F.one_hot(<x>)",
    "F.pad(<x>, (1, <n>), value=<v>)",
    "torch.tril(<x>, <n>)",
    "torch.triu(<x>)",
    "torch.clamp(<x>, <v>, 2)",
    "torch.clamp(<x>, max=<t>)",
    *(f"<x>.{cast}()" for cast in "long int float double half bool byte bfloat16 clone".split()),
    "<x>.to(torch.<c>)",
    "<x>.type_as(<t>)",
    "torch.ones_like(<x>)",
    "torch.full_like(<x>, <v>)",
    "<x>.new_tensor([1, 2])",
    "torch.tensor(<x>)",
    "torch.rot90(<x>)",
]
VIEWS = [
    *(
        f"<x>.{text}"
        for text in "T t() reshape(-1) view(-1) flatten() unsqueeze(<d>) squeeze() contiguous() "
        "transpose(<d>,<e>) expand(2,-1) expand_as(<t>) split(2,<d>)[-1] chunk(2,<d>)[0] "
        "unbind(<d>)[-1] tensor_split(2,<d>)[-1] narrow(<d>,0,1) select(<d>,0) diagonal() "
        "unfold(<d>,1,1) movedim(<d>,<e>) permute(1,0) data detach() view(torch.<c>) ravel() "
        "reshape(2,-1) swapaxes(<d>,<e>) squeeze(<d>) unflatten(<d>,(-1,1))".split()
    ),
    "torch.meshgrid(<x>, <t>, indexing='ij')[1]",
    "torch.broadcast_tensors(<x>, <t>)[0]",
    "torch.as_strided(<x>, (2,), (1,), 1)",
    "next(iter(<x>))",
]
WRITES = [
    *(f"<x>.{name}_(<y>)" for name in "add mul sub copy fill floor_divide eq".split()),
    *(
        f"<x>.{name}_()"
        for name in "zero neg floor exp round squeeze t normal bernoulli tril relu".split()
    ),
    "<x>[0] = <y>",
    "<x>[...] = <v>",
    "<x>[<x> > 1] = <v>",
    "<x>[1:] = <y>",
    "<x> += <y>",
    "<x>.cumsum_(<d>)",
    "<x>.masked_fill_(<x> > 0, <v>)",
    "<x>.t()[0] = <v>",
    "<x>.view(-1)[0] = <v>",
    "<x>[0].add_(1)",
    "<x>.diagonal().fill_(<v>)",
    "<x>.data = <t>",
    "<x>.unsqueeze_(0)",
    "<x>.clamp_(<v>)",
    "<x>.index_fill_(<d>, <t>, 1)",
    "F.relu(<x>, inplace=True)",
    "F.threshold_(<x>, 0.1, 2)",
    "torch.nn.init.ones_(<x>)",
]


def attempt(code: str, names: dict[str, Any]) -> Exception | None:
    try:
        exec(code, names)
    except Exception as error:
        return error
    return None


def same(value: Any, number: Any) -> bool:
    if type(value) is Near:
        return bool(value.low <= number <= value.high)
    if value != value or number != number:
        return value != value and number != number
    return bool(value == number) and math.copysign(1, value) == math.copysign(1, number)


def overlaps(tensor: torch.Tensor) -> bool:
    return any(n > 1 and not step for n, step in zip(tensor.shape, tensor.stride(), strict=True))


def check(seed: int) -> tuple[int, int]:
    """Run a chain in torch and here; return how many values were known, of how many."""
    chain, history, known, count = Chain(seed), [], 0, 0
    theirs: dict[str, Any] = {"torch": torch, "F": torch_functional}
    mine: dict[str, Any] = {"torch": ours, "F": functional}
    for step in range(chain.random.randint(1, 8)):
        fresh = not chain.names or chain.random.random() < 0.25
        text, writes = (chain.creation(), False) if fresh else chain.statement()
        code = text if writes else f"v{step} = {text}"
        if attempt(code, theirs) is not None:
            break
        history.append(code)
        error = attempt(code, mine)
        if isinstance(error, UnknownOperation) or isinstance(mine.get(f"v{step}"), Placeholder):
            break
        assert error is None, ("\n".join(history), error)
        if not writes:
            chain.names.append(f"v{step}")
        for name in chain.names:
            tensor, shape = theirs[name], mine[name]
            chain.dims[name] = tensor.ndim
            assert tuple(shape.shape) == tuple(tensor.shape), "\n".join(history)
            values, numbers = values_of(shape), tensor.reshape(-1).tolist()
            known, count = known + (values is not None), count + 1
            if values is not None:
                assert len(values) == len(numbers), "\n".join(history)
                assert all(map(same, values, numbers)), ("\n".join(history), values, numbers)
        if any(overlaps(theirs[name]) or theirs[name].numel() > 300 for name in chain.names):
            break  # what is written into such a tensor depends on the order of writing
    return known, count


def test_known_values_are_torchs() -> None:
    counts = [check(seed) for seed in range(CHAINS)]
    known, count = map(sum, zip(*counts, strict=True))
    assert known > 0.85 * count > 0.85 * 5000


def forward(*lines: str) -> Callable[..., Any]:
    """Return a function of unknown data, `x`, of these lines."""
    names: dict[str, Any] = {"torch": ours, "F": functional, "nn": nn}
    exec("def forward(x):\n    " + "\n    ".join(lines), names)
    return lambda: names["forward"](ours.randn(3, 3))


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("return [r.tolist() for r in torch.ones(5).split([2, 3])]", [[1.0] * 2, [1.0] * 3]),
        ("a = torch.arange(4)\n    return 1 if a.sum() > 3 else 2", 1),
        ("return bool((torch.tensor([0.5, 1.0]) > 0).all())", True),
        ("return torch.equal(torch.arange(3), torch.tensor([0, 1, 2]))", True),
        ("return torch.allclose(torch.ones(2), torch.ones(2) + 1e-7)", True),
        ("return len(torch.tensor([3, 1, 3]).unique())", 2),
        ("return int(torch.log2(torch.tensor(64)))", 6),
        ("return math.ceil(torch.log2(torch.tensor(100.0)).item())", 7),
        ("return list(range(9))[torch.tensor(4)]", 4),
        ("return x.view(torch.tensor(9), 1).shape[0]", 9),
        ("return x[torch.tensor([True, False, True])].shape[0]", 2),
        ("return x.masked_select(torch.eye(3).bool()).shape[0]", 3),
        ("return x.repeat_interleave(torch.tensor([2, 0, 3]), dim=0).shape[0]", 5),
        ("return torch.repeat_interleave(torch.tensor([2, 0, 3])).tolist()", [0, 0, 2, 2, 2]),
        ("return F.one_hot(torch.tensor([0, 4])).shape[1]", 5),
        ("return torch.tensor([1, 2, 3]).numpy().tolist()", [1, 2, 3]),
        (
            "a = torch.zeros(2)\n    a[0] = x.sum()\n    a.zero_()\n    return a.tolist()",
            [0.0, 0.0],
        ),
        ("i = torch.where(torch.tensor([0, 1, 1]))[0]\n    return i.tolist()", [1, 2]),
        ("return torch.tensor(2).item() + float(torch.tensor(0.5))", 2.5),
    ],
)
def test_python_gets_known_values(line: str, value: Any) -> None:
    assert forward("import math", line)() == value


@pytest.mark.parametrize(
    "line",
    [
        "return 1 if x.sum() > 3 else 2",
        "a = torch.zeros(2)\n    a[0] = x.sum()\n    return a.tolist()",
        "a = torch.zeros(2)\n    b = a[1:]\n    b += x.sum()\n    return a.tolist()",
        "a = torch.arange(3.0)\n    a[x.argmax()] = 1\n    return a.tolist()",
        "a = torch.arange(3.0)\n    a[x[0, 0].long()].fill_(5)\n    return a.tolist()",
        "return torch.arange(3)[x[0, 0].long()].item()",
        "a = torch.zeros(3)\n    nn.Parameter(a)\n    return a.tolist()",
        "return x[(x > 0,)]",
        "return torch.tensor([0.1, 0.2, 0.3, 0.7]).sum().item()",
        "return torch.zeros(70, 70).tolist()",
        "return F.mse_loss(torch.ones(2), torch.ones(2)).item()",
        "return F.smooth_l1_loss(torch.ones(2), torch.zeros(2)).item()",
        "return F.dropout(torch.ones(2)).tolist()",
    ],
)
def test_what_depends_on_data_is_refused(line: str) -> None:
    with pytest.raises(UnknownOperation):
        forward(line)()


@pytest.mark.parametrize(
    "line", ["bool(torch.ones(2))", "torch.ones(2).item()", "range(torch.tensor(2.0))"]
)
def test_what_torch_refuses_of_values(line: str) -> None:
    with pytest.raises(ShapeError):
        forward(f"return {line}")()
    with pytest.raises((RuntimeError, TypeError)):
        eval(line, {"torch": torch})


def test_a_long_chain_of_operations_ends() -> None:
    total = forward(
        "a = torch.zeros(3)", "for i in range(3000):", "    a[i % 3] += 1", "return a.tolist()"
    )
    assert total() == [1000.0] * 3


def test_a_copy_of_a_network_keeps_its_values_apart() -> None:
    from copy import deepcopy

    original = ours.arange(3)
    copied = deepcopy(original)
    copied += 1
    assert (original.tolist(), copied.tolist()) == ([0, 1, 2], [1, 2, 3])
