"""Random calls of every layer, legal and illegal, to be judged by convshape and by torch alike.

A family is a function that builds one `Case` from choices; the caller provides the choices: from
Hypothesis, which shrinks them, or from a seeded generator, which is fast. Choices are biased to the
edges: sizes 0 to 14, kernels as large as the input, tuples of wrong length, bools in place of ints.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from operator import attrgetter
from typing import Any

from ... import shapetorch
from ...errors import ShapeError, UnknownOperation

Pick = Callable[[Sequence[Any]], Any]

AXES = (1, 2, 3)


@dataclass(frozen=True)
class Layout:
    """How a tensor is made a view of another, so that its elements are not one behind the other.

    `order` are its dimensions in memory order, outermost first; along each there is a gap after
    each element where `steps` is 2, and only one element where it is 0. With `later` the first
    elements are cut off.
    """

    order: tuple[int, ...]
    steps: tuple[int, ...]
    later: bool = False

    def __repr__(self) -> str:
        return f"{self.order}{self.steps}{'+' * self.later}"

    def of(self, shape: tuple[int, ...], make: Callable[[tuple[int, ...]], Any]) -> Any:
        """Make a tensor of this shape that lies so, of what makes one of a shape."""
        sizes = [n * step if step else 1 for n, step in zip(shape, self.steps, strict=True)]
        whole = [sizes[i] for i in self.order]
        if self.later:
            whole[0] += 1
        base = make(tuple(whole))
        if self.later:
            base = base[1:]
        turned = base.permute(tuple(self.order.index(i) for i in range(len(shape))))
        return turned[tuple(slice(None, None, step or 1) for step in self.steps)].expand(shape)


@dataclass(frozen=True)
class T:
    """A tensor of one value, or of several along its last dimension, as data."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    value: int | tuple[int, ...] = 0
    layout: Layout | None = None

    def __repr__(self) -> str:
        return f"{self.dtype}{list(self.shape)}" + (f" in {self.layout}" if self.layout else "")


def each_inside(value: Any, change: Callable[[Any], Any]) -> Any:
    """Change each item of a tuple, list, dictionary or slice; anything else stays."""
    if isinstance(value, (tuple, list)):
        return (tuple if isinstance(value, tuple) else list)(map(change, value))
    if isinstance(value, dict):
        return {key: change(item) for key, item in value.items()}
    if isinstance(value, slice):
        return slice(change(value.start), change(value.stop), change(value.step))
    return value


@dataclass(frozen=True)
class D:
    """A dtype or a memory format, as data."""

    name: str

    def __repr__(self) -> str:
        return f"torch.{self.name}"


@dataclass(frozen=True)
class Member:
    """What `nn` has under a name, as data: a function, or with `args` the layer that they make."""

    name: str
    args: tuple[Any, ...] | None = None
    kwargs: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        if self.args is None:
            return f"nn.{self.name}"
        kwargs = (f"{k}={v!r}" for k, v in self.kwargs.items())
        return f"nn.{self.name}({', '.join([*map(repr, self.args), *kwargs])})"


def _real(value: Any, tensor: Callable[[T], Any], library: Any) -> Any:
    """Make the tensors, dtypes and members in `value`, at any depth; each `T` makes one tensor."""
    done: dict[int, Any] = {}

    def make(value: Any) -> Any:
        if isinstance(value, T):
            if id(value) not in done:
                done[id(value)] = tensor(value)
            return done[id(value)]
        if isinstance(value, D):
            return getattr(library, value.name)
        if isinstance(value, Member):
            member = attrgetter(value.name)(library.nn)
            return member if value.args is None else member(*make(value.args), **make(value.kwargs))
        return each_inside(value, make)

    return make(value)


def in_convshape(value: Any) -> Any:
    """Make the tensors, dtypes and members in `value` convshape's."""

    def tensor(t: T) -> Any:
        def made(shape: tuple[int, ...]) -> Any:
            return shapetorch.Tensor(shape, getattr(shapetorch, t.dtype))

        return made(t.shape) if t.layout is None else t.layout.of(t.shape, made)

    return _real(value, tensor, shapetorch)


def in_torch(value: Any, device: str) -> Any:
    """Make the tensors, dtypes and members in `value` torch's."""
    import torch

    def tensor(t: T) -> Any:
        one = torch.tensor(t.value, dtype=getattr(torch, t.dtype), device=device)

        def made(shape: tuple[int, ...]) -> Any:
            return one.expand(shape).clone(memory_format=torch.contiguous_format)  # also of nothing

        return made(t.shape) if t.layout is None else t.layout.of(t.shape, made)

    return _real(value, tensor, torch)


#: Among the arguments of a call: the first tensor once more, the very same.
INPUT = object()


