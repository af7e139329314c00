"""Layer functions in `torch` with different arguments.

`FUNCTIONS` has also those that are the same as in `nn.functional`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ShapeError, UnknownOperation
from . import dtypes
from .arguments import Ints, shape
from .layout import FORMAT, OWN
from .nn import functional
from .nn.functional.loss import logit_loss, ranking_loss
from .nn.functional.normalization import normalize_batch, normalize_groups, normalize_instances
from .nn.functional.vision import MODES, PADDING_MODES
from .operation import Unknown, facts_of, named, operation
from .ops.spaces import METHODS
from .tensor import Tensor, check_value, new, number_dtype

F: Any = functional  # mypy reads this file first


def _as(function: Any, layout: Any = OWN) -> Callable[[Any], Any]:
    """Declare a function by what is known of that of `nn.functional`, which it calls."""
    known: Any = facts_of(function)
    return operation(
        layout=layout,
        macs=known.macs,
        field=known.field,
        equation=known.equation,
        spatial=known.spatial,
    )


def _dropout(name: str, function: Any) -> Callable[..., Tensor]:
    def dropout(input: Tensor, p: float, train: bool) -> Tensor:
        """Zero elements, or whole channels of ``(N, C, *)``, while training; the shape stays."""
        result: Tensor = function(input, p, train)
        return result

    declared: Callable[..., Tensor] = _as(function)(named(name, dropout))
    return declared


dropout = _dropout("dropout", F.dropout)
alpha_dropout = _dropout("alpha_dropout", F.alpha_dropout)
feature_dropout = _dropout("feature_dropout", F.dropout2d)
feature_alpha_dropout = _dropout("feature_alpha_dropout", F.feature_alpha_dropout)


def _max_pool(function: Any) -> Callable[..., Any]:
    def max_pool(
        input: Tensor,
        kernel_size: Any,
        stride: Any = (),
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: Any = False,
    ) -> Any:
        """Maximum over windows of ``(N, C, *size)``, as that of `nn.functional`."""
        return function(input, kernel_size, stride, padding, dilation, ceil_mode)

    declared: Callable[..., Any] = _as(function)(named(function.__name__, max_pool))
    return declared


max_pool1d, max_pool2d, max_pool3d = map(_max_pool, F.MAX_POOL.values())
max_pool1d_with_indices = _max_pool(F.max_pool1d_with_indices)


@_as(F.adaptive_max_pool1d_with_indices)
def adaptive_max_pool1d(input: Tensor, output_size: Any) -> Any:
    """Maximum over windows that divide ``(N, C, L)`` into `output_size`, and their positions."""
    return F.adaptive_max_pool1d_with_indices(input, output_size)


@operation(layout=OWN, macs=None, field=Unknown("its table comes first"))
def embedding(
    weight: Tensor,
    indices: Tensor,
    padding_idx: int = -1,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """Look up rows of `weight` ``(num_embeddings, embedding_dim)``: ``(*)`` to ``(*, dim)``."""
    return F.embedding(indices, weight)


# Normalisation


@_as(F.batch_norm)
def batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Tensor:
    """Normalise each channel of ``(N, C, *)``; the shape stays."""
    return normalize_batch(input, weight, bias, running_mean, running_var, training)


@_as(F.instance_norm)
def instance_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Tensor:
    """Normalise each channel of each sample of ``(N, C, *size)``; the shape stays."""
    return normalize_instances(input, weight, bias, running_mean, running_var, use_input_stats)


@_as(F.group_norm, layout=FORMAT)
def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enabled: bool = True,
) -> Tensor:
    """Normalise groups of channels of ``(N, C, *)``; the shape stays."""
    return normalize_groups(input, num_groups, weight, bias)


@_as(F.layer_norm)
def layer_norm(
    input: Tensor,
    normalized_shape: Ints,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Any:
    """Normalise over the last dimensions, which are `normalized_shape`; the shape stays."""
    return F.layer_norm(input, normalized_shape, weight, bias, eps)


# Element by element


@_as(F.celu)
def celu(input: Tensor, alpha: float = 1.0) -> Any:
    """``max(0, x) + min(0, alpha·(e^(x/alpha) − 1))``."""
    return F.celu(input, alpha)


@_as(F.threshold)
def threshold(input: Tensor, threshold: float, value: float) -> Any:
    """``x``, or `value` where it is not above `threshold`."""
    return F.threshold(input, threshold, value)


@_as(F.rrelu)
def rrelu(
    input: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    generator: object = None,
) -> Any:
    """`leaky_relu` of a random slope."""
    return F.rrelu(input, lower, upper, training)


# Places


@_as(F.pad)
def constant_pad_nd(input: Tensor, pad: Ints, value: Any = 0) -> Any:
    """Pad the last axes with a number: `pad` is (left, right) of the last axis, and so on."""
    result = F.pad(input, pad)
    number_dtype(value)
    if max(pad, default=0) > 0:
        check_value(value, input.dtype)
    return result


@_as(F.grid_sample)
def grid_sampler(
    input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Any:
    """As `nn.functional.grid_sample`, which has names for the modes."""
    mode = _by_number("interpolation_mode", interpolation_mode, MODES, ShapeError)
    padding = _by_number("padding_mode", padding_mode, PADDING_MODES, ShapeError)
    return F.grid_sample(input, grid, mode, padding, align_corners)


@operation(layout=OWN, macs=None, field=Unknown("the sequence comes first"))
def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: int = 0) -> Tensor:
    """Convolve ``(L, N, in_channels)`` with weights ``(kernel_size, in_channels, out_channels)``.

    Raises:
        ShapeError: the channels or dtypes differ, or the kernel is larger than the padded input.
    """
    operands = (input, weight, bias)
    if (input.ndim, weight.ndim, bias.ndim) != (3, 3, 1) or bias.shape[0] != weight.shape[2]:
        shapes = ", ".join(shape(operand.shape) for operand in operands)
        raise ShapeError(
            "expects an input (L, N, in_channels), weights (kernel_size, in_channels, "
            f"out_channels) and a bias (out_channels), but receives {shapes}"
        )
    if input.shape[2] != weight.shape[1]:
        raise ShapeError(f"expects {weight.shape[1]} channels, but receives {input.shape[2]}")
    length = input.shape[0] + 2 * pad - weight.shape[0] + 1
    if length < 0:
        raise ShapeError(f"has a kernel of {weight.shape[0]} for {input.shape[0]} steps")
    result = new((length, input.shape[1], weight.shape[2]), input.dtype)
    if any(operand.memory is not None for operand in operands):
        raise UnknownOperation(
            "whether torch accepts these depends on how they lie in memory", fix="`.contiguous()`"
        )
    multiplies = length and input.shape[0] and weight.shape[0]
    unlike = weight.dtype is not input.dtype
    if multiplies and (unlike or (input.dtype is dtypes.bool and result.numel())):
        raise ShapeError(f"is not defined for {input.dtype.name} and {weight.dtype.name}")
    return result


# Losses, as those of `nn.functional`, with the reduction as a number

#: torch says that 1 is the default, and its parser makes 0 of that.
_REDUCTIONS = ("none", "mean", "sum")


def _by_number(name: str, value: int, known: tuple[str, ...], refusal: Any) -> str:
    if not 0 <= value < len(known):
        raise refusal(
            f"has {name}={value!r}, which is not one of 0, 1 and 2, for {', '.join(known)}"
        )
    return known[value]


def _reduction(value: int) -> str:
    return _by_number("reduction", value, _REDUCTIONS, UnknownOperation)


@_as(F.binary_cross_entropy_with_logits)
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    pos_weight: Tensor | None = None,
    reduction: int = 0,
) -> Any:
    """Cross entropy of two classes, of logits."""
    return logit_loss(input, target, weight, pos_weight, _reduction(reduction))


@_as(F.cosine_embedding_loss)
def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: int = 0
) -> Any:
    """Cosine of the angle between rows, or its distance from 1."""
    return F.cosine_embedding_loss(input1, input2, target, margin, reduction=_reduction(reduction))


@_as(F.hinge_embedding_loss)
def hinge_embedding_loss(
    input: Tensor, target: Tensor, margin: float = 1.0, reduction: int = 0
) -> Any:
    """``x``, or ``max(0, margin − x)``."""
    return F.hinge_embedding_loss(input, target, margin, reduction=_reduction(reduction))


@_as(F.kl_div)
def kl_div(input: Tensor, target: Tensor, reduction: int = 0, *, log_target: bool = False) -> Any:
    """Divergence of Kullback and Leibler."""
    return F.kl_div(input, target, reduction=_reduction(reduction), log_target=log_target)


@_as(F.margin_ranking_loss)
def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: int = 0
) -> Any:
    """``max(0, margin − target·(x₁ − x₂))``."""
    return ranking_loss(input1, input2, target, margin, _reduction(reduction))


@_as(F.poisson_nll_loss)
def poisson_nll_loss(
    input: Tensor, target: Tensor, log_input: bool, full: bool, eps: float, reduction: int
) -> Any:
    """Negative logarithm of the likelihood of counts."""
    how = _reduction(reduction)
    return F.poisson_nll_loss(input, target, log_input, full, eps=eps, reduction=how)


@_as(F.triplet_margin_loss)
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: int = 0,
) -> Any:
    """Distance to the positive beyond that to the negative; the margin is of any sign here."""
    how = _reduction(reduction)
    return F.triplet_margin_loss(anchor, positive, negative, 1.0, p, eps, swap, reduction=how)


@_as(F.ctc_loss)
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: int = 0,
    zero_infinity: bool = False,
) -> Any:
    """Loss of sequences that are not aligned."""
    how = _reduction(reduction)
    return F.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, how, zero_infinity)


FUNCTIONS = {name: value for name, value in vars().items() if hasattr(value, "__wrapped__")}
FUNCTIONS |= {
    name: getattr(F, name)
    for name in (
        "adaptive_avg_pool1d avg_pool1d channel_shuffle conv1d conv2d conv3d "
        "conv_transpose1d conv_transpose2d conv_transpose3d hardshrink pixel_shuffle "
        "pixel_unshuffle prelu bilinear celu_ cosine_similarity pairwise_distance pdist "
        "rms_norm rrelu_ selu_ threshold_"
    ).split()
}
for _name in ("hardshrink", "prelu"):  # methods too
    METHODS[_name] = FUNCTIONS[_name]
    setattr(Tensor, _name, METHODS[_name])
