"""Losses: examples and refusals; `test_layers` and `test_calls` have the properties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import convshape as cs
from convshape import Tensor, nn
from convshape import shapetorch as t
from convshape.shapetorch.nn import functional as F

scores, classes = Tensor((8, 21, 64, 64)), Tensor((8, 64, 64), t.int64)
x = Tensor((4, 3))
CTC = (Tensor((50, 4, 20)), Tensor((4, 10), t.int64), Tensor((4,), t.int64), Tensor((4,), t.int64))
IN_PIECES = nn.LinearCrossEntropyOptions(batch_chunk_size=2)

EXAMPLES = [
    (lambda: nn.CrossEntropyLoss()(scores, classes), ()),
    (lambda: nn.CrossEntropyLoss(reduction="none")(scores, classes), (8, 64, 64)),
    (
        lambda: nn.CrossEntropyLoss(reduction="none", label_smoothing=0.1)(scores, scores),
        (8, 64, 64),
    ),
    (lambda: nn.CrossEntropyLoss(Tensor((10,)))(Tensor((10,)), Tensor((), t.int64)), ()),
    (lambda: nn.NLLLoss(reduction="none")(Tensor((4, 10)), Tensor((4,), t.int64)), (4,)),
    (lambda: nn.MSELoss()(x, x), ()),
    (lambda: nn.MSELoss(reduction="none")(x, x), (4, 3)),
    (lambda: nn.MSELoss(reduce=False)(x, x), (4, 3)),
    (lambda: nn.L1Loss(size_average=False, reduction="none")(x, x), ()),
    (lambda: nn.L1Loss(reduction="none")(x, Tensor((3,))), (4, 3)),
    (lambda: F.mse_loss(x, x, reduction="none", weight=x), (4, 3)),
    (lambda: nn.BCEWithLogitsLoss(pos_weight=Tensor((3,)), reduction="none")(x, x), (4, 3)),
    (lambda: nn.KLDivLoss(reduction="batchmean")(x, x), ()),
    (lambda: nn.GaussianNLLLoss(reduction="none")(x, x, Tensor((4, 1))), (4, 3)),
    (lambda: nn.MultiLabelSoftMarginLoss(reduction="none")(x, x), (4,)),
    (lambda: nn.MultiMarginLoss(reduction="none")(x, Tensor((4,), t.int64)), (4,)),
    (lambda: nn.TripletMarginLoss(reduction="none")(x, x, x), (4,)),
    (
        lambda: nn.TripletMarginWithDistanceLoss(distance_function=nn.CosineSimilarity())(x, x, x),
        (),
    ),
    (lambda: nn.CosineEmbeddingLoss(reduction="none")(x, x, Tensor((4,))), (4,)),
    (lambda: nn.CTCLoss(reduction="none")(*CTC), (4,)),
    (lambda: nn.CTCLoss()(CTC[0], Tensor((10,), t.int64), (50,) * 4, (1, 2, 3, 4)), ()),
    (
        lambda: nn.AdaptiveLogSoftmaxWithLoss(64, 100, [10, 50])(
            Tensor((8, 64)), Tensor((8,), t.int64)
        )[0],
        (8,),
    ),
    (lambda: nn.AdaptiveLogSoftmaxWithLoss(64, 100, [10, 50]).log_prob(Tensor((8, 64))), (8, 100)),
    (lambda: nn.AdaptiveLogSoftmaxWithLoss(64, 100, [10, 50]).predict(Tensor((8, 64))), (8,)),
    (
        lambda: nn.LinearCrossEntropyLoss(64, 100, reduction="none")(
            Tensor((8, 64)), Tensor((8,), t.int64)
        ),
        (8,),
    ),
    (
        lambda: nn.LinearCrossEntropyLoss(64, 100, options=IN_PIECES)(
            Tensor((8, 64)), Tensor((8,), t.int64)
        ),
        (),
    ),
]


@pytest.mark.parametrize(("call", "shape"), EXAMPLES)
def test_examples(call: Callable[[], Any], shape: tuple[int, ...]) -> None:
    assert call().shape == shape


def in_pieces(**options: Any) -> Tensor:
    weights, targets = Tensor((100, 64)), Tensor((8,), t.int64)
    made = nn.LinearCrossEntropyOptions(**options)
    return F.linear_cross_entropy(Tensor((8, 64)), weights, targets, options=made)


REFUSALS = [
    (
        lambda: nn.CrossEntropyLoss()(scores, Tensor((8, 32, 32), t.int64)),
        "CrossEntropyLoss() needs a target of 8×64×64 for 8×21×64×64, but receives 8×32×32",
    ),
    (
        lambda: nn.CrossEntropyLoss()(scores, Tensor((8, 64, 64))),
        "CrossEntropyLoss() needs a target of int64, but receives float32 (fix: a target of int64)",
    ),
    (
        lambda: nn.CrossEntropyLoss(Tensor((20,)))(scores, classes),
        "CrossEntropyLoss(weight=Tensor((20,))) needs weights of 21, one for each class, but "
        "receives 20",
    ),
    (
        lambda: nn.CrossEntropyLoss(label_smoothing=2)(scores, classes),
        "CrossEntropyLoss(label_smoothing=2) has label_smoothing=2, which must be from 0 to 1",
    ),
    (
        lambda: nn.MSELoss("maximum")(x, Tensor((4, 4))),
        "MSELoss() has an input of 4×3 and a target of 4×4 (fix: one shape)",
    ),
    (
        lambda: nn.MSELoss(reduction="max")(x, x),
        "MSELoss(reduction='max') has reduction='max', which is not one of 'none', 'mean' and "
        "'sum'",
    ),
    (
        lambda: nn.BCELoss()(x, Tensor((3,))),
        "BCELoss() has an input of 4×3 and a target of 3, and needs one shape",
    ),
    (
        lambda: nn.CosineEmbeddingLoss()(x, x, x),
        "CosineEmbeddingLoss() expects inputs (N, D) with a target (N), or (D) with a scalar, but "
        "receives input1 of 4×3 with a target of 4×3",
    ),
    (
        lambda: nn.TripletMarginLoss()(x, x, Tensor((3,))),
        "TripletMarginLoss() needs as many dimensions in each, but receives anchor of 4×3, "
        "positive of 4×3, negative of 3",
    ),
    (lambda: nn.TripletMarginLoss(margin=0), "has margin=0, which must be above 0"),
    (lambda: nn.MultiMarginLoss(p=3), "has p=3, which is neither 1 nor 2"),
    (lambda: nn.CrossEntropyLoss(weight=[1, 2]), "needs a tensor as weight, but receives [1, 2]"),
    (
        lambda: nn.CTCLoss(blank=20)(*CTC),
        "CTCLoss(blank=20) has blank=20, but there are 20 classes",
    ),
    (
        lambda: nn.CTCLoss()(*CTC[:2], (50,) * 3, (10,) * 4),
        "CTCLoss() has 3 input_lengths for a batch of 4",
    ),
    (
        lambda: nn.AdaptiveLogSoftmaxWithLoss(64, 100, [50, 10]),
        "needs cutoffs rising from 1 to below 100 classes, but has [50, 10]",
    ),
    (
        lambda: nn.LinearCrossEntropyOptions(chunking_method="half"),
        "chunking_method='half' is not one of 'auto', 'aspect_ratio', 'aspect_ratio:2' and so on, "
        "and None",
    ),
    (
        lambda: nn.LinearCrossEntropyOptions(batch_chunk_size=0),
        "batch_chunk_size=0 is not a positive number",
    ),
    (
        lambda: in_pieces(batch_chunk_size=3, chunking_method="aspect_ratio"),
        "linear_cross_entropy has batch_chunk_size=3, but chunking_method='aspect_ratio' gives 4 "
        "(fix: chunking_method=None)",
    ),
    (
        lambda: in_pieces(acc_dtype=t.float64),
        "linear_cross_entropy has acc_dtype=torch.float64 for float32 (fix: acc_dtype=None)",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS)
def test_refusals(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(cs.ShapeError) as refusal:
        call()
    assert str(refusal.value) == message


@pytest.mark.parametrize("name", ["l1_loss", "mse_loss", "smooth_l1_loss"])
def test_a_scalar_target_counts_as_a_tensor(name: str) -> None:
    """torch expands it before it looks at the dtypes, where a scalar would count less."""
    assert getattr(F, name)(x.half(), Tensor(()), reduction="none").dtype is t.float32
