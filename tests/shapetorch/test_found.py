"""Calls on which convshape and torch once disagreed, which random calls hardly reach."""

from __future__ import annotations

import pytest

from convshape.verify.generators import judge
from convshape.verify.generators.chains import Chain
from convshape.verify.generators.data import Call, Case, D, Layout, T


def laid(
    shape: tuple[int, ...],
    order: tuple[int, ...],
    steps: tuple[int, ...] = (),
    dtype: str = "float32",
) -> T:
    """A tensor whose dimensions lie in this order, with these steps between their elements."""
    return T(shape, dtype, layout=Layout(order, steps or (1,) * len(shape)))


F = "nn.functional."
FOUND: list[Call | Case] = [
    # how results lie in memory
    Call("ldexp", (laid((1,), (0,), (2,), "float64"), T((1,), "uint8"))),
    Call("ldexp", (T((1,), "uint8"), laid((4, 4), (1, 0), (), "bfloat16"))),
    Call("ldexp", (laid((4, 1), (1, 0)), laid((4, 1), (1, 0), (0, 1), "uint8"))),
    Call("ldexp", (T((2, 4, 0, 1, 2)), T((0, 1, 2), "uint8"))),
    Call(
        "float_power",
        (laid((3, 2, 1, 2), (2, 1, 3, 0), (1, 1, 1, 2), "uint8"),
         laid((3, 2, 4, 2), (1, 0, 3, 2), (1, 1, 0, 1))),
    ),
    Call("square", (laid((1, 4, 2), (1, 0, 2), (1, 2, 1), "bool"),)),
    Call("clip", (laid((4, 1), (1, 0)), T((), "int32"), -1.5)),
    Call("clamp_min", (laid((4, 4, 1, 3), (2, 3, 0, 1), (1, 1, 1, 0), "bool"), 0)),
    Call("special.ndtr", (laid((4, 2, 1, 1), (0, 2, 1, 3), (0, 1, 1, 1), "float16"),)),
    Case("AdaptiveAvgPool3d", (1,), {}, (3, 6, 4, 1), layout=Layout((3, 1, 2, 0), (1, 1, 1, 1))),
    Case("AdaptiveAvgPool2d", (1,), {}, (3, 6, 4, 2, 2),
        layout=Layout((0, 2, 3, 4, 1), (1, 1, 1, 1, 1))),
    Call("matrix_exp", (laid((2, 1, 1, 1), (3, 1, 0, 2), (1, 1, 2, 1)),)),
    Call(f"{F}smooth_l1_loss", (T((1, 1, 4, 1), "uint8"), laid((4, 2, 4, 4), (3, 0, 2, 1))),
        {"reduction": "none"}),
    Call(f"{F}huber_loss", (T(()), T((1,))), {"reduction": "none"}),
    Call(f"{F}hinge_embedding_loss", (laid((4, 4), (1, 0)), laid((4,), (0,), (0,))),
        {"reduction": "none"}),
    Case(
        "BCEWithLogitsLoss", (), {"reduction": "none", "weight": T((1,))}, (1,),
        others=(laid((1,), (0,), (2,)),)
    ),
    # what cannot be written: an index of True is no mask, and small products are written element by
    # element
    Call("__setitem__", (laid((2, 3), (0, 1), (1, 0)), True, T(())), method=True),
    Call("baddbmm_", (laid((1, 2, 4), (0, 1, 2), (1, 1, 0)), T((1, 2, 1)), T((1, 1, 4))),
        method=True),
    Call("baddbmm_", (laid((1, 8, 8), (0, 1, 2), (1, 1, 0)), T((1, 8, 8)), T((1, 8, 8))),
        method=True),
    Call("baddbmm_", (laid((2, 8, 8), (0, 1, 2), (0, 1, 1)), T((2, 8, 8)), T((2, 8, 8))),
        method=True),
    Call("addmv_", (laid((2,), (0,), (0,)), T((2, 0)), T((0,))), {"beta": 2}, method=True),
    Call("addr", (T((), "float64"), T((2,)), T((1,)))),
    # a bias of another dtype or shape, which is added in place or at once
    Call(f"{F}linear", (T((3,)), T((3, 3)), laid((3,), (0,), (0,), "float64"))),
    Call(f"{F}linear", (T((2, 2, 3)), T((3, 3)), T((), "float64"))),
    Call(f"{F}linear", (T((2,)), T((3, 2)), T((1, 3)))),
    Call(f"{F}linear", (T((2, 2), "bool"), T((3, 2), "bool"), T((3,), "bool"))),
    Call(f"{F}linear",
        (laid((2, 2, 0), (1, 0, 2), (), "bool"), T((3, 0), "bool"), T((3,), "bool"))),
    Case("LazyLinear", (0,), {}, (4, 3, 4, 3), "bfloat16",
        layout=Layout((2, 0, 1, 3), (1, 1, 1, 1))),
    # dtypes of nothing
    Call("matmul", (T((0, 2), "int64"), T((2, 2, 1), "int32"))),
    Call("matmul", (laid((2, 1, 2), (1, 0, 2)), T((2, 0), "bool"))),
    Call("inner", (laid((2,), (0,), (2,), "bool"), T((1, 2), "bool"))),
    Call("inner", (T((2,), "bool"), T((1, 2), "bool"))),
    Call("tensordot", (T((0,), "bool"), T((1, 2), "bool"), 1)),
    Call("linalg.lu_solve", (T((3, 3), "float16"), T((3,), "int32", 1), T((3, 0), "float16"))),
    Call(f"{F}gumbel_softmax", (T((0, 4), "bool"),), {"hard": True}),
    Call("histogram", (T((0, 4), "bfloat16"), 1)),
    Call("linalg.ldl_solve",
        (T((2, 3, 3), "float16"), T((2, 3), "int32", 1), T((2, 3, 0), "float16"))),
    Call(
        f"{F}scaled_dot_product_attention",
        (T((1, 2, 2, 4)), T((1, 2, 1, 4)), laid((1, 2, 1, 4), (3, 1, 2, 0)), T((1, 2, 2, 1))),
        {"is_causal": True},
    ),
    Case("LPPool3d", (-float("inf"), (1, 3, 2)), {"ceil_mode": True}, (3, 1, 1, 2),
        layout=Layout((3, 0, 1, 2), (1, 1, 1, 1))),
    Call("linalg.eigh", (T((0, 2, 2), "int64"),)),
    Call("linalg.svd", (T((0, 2), "float16"),)),
    Call("cholesky", (T((0, 2), "bool"),)),
    Call("linalg.cholesky", (T((0, 2)),)),
    Call("matrix_exp", (T((2, 2), "float16"),)),
    Call("fft.rfft", (T((0, 3)),)),
    Call("view_copy", (laid((3, 3), (1, 0)), [-1])),
    # tensors in lists, and tensors that are themselves given back
    Call("tensor", ([T((2,)), T((2,))],)),
    Call("tensor", ([T((1,)), T((1, 1))],)),
    Call("tensor", ([[1, 2], T((2,))],)),
    Call("tensor", (1j,), {"dtype": D("float32")}),
    Call("new_tensor", (T((1,), "int64"), [T(()), 1]), method=True),
    Call("__getitem__", (T((4, 5)), (T((2, 1), "int32"), laid((2, 3), (1, 0), (), "int64"))),
        method=True),
    Call("__getitem__", (T((2, 5)), (range(2), T((2,), "int64"))), method=True),
    Call("__getitem__", (T((2, 5)), range(-2, 2)), method=True),
    Call("__getitem__", (T((2, 5)), range(3)), method=True),
    Call("__getitem__", (T((2, 5)), [range(2), range(2)]), method=True),
    Call("tensor", (laid((2, 3), (1, 0)),)),
    Call("as_tensor", (laid((2, 3), (0, 1), (1, 2)),)),
    Call("addcdiv", (T((0,), "float16"), T((), "complex64"), T((0,), "float16"))),
    Chain("chain", (T((3, 1, 2)), "torch.broadcast_tensors(x, y)[0]", "x.unsqueeze_(1)", "x * y")),
    Chain("chain", (T((3, 1, 2)), "x.flatten(0, 0)", "x.unsqueeze_(1)", "x * y")),
    # what a library of torch cannot do
    Call(f"{F}max_pool2d", (laid((1, 3, 8, 16), (0, 2, 3, 1), (), "uint8"), 2)),
    Call(f"{F}max_pool2d", (laid((1, 3, 8, 15), (0, 2, 3, 1), (), "uint8"), 2)),
    Call("clamp", (T((2,)), 1 + 1j)),
    Call("clamp", (T((2,)), 1 + 0j)),
    Call("clamp_min", (T((2,)), 1 + 0j)),
    # tuples that are too short
    Case("Conv2d", (2, 1, 3), {"padding": "same", "dilation": (2,), "padding_mode": "reflect"},
        (2, 2, 13, 11)),
    Case("Conv3d", (1, 1, (3,)), {"padding": "same", "dilation": (1, 1, "2")}, (1, 1, 5, 5, 5)),
    Case("Conv2d", (1, 1, ()), {"padding": "same"}, (1, 1, 5, 5)),
    Case("ConvTranspose2d", (1, 2, (4, 1)), {"stride": (2,)}, (1, 1, 10, 12),
        call={"output_size": [22, 23]}),
    Call("norm", (T((2, 3)),), {"dim": 1.0}),
    Call("roll", (T((0, 4)), -2), {"dims": 1.0}),
    Call("linalg.lstsq", (T((1, 1, 1, 3, 1), value=1), T((2, 1, 3, 3)))),
    # the factor of a tensor to which nothing is added
    *(
        Call("addmm", (T((2, 3), "int64"), T((2, 0), "int64"), T((0, 3), "int64")), {"beta": beta})
        for beta in (0.0, 1.5, 2)
    ),
    # einsum with ints for letters
    *(
        Call("einsum", args)
        for a, b, c in [(T((2, 3)), T((3, 4), "float64"), T((5, 2, 3)))]
        for args in (
            (a, [0, 1], T((3, 4)), (1, 2), [0, 2]), (a, [1, 0]), (a, range(2), []),
            (c, [..., 1, 0], [0, ..., 1]),
            (a, [51, 26], T((3, 4)), [26, 25]), (a, [True, 0]), (T(()), []),
            (T((3, 3), "int32"), [0, 0]),
            (a, [0, 1], b, [1, 2], [0, 2]), (a, [0, 52]), (a, [-1, 0]), (a, [0, 1], [0, 0]),
            (a, [0, 1], [2]),
            (a, [0]), (a, [0, 0]), (c, [..., 0, ...]), (a, [0, 1.0]), (a, "ab"), (a, ["...", "a"]),
            (a,),
            (a, [0, 1], None), ([0, 1], a), (a, [0, 1], T((3, 4))), ([a, [0, 1]],),
            (a, [0, 1], a, [0, 1], [0], [1]),
        )
    ),
    Call("einsum", ("ij- >ji", T((2, 3)))),
    Call("einsum", (". .. j", T((2, 3)))),
    # limits by place and by name
    *(
        Call("randint", args, dict(zip(names, values, strict=True)))
        for names, values in {
            (): (), ("size",): ((4,),), ("high",): (9,), ("high", "size"): (9, [4, 5]),
            ("low", "size"): (2, (4,)),
            ("low", "high", "size"): (2, 9, (4,)), ("size", "dtype"): ((4,), D("int8")),
        }.items()
        for args in ((), (9,), (200,), (2, 10), (9, (4,)), (2, 10, (4,)), (2, 10, (4,), None))
    ),
    Call("randint", (3, (4,)), {"dtype": D("complex64")}),
    Call("randint", (3, (4,)), {"dtype": D("bool")}),
    Call("randint", (200, (0,)), {"dtype": D("int8")}),
    *(
        Call("randint_like", (T((4,)), *args), dict.fromkeys(names, 5))
        for names in ((), ("low",), ("high",), ("low", "high"))
        for args in ((), (2,), (2, 10), (2, 10, 12))
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", FOUND, ids=str)
def test_what_sweeps_found(case: Call | Case) -> None:
    ours, theirs = judge(case, "cpu")
    assert ours.agrees(theirs)
