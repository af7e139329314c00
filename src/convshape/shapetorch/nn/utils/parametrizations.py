"""torch.nn.utils.parametrizations: weights with a length apart, of norm 1, or orthogonal."""

from __future__ import annotations

from ....errors import ShapeError
from ... import dtypes
from ...arguments import axis, one_of, shape
from ...ops.reductions import norm_except_dim
from ...tensor import Tensor, new
from ..modules.conv import _ConvTransposeNd
from ..modules.module import Module
from . import parametrize

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]

#: The dtypes of matrices that torch decomposes.
_DECOMPOSED = (dtypes.float32, dtypes.float64, dtypes.complex64, dtypes.complex128)
_MAPS = ("matrix_exp", "cayley", "householder")


def _weight(module: Module, name: str) -> Tensor:
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ShapeError(
            f"{type(module).__name__} has no parameter or buffer {name!r} to parametrize"
        )
    return weight


class _WeightNorm(Module):
    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g: Tensor, weight_v: Tensor) -> Tensor:
        return new(weight_v.shape, weight_v.dtype)

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return norm_except_dim(weight, 2, self.dim), weight


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Make a weight of its length along `dim`, ``original0``, and its direction, ``original1``.

    Raises:
        ShapeError: there is no such weight or dimension.
    """
    return parametrize.register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


class _SpectralNorm(Module):
    """The buffers ``_u`` and ``_v`` are its first singular vectors; a vector has none."""

    def __init__(
        self, weight: Tensor, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12
    ) -> None:
        super().__init__()
        self.dim = axis("dim", dim, weight.ndim)
        if n_power_iterations <= 0:
            raise ShapeError(
                f"spectral_norm makes n_power_iterations={n_power_iterations}, which must be "
                "positive"
            )
        self.eps = eps
        if weight.ndim > 1:
            self.n_power_iterations = n_power_iterations
            height = weight.shape[self.dim]
            width = 1
            for i, n in enumerate(weight.shape):
                width *= 1 if i == self.dim else n
            for name, count in (("_u", height), ("_v", width)):
                self.register_buffer(name, new((count,), weight.dtype))

    def forward(self, weight: Tensor) -> Tensor:
        return new(weight.shape, weight.dtype)

    def right_inverse(self, value: Tensor) -> Tensor:
        return value


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Divide a weight, ``original``, by its largest singular value.

    Raises:
        ShapeError: there is no such weight or dimension, or `n_power_iterations` is not positive.
    """
    weight = _weight(module, name)
    if dim is None:
        dim = int(isinstance(module, _ConvTransposeNd))
    norm = _SpectralNorm(weight, n_power_iterations, dim, eps)
    return parametrize.register_parametrization(module, name, norm)


class _Orthogonal(Module):
    """The buffer ``base`` is the square matrix to which the original is relative."""

    def __init__(
        self, weight: Tensor, orthogonal_map: str, *, use_trivialization: bool = True
    ) -> None:
        super().__init__()
        if weight.dtype.is_complex and orthogonal_map == "householder":
            raise ShapeError(f"orthogonal_map='householder' is not defined for {weight.dtype.name}")
        self.shape = weight.shape
        self.orthogonal_map = orthogonal_map
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, X: Tensor) -> Tensor:  # noqa: N803 - torch's name
        if X.dtype not in _DECOMPOSED:
            raise ShapeError(
                f"orthogonal is not defined for {X.dtype.name}", fix="a weight of float32"
            )
        return new(X.shape, X.dtype)

    def right_inverse(self, Q: Tensor) -> Tensor:  # noqa: N803 - torch's name
        if Q.shape != self.shape:
            raise ShapeError(
                f"expects matrices of {shape(self.shape)}, but receives {shape(Q.shape)}"
            )
        if Q.dtype not in _DECOMPOSED:
            raise NotImplementedError(f"There is no decomposition of {Q.dtype.name}.")
        if "base" in self._buffers:
            side = max(Q.shape[-2:])
            self.base = new((*Q.shape[:-2], side, side), Q.dtype)
        elif self.orthogonal_map != "householder":
            raise NotImplementedError("It is not possible to assign without use_trivialization.")
        return new(Q.shape, Q.dtype)


def orthogonal(
    module: Module,
    name: str = "weight",
    orthogonal_map: str | None = None,
    *,
    use_trivialization: bool = True,
) -> Module:
    """Make a weight orthogonal, or of the matrices in its last two dimensions each.

    Raises:
        ShapeError: there is no such weight, it is a vector, or `orthogonal_map` is unknown.
    """
    weight = _weight(module, name)
    if weight.ndim < 2:
        raise ShapeError(
            f"orthogonal makes matrices orthogonal, but {name!r} is {shape(weight.shape)}"
        )
    if orthogonal_map is None:
        square = weight.shape[-2] == weight.shape[-1] or weight.dtype.is_complex
        orthogonal_map = "matrix_exp" if square else "householder"
    one_of("orthogonal_map", orthogonal_map, _MAPS)
    matrix = _Orthogonal(weight, orthogonal_map, use_trivialization=use_trivialization)
    return parametrize.register_parametrization(module, name, matrix, unsafe=True)
