"""Random chains of operations on one tensor, of which it shows how its elements lie in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from ... import shapetorch
from ...errors import ShapeError, UnknownOperation
from .choices import Pick, any_shape
from .data import Call, T, in_convshape


@dataclass(frozen=True)
class Chain(Call):
    """Expressions of ``x``, the result of the one before, and ``y``, the very first value."""

    def __str__(self) -> str:
        return f"x = {self.args[0]!r}; {'; '.join(f'x = {step}' for step in self.args[1:])}"

    def result(self, layer: None, library: Any, make: Callable[[Any], Any]) -> Any:
        x = y = make(self.args[0])
        for step in self.args[1:]:
            x = evaluated(step, library, x, y)
        return x


def evaluated(step: str, torch: Any, x: Any, y: Any) -> Any:
    names = {"x": x, "y": y, "torch": torch, "F": torch.nn.functional, "nn": torch.nn}
    return eval(step, names)


def chain(pick: Pick) -> Chain:
    """Views, and operations that make new tensors, in sequence; the last is a view."""
    first = T(
        tuple(n or 1 for n in any_shape(pick)), pick(("float32",) * 6 + ("complex64", "int64"))
    )
    x = y = in_convshape(first)
    steps: list[str] = []
    for _ in range(pick(range(1, 7))):
        step = pick((a_view, a_view, an_operation, a_layer))(pick, x.shape)
        try:
            x = evaluated(step, shapetorch, x, y)
        except IndexError:  # of Python's tuples
            continue
        except (ShapeError, TypeError):
            if pick(range(8)):
                continue
            return Chain("chain", (first, *steps, step))
        except UnknownOperation:
            return Chain("chain", (first, *steps))
        steps.append(step)
    return Chain("chain", (first, *steps, last_view(pick, x.shape)))


def last_view(pick: Pick, shape: tuple[int, ...]) -> str:
    """A view that moves nothing, nearly always of as many elements."""
    count = prod(shape)
    sizes = [*shape]
    for _ in range(pick((0, 1, 1, 2))):
        i = pick(range(len(sizes))) if sizes else 0
        way = pick(("join", "join", "split", "one", "drop"))
        if way == "join" and i + 1 < len(sizes):
            sizes[i : i + 2] = [sizes[i] * sizes[i + 1]]
        elif way == "split" and sizes and sizes[i] % 2 == 0:
            sizes[i : i + 1] = [2, sizes[i] // 2]
        elif way == "one":
            sizes.insert(i, 1)
        elif way == "drop" and 1 in sizes:
            sizes.remove(1)
    view = f"x.view({tuple(sizes)})"
    return pick(
        (
            view, view, "x.view(-1)", f"x.view({shape[0] if shape and count else 1}, -1)",
            "x.view(torch.int32)",
            "x.view(torch.float64)", "x.view(torch.uint8)", "torch.view_as_complex(x)",
            f"x.as_strided({tuple(sizes)}, {tuple(pick(range(4)) for _ in sizes)}, {pick((0, 1))})",
            f"x.unflatten({pick((0, -1))}, (-1, {pick((1, 2))}))", "x.add_(1)", "x.flatten()",
            "x.ravel()",
        )
    )  # fmt: skip


def a_view(pick: Pick, shape: tuple[int, ...]) -> str:
    """An expression that gives a view, where there is one."""
    dims = range(-len(shape), len(shape) or 1)
    i, j = pick(dims), pick(dims)
    n = pick((1, 2, 3))
    order = [*range(len(shape))]
    order = [order.pop(pick(range(len(order)))) for _ in shape]
    spread = tuple(n if n != 1 else pick((1, 2, 3)) for n in shape)
    return pick(
        (
            f"x.transpose({i}, {j})", f"x.permute({tuple(order)})", f"x.movedim({i}, {j})", "x.mT",
            "x.T", f"x.unsqueeze({i})", "x.squeeze()", f"x.squeeze({i})", f"x.narrow({i}, 0, {n})",
            f"x.select({i}, -1)", f"x[..., ::{n}]", f"x[{n - 1}:]", "x[0]",
            "x[:, None]", f"x.chunk({n}, {i})[-1]", f"x.split({n}, {i})[0]", f"x.unbind({i})[-1]",
            f"x.expand({spread})", f"x.unsqueeze(0).expand({n}, {', '.join(['-1'] * len(shape))})",
            f"x.unfold({i}, {n}, {pick((1, 2))})", f"x.diagonal(0, {i}, {j})", "x.detach()",
            "x.data", f"x.flatten({i}, {j})", "x.flatten()", f"x.reshape(-1, {n})",
            f"x.reshape({tuple(spread)})", "x.real", "torch.view_as_real(x)",
            f"x.swapaxes({i}, {j})", "list(x)[-1]", "x.view(x.shape)",
            f"x.transpose_({i}, {j})", f"x.unsqueeze_({i})", "x.squeeze_()",
            f"x.tensor_split({n}, {i})[0]", "y.expand_as(x)", "torch.atleast_2d(x)",
            "torch.broadcast_tensors(x, y)[0]", "x.contiguous()",
        )
    )  # fmt: skip


def an_operation(pick: Pick, shape: tuple[int, ...]) -> str:
    """An expression that gives a tensor with memory of its own."""
    i = pick(range(-len(shape), len(shape) or 1))
    n = pick((1, 2, 3))
    return pick(
        (
            "x + 1", "x * x", "x + y", "y * x", "1 - x", "1 / x", "-x", "x.exp()", "x.double()",
            "x > 0", "x.to(torch.float64)", "torch.where(x > 0, x, 0.0)", "x.clamp(min=0)",
            "x.abs()", "x ** 2", "2 ** x", "F.relu(x)", "F.gelu(x)", "x.clone()",
            "torch.zeros_like(x)", f"x.softmax({i})", f"x.sum({i})", f"x.mean({i}, keepdim=True)",
            f"x.max({i})[0]", f"x.cumsum({i})", f"x.sort({i})[0]", f"torch.cat([x, x], {i})",
            f"torch.stack([x, y], {i})", f"torch.stack([x, x], {i})", "x @ x.mT", f"x.flip({i})",
            f"x.roll(1, {i})", f"x.index_select({i}, torch.zeros({n}).long())",
            "x[[0, 0]]", "x[:, [0]]", "x.masked_fill(x > 0, 1)", f"x.repeat_interleave({n}, {i})",
            "x.contiguous()", "torch.einsum('...ij->...ji', x)",
            "torch.einsum('...ij,...kj->...ik', x, x)", "x.tril()", f"x.diff(1, {i})",
            f"x.norm(dim={i})", "x.lerp(x, 0.5)", "x.float()", "x.bool()", f"x.argsort({i})",
            f"x.topk(1, {i})[0]",
        )
    )  # fmt: skip


def a_layer(pick: Pick, shape: tuple[int, ...]) -> str:
    """A layer for a tensor of that shape."""
    c, f = (shape[1] if len(shape) > 1 else 1), (shape[-1] if shape else 1)
    everywhere = (f"nn.Linear({f}, 4)(x)", f"nn.LayerNorm({f})(x)", "nn.Dropout()(x).detach()",
        "nn.Softmax(-1)(x)", "nn.ReLU(inplace=True)(x).detach()")  # fmt: skip
    of_rank: dict[int, tuple[str, ...]] = {
        3: (f"nn.Conv1d({c}, 4, 1)(x)", f"nn.BatchNorm1d({c}).eval()(x)", "nn.MaxPool1d(1)(x)",
            "nn.AvgPool1d(1)(x)", f"nn.LSTM({f}, 2, batch_first=True)(x)[0]",
            f"nn.GRU({f}, 2)(x)[0]", "F.pad(x, (1, 1))", "nn.Upsample(scale_factor=2)(x)",
            f"nn.MultiheadAttention({f}, 1, batch_first=True)(x, x, x)[0]",
            "F.scaled_dot_product_attention(x, x, x)"),
        4: (f"nn.Conv2d({c}, 4, 1)(x)", f"nn.BatchNorm2d({c}).eval()(x)", "nn.MaxPool2d(1)(x)",
            "nn.AvgPool2d(1)(x)", "nn.AdaptiveAvgPool2d(1)(x)", "nn.Upsample(scale_factor=2)(x)",
            f"nn.GroupNorm(1, {c})(x)", "F.pad(x, (1, 1))", f"nn.ConvTranspose2d({c}, 4, 1)(x)",
            "x.to(memory_format=torch.channels_last)", f"nn.PReLU({c})(x)",
            "F.scaled_dot_product_attention(x, x, x)", "nn.PixelUnshuffle(1)(x)",
            f"nn.InstanceNorm2d({c})(x)"),
    }  # fmt: skip
    return pick(everywhere + of_rank.get(len(shape), ()) * 2)


def letters(pick: Pick) -> Call:
    """Einsum of random letters, whose results are often out of order in memory."""
    alphabet = "abcdiqkBZ"[: pick((3, 5, 9))]
    size = {letter: pick((1, 2, 3, 3, 4)) for letter in alphabet}
    dots = [pick((1, 2, 3)) for _ in range(2)]
    terms, operands = [], []
    for _ in range(pick((1, 2, 2, 2, 3))):
        term = [pick(alphabet) for _ in range(pick(range(5)))]
        shape = [pick((size[letter],) * 9 + (1,)) for letter in term]
        if pick(range(5)) == 0:
            at = pick(range(len(term) + 1))
            term.insert(at, "...")
            shape[at:at] = [pick((n,) * 4 + (1,)) for n in dots[pick(range(3)) :]]
        terms.append("".join(term))
        operands.append(T(tuple(shape)))
    equation = ",".join(terms)
    if pick(range(5)):
        out = [letter for letter in sorted(set(equation) - {".", ","}) if pick((True, True, False))]
        out = [out.pop(pick(range(len(out)))) for _ in range(len(out))]
        if "." in equation and pick((True, False)):
            out.insert(pick(range(len(out) + 1)), "...")
        equation += f"->{''.join(out)}"
    return Call("einsum", pick((by_letters, by_letters, by_ints))(equation, operands))


def by_letters(equation: str, operands: list[T]) -> tuple[Any, ...]:
    return (equation, *operands)


def by_ints(equation: str, operands: list[T]) -> tuple[Any, ...]:
    """Write what a call of einsum takes with ints in place of letters."""
    letters = ascii_uppercase + ascii_lowercase
    left, arrow, right = equation.partition("->")
    *terms, out = (
        [... if letter == "." else letters.index(letter) for letter in term.replace("...", ".")]
        for term in (*left.split(","), right)
    )
    args = (item for pair in zip(operands, terms, strict=True) for item in pair)
    return (*args, out) if arrow else tuple(args)


def product(pick: Pick) -> Call:
    """Matrices and vectors multiplied, with more dimensions on either side."""
    n, k, m = (pick((1, 2, 3, 4)) for _ in range(3))
    left, right = (tuple(pick((1, 2, 3)) for _ in range(pick((0, 0, 1, 2)))) for _ in range(2))
    if pick((True, False, False)):
        bias = pick(((), (T((m,)),)))
        return Call("nn.functional.linear", (T((*left, n, k)), T((m, k)), *bias))
    a, b = pick(((*left, n, k), (*left, n, k), (k,))), pick(((*right, k, m), (*right, k, m), (k,)))
    return Call("matmul", (T(a), T(b)))
