"""Random calls of the losses, as layers and as functions.

They leave out what torch refuses by values alone, such as a class out of range or a probability
above 1: convshape has no values, and accepts it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from .attention import changed
from .choices import (
    KINDS,
    NOT_POSITIVE,
    Choice,
    Pick,
    any_shape,
    arguments,
    flagged,
    mostly,
    often,
    parameters,
    some_of,
)
from .data import Call, Case, D, Member, T


@dataclass(frozen=True)
class Loss:
    """A loss of some tensors, as data: the layer, its function and their common arguments."""

    layer: str
    function: str
    tensors: tuple[Any, ...]
    options: dict[str, Any]


REDUCTIONS = ("none", "mean", "sum")
ODD_REDUCTIONS = ("batchmean", "elementwise_mean", "max", None, 0)
NUMBERS = (1, 0.5, 0, -1, True, "x", None)


def _reduction(pick: Pick, old: bool = True) -> dict[str, Any]:
    named: dict[str, Any] = {}
    if pick((True, True, True, False)):
        named["reduction"] = often(pick, REDUCTIONS, ODD_REDUCTIONS)
    if old and pick(range(8)) == 0:
        names = pick((("size_average",), ("reduce",), ("size_average", "reduce")))
        named |= {name: pick((True, False, None, 0, 1)) for name in names}
    return named


def _kinds(pick: Pick, first: tuple[str, ...] = ("float32",)) -> tuple[str, str]:
    """Pick the dtypes of input and target; float16 with complex would make complex32."""
    kind = often(pick, first, KINDS)
    other = often(pick, (kind,) * 3 + ("float32",), KINDS)
    return kind, "float32" if {kind, other} == {"float16", "complex64"} else other


def _near(pick: Pick, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Pick a shape, or one that is nearly it, or broadcasts with it."""
    return often(
        pick, (shape,), (changed(pick, shape), shape[1:], tuple(pick((n, 1)) for n in shape))
    )


#: Losses of pairs of elements: the layer, its function and its own arguments.
_ELEMENTWISE: dict[tuple[str, str], dict[str, Choice]] = {
    ("L1Loss", "l1_loss"): {},
    ("MSELoss", "mse_loss"): {},
    ("SmoothL1Loss", "smooth_l1_loss"): {"beta": NUMBERS},
    ("HuberLoss", "huber_loss"): {"delta": NUMBERS},
    ("SoftMarginLoss", "soft_margin_loss"): {},
    ("KLDivLoss", "kl_div"): {"log_target": flagged},
    ("PoissonNLLLoss", "poisson_nll_loss"): {
        "log_input": flagged, "full": flagged, "eps": (1e-8, 1, "x", None),
    },
    ("HingeEmbeddingLoss", "hinge_embedding_loss"): {"margin": NUMBERS},
}  # fmt: skip


def _pair(pick: Pick, shape: tuple[int, ...], kinds: tuple[str, str]) -> tuple[T, T]:
    return T(_near(pick, shape), kinds[0]), T(_near(pick, shape), kinds[1])


def elementwise(pick: Pick) -> Loss:
    """Losses of pairs of elements."""
    layer, function = pick(list(_ELEMENTWISE))
    pair = _pair(pick, any_shape(pick), _kinds(pick))
    options = _reduction(pick, layer != "HuberLoss")
    options |= some_of(pick, **_ELEMENTWISE[layer, function])
    if layer == "KLDivLoss" and pick((True, False, False)):
        options["reduction"] = "batchmean"
    return Loss(layer, function, pair, options)


def weighted(pick: Pick) -> Loss:
    """Losses of pairs with weights: BCELoss, BCEWithLogitsLoss, MultiLabelSoftMarginLoss."""
    layer, function = pick(
        (
            ("BCELoss", "binary_cross_entropy"),
            ("BCEWithLogitsLoss", "binary_cross_entropy_with_logits"),
            ("MultiLabelSoftMarginLoss", "multilabel_soft_margin_loss"),
        )
    )
    shape = any_shape(pick)
    kinds = _kinds(pick)
    pair = _pair(pick, shape, kinds)

    def weight(pick: Pick) -> Any:
        one = tuple(pick((n, 1)) for n in shape)
        sizes = pick((shape, shape[1:], shape[-1:], one, changed(pick, shape)))
        kind = often(pick, (kinds[0],), ("float64", "int64", "float32"))
        return often(pick, (T(sizes, kind),), (None, 3))

    options = _reduction(pick)
    for name in ("weight", "pos_weight") if layer == "BCEWithLogitsLoss" else ("weight",):
        options |= some_of(pick, **{name: weight})
    return Loss(layer, function, pair, options)


