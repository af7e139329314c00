"""`torch.linalg`: the functions of `ops.linalg` under the names that they have there."""

from .ops import linalg as _all
from .ops.matrices import matmul

cholesky = _all.cholesky
cross = _all.linalg_cross
det = _all.det
diagonal = _all.linalg_diagonal
eig = _all.eig
eigh = _all.eigh
eigvals = _all.eigvals
eigvalsh = _all.eigvalsh
inv = _all.inv
inv_ex = _all.inv_ex
matrix_exp = _all.matrix_exp
matrix_norm = _all.matrix_norm
matrix_power = _all.matrix_power
matrix_rank = _all.matrix_rank
multi_dot = _all.multi_dot
norm = _all.linalg_norm
pinv = _all.pinv
qr = _all.linalg_qr
slogdet = _all.slogdet
solve = _all.solve
svd = _all.linalg_svd
svdvals = _all.svdvals
vecdot = _all.vecdot
vector_norm = _all.vector_norm

__all__ = [
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "inv_ex",
    "matmul",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "vecdot",
    "vector_norm",
]