@dataclass(frozen=True)
class Case:
    """One layer and one call, as data; `others` are the call's arguments after the first tensor."""

    layer: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    input: tuple[int, ...]
    dtype: str = "float32"
    training: bool = False
    call: dict[str, Any] = field(default_factory=dict)
    others: tuple[Any, ...] = ()
    value: int = 0
    layout: Layout | None = None

    @property
    def given(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments of the call, as data."""
        first = T(self.input, self.dtype, self.value, self.layout)
        return (first, *(first if v is INPUT else v for v in self.others)), self.call

    def __str__(self) -> str:
        arguments = [*map(repr, self.args), *(f"{k}={v!r}" for k, v in self.kwargs.items())]
        mode = ".train()" if self.training else ""
        others = ("input" if v is INPUT else repr(v) for v in self.others)
        call = "".join(
            [*(f", {v}" for v in others), *(f", {k}={v!r}" for k, v in self.call.items())]
        )
        return (
            f"nn.{self.layer}({', '.join(arguments)}){mode}({self.input} "
            f"{self.dtype}{f' in {self.layout}' if self.layout else ''}{call})"
        )


@dataclass(frozen=True)
class Outcome:
    """What came of a case: refused when made, refused when called, or the facts of the result."""

    made: bool
    called: bool = False
    shapes: tuple[tuple[int, ...] | None, ...] = ()
    dtypes: tuple[str, ...] = ()
    printed: str = ""
    state: tuple[tuple[str, tuple[int, ...]], ...] = ()
    message: str = field(default="", compare=False)
    #: Strides and offset of each result; None where convshape does not know, and says so.
    memory: tuple[Any, ...] = field(default=(), compare=False)
    #: Convshape says that it does not know.
    unknown: bool = field(default=False, compare=False)

    def agrees(self, theirs: Outcome) -> bool:
        """Tell whether this, convshape's, is torch's."""
        known = zip(self.memory, theirs.memory, strict=False)
        return self.unknown or (self == theirs and all(a in (None, b) for a, b in known))


def memory_of(results: list[Any]) -> tuple[Any, ...]:
    """Return the strides and the offset of each tensor."""
    found: list[Any] = []
    for each in results:
        try:
            found.append(each if each is None else (tuple(each.stride()), each.storage_offset()))
        except UnknownOperation:
            found.append(None)
    return tuple(found)


def arranged(pick: Pick, case: Any) -> Any:
    """Give some tensors of every other case or call a memory layout that is not contiguous."""
    name = case.layer if isinstance(case, Case) else case.name
    # With expanded targets torch's ctc_loss reads beyond its memory; so do lu_solve and ldl_solve
    # with pivots that are not contiguous.
    if pick((True, False)) or "ctc" in name.lower():
        return case
    fixed = ("int32", "int64") if name.endswith(("lu_solve", "ldl_solve")) else ()

    def change(value: Any) -> Any:
        if not isinstance(value, T):
            return each_inside(value, change)
        if value.layout or type(value.value) is tuple or not value.shape or value.dtype in fixed:
            return value
        if pick((True, False, False)):
            return value
        return replace(value, layout=some_layout(pick, len(value.shape)))

    if isinstance(case, Case):
        first = change(T(case.input, case.dtype, case.value))
        return replace(
            case, layout=first.layout, others=change(case.others), call=change(case.call)
        )
    return replace(case, args=change(case.args), kwargs=change(case.kwargs))


def some_layout(pick: Pick, dims: int) -> Layout:
    """Pick a layout: permuted, channels last, expanded or with gaps."""
    kind = pick(
        ("permuted", "permuted", "swapped", "channels last", "gaps", "expanded", "later", "any")
    )
    order, steps = [*range(dims)], [1] * dims
    if kind in ("permuted", "any"):
        order = [order.pop(pick(range(len(order)))) for _ in range(dims)]
    if kind == "swapped":
        i = pick(range(dims))
        order[i - 1], order[i] = order[i], order[i - 1]
    if kind == "channels last" and dims > 2:
        order.append(order.pop(1))
    if kind in ("gaps", "expanded", "any"):
        steps[pick(range(dims))] = (
            2 if kind == "gaps" else 0 if kind == "expanded" else pick((0, 2))
        )
    return Layout(tuple(order), tuple(steps), kind == "later")


def flat(result: Any) -> list[Any]:
    """Return what a call gave, tensors and others, without the tuples and lists around them."""
    return (
        [each for item in result for each in flat(item)]
        if isinstance(result, (tuple, list))
        else [result]
    )


def _facts(module: Any, result: Any) -> dict[str, Any]:
    results = flat(result)
    return {
        "shapes": tuple(None if t is None else tuple(t.shape) for t in results),
        "dtypes": tuple(str(t.dtype) for t in results if t is not None),
        "memory": memory_of(results),
        "printed": repr(module),
        "state": tuple((name, tuple(t.shape)) for name, t in module.state_dict().items()),
    }


def by_convshape(case: Case) -> Outcome:
    """Judge a case; anything but an answer or a ShapeError is an error of ours."""
    try:
        args, kwargs = in_convshape((case.args, case.kwargs))
        module = getattr(shapetorch.nn, case.layer)(*args, **kwargs).train(case.training)
    except ShapeError as error:
        return Outcome(made=False, message=str(error))
    args, kwargs = in_convshape(case.given)
    try:
        result = module(*args, **kwargs)
    except ShapeError as error:
        return Outcome(made=True, message=str(error))
    except UnknownOperation as error:
        if "in memory" not in str(error):
            raise
        return Outcome(made=True, message=str(error), unknown=True)
    return Outcome(made=True, called=True, **_facts(module, result))


def out_of_nothing(name: str, outcome: Outcome) -> bool:
    """Tell whether a transposed convolution made nothing of something.

    Some of torch's backends allow it, and others refuse; which one runs depends on the number of
    threads. convshape refuses.
    """
    sizes = (outcome.shapes[0] or ()) if outcome.shapes else ()
    return "convtranspose" in name.lower().replace("_", "") and 0 in sizes[-int(name[-2]) :]


def by_torch(case: Case, device: str = "cpu", shortcut: bool = False) -> Outcome:
    """Judge a case by the oracle, for which any exception is a refusal."""
    import torch

    # convshape answers as torch does with gradients. Without them torch takes a shortcut through
    # attention, which accepts a little more (`test_attention` has what it refuses).
    torch.backends.mha.set_fastpath_enabled(shortcut)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        try:
            args, kwargs = in_torch((case.args, case.kwargs), device)
            module = getattr(torch.nn, case.layer)(*args, **kwargs).train(case.training).to(device)
        except Exception as error:
            return Outcome(made=False, message=f"{type(error).__name__}: {error}")
        args, kwargs = in_torch(case.given, device)
        try:
            result = module(*args, **kwargs)
        except Exception as error:
            return Outcome(made=True, message=f"{type(error).__name__}: {error}")
        outcome = Outcome(made=True, called=True, **_facts(module, result))
    # torch pads an empty batch to tensors of a negative size, which nothing can hold.
    if any(n < 0 for shape in outcome.shapes for n in shape or ()):
        return Outcome(made=True)
    if out_of_nothing(case.layer, outcome):
        return Outcome(made=True)
    return outcome


# Choices


def often(pick: Pick, usual: Sequence[Any], rare: Sequence[Any]) -> Any:
    """Pick a usual value, or one time in sixteen a rare one."""
    return pick(usual) if pick(range(16)) else pick(rare)


def per_axis(pick: Pick, axes: int, usual: Sequence[Any], rare: Sequence[Any]) -> Any:
    """Pick one value, or one for each axis, or a tuple of a wrong length."""
    kind = pick(("int",) * 6 + ("tuple",) * 5 + ("list", "list", "one", "one", "wrong"))
    if kind == "int":
        return often(pick, usual, rare)
    length = {"tuple": axes, "list": axes, "one": 1}.get(kind)
    if length is None:
        length = pick((0, axes + 1, axes))
    values = [often(pick, usual, rare) for _ in range(length)]
    return values if kind == "list" else tuple(values)


#: Values that are not positive ints, each in its own way. Only some of torch's backends refuse a
#: dilation below 1, the first three, so they are not choices for it: convshape always refuses it.
NOT_POSITIVE = (0, -1, False, True, 2.0, "2", None)


def arguments(
    pick: Pick, choices: dict[str, Callable[[], Any]], required: int
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Pick the first `required` arguments and some of the others, by position or by name."""
    names = list(choices)
    args = tuple(choices[name]() for name in names[:required])
    rest = [name for name in names[required:] if pick((True, False, False))]
    return args, {name: choices[name]() for name in rest}


def spatial_input(pick: Pick, axes: int, channels: Any, least: int = 0) -> tuple[int, ...]:
    """Pick ``(N, C, *size)``, unbatched or of a wrong rank now and then, sizes at the edges."""
    largest = {1: 14, 2: 14, 3: 9}.get(axes, 14)
    size = [often(pick, range(1 + least, largest + 1), range(largest + 1)) for _ in range(axes)]
    lead = pick(("batch",) * 11 + ("none",) * 4 + ("wrong",))
    channels = channels if isinstance(channels, int) and 0 <= channels < 20 else 3
    channels = often(pick, (int(channels),), (0, 1, 2, 3, 6))
    if lead == "batch":
        return (often(pick, (1, 2), (0,)), channels, *size)
    if lead == "none":
        return (channels, *size)
    return tuple(pick(range(4)) for _ in range(pick(range(6))))


def dtype(pick: Pick) -> str:
    """Pick float32 nearly always."""
    if pick(range(16)):
        return "float32"
    return pick(("float64", "float16", "bfloat16", "int64", "uint8", "bool", "complex64"))


def parameters(pick: Pick) -> tuple[dict[str, Any], str]:
    """Pick the dtype of the parameters, sometimes, and that of the input, mostly the same."""
    if pick((True, True, True, False)):
        return {}, dtype(pick)
    own = pick(("float64", "float64", "float32", "bfloat16", "float16", "int64", "complex64"))
    return {"dtype": D(own)}, often(pick, (own,), (dtype(pick),))


KINDS = ("float32",) * 6 + (
    "float64",
    "float16",
    "bfloat16",
    "int64",
    "int32",
    "uint8",
    "bool",
    "complex64",
)


def some_of(pick: Pick, **choices: Callable[[], Any]) -> dict[str, Any]:
    return {name: choice() for name, choice in choices.items() if pick((True, False))}


def flagged(pick: Pick) -> Any:
    return often(pick, (True, False), (1, None))


def conv(pick: Pick) -> Case:
    """Conv1d, 2d and 3d."""
    axes = pick(AXES)
    groups = often(pick, (1, 1, 1, 2, 3), NOT_POSITIVE)
    step = groups if type(groups) is int and groups > 0 else 1
    channels = often(pick, (step, 2 * step, 6), NOT_POSITIVE)
    choices = {
        "in_channels": lambda: channels,
        "out_channels": lambda: often(pick, (step, 2 * step, 6), (*NOT_POSITIVE, 5)),
        "kernel_size": lambda: per_axis(pick, axes, (1, 2, 3, 3, 5), (7, 14, 15, *NOT_POSITIVE)),
        "stride": lambda: per_axis(
            pick, axes, (1, 1, 2, 3), (9, 2**31, 2**62, 2**63, *NOT_POSITIVE)
        ),
        "padding": lambda: pick(
            (per_axis(pick, axes, (0, 1, 2), (3, 7, *NOT_POSITIVE)),) * 6
            + ("same", "same", "valid", "full")
        ),
        # 2**31 is left out: with padding='same' torch makes the padding, terabytes of it.
        "dilation": lambda: per_axis(pick, axes, (1, 1, 2, 3), (9, 2**63, *NOT_POSITIVE[3:])),
        "groups": lambda: groups,
        "bias": lambda: pick((True, False, None, 1)),
        "padding_mode": lambda: often(
            pick, ("zeros", "reflect", "replicate", "circular"), ("mirror", None)
        ),
    }
    args, kwargs = arguments(pick, choices, 3)
    if groups != 1:
        kwargs["groups"] = groups
    named, kind = parameters(pick)
    return Case(f"Conv{axes}d", args, kwargs | named, spatial_input(pick, axes, channels), kind)


def conv_transpose(pick: Pick) -> Case:
    """ConvTranspose1d, 2d and 3d, with and without `output_size`."""
    axes = pick(AXES)
    groups = often(pick, (1, 1, 1, 2, 3), NOT_POSITIVE)
    step = groups if type(groups) is int and groups > 0 else 1
    channels = often(pick, (step, 2 * step, 6), NOT_POSITIVE)
    choices = {
        "in_channels": lambda: channels,
        "out_channels": lambda: often(pick, (step, 2 * step, 6), (*NOT_POSITIVE, 5)),
        "kernel_size": lambda: per_axis(pick, axes, (1, 2, 3, 4), (7, *NOT_POSITIVE)),
        "stride": lambda: per_axis(pick, axes, (1, 2, 2, 3), (5, 2**63, *NOT_POSITIVE)),
        "padding": lambda: pick(
            (per_axis(pick, axes, (0, 1, 2), (3, 7, *NOT_POSITIVE)),) * 7 + ("same",)
        ),
        "output_padding": lambda: per_axis(pick, axes, (0, 1), (2, 3, *NOT_POSITIVE)),
        "groups": lambda: groups,
        "bias": lambda: pick((True, False, None, 1)),
        "dilation": lambda: per_axis(pick, axes, (1, 1, 2, 3), NOT_POSITIVE[3:]),
        "padding_mode": lambda: often(pick, ("zeros",), ("reflect", "circular")),
    }
    args, kwargs = arguments(pick, choices, 3)
    if groups != 1:
        kwargs["groups"] = groups
    call = {}
    if pick((False, False, False, True)):
        wanted = [pick(range(30)) for _ in range(pick((axes, axes, axes + 2, axes + 1, 0)))]
        call = {"output_size": wanted}
    named, kind = parameters(pick)
    return Case(
        f"ConvTranspose{axes}d",
        args,
        kwargs | named,
        spatial_input(pick, axes, channels),
        kind,
        call=call,
    )


def max_pool(pick: Pick) -> Case:
    """MaxPool1d, 2d and 3d."""
    axes = pick(AXES)
    choices = {
        "kernel_size": lambda: per_axis(pick, axes, (1, 2, 3, 3, 4), (7, 14, 2**63, *NOT_POSITIVE)),
        "stride": lambda: per_axis(pick, axes, (1, 2, 2, 3), (5, 2**31, 2**63, *NOT_POSITIVE)),
        "padding": lambda: per_axis(pick, axes, (0, 0, 1, 1, 2), (3, 2**31, *NOT_POSITIVE)),
        # No larger numbers, except one that torch refuses at once: its own sums and products
        # overflow, and it then allocates gigabytes.
        "dilation": lambda: per_axis(pick, axes, (1, 1, 2, 3), (2**63, *NOT_POSITIVE)),
        "return_indices": lambda: pick((True, True, False, 1, None)),
        "ceil_mode": lambda: often(pick, (True, False), (1, None, "yes")),
    }
    args, kwargs = arguments(pick, choices, 1)
    return Case(f"MaxPool{axes}d", args, kwargs, spatial_input(pick, axes, 3), dtype(pick))


def avg_pool(pick: Pick) -> Case:
    """AvgPool1d, 2d and 3d."""
    axes = pick(AXES)
    choices = {
        "kernel_size": lambda: per_axis(
            pick, axes, (1, 2, 3, 3, 4), (7, 14, 2**31, 2**63, *NOT_POSITIVE)
        ),
        "stride": lambda: per_axis(
            pick, axes, (1, 2, 2, 3), (5, 2**31, 2**62, 2**63, *NOT_POSITIVE)
        ),
        "padding": lambda: per_axis(pick, axes, (0, 0, 1, 1, 2), (3, 2**31, *NOT_POSITIVE)),
        "ceil_mode": lambda: often(pick, (True, False), (1, None, "yes")),
        "count_include_pad": lambda: often(pick, (True, False), (1, None)),
    }
    if axes > 1:
        choices["divisor_override"] = lambda: pick((1, 2, 0, -1, None, True, 1.5))
    args, kwargs = arguments(pick, choices, 1)
    return Case(f"AvgPool{axes}d", args, kwargs, spatial_input(pick, axes, 3), dtype(pick))


def any_shape(pick: Pick, last: int | None = None) -> tuple[int, ...]:
    """Pick any shape of up to five dimensions, its last one `last` more often than not."""
    sizes = [often(pick, (1, 2, 3, 4), (0, 5)) for _ in range(pick(range(6)))]
    if sizes and last is not None and pick((True, True, True, False)):
        sizes[-1] = last
    return tuple(sizes)


def linear(pick: Pick) -> Case:
    """Linear."""
    features = often(pick, (1, 2, 3, 8), NOT_POSITIVE)
    choices = {
        "in_features": lambda: features,
        "out_features": lambda: often(pick, (1, 2, 3, 8), NOT_POSITIVE),
        "bias": lambda: pick((True, False, None, 0, "no")),
    }
    args, kwargs = arguments(pick, choices, 2)
    last = features if type(features) is int and features >= 0 else None
    named, kind = parameters(pick)
    return Case("Linear", args, kwargs | named, any_shape(pick, last), kind)


def flatten(pick: Pick) -> Case:
    """Flatten."""
    dims = (0, 1, 2, 3, -1, -2, -3)
    choices = {
        "start_dim": lambda: often(pick, dims, (5, -6, True, 1.0, None, 2**63)),
        "end_dim": lambda: often(pick, dims, (5, -6, True, 1.0, None)),
    }
    args, kwargs = arguments(pick, choices, 0)
    return Case("Flatten", args, kwargs, any_shape(pick), dtype(pick))


def batch_norm(pick: Pick) -> Case:
    """BatchNorm1d, 2d and 3d, in evaluation and in training."""
    axes = pick(AXES)
    features = often(pick, (1, 2, 3, 4), (*NOT_POSITIVE, (3,)))
    choices = {
        "num_features": lambda: features,
        "eps": lambda: pick((1e-5, 0, 0.1, -1, "x", None, True)),
        "momentum": lambda: pick((0.1, None, 1, "x", True)),
        "affine": lambda: pick((True, False, 0)),
        "track_running_stats": lambda: pick((True, False, 1)),
        "bias": lambda: pick((True, False)),
    }
    args, kwargs = arguments(pick, choices, 1)
    shape = spatial_input(pick, axes, features)
    if axes == 1 and pick((True, False)):
        shape = shape[:2]
    named, kind = parameters(pick)
    return Case(
        f"BatchNorm{axes}d", args, kwargs | named, shape, kind, training=pick((False, False, True))
    )


def dropout(pick: Pick) -> Case:
    """The dropouts, in evaluation."""
    layer = pick(
        ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout")
    )
    choices = {
        "p": lambda: often(pick, (0, 0.5, 1), (-0.1, 1.1, True, None, "x")),
        "inplace": lambda: pick((True, False, None, 1)),
    }
    args, kwargs = arguments(pick, choices, 0)
    return Case(layer, args, kwargs, any_shape(pick), dtype(pick))


#: Activations, with the choices for each of their arguments.
_SLOPES = (0, 0.01, 1, -1.5, True, "x", None)
_INPLACE = (True, False, None, "x")
_DIMS = (0, 1, 2, -1, -2, None, 7, -7, True, 1.0)
ACTIVATIONS: dict[str, dict[str, Sequence[Any]]] = {
    **{
        name: {"inplace": _INPLACE}
        for name in ("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid")
    },
    **{
        name: {} for name in ("Sigmoid", "Tanh", "LogSigmoid", "Softsign", "Tanhshrink", "Identity")
    },
    "LeakyReLU": {"negative_slope": _SLOPES, "inplace": (True, False)},
    "ELU": {"alpha": _SLOPES, "inplace": (True, False)},
    "CELU": {"alpha": _SLOPES, "inplace": (True, False)},
    "GELU": {"approximate": ("none", "tanh", "erf", None)},
    "Softplus": {"beta": _SLOPES, "threshold": _SLOPES},
    "Softshrink": {"lambd": _SLOPES},
    "Hardshrink": {"lambd": _SLOPES},
    "Hardtanh": {
        "min_val": (-1, 0, 1.5, True),
        "max_val": (-1, 0, 2, 1.5),
        "inplace": (True, False),
    },
    "Threshold": {"threshold": _SLOPES, "value": _SLOPES},
    "RReLU": {"lower": (0.1, 0, 1, "x"), "upper": (0.3, 0, 1, None)},
    "PReLU": {"num_parameters": (1, 1, 2, 3, 0, -1, True, 2.0, None)},
    "Softmax": {"dim": _DIMS},
    "Softmin": {"dim": _DIMS},
    "LogSoftmax": {"dim": _DIMS},
}


def activation(pick: Pick) -> Case:
    """The activations, in evaluation."""
    layer = pick(tuple(ACTIVATIONS))
    choices: dict[str, Callable[[], Any]] = {
        name: partial(pick, values) for name, values in ACTIVATIONS[layer].items()
    }
    args, kwargs = arguments(pick, choices, 2 if layer == "Threshold" else 0)
    kind = pick(
        (dtype(pick), "float32", "float64", "float16", "int64", "uint8", "bool", "complex64")
    )
    return Case(layer, args, kwargs, any_shape(pick), kind)


def adaptive_pool(pick: Pick) -> Case:
    """AdaptiveAvgPool and AdaptiveMaxPool in 1 to 3 dimensions."""
    axes = pick(AXES)
    sizes = per_axis(pick, axes, (1, 2, 3, 7), (14, *NOT_POSITIVE))
    if axes > 1 and isinstance(sizes, (tuple, list)) and pick((True, False)):
        sizes = tuple(pick((n, None)) for n in sizes)
    name = pick(("AdaptiveAvgPool", "AdaptiveMaxPool"))
    kwargs = (
        {"return_indices": pick((True, False, 1))}
        if name.endswith("MaxPool") and pick((True, False))
        else {}
    )
    return Case(f"{name}{axes}d", (sizes,), kwargs, spatial_input(pick, axes, 3), dtype(pick))


def max_unpool(pick: Pick) -> Case:
    """MaxUnpool1d, 2d and 3d, with and without `output_size`."""
    axes = pick(AXES)
    choices = {
        "kernel_size": lambda: per_axis(pick, axes, (2, 2, 3), (1, 0, -1, True, 2.0, "2", None)),
        "stride": lambda: per_axis(pick, axes, (1, 2, 3), (0, -1, True, 2.0, "2")),
        "padding": lambda: per_axis(pick, axes, (0, 0, 1), (2, 3, -1, True, 2.0, None)),
    }
    args, kwargs = arguments(pick, choices, 1)
    shape = spatial_input(pick, axes, 3)
    call = {}
    if pick((True, False)):
        # Near what comes out by default, where it is legal, and elsewhere.
        kernel = args[0] if type(args[0]) is int else 2
        near = [(n - 1) * kernel + kernel + pick((-2, -1, 0, 0, 1, 2)) for n in shape[-axes:]]
        wanted = often(
            pick, (near, [1, 3, *near]), ([], [4], [True] * axes, [4.0] * axes, 4, [0] * axes)
        )
        call = {"output_size": wanted}
    indices = T(
        often(pick, (shape,), ((*shape, 1), shape[1:])),
        often(pick, ("int64",), ("int32", "float32")),
    )
    return Case(f"MaxUnpool{axes}d", args, kwargs, shape, dtype(pick), call=call, others=(indices,))


def lp_pool(pick: Pick) -> Case:
    """LPPool1d, 2d and 3d."""
    axes = pick(AXES)
    choices = {
        "norm_type": lambda: often(
            pick, (1, 2, 1.5), (float("inf"), -float("inf"), 0, "x", None, True)
        ),
        "kernel_size": lambda: per_axis(pick, axes, (1, 2, 3), (7, 14, *NOT_POSITIVE)),
        "stride": lambda: per_axis(pick, axes, (1, 2, 3), (5, *NOT_POSITIVE)),
        "ceil_mode": lambda: often(pick, (True, False), (1, None)),
    }
    args, kwargs = arguments(pick, choices, 2)
    return Case(f"LPPool{axes}d", args, kwargs, spatial_input(pick, axes, 3), dtype(pick))


def padding(pick: Pick) -> Case:
    """The padding layers in 1 to 3 dimensions, negative amounts included."""
    axes = pick(AXES)
    name = pick(("ConstantPad", "ZeroPad", "ReflectionPad", "ReplicationPad", "CircularPad"))
    amounts = (0, 1, 2, 3, -1, -2)
    rare = (-9, 5, 8, 14, True, False, 1.0, "1", None)
    if pick((True, False)):
        amount: Any = often(pick, amounts, rare)
    else:
        count = often(pick, (2 * axes,), (0, 1, 2, 3, 4, 6, 8))
        amount = pick((tuple, list))(often(pick, amounts, rare) for _ in range(count))
    if name == "CircularPad" and isinstance(amount, (tuple, list)):
        # Not padded on one side and cut on the other: torch's copies would overlap, and whether it
        # refuses depends on the memory layout.
        sign = pick((1, -1))
        amount = type(amount)(abs(n) * sign if type(n) is int else n for n in amount)
    args = (
        (amount, often(pick, (0, 1.5, -1), (None, "x", True)))
        if name == "ConstantPad"
        else (amount,)
    )
    return Case(f"{name}{axes}d", args, {}, spatial_input(pick, axes, 3), dtype(pick))


def shuffle(pick: Pick) -> Case:
    """PixelShuffle, PixelUnshuffle, ChannelShuffle."""
    layer = pick(("PixelShuffle", "PixelUnshuffle", "ChannelShuffle"))
    factor = often(pick, (1, 2, 2, 3), (4, *NOT_POSITIVE))
    shape = tuple(
        often(pick, (4, 9, 8, 6, 12), (0, 1, 5, 16)) for _ in range(pick((3, 3, 4, 4, 5, 2, 1, 0)))
    )
    return Case(layer, (factor,), {}, shape, dtype(pick))


def fold(pick: Pick) -> Case:
    """Unfold and Fold."""

    def two(usual: Sequence[Any], rare: Sequence[Any]) -> Any:
        return per_axis(pick, 2, usual, rare)

    choices = {
        "kernel_size": lambda: two((1, 2, 2, 3), (5, 14, *NOT_POSITIVE)),
        "dilation": lambda: two((1, 1, 2), NOT_POSITIVE),
        "padding": lambda: two((0, 1, 2), NOT_POSITIVE),
        "stride": lambda: two((1, 2, 3), NOT_POSITIVE),
    }
    args, kwargs = arguments(pick, choices, 1)
    if pick((True, False)):
        return Case("Unfold", args, kwargs, spatial_input(pick, 2, 3), dtype(pick))
    output = two((3, 4, 5, 6), (0, 1, 14, *NOT_POSITIVE))
    columns = pick((1, 2, 3)) * pick((1, 4, 4, 9, 6))
    # Often the columns that an input of this size really has, by torch's own Unfold.
    import torch

    try:
        image = torch.zeros(1, 1, *torch.nn.modules.utils._pair(output))
        columns, count = torch.nn.Unfold(*args, **kwargs)(image).shape[1:]
    except Exception:
        count = pick(range(30))
    shape = (columns * pick((1, 2)), often(pick, (count,), (0, 4, count + 1)))
    shape = often(pick, ((pick((1, 2)), *shape), shape), ((0, *shape), (2, 0, count), (4,)))
    return Case("Fold", (output, *args), kwargs, shape, dtype(pick))


def normalisation(pick: Pick) -> Case:
    """GroupNorm, LayerNorm, RMSNorm, LocalResponseNorm."""
    layer = pick(("GroupNorm", "LayerNorm", "RMSNorm", "LocalResponseNorm"))
    eps = ("eps", lambda: often(pick, (1e-5, 0.1, 0, 1), ("x", None, True)))
    if layer == "LocalResponseNorm":
        size = often(pick, (1, 2, 3, 5), (20, *NOT_POSITIVE))
        return Case(layer, (size,), {}, any_shape(pick), dtype(pick))
    if layer == "GroupNorm":
        groups = often(pick, (1, 2, 3), NOT_POSITIVE)
        channels = often(pick, (2, 4, 6), (0, *NOT_POSITIVE))
        choices = {
            "num_groups": lambda: groups,
            "num_channels": lambda: channels,
            "eps": eps[1],
            "affine": lambda: pick((True, False)),
            "bias": lambda: pick((True, False)),
        }
        args, kwargs = arguments(pick, choices, 2)
        named, kind = parameters(pick)
        return Case(
            layer, args, kwargs | named, spatial_input(pick, pick((0, 1, 2, 3)), channels), kind
        )
    shape = any_shape(pick)
    ends: Any = shape[-pick((1, 1, 2, 3)) :]
    if pick(range(8)) == 0:
        ends = any_shape(pick)
    if len(ends) == 1 and pick((True, False)):
        ends = often(pick, (ends[0],), NOT_POSITIVE)
    choices = {
        "normalized_shape": lambda: ends,
        "eps": eps[1],
        "elementwise_affine": lambda: pick((True, False)),
    }
    if layer == "LayerNorm":
        choices["bias"] = lambda: pick((True, False))
    args, kwargs = arguments(pick, choices, 1)
    named, kind = parameters(pick)
    return Case(layer, args, kwargs | named, shape, kind)


def instance_norm(pick: Pick) -> Case:
    """InstanceNorm1d, 2d and 3d, in evaluation and in training."""
    axes = pick(AXES)
    features = often(pick, (1, 2, 3, 4), NOT_POSITIVE)
    choices = {
        "num_features": lambda: features,
        "eps": lambda: pick((1e-5, 0.1, "x", None, True)),
        "momentum": lambda: pick((0.1, None, 1, "x")),
        "affine": lambda: pick((True, False)),
        "track_running_stats": lambda: pick((True, False)),
        "bias": lambda: pick((True, False)),
    }
    args, kwargs = arguments(pick, choices, 1)
    shape = spatial_input(pick, axes, features)
    named, kind = parameters(pick)
    return Case(
        f"InstanceNorm{axes}d",
        args,
        kwargs | named,
        shape,
        kind,
        training=pick((False, False, True)),
    )


def reshaping(pick: Pick) -> Case:
    """Unflatten, GLU, Softmax2d."""
    layer = pick(("Unflatten", "Unflatten", "GLU", "Softmax2d"))
    if layer == "Softmax2d":
        return Case(layer, (), {}, spatial_input(pick, 2, 3), dtype(pick))
    shape = tuple(often(pick, (2, 4, 6, 12), (0, 1, 3)) for _ in range(pick(range(5))))
    dim = often(pick, (0, 1, -1), (2, -2, 5, True, 1.0, None))
    if layer == "GLU":
        return Case(layer, (dim,), {}, shape, dtype(pick))
    sizes = pick(
        (
            (2, -1),
            (-1,),
            (2, 2),
            (3, 2),
            (-1, 2),
            (2, 3, -1),
            (4, 3),
            (6,),
            (-1, -1),
            (),
            (0, -1),
            4,
            (2, 1.0),
            (2, True),
            (True, 2),
            (-2, -2),
        )
    )
    return Case(
        layer,
        (dim, pick((tuple, list))(sizes) if isinstance(sizes, tuple) else sizes),
        {},
        shape,
        dtype(pick),
    )


def resampling(pick: Pick) -> Case:
    """Upsample and its two-dimensional kin, in every mode."""
    layer = pick(("Upsample",) * 6 + ("UpsamplingNearest2d", "UpsamplingBilinear2d"))
    axes = pick(AXES)
    choices: dict[str, Callable[[], Any]] = {}
    if pick((True, False)):
        sizes = per_axis(pick, axes, (1, 2, 4, 7), (14, *NOT_POSITIVE))
        choices["size"] = lambda: sizes
    else:
        factor: Any = often(pick, (1, 2, 0.5, 1.3, 0.3, 3.7), (0.1, 0, -1, True, "x", None, 1e300))
        if pick((True, False)):
            length = often(pick, (axes,), (0, 1, 2, 3, 4))
            factor = tuple(
                often(pick, (1, 2, 0.5, 1.15), (0, -1, "x", True)) for _ in range(length)
            )
            factor = often(pick, (factor,), (list(factor),))
        choices["scale_factor"] = lambda: factor
    if pick(range(16)) == 0:
        choices["scale_factor"] = lambda: 2
    if layer == "Upsample":
        fitting = {1: ("linear",), 2: ("bilinear", "bicubic"), 3: ("trilinear",)}[axes]
        modes = ("nearest", "nearest-exact", "area", *fitting)
        choices["mode"] = lambda: often(
            pick, modes, ("linear", "bilinear", "trilinear", "lanczos", "best", None)
        )
        if pick(range(4)) == 0:
            choices["align_corners"] = lambda: often(pick, (True, False, None), (1, "x"))
        if pick(range(4)) == 0:
            choices["recompute_scale_factor"] = lambda: pick((True, False, None))
    kwargs = {name: choice() for name, choice in choices.items()}
    # uint8 is left out: torch resamples it in some modes on some processors only.
    kind = pick(
        ("float32",) * 12 + ("float64", "float16", "bfloat16", "int64", "bool", "complex64")
    )
    return Case(layer, (), kwargs, spatial_input(pick, axes, 3), kind)


def embedding(pick: Pick) -> Case:
    """Embedding."""
    choices = {
        "num_embeddings": lambda: often(pick, (1, 2, 5), (0, -1, True, 2.0, None)),
        "embedding_dim": lambda: often(pick, (1, 3, 8), (0, -1, True, 2.0, None)),
        "padding_idx": lambda: pick((None, 0, 1, -1, 2, -2, 5, -6)),
        "max_norm": lambda: pick((None, 1.0)),
        "norm_type": lambda: pick((2.0, 1.0, 2)),
        "scale_grad_by_freq": lambda: pick((True, False)),
        "sparse": lambda: pick((True, False)),
    }
    args, kwargs = arguments(pick, choices, 2)
    return Case(
        "Embedding",
        args,
        kwargs,
        any_shape(pick),
        often(pick, ("int64", "int32"), ("float32", "bool", "uint8")),
    )


def recurrent(pick: Pick) -> Case:
    """RNN, LSTM and GRU, with and without initial states."""
    layer = pick(("RNN", "LSTM", "GRU"))
    features = often(pick, (1, 2, 3), NOT_POSITIVE)
    hidden = often(pick, (2, 3, 4), (1, *NOT_POSITIVE))
    layers = often(pick, (1, 2), (3, 0, -1, True))
    both, first = often(pick, (True, False), (1, None)), often(pick, (True, False), (1, None))
    choices: dict[str, Callable[[], Any]] = {
        "input_size": lambda: features,
        "hidden_size": lambda: hidden,
        "num_layers": lambda: layers,
    }
    if layer == "RNN":
        choices["nonlinearity"] = lambda: often(pick, ("tanh", "relu"), ("gelu", None))
    choices |= {
        "bias": lambda: often(pick, (True, False), (None, 1)),
        "batch_first": lambda: first,
        "dropout": lambda: often(pick, (0, 0.5, 1), (-0.1, 1.1, True)),
        "bidirectional": lambda: both,
    }
    projected = layer == "LSTM" and pick((True, False))
    width = often(pick, (0, 1, 2), (-1, 4))
    args, kwargs = arguments(pick, choices, 2)
    if projected:
        kwargs["proj_size"] = width
    last = features if type(features) is int else 2
    batched = pick((True, True, False))
    n, length = often(pick, (1, 2), (0,)), often(pick, (1, 3), (0,))
    size = ((n, length) if kwargs.get("batch_first") else (length, n)) if batched else (length,)
    shape = (*size, often(pick, (max(last, 0),), (1, 4)))
    if pick(range(20)) == 0:
        shape = any_shape(pick)
    named, kind = parameters(pick)
    kwargs |= named
    if pick((True, False)) or type(hidden) is not int or hidden < 0:
        return Case(layer, args, kwargs, shape, kind)
    # With half precision it depends on the processor what else may be a state.
    others = (
        (kind,) if kind in ("float16", "bfloat16") else ("float64", "float32", "int64", "complex64")
    )
    count = kwargs.get("num_layers", 1) * (2 if kwargs.get("bidirectional") else 1)

    def state(wide: int) -> T:
        sizes = (max(count, 0), n, wide) if batched else (max(count, 0), wide)
        sizes = tuple(often(pick, (each,) * 3, (each + 1, 1)) for each in sizes)
        return T(often(pick, (sizes,), (sizes[1:], (1, *sizes))), often(pick, (kind,), others))

    out = width if projected and width > 0 else hidden
    hx: Any = (state(out), state(hidden)) if layer == "LSTM" else state(out)
    if layer == "LSTM":
        hx = often(pick, (hx,), (hx[0], hx[:1], [*hx]))
    return Case(layer, args, kwargs, shape, kind, others=(hx,))


def recurrent_cell(pick: Pick) -> Case:
    """RNNCell, LSTMCell and GRUCell."""
    layer = pick(("RNNCell", "LSTMCell", "GRUCell"))
    features, hidden = often(pick, (1, 2, 3), NOT_POSITIVE), often(pick, (1, 2, 3), NOT_POSITIVE)
    choices: dict[str, Callable[[], Any]] = {
        "input_size": lambda: features,
        "hidden_size": lambda: hidden,
        "bias": lambda: often(pick, (True, False), (None, 1)),
    }
    if layer == "RNNCell":
        choices["nonlinearity"] = lambda: often(pick, ("tanh", "relu"), ("gelu", None))
    args, kwargs = arguments(pick, choices, 2)
    lead = often(pick, ((), (1,), (2,)), ((0,), (1, 2)))
    last = max(features, 0) if type(features) is int else 2
    shape = (*lead, often(pick, (last,), (1, 4)))
    named, kind = parameters(pick)
    kwargs |= named
    wide = max(hidden, 0) if type(hidden) is int else 2

    def state() -> T:
        sizes = (*lead, often(pick, (wide,), (1, 4)))
        return T(
            often(pick, (sizes,), (sizes[1:], (1, *sizes), (3, wide))),
            often(pick, (kind,), ("float64",)),
        )

    if pick((True, False)):
        return Case(layer, args, kwargs, shape, kind)
    states = [state(), state()]
    # On a state of more dimensions than the input torch crashes or broadcasts; convshape refuses.
    states = [each if len(each.shape) <= len(shape) else T((*lead, wide), kind) for each in states]
    hx: Any = tuple(states) if layer == "LSTMCell" else states[0]
    return Case(layer, args, kwargs, shape, kind, others=(hx,))


def fractional_max_pool(pick: Pick) -> Case:
    """FractionalMaxPool2d and 3d."""
    axes = pick((2, 3))
    kernel = per_axis(pick, axes, (1, 2, 2, 3), (7, *NOT_POSITIVE))
    named: dict[str, Any] = {}
    if pick((True, False)):
        named["output_size"] = per_axis(pick, axes, (1, 2, 3), (7, 14, *NOT_POSITIVE))
    if not named or pick(range(16)) == 0:
        named["output_ratio"] = per_axis(
            pick, axes, (0.5, 0.3, 0.9), (0, 1, 1.5, -0.5, True, "x", None, float("nan"))
        )
    if pick((True, False)):
        named["return_indices"] = pick((True, False, 1, None))
    shape = spatial_input(pick, axes, 3)
    kind = dtype(pick)
    if len(shape) > axes and pick(range(4)) == 0:
        n, c = (shape[0] if len(shape) == axes + 2 else 1), shape[-axes - 1]
        samples = often(
            pick, ((n, c, axes), (n + 1, c, axes)), ((n, c), (n, c + 1, axes), (n, c, 1))
        )
        named["_random_samples"] = T(samples, often(pick, (kind,), ("float64",)))
    return Case(f"FractionalMaxPool{axes}d", (kernel,), named, shape, kind)


def other_norms(pick: Pick) -> Case:
    """SyncBatchNorm and CrossMapLRN2d."""
    if pick((True, False)):
        choices: dict[str, Callable[[], Any]] = {
            "size": lambda: often(pick, (1, 2, 3, 5), (2.5, *NOT_POSITIVE, -2, -3, -4, 20)),
            "alpha": lambda: often(pick, (1e-4, 1), ("x", None, True, 0)),
            "beta": lambda: often(pick, (0.75, 1), ("x", None, True, 0)),
            "k": lambda: often(pick, (1, 2.0), ("x", None, True, 0)),
        }
        args, kwargs = arguments(pick, choices, 1)
        shape = often(pick, (any_shape(pick)[:3], (2, 3, 4)), ((), (0, 1, 2)))
        lead = often(pick, ((1,), (2,)), ((), (0,), (1, 2)))
        return Case("CrossMapLRN2d", args, kwargs, (*lead, *shape), dtype(pick))
    case = batch_norm(pick)
    rank = pick((0, 1, 2, 3))
    features = case.args[0] if type(case.args[0]) is int and case.args[0] >= 0 else 3
    shape = spatial_input(pick, rank, features) if rank else (pick((1, 2, 0)), features)
    return replace(case, layer="SyncBatchNorm", input=shape)


def pairs(pick: Pick) -> Case:
    """Layers of two tensors: Bilinear, CosineSimilarity, PairwiseDistance."""
    layer = pick(("Bilinear", "CosineSimilarity", "PairwiseDistance"))
    choices: dict[str, Callable[[], Any]]
    if layer == "Bilinear":
        one, two = (often(pick, (1, 2, 3), NOT_POSITIVE) for _ in range(2))
        choices = {
            "in1_features": lambda: one,
            "in2_features": lambda: two,
            "out_features": lambda: often(pick, (1, 2, 3), NOT_POSITIVE),
            "bias": lambda: pick((True, False, None)),
        }
        args, kwargs = arguments(pick, choices, 3)
        named, kind = parameters(pick)
        lead = any_shape(pick)[:3]
        ends = [often(pick, (n,), (1, 4)) if type(n) is int and n >= 0 else 2 for n in (one, two)]
        second = T(
            (*often(pick, (lead,), (lead[1:], (1, *lead))), ends[1]),
            often(pick, (kind,), ("float64",)),
        )
        first = often(pick, ((*lead, ends[0]),), ((),))
        return Case(layer, args, kwargs | named, first, kind, others=(second,))
    if layer == "CosineSimilarity":
        choices = {"dim": lambda: pick(_DIMS), "eps": lambda: pick((1e-8, 0, "x", None, True))}
    else:
        choices = {
            "p": lambda: pick((1, 2, 2.0, 0, -1, float("inf"), "x", None, True)),
            "eps": lambda: pick((1e-6, 0, "x", True)),
            "keepdim": lambda: often(pick, (True, False), (1, None)),
        }
    args, kwargs = arguments(pick, choices, 0)
    shape = any_shape(pick)
    kinds = ("float32", "float32", "float64", "int64", "bool", "complex64", "float16", "bfloat16")
    other = tuple(often(pick, (n, n, 1), (n + 1,)) for n in shape)[pick((0, 0, 0, 1)) :]
    return Case(layer, args, kwargs, shape, pick(kinds), others=(T(other, pick(kinds)),))


def embedding_bag(pick: Pick) -> Case:
    """EmbeddingBag, of rows and of offsets."""
    rows = often(pick, (1, 2, 5), (0, -1, True, 2.0, None))
    choices = {
        "num_embeddings": lambda: rows,
        "embedding_dim": lambda: often(pick, (1, 3, 8), (-1, True, 2.0, None)),
        "max_norm": lambda: pick((None, 1.0)),
        "norm_type": lambda: pick((2.0, 1.0, 2)),
        "scale_grad_by_freq": lambda: often(pick, (False, True), (1, None)),
        "mode": lambda: often(pick, ("sum", "mean", "max"), ("min", None)),
        "sparse": lambda: often(pick, (False, True), (1, None)),
        "include_last_offset": lambda: often(pick, (False, True), (1, None)),
        "padding_idx": lambda: pick((None, 0, 1, -1, 2, -2, 5, -6)),
    }
    args, kwargs = arguments(pick, choices, 2)
    named, _ = parameters(pick)
    kind = often(pick, ("int64", "int32"), ("float32", "bool", "uint8"))
    n, length = often(pick, (1, 2, 3), (0,)), often(pick, (1, 3), (0,))
    shape = often(pick, ((n, length), (length,)), ((), (n, length, 1)))
    call: dict[str, Any] = {}
    if (len(shape) == 1) != (pick(range(12)) == 0):
        counts = often(pick, ((1,), (2,), (3,)), ((0,), (), (1, 1)))
        offsets: Any = 0
        if math.prod(shape) and (kwargs.get("include_last_offset") or counts == (0,)):
            # torch assumes that there are bags and that the last offset is the number of indices.
            # Otherwise it writes beyond its memory.
            counts, offsets = (2,), (0, math.prod(shape))
        call["offsets"] = T(counts, often(pick, ("int64", "int32"), ("float32",)), offsets)
    if pick(range(4)) == 0:
        own = named.get("dtype", D("float32")).name
        weights = T(
            often(pick, (shape,), (shape[1:], (*shape, 1))), often(pick, (own,), ("float64",))
        )
        call["per_sample_weights"] = weights
    return Case("EmbeddingBag", args, kwargs | named, shape, kind, call=call)


def lazy(pick: Pick) -> Case:
    """The layers that take the size of their first input, at their first call."""
    case = pick((conv, conv_transpose, linear, batch_norm, instance_norm))(pick)
    return replace(case, layer=f"Lazy{case.layer}", args=case.args[1:])