def gaussian(pick: Pick) -> Loss:
    """GaussianNLLLoss."""
    shape = any_shape(pick)
    kinds = _kinds(pick)
    pair = _pair(pick, shape, kinds)
    sizes = pick(
        (shape, shape, shape[:-1], (*shape[:-1], 1), (1, *shape[1:]), changed(pick, shape))
    )
    var = often(pick, (T(sizes, often(pick, (kinds[0],), KINDS)),), (1.0, 0.5, -1.0, 1, None))
    named = some_of(pick, full=flagged, eps=(1e-6, 1, 0.5, "x", True))
    options = _reduction(pick, old=False) | named
    return Loss("GaussianNLLLoss", "gaussian_nll_loss", (*pair, var), options)


_DISTANCES = (
    *(Member(name, ()) for name in ("PairwiseDistance", "CosineSimilarity")),
    Member("functional.l1_loss"),
    None,
)


def ranking(pick: Pick) -> Loss:
    """Losses of three tensors: margin ranking, cosine embedding, triplets."""
    layer, function = pick(
        (
            ("MarginRankingLoss", "margin_ranking_loss"),
            ("CosineEmbeddingLoss", "cosine_embedding_loss"),
            ("TripletMarginLoss", "triplet_margin_loss"),
            ("TripletMarginWithDistanceLoss", "triplet_margin_with_distance_loss"),
        )
    )
    shape = any_shape(pick)
    last = shape
    if layer == "CosineEmbeddingLoss":
        shape = often(pick, (shape[:2] if len(shape) > 1 else (2, 3), (4,)), (shape,))
        last = shape[:-1]
    kind, other = _kinds(pick)
    options = _reduction(pick, layer != "TripletMarginWithDistanceLoss")
    options |= some_of(pick, margin=(1, 0.5, 2.0, 0, -1, True, "x", None))
    if layer.startswith("Triplet"):
        options |= some_of(pick, swap=flagged)
    if layer == "TripletMarginLoss":
        options |= some_of(pick, p=(2, 1, 0.5, 0, "x"), eps=(1e-6, 0, "x"))
    if layer == "TripletMarginWithDistanceLoss" and pick((True, False)):
        options["distance_function"] = pick(_DISTANCES)
    first, second = T(_near(pick, shape), kind), T(_near(pick, shape), kind)
    return Loss(layer, function, (first, second, T(_near(pick, last), other)), options)


def _classes(pick: Pick) -> tuple[int, int, tuple[int, ...]]:
    """Pick the batch, at least one class and what else there is."""
    return often(pick, (1, 2, 3), (0,)), pick((1, 2, 3, 4)), any_shape(pick)[:3]


def _class_weight(pick: Pick, classes: int, kind: str) -> Any:
    sizes = often(pick, ((classes,),), ((classes + 1,), (), (1, classes), (1,)))
    return often(pick, (T(sizes, often(pick, (kind,), ("float64", "int64"))),), (None, 3))


def classes(pick: Pick) -> Loss:
    """NLLLoss and CrossEntropyLoss."""
    layer, function = pick(
        (("NLLLoss", "nll_loss"), ("NLLLoss2d", "nll_loss"), ("CrossEntropyLoss", "cross_entropy"))
        * 2
        + (("CrossEntropyLoss", "cross_entropy"),)
    )
    batch, count, rest = _classes(pick)
    kind = often(pick, ("float32", "float32", "float64"), KINDS)
    whole = often(pick, ((batch, count, *rest), (batch, count), (count,)), ((),))
    target = (whole[0], *whole[2:]) if len(whole) > 1 else ()
    kind_of_target = often(pick, ("int64",), KINDS)
    if pick(range(4)) == 0:
        target, kind_of_target = whole, often(pick, (kind,), KINDS)
    target = often(pick, (target,), (changed(pick, target), (1,), rest))
    if 0 in target:  # torch does not look at the dtype of nothing
        kind_of_target = kind if target == whole else "int64"
    options = _reduction(pick) | some_of(
        pick,
        weight=lambda _: _class_weight(pick, count, kind),
        ignore_index=mostly((-100, 1, -1), (0.5, None, True)),
    )
    if layer == "CrossEntropyLoss" and pick((True, False)):
        options["label_smoothing"] = pick((0.0, 0.1, 1, 0.5, -0.1, 1.5, "x", None, True))
    return Loss(layer, function, (T(whole, kind), T(target, kind_of_target)), options)


