"""Special functions: `torch.special`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ShapeError
from .dtypes import dtype, float32, float64
from .ops import pointwise, reductions
from .ops.pointwise import _binary, _real_promotion, _then, _unary, promotion


def _whole(kind: dtype) -> dtype:
    if kind not in (float32, float64):
        raise ShapeError(f"is not defined for {kind.name}", fix="a tensor of float32")
    return kind


_real = _then(_real_promotion, _whole)
#: Torch's names of arguments where they are not ``input`` and ``other``.
_X, _X_N = {"x": "input"}, {"x": "input", "n": "other"}
_OF_X = ("airy_ai scaled_modified_bessel_k0 scaled_modified_bessel_k1 spherical_bessel_j0").split()
#: Those of one tensor, by what they make of its dtype.
_OF_ONE: dict[Callable[[dtype], dtype], str] = {
    promotion: "expit",
    pointwise._floating: "round",
    _real_promotion: "entr gammaln i0e i1 i1e ndtr psi",
    _real: (
        "airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 erfcx log_ndtr modified_bessel_i0 "
        "modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 ndtri scaled_modified_bessel_k0 "
        "scaled_modified_bessel_k1 spherical_bessel_j0"
    ),
}
_OF_TWO: dict[Callable[[dtype], dtype], str] = {
    _real_promotion: "xlog1py",
    _real: (
        "chebyshev_polynomial_t chebyshev_polynomial_u chebyshev_polynomial_v "
        "chebyshev_polynomial_w hermite_polynomial_h hermite_polynomial_he laguerre_polynomial_l "
        "legendre_polynomial_p shifted_chebyshev_polynomial_t shifted_chebyshev_polynomial_u "
        "shifted_chebyshev_polynomial_v shifted_chebyshev_polynomial_w zeta"
    ),
}
#: Those of `torch`, under the same name.
_OF_TORCH: dict[Any, str] = {
    pointwise: "digamma erf erfc erfinv exp2 expm1 i0 log1p logit polygamma sinc xlogy",
    reductions: "log_softmax logsumexp softmax",
}
#: Those of `torch` under another name.
_RENAMED = {"gammainc": "igamma", "gammaincc": "igammac", "multigammaln": "mvlgamma"}

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{
        name: _unary(name, rule, _X if name in _OF_X else {})
        for rule, names in _OF_ONE.items()
        for name in names.split()
    },
    **{
        name: _binary(name, rule, "either", _X_N if "polynomial" in name else {})
        for rule, names in _OF_TWO.items()
        for name in names.split()
    },
    **{name: getattr(home, name) for home, names in _OF_TORCH.items() for name in names.split()},
    **{name: getattr(pointwise, same) for name, same in _RENAMED.items()},
}
globals().update(_FUNCTIONS)

__all__ = sorted(_FUNCTIONS)
