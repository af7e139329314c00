"""Random calls of products of matrices, linear algebra and Fourier transforms."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from .choices import KINDS, Pick, any_shape, flagged, mostly, often, some_of
from .data import Call, T
from .tensors import broadcast, dim, dims, form, kind, some, takes

#: Products: the shapes of their operands in the letters of the sizes, and of what they are added
#: to.
_PRODUCTS = {
    "mm": "nk km",
    "bmm": "bnk bkm",
    "mv": "nk k",
    "dot": "k k",
    "vdot": "k k",
    "outer": "n m",
}
_ADDED_PRODUCTS = {
    "addmm": "nm nk km", "addmv": "n nk k", "baddbmm": "bnm bnk bkm", "addbmm": "nm bnk bkm",
    "addr": "nm n m",
}  # fmt: skip
_TENSORDOTS = (
    1, 2, 0, 3, -1, ([0], [0]), ((1, 0), (0, 1)), ([-1], [0]), ([0, 0], [0, 1]), ([0],), True,
)  # fmt: skip


def matrix(pick: Pick) -> Call:
    """Products of matrices."""
    name = pick(
        (
            "mm bmm mv dot vdot matmul inner outer addmm addmv baddbmm addbmm addr tensordot "
            "einsum cdist trace kron"
        ).split()
    )
    own = kind(pick)
    b, n, k, m = (often(pick, (1, 2, 3), (0, 4)) for _ in range(4))
    size = {"b": b, "n": n, "k": k, "m": m}

    def t(*shape: int) -> T:
        sizes = tuple(often(pick, (s,) * 3, (s + 1, 1)) for s in shape)
        if pick(range(24)) == 0:
            sizes = any_shape(pick)
        return T(sizes, often(pick, (own,) * 2, (own, *KINDS)))

    if name in _PRODUCTS:
        return form(
            pick, name, *(t(*(size[letter] for letter in s)) for s in _PRODUCTS[name].split())
        )
    if name in ("matmul", "cdist"):
        lead = tuple(often(pick, (1, 2), (0, 3)) for _ in range(pick((0, 0, 1, 2))))
        other = lead[pick(range(len(lead) + 1)) :]
        right = (m, k) if name == "cdist" else pick(((k, m), (k, m), (k,)))
        left = pick(((n, k), (n, k), (k,)))
        first = t(*lead, *left) if left != (k,) else t(k)
        second = t(*other, *right) if len(right) > 1 else t(k)
        return form(pick, name, first, second) if name == "matmul" else Call(name, (first, second))
    if name == "inner":
        return form(pick, name, t(*any_shape(pick)[:2], k), t(*any_shape(pick)[:2], k))
    if name in _ADDED_PRODUCTS:
        extra: dict[str, Any] = {}
        if pick((True, False)):
            extra = some_of(pick, beta=(1, 0, 2, True, 1.5), alpha=(1, 2))
        added, *pair = (tuple(size[letter] for letter in s) for s in _ADDED_PRODUCTS[name].split())
        return form(pick, name, T(broadcast(pick, added), own), *(t(*s) for s in pair), **extra)
    if name == "tensordot":
        if own == "bool":  # torch multiplies bools on some of its ways, and refuses them on others
            own = "int64"
        how = pick(_TENSORDOTS)
        return Call(name, (t(n, k), pick((t(k, m), t(n, k), t(k, n)))), {"dims": how})
    if name == "einsum":
        equation, *shapes = pick(
            (
                ("ij,jk->ik", (n, k), (k, m)), ("bij,bjk->bik", (b, n, k), (b, k, m)),
                ("ij->ji", (n, k)),
                ("ii->i", (n, n)), ("ij,jk", (n, k), (k, m)),
                ("...ij,...jk->...ik", (b, n, k), (k, m)),
                ("nhqd,nhkd->nhqk", (b, 2, n, k), (b, 2, m, k)), ("i,j->ij", (n,), (m,)),
                ("ij->", (n, k)),
                ("ij,kj->q", (n, k), (m, k)), ("...->...", (n, k)), ("ba", (n, k)),
                ("i j -> j i", (n, k)),
                ("ij,jk->ii", (n, k), (k, m)), ("b...,b->b...", (b, n, k), (b,)), ("1j->j", (n, k)),
                ("...a->a...", (b, n, k)), ("ij,ij->ij", (n, k), (n, k)), ("Aij->iA", (b, n, k)),
                ("ij,", (n, k), ()),
            )
        )  # fmt: skip
        return Call(name, (equation, *(t(*s) for s in shapes)))
    if name == "trace":
        return form(pick, name, t(n, m))
    return form(pick, name, some(pick), some(pick))


def linear_algebra(pick: Pick) -> Call:
    """Determinants, decompositions, norms; larger matrices are singular, so some have one row."""
    name = pick(
        (
            "linalg.det linalg.slogdet linalg.inv linalg.svd linalg.svdvals linalg.qr "
            "linalg.eigh linalg.eigvalsh linalg.eig linalg.eigvals linalg.cholesky "
            "linalg.solve linalg.cross linalg.matrix_power linalg.matrix_rank linalg.pinv "
            "linalg.vecdot linalg.diagonal linalg.multi_dot det logdet slogdet inverse svd qr "
            "cholesky cross matrix_power matrix_exp pinverse chain_matmul vander"
        ).split()
    )
    n, m = pick((1, 1, 2, 0, 3)), pick((1, 2, 3, 0))
    last = name.rpartition(".")[2]
    solving = last in ("inv", "inverse", "cholesky", "solve")
    if solving and n > 1:
        n = 1
    lead = pick(((), (), (2,), (2, 1), (0,)))
    own = kind(pick)
    x = T((*lead, n, often(pick, (n,), (m,)) if solving else pick((n, n, m))), own, 1)
    if pick(range(12)) == 0 and not solving:
        x = T(any_shape(pick), own, 1)
    if solving and 0 in x.shape:
        x = T((*lead, n, n), own, 1)
    if name == "vander":
        return Call(name, (T(pick(((3,), (0,), (), (2, 2))), own), *pick(((), (2,), (0,), (-1,)))))
    if last in ("eigh", "eigvalsh"):
        return Call(name, (x,), some_of(pick, UPLO=("L", "U", "x")))
    if name == "linalg.svd":
        return Call(name, (x,), some_of(pick, full_matrices=flagged))
    if name == "svd":
        return takes(some=flagged, compute_uv=flagged)(pick, name, x)
    if name == "linalg.qr":
        return Call(name, (x,), some_of(pick, mode=("reduced", "complete", "r", "x")))
    if last == "matrix_power":
        small = max(x.shape[-2:], default=0) <= 1  # a larger matrix of one number has no inverse
        x = T(x.shape, x.dtype, 1 if small else 0)
        return Call(name, (x, pick((0, 1, 2, 3, -1) if small else (0, 1, 2, 3))))
    if last == "solve":
        other = pick(((*lead, n), (n, m), (n,), (*lead, n, m), (m, n), any_shape(pick)))
        right = T(other, often(pick, (own,), KINDS), 1)
        return Call(name, (x, right), some_of(pick, left=flagged))
    if last == "cross":
        sizes = tuple(pick((3, 3, 2, 1)) for _ in range(pick((1, 2, 3))))
        other = tuple(often(pick, (n, n, 1), (4,)) for n in sizes)
        pair = (T(sizes, own), T(other, often(pick, (own,), KINDS)))
        return Call(name, pair, some_of(pick, dim=dim))
    if last == "vecdot":
        x = T(any_shape(pick), own)
        return Call(name, (x, T(broadcast(pick, x.shape), own)), some_of(pick, dim=dim))
    if last in ("multi_dot", "chain_matmul"):
        rows = [pick((1, 2, 3)) for _ in range(4)]
        given = [T((a, often(pick, (b,), (b + 1,))), own) for a, b in pairwise(rows)]
        given = given[: pick((1, 2, 3))]
        if pick(range(4)) == 0:
            given[0] = T((given[0].shape[1],), own)
        return Call(name, tuple(given) if last == "chain_matmul" else (given,))
    return Call(name, (x,))


#: The flags of decompositions.
_FLAGS = {"lu": "pivot", "lu_factor": "pivot", "lu_factor_ex": "pivot", "cholesky_ex": "upper",
"cholesky_inverse": "upper",
          "ldl_factor": "hermitian", "ldl_factor_ex": "hermitian"}  # fmt: skip


def decomposition(pick: Pick) -> Call:
    """Decompositions and what is solved with their parts; some matrices must not be singular."""
    name = pick(
        (
            "linalg.cholesky_ex linalg.cond linalg.householder_product linalg.ldl_factor "
            "linalg.ldl_factor_ex linalg.ldl_solve linalg.lstsq linalg.lu linalg.lu_factor "
            "linalg.lu_factor_ex linalg.lu_solve linalg.solve_ex linalg.solve_triangular "
            "linalg.tensorinv linalg.tensorsolve linalg.vander linalg.inv_ex cholesky_inverse "
            "cholesky_solve geqrf orgqr ormqr lu_solve lu_unpack triangular_solve"
        ).split()
    )
    last = name.rpartition(".")[2]
    regular = last in ("ldl_factor", "lu_factor", "cholesky_inverse")
    n, m, k = (often(pick, (1, 2, 3), (0, 4)) for _ in range(3))
    if regular:
        n, m = min(n, 1), min(m, 1)
    lead = pick(((), (), (2,), (2, 1), (0,)))
    other_lead = pick((lead, lead, lead[1:], (), (1, *lead), (3,)))
    own = often(pick, ("float32", "float64", "complex64"), KINDS)
    rows, columns = pick(((n, n), (n, n), (n, m), (m, n)))
    if regular and rows != columns and pick(range(8)):
        rows = columns = n
    x = T((*lead, rows, columns), own, 1)
    if pick(range(16)) == 0 and not regular:
        x = T(any_shape(pick), own, 1)

    def like(shape: tuple[int, ...]) -> T:
        return T(shape, often(pick, (own,), KINDS), 1)

    def right() -> T:
        usual = (*lead, rows, k)
        sizes = pick(((*other_lead, rows, k), usual, usual, (*other_lead, k, columns), (rows,)))
        return like(often(pick, (sizes,), (any_shape(pick),)))

    def flags(*names: str) -> dict[str, Any]:
        return some_of(pick, **dict.fromkeys(names, flagged))

    def pivots(count: int) -> T:
        sizes = often(pick, ((*lead, count),), ((*lead, count + 1), (count,), ()))
        return T(sizes, often(pick, ("int32",), ("int64", "float32")), 1)

    if last == "cond":
        ways = (None, 2, -2, 1, -1, float("inf"), "fro", "nuc")
        return Call(name, (x, *pick(((), (often(pick, ways, (3, "x")),)))))
    if last == "lstsq" and len(x.shape) > 1:
        usual = (None, "gelsy", "gels") if min(x.shape[-2:]) == 1 else (None, "gelsy")
        return Call(name, (x, right()), some_of(pick, driver=mostly(usual, ("x",))))
    if last in ("householder_product", "orgqr", "ormqr"):
        count = often(pick, (min(rows, columns),), (columns, 1, columns + 1))
        tau = like(often(pick, ((*lead, count),), ((count,), ())))
        if last == "ormqr":
            sizes = pick(((*lead, rows, k), (*lead, k, rows), (*other_lead, rows, rows)))
            other = T(sizes, often(pick, (own,), KINDS))
            return form(pick, name, x, tau, other, **flags("left", "transpose"))
        return Call(name, (x, tau)) if last != "orgqr" else form(pick, name, x, tau)
    if last == "triangular_solve":
        return form(pick, name, right(), x, **flags("upper", "transpose", "unitriangular"))
    if last == "solve_triangular":
        return Call(name, (x, right()), {"upper": flagged(pick)} | flags("left", "unitriangular"))
    if last == "cholesky_solve":
        return form(pick, name, right(), x, **flags("upper"))
    if last == "solve_ex":
        return Call(name, (x, right()), flags("left"))
    if last == "ldl_solve":  # which reads past the end where the batches differ
        other = T((*x.shape[:-2], rows, k), often(pick, (x.dtype,), KINDS), 1)
        return Call(name, (x, pivots(rows), other), flags("hermitian"))
    if name == "lu_solve":
        return form(pick, name, right(), x, pivots(rows))
    if last == "lu_solve":
        return Call(name, (x, pivots(rows), right()), flags("left", "adjoint"))
    if last == "lu_unpack":  # which reads past the end of what is no pivots
        count = min(x.shape[-2:], default=0)
        few = T((*x.shape[:-2], count), often(pick, ("int32",), ("int64", "float32")), 1)
        return Call(name, (x, few), flags("unpack_data", "unpack_pivots"))
    if last in ("tensorinv", "tensorsolve"):  # of one element, or of none: others have no inverse
        single, odd = ((1, 1, 1), (1, 1), (1,), (1, 1, 1, 1)), ((2, 1), (), (0, 0), (0, 1, 1, 0))
        sizes = often(pick, single, odd)
        if last == "tensorinv":
            return Call(name, (T(sizes, own, 1),), some_of(pick, ind=(1, 2, 3, 0, -1, True)))
        other = pick((sizes[: len(sizes) // 2], sizes[:1], (1, 1), ()))
        named = some_of(pick, dims=((0,), (0, 1), [1], (-1,), (3,), ()))
        return Call(name, (T(sizes, own, 1), like(other)), named)
    if last == "vander":
        x = T(any_shape(pick), kind(pick))
        return Call(name, (x,), some_of(pick, N=(1, 2, 3, 0, -1, True, None)))
    return form(pick, name, x, **flags(*_FLAGS.get(last, "").split()))


def norms(pick: Pick) -> Call:
    """Norms of vectors and matrices."""
    name = pick(("linalg.norm", "linalg.vector_norm", "linalg.matrix_norm"))
    named = some_of(
        pick,
        ord=(1, 2, -1, -2, 0, 3, float("inf"), -float("inf"), "fro", "nuc", "x"),
        dim=(0, 1, -1, (0, 1), (-2, -1), (0,), [1], (0, 0), (0, 1, 2), 7),
        keepdim=flagged,
    )
    return Call(name, (some(pick, often(pick, ("float32",), KINDS)),), named)


def fourier(pick: Pick) -> Call:
    """Fourier transforms, windows and frequencies."""
    base = pick(("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"))
    which = pick(("", "", "2", "n", "shift", "freq", "window", "stft", "stft"))
    norm = some_of(pick, norm=mostly(("ortho", "forward", None), ("x",)))
    x = T(any_shape(pick), often(pick, ("float32", "float64", "complex64", "int64"), KINDS))
    points = (1, 2, 3, 5, 8)
    if which == "":
        size = mostly(points, (0, -1, None, True))
        return Call(f"fft.{base}", (x,), norm | some_of(pick, n=size, dim=dim))
    if which in ("2", "n"):
        sizes = [often(pick, (*points, -1), (0,)) for _ in range(pick((1, 2, 2, 3)))]
        listed = some_of(pick, s=lambda pick: pick((tuple, list))(sizes), dim=dims)
        return Call(f"fft.{base}{which}", (x,), norm | listed)
    if which == "shift":
        return Call(pick(("fft.fftshift", "fft.ifftshift")), (x,), some_of(pick, dim=dims))
    if which == "freq":
        name = pick(("fft.fftfreq", "fft.rfftfreq"))
        return Call(name, (pick((0, 1, 4, 5, -1)),), some_of(pick, d=(0.5,)))
    if which == "window":
        name = f"{pick(('hann', 'hamming', 'blackman', 'bartlett', 'kaiser'))}_window"
        return Call(name, (pick((0, 1, 5, -1, True, 2.0)), *pick(((), (True,), (False,), (1,)))))
    return _short_time(pick)


def _short_time(pick: Pick) -> Call:
    n_fft = pick((4, 8, 10, 5, 1, 0))
    named = some_of(
        pick,
        hop_length=(1, 2, 3, 5, 0),
        win_length=(n_fft, n_fft, 4, 20),
        center=(True, False),
        onesided=(True, False),
    )
    if pick((True, False)):
        length = often(pick, (named.get("win_length", n_fft),), (3,))
        named["window"] = T((length,), "float32", 1)
    if pick((True, False)):
        modes = ("reflect", "constant", "replicate", "circular")
        named |= some_of(pick, return_complex=(True, True, False), pad_mode=modes)
        shape = pick(((40,), (2, 33), (3,), (2, 9), (), (2, 2, 40)))
        return Call("stft", (T(shape, often(pick, ("float32",), KINDS)), n_fft), named)
    frames = (pick((n_fft // 2 + 1, n_fft // 2 + 1, n_fft)), pick((1, 5, 9)))
    named |= some_of(pick, length=(10, 7, 30))
    x = T(pick(((*frames,), (2, *frames))), often(pick, ("complex64",), KINDS), 1)
    return Call("istft", (x, n_fft), named)