def margins(pick: Pick) -> Loss:
    """MultiMarginLoss and MultiLabelMarginLoss."""
    several = pick((True, False))
    batch, count, rest = _classes(pick)
    shape = often(pick, ((batch, count), (count,)), ((), rest, (batch, 0), (batch, count, 1)))
    # torch does not look at the dtypes of nothing.
    kinds = KINDS if 0 not in shape else ("float32",)
    kind = often(pick, ("float32", "float64"), kinds)
    options = _reduction(pick)
    target = shape if several else shape[:-1]
    target = often(pick, (target,), (changed(pick, target), (1,), (batch,)))
    if not several:
        options |= some_of(pick, p=mostly((1, 2), (0, 3, 1.0, True, "x", None)), margin=NUMBERS)
        if 0 not in shape and pick((True, False)):
            options["weight"] = _class_weight(pick, count, kind)
    value = -1 if several and pick((True, False)) else 0
    kind_of_target = often(pick, ("int64",), KINDS if 0 not in shape else ("int64",))
    pair = (T(shape, kind), T(target, kind_of_target, value))
    if several:
        return Loss("MultiLabelMarginLoss", "multilabel_margin_loss", pair, options)
    return Loss("MultiMarginLoss", "multi_margin_loss", pair, options)


def ctc(pick: Pick) -> Loss:
    """CTCLoss, of tensors and of tuples of lengths."""
    steps, batch = often(pick, (2, 4), (1, 0)), often(pick, (1, 2, 3), (0,))
    count = often(pick, (2, 3), (1, 0))
    batched = pick((True, True, False))
    shape = changed(pick, (steps, batch, count) if batched else (steps, count))
    n = batch if batched else 1
    length = often(pick, (1, 2), (0, 3))
    rows = pick(((n * length,), (n, length), (n, length + 1)))
    indices = mostly(("int64", "int32"), KINDS)
    targets = T(changed(pick, rows), indices(pick), 1)
    most = shape[0] if shape else 1
    if pick((True, False)):
        limits = [often(pick, (most,), (most + 1, -1, 0)), often(pick, (length,), (length + 1, -1))]
        lengths: list[Any] = [(item,) * often(pick, (n,), (n + 1,)) for item in limits]
    else:
        # The sizes of the tensors fit their values, which convshape does not have.
        sizes = mostly(((n,), (n,), (n, 1)), ((n + 1,), ()))
        values = (most, length if targets.shape == rows else 0)
        lengths = [T(sizes(pick), indices(pick), item) for item in values]
        if targets.shape != rows and len(targets.shape) == 1:
            targets = T((0,), targets.dtype)
    if pick(range(16)) == 0:
        lengths[0] = pick((T((n,), "int64", most), (most,) * n, 1, None))
    options = _reduction(pick, old=False)
    options |= some_of(pick, blank=mostly((0,), (1, -1, 3, True, None)), zero_infinity=flagged)
    first = T(shape, often(pick, ("float32", "float64"), KINDS))
    return Loss("CTCLoss", "ctc_loss", (first, targets, *lengths), options)


LOSSES = (elementwise, weighted, gaussian, ranking, classes, margins, ctc)


def loss(pick: Pick) -> Case:
    """Every loss that is a layer of a function, called as the layer."""
    loss = pick(LOSSES)(pick)
    first, *others = loss.tensors
    case = Case(loss.layer, (), loss.options, first.shape, first.dtype, others=tuple(others))
    return replace(case, value=first.value)


def pieces(pick: Pick) -> dict[str, Any]:
    """Options of LinearCrossEntropyLoss."""
    ways = ("auto", None, "aspect_ratio", "aspect_ratio:2")
    return some_of(
        pick,
        batch_chunk_size=mostly((None, 1, 2), (0, -1, True, 2.0, 100)),
        chunking_method=mostly(ways, ("aspect_ratio:0", "x", 1)),
        acc_policy=mostly(("auto", "accurate", "balanced", "compact"), ("x", None)),
        acc_dtype=mostly((None, D("float32")), (D("float16"), D("float64"), D("int64"))),
        allow_retain_graph=flagged,
    )


def linear_cross_entropy(pick: Pick) -> Loss:
    """The loss of a linear layer, as a function."""
    batch, count, _ = _classes(pick)
    features = often(pick, (2, 4, 8), (1, 3, 0))
    kind = often(pick, ("float32", "float16", "bfloat16"), KINDS)
    lead = often(pick, ((batch,), ()), ((batch, 1),))
    rows = often(pick, ((count,),), ((count, 2), ()))
    shape = often(pick, (lead,), (changed(pick, lead), (batch + 2,), (*lead, *rows[1:])))
    weight = T(changed(pick, (*rows, features)), often(pick, (kind,), KINDS))
    options: dict[str, Any] = {"linear_weight": weight}
    options["target"] = T(shape, "int64") if pick(range(8)) else T((*lead, *rows), kind)

    def bias(pick: Pick) -> T:
        sizes = often(pick, (rows,), (changed(pick, rows),))
        return T(sizes, often(pick, (kind,), KINDS))

    options |= _reduction(pick, old=False) | some_of(
        pick,
        linear_bias=bias,
        weight=lambda pick: _class_weight(pick, count, kind),
        ignore_index=mostly((None, -1, 1), (0.5, True)),
        label_smoothing=mostly((0.0,), (0.1, "x")),
    )
    options["options"] = Member("LinearCrossEntropyOptions", (), pieces(pick))
    return Loss("", "linear_cross_entropy", (T((*lead, features), kind),), options)


