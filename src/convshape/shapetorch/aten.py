"""Functions of layers that stand in `torch` too, with other arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ShapeError, UnknownOperation
from . import dtypes
from .arguments import flag, integer, number, shape
from .layout import itself
from .nn import functional as F
from .nn.functional.dropout import drop
from .nn.functional.loss import logit_loss, ranking_loss
from .nn.functional.normalization import batch_normed, group_normed, instance_normed
from .operation import operation
from .tensor import check_value, new, number_dtype, tensor

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .tensor import Tensor


def _dropout(name: str, least_dims: int) -> Callable[..., Tensor]:
    def dropout(input: Tensor, p: float, train: bool) -> Tensor:
        """Zero elements, or whole channels of ``(N, C, *)``, while training; the shape stays."""
        return drop(input, p, train, least_dims)

    dropout.__name__ = dropout.__qualname__ = name
    return operation(itself(dropout))


dropout = _dropout("dropout", 0)
alpha_dropout = _dropout("alpha_dropout", 0)
feature_dropout = _dropout("feature_dropout", 2)
feature_alpha_dropout = _dropout("feature_alpha_dropout", 2)


def _max_pool(axes: int) -> Callable[..., Tensor]:
    def max_pool(
        input: Tensor,
        kernel_size: Any,
        stride: Any = (),
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
    ) -> Tensor:
        """Maximum over windows of ``(N, C, *size)``; each axis follows `convshape.sizes.pool_size`."""
        pooled: Tensor = F.MAX_POOL[axes](input, kernel_size, stride, padding, dilation, ceil_mode)
        return pooled

    max_pool.__name__ = max_pool.__qualname__ = f"max_pool{axes}d"
    return operation(itself(max_pool))


max_pool1d, max_pool2d, max_pool3d = map(_max_pool, F.MAX_POOL)


@operation
@itself
def adaptive_max_pool1d(input: Tensor, output_size: Any) -> tuple[Tensor, Tensor]:
    """Maximum over windows that divide ``(N, C, L)`` into `output_size`, and the positions of the maxima."""
    maxima, positions = F.adaptive_max_pool1d_with_indices(input, output_size)
    return maxima, positions


@operation
@itself
def embedding(
    weight: Tensor,
    indices: Tensor,
    padding_idx: int = -1,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Look up rows of `weight` ``(num_embeddings, embedding_dim)``: ``(*)`` to ``(*, embedding_dim)``."""
    integer("padding_idx", padding_idx)
    flag("scale_grad_by_freq", scale_grad_by_freq)
    flag("sparse", sparse)
    return F.embedding(indices, weight)


@operation
@itself
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
    flag("cudnn_enabled", cudnn_enabled)
    return batch_normed(input, weight, bias, running_mean, running_var, training, momentum, eps)


@operation
@itself
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
    flag("cudnn_enabled", cudnn_enabled)
    return instance_normed(
        input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps
    )


@operation
@itself
def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enabled: bool = True,
) -> Tensor:
    """Normalise groups of channels of ``(N, C, *)``; the shape stays."""
    flag("cudnn_enabled", cudnn_enabled)
    return group_normed(input, num_groups, weight, bias, eps)


@operation
@itself
def layer_norm(
    input: Tensor,
    normalized_shape: Any,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Tensor:
    """Normalise over the last dimensions, which are `normalized_shape`; the shape stays."""
    flag("cudnn_enable", cudnn_enable)
    return F.layer_norm(input, normalized_shape, weight, bias, eps)


@operation
@itself
def celu(input: Tensor, alpha: float = 1.0) -> Tensor:
    """``max(0, x) + min(0, alpha·(e^(x/alpha) − 1))``."""
    return F.celu(input, alpha)


@operation
@itself
def threshold(input: Tensor, threshold: float, value: float) -> Tensor:
    """``x``, or `value` where it is not above `threshold`."""
    return F.threshold(input, threshold, value)


@operation
@itself
def rrelu(
    input: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    generator: object = None,
) -> Tensor:
    """`leaky_relu` of a random slope."""
    flag("training", training)
    return F.rrelu(input, lower, upper, training)


@operation
@itself
def constant_pad_nd(input: Tensor, pad: Any, value: float = 0) -> Tensor:
    """Pad the last axes with a number: `pad` is (left, right) of the last axis, then of the one before it."""
    result = F.pad(input, pad)
    number_dtype(value)
    if max(pad, default=0) > 0:
        check_value(value, input.dtype)
        if (
            isinstance(value, float) and value < 0 and input.dtype is dtypes.uint8
        ):  # an int wraps around
            raise ShapeError(f"has value={value}, which uint8 cannot hold")
    return result


@operation
def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: int = 0) -> Tensor:
    """Convolve ``(L, N, in_channels)`` with weights ``(kernel_size, in_channels, out_channels)``.

    Raises:
        ShapeError: the channels or dtypes differ, or the kernel is larger than the padded input.
    """
    given = (tensor("input", input), tensor("weight", weight), tensor("bias", bias))
    if (input.ndim, weight.ndim, bias.ndim) != (3, 3, 1) or bias.shape[0] != weight.shape[2]:
        raise ShapeError(
            "expects an input (L, N, in_channels), weights (kernel_size, in_channels, out_channels) and a "
            f"bias (out_channels), but receives {', '.join(shape(each.shape) for each in given)}"
        )
    if input.shape[2] != weight.shape[1]:
        raise ShapeError(f"expects {weight.shape[1]} channels, but receives {input.shape[2]}")
    length = input.shape[0] + 2 * integer("pad", pad) - weight.shape[0] + 1
    if length < 0:
        raise ShapeError(f"has a kernel of {weight.shape[0]} for {input.shape[0]} steps")
    result = new((length, input.shape[1], weight.shape[2]), input.dtype)
    if any(each.memory is not None for each in given):
        raise UnknownOperation(
            "how these lie in memory decides if torch takes them", fix="`.contiguous()`"
        )
    multiplies = length and input.shape[0] and weight.shape[0]
    if multiplies and (
        weight.dtype is not input.dtype or (input.dtype is dtypes.bool and result.numel())
    ):
        raise ShapeError(f"is not defined for {input.dtype.name} and {weight.dtype.name}")
    return result


