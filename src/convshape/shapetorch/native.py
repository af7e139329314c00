"""Functions of layers that stand in `torch` too, with other arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .arguments import flag, integer
from .memory import itself
from .nn import functional as F
from .nn.functional.dropout import dropped
from .nn.functional.normalization import batch_normed, group_normed, instance_normed
from .recording import operation

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .tensor import Tensor


def _dropout(name: str, least_dims: int) -> Callable[..., Tensor]:
    def dropout(input: Tensor, p: float, train: bool) -> Tensor:
        """Zero elements, or whole channels of ``(N, C, *)``, while training; the shape stays."""
        return dropped(input, p, train, least_dims)

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
    return instance_normed(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps)


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


FUNCTIONS = {name: value for name, value in vars().items() if getattr(value, "__module__", "") == __name__}