def _adaptive_softmax(pick: Pick, features: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    odd: tuple[Any, ...] = ([], [0], [3, 2], [5], [1.0], 2, [2, 2], ["x"])
    cutoffs = often(pick, ([1], [1, 3], (2,), [2, 3, 4]), odd)
    choices: dict[str, Choice] = {
        "in_features": (features,),
        "n_classes": mostly((5, 6), (1, 0, 5.0, None)),
        "cutoffs": (cutoffs,),
        "div_value": (4.0, 2, 1, 1.5, 0.5, 0, -2, "x"),
        "head_bias": mostly((True, False), (None, 1)),
    }
    return arguments(pick, choices, 3)


def _linear_options(pick: Pick, count: int, kind: str, rows: Any) -> dict[str, Any]:
    options = _reduction(pick, old=False) | some_of(
        pick,
        bias=mostly((True, False), (None, 1)),
        weight=lambda pick: _class_weight(pick, count, kind),
        ignore_index=mostly((None, -1, 1), (0.5, True)),
        label_smoothing=(0.0, 0.1, 1, -0.1, 1.5, "x"),
        out_features=(rows,),
    )
    if pick((True, False)):
        options["options"] = Member("LinearCrossEntropyOptions", (), pieces(pick))
    return options


def loss_with_layers(pick: Pick) -> Case:
    """AdaptiveLogSoftmaxWithLoss and LinearCrossEntropyLoss."""
    batch, count, _ = _classes(pick)
    features = often(pick, (2, 4, 8), (1, 3, *NOT_POSITIVE))
    named, kind = parameters(pick)
    wide = features if type(features) is int and features >= 0 else 2
    lead = often(pick, ((batch,), ()), ((batch, 1),))
    shape = often(pick, ((*lead, wide),), ((*lead, 3), ()))
    index = mostly(("int64",), KINDS)
    if pick((True, False)):
        args, kwargs = _adaptive_softmax(pick, features)
        target = T(often(pick, (lead,), ((batch + 1,), (batch, 1))), index(pick))
        name = "AdaptiveLogSoftmaxWithLoss"
        return Case(name, args, kwargs | named, shape, kind, others=(target,))
    rows = often(pick, ((), (), (2,), (2, 1)), ((0,), 3, [2], (-1,)))
    options = _linear_options(pick, count, kind, rows)
    has_rows = isinstance(rows, tuple) and "out_features" in options
    more = tuple(max(n, 0) for n in rows) if has_rows else ()
    wanted = (*lead, *more)
    target = T(often(pick, (wanted,), (changed(pick, wanted), lead)), index(pick))
    if pick(range(4)) == 0:
        target = T((*lead, count, *more), kind)
    args = (features, often(pick, (count,), (-1, True, 2.0, None)))
    return Case("LinearCrossEntropyLoss", args, options | named, shape, kind, others=(target,))


def loss_function(pick: Pick) -> Call:
    """Every loss, called as a function."""
    case = pick((*LOSSES, linear_cross_entropy))(pick)
    options = case.options
    first = case.tensors[0]
    if case.function in ("l1_loss", "mse_loss", "huber_loss") and pick((True, False)):
        sizes = often(pick, (first.shape,), (changed(pick, first.shape),))
        options = options | {"weight": T(sizes, often(pick, (first.dtype,), ("float64", "int64")))}
    return Call(f"nn.functional.{case.function}", case.tensors, options)


#: Losses that stand in `torch` too, and what their arguments are called in their order.
NATIVE = {
    "binary_cross_entropy_with_logits": ("weight", "pos_weight"),
    "cosine_embedding_loss": ("margin",),
    "hinge_embedding_loss": ("margin",),
    "kl_div": (),
    "margin_ranking_loss": ("margin",),
    "triplet_margin_loss": ("margin", "p", "eps", "swap"),
    "ctc_loss": ("blank",),
    "poisson_nll_loss": (),
}


def native_loss(pick: Pick) -> Call:
    """The losses of `torch` itself, whose reductions are numbers."""
    case = pick(LOSSES)(pick)
    while case.function not in NATIVE:
        case = pick(LOSSES)(pick)
    options = {name: case.options[name] for name in NATIVE[case.function] if name in case.options}
    if case.function == "poisson_nll_loss":
        flags = [often(pick, (True, False), (None,)) for _ in range(2)]
        return Call(case.function, (*case.tensors, *flags, pick((1e-8, 1)), pick((0, 1, 2))))
    if case.function == "kl_div" and "log_target" in case.options:
        options["log_target"] = case.options["log_target"]
    return Call(case.function, case.tensors, options | pick(({}, {"reduction": pick((0, 1, 2))})))