@operation
@itself
def max_pool1d_with_indices(
    input: Tensor,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> tuple[Tensor, Tensor]:
    """Maximum over windows of ``(N, C, L)``, and the positions of the maxima."""
    maxima, positions = F.max_pool1d_with_indices(
        input, kernel_size, stride, padding, dilation, ceil_mode
    )
    return maxima, positions


@operation
@itself
def grid_sampler(
    input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:
    """As `nn.functional.grid_sample`, which has names for the modes."""
    modes = (("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection"))
    given = {"interpolation_mode": interpolation_mode, "padding_mode": padding_mode}
    for (name, value), known in zip(given.items(), modes, strict=True):
        if not 0 <= integer(name, value) < len(known):
            raise ShapeError(
                f"has {name}={value}, which is none of 0, 1 and 2, for {', '.join(known)}"
            )
    mode, padding = modes[0][interpolation_mode], modes[1][padding_mode]
    return F.grid_sample(input, grid, mode, padding, flag("align_corners", align_corners))


#: By number. torch says that 1 is the default, and its parser makes 0 of that.
_REDUCTIONS = ("none", "mean", "sum")


def _reduction(value: Any) -> str:
    if not 0 <= integer("reduction", value) < len(_REDUCTIONS):
        raise UnknownOperation(
            f"reduction={value!r} is none of 0, 1 and 2, for {', '.join(_REDUCTIONS)}"
        )
    return _REDUCTIONS[value]


@operation
@itself
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    pos_weight: Tensor | None = None,
    reduction: int = 0,
) -> Tensor:
    """As that of `nn.functional`, with the reduction as a number."""
    return logit_loss(input, target, weight, pos_weight, _reduction(reduction))


@operation
@itself
def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: int = 0
) -> Tensor:
    """As that of `nn.functional`, with the reduction as a number."""
    return F.cosine_embedding_loss(input1, input2, target, margin, reduction=_reduction(reduction))


@operation
@itself
def hinge_embedding_loss(
    input: Tensor, target: Tensor, margin: float = 1.0, reduction: int = 0
) -> Tensor:
    """As that of `nn.functional`, with the reduction as a number."""
    return F.hinge_embedding_loss(input, target, margin, reduction=_reduction(reduction))


@operation
@itself
def kl_div(
    input: Tensor, target: Tensor, reduction: int = 0, *, log_target: bool = False
) -> Tensor:
    """As that of `nn.functional`, with the reduction as a number."""
    return F.kl_div(input, target, reduction=_reduction(reduction), log_target=log_target)


@operation
@itself
def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: int = 0
) -> Tensor:
    """As that of `nn.functional`, with the reduction as a number."""
    return ranking_loss(input1, input2, target, margin, _reduction(reduction))


@operation
@itself
def poisson_nll_loss(
    input: Tensor, target: Tensor, log_input: bool, full: bool, eps: float, reduction: int
) -> Tensor:
    """As that of `nn.functional`, with the reduction as a number."""
    how = _reduction(reduction)
    return F.poisson_nll_loss(input, target, log_input, full, eps=eps, reduction=how)


@operation
@itself
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: int = 0,
) -> Tensor:
    """As that of `nn.functional`, with the reduction as a number."""
    how = _reduction(reduction)
    number("margin", margin)  # of any sign here
    return F.triplet_margin_loss(anchor, positive, negative, 1.0, p, eps, swap, reduction=how)


@operation
@itself
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: int = 0,
    zero_infinity: bool = False,
) -> Tensor:
    """As that of `nn.functional`, with the reduction as a number."""
    how = _reduction(reduction)
    return F.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, how, zero_infinity)


FUNCTIONS = {
    name: value for name, value in vars().items() if getattr(value, "__module__", "") == __name__
}
