"""Random calls of what reshapes, joins, splits and indexes tensors."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...shapetorch.ops.spaces import METHODS
from .choices import KINDS, Choice, Pick, any_shape, chosen, flagged, mostly, often, some_of
from .data import Call, T
from .tensors import Way, broadcast, dim, dims, form, kind, one_of, size, some, takes


def _resized(pick: Pick, name: str, x: T) -> Call:
    rank = len(x.shape)
    same = [*x.shape]
    if pick((True, False)) and name in ("reshape", "view"):
        same = [*reversed(same)]
    if name in ("expand", "broadcast_to") and pick((True, True, False)):
        x = T(broadcast(pick, x.shape)[-rank:] if rank else (), x.dtype)
    if pick((True, True, False)):
        wanted = [often(pick, (n,), (-1, 1, n + 1)) for n in same]
    else:
        wanted = [size(pick) for _ in range(pick((rank, rank + 1, rank - 1)) if rank else 1)]
    if name in ("repeat", "tile"):
        wanted = [size(pick) for _ in range(pick((rank, rank, rank + 1, max(rank - 1, 0))))]
    if pick((True, False)):
        return form(pick, name, x, pick((tuple, list))(wanted))
    return Call(name, (x, *wanted), method=name in METHODS)


def _like_another(pick: Pick, name: str, x: T) -> Call:
    return form(pick, name, x, pick((T(x.shape[::-1]), some(pick))))


def _expanded(pick: Pick, name: str, x: T) -> Call:
    return form(pick, name, T(broadcast(pick, x.shape)), x)


def _reordered(pick: Pick, name: str, x: T) -> Call:
    rank = len(x.shape)
    order = list(range(rank))
    for _ in range(rank):
        order.append(order.pop(pick(range(rank))))
    if name == "flip":
        order = order[: pick(range(rank + 1))]
    order = [often(pick, (i, i - rank), (i + 1, True, 1.0)) for i in order]
    if pick((True, False)):
        return form(pick, name, x, pick((tuple, list))(order))
    return Call(name, (x, *order), method=pick((True, True, False)))


def _with_others(pick: Pick, name: str, x: T) -> Call:
    more = [T(broadcast(pick, x.shape), x.dtype) for _ in range(pick(range(3)))]
    return Call(name, (x, *more))


def _grid(pick: Pick, name: str, x: T) -> Call:
    _with_others(pick, name, x)
    vector = mostly(((2,), (3,), ()), ((0,), (2, 2)))
    vectors = [T(vector(pick), often(pick, (x.dtype,), KINDS)) for _ in range(pick(range(4)))]
    return Call(name, tuple(vectors), some_of(pick, indexing=("ij", "xy", "yx")))


def _parts(pick: Pick) -> Any:
    return pick((tuple, list))(size(pick) for _ in range(pick((1, 2, 2, 3, 0))))


_VIEWS = {
    **dict.fromkeys(("reshape", "view"), _resized),
    **dict.fromkeys(("view_as", "reshape_as"), _like_another),
    "flatten": takes(start_dim=dim, end_dim=dim),
    "ravel": takes(),
    "unflatten": takes(dim, _parts),
    "squeeze": takes(dim=dims),
    "unsqueeze": takes(dim),
    "permute": _reordered,
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), takes(dim, dim)),
    **dict.fromkeys(("t", "adjoint"), takes()),
    **dict.fromkeys(("movedim", "moveaxis"), takes(dims, dims)),
    **dict.fromkeys(("expand", "broadcast_to"), _resized),
    "expand_as": _expanded,
    **dict.fromkeys(("repeat", "tile"), _resized),
    "repeat_interleave": takes((1, 2, 3, 0, -1, True, 1.0, 2), dim=dim),
    "flip": _reordered,
    **dict.fromkeys(("fliplr", "flipud"), takes()),
    "rot90": takes(k=(0, 1, 2, 3, -1), dims=((0, 1), [1, 2], (0, -1), (0, 0), (0,))),
    "roll": takes((1, -2, (1,), (1, 2), 0), dims=lambda pick: pick((dims(pick), (0,), (0, 1)))),
    **dict.fromkeys(("tril", "triu"), takes(diagonal=(0, 1, -1, 7, True))),
    "diagonal": takes(offset=(0, 1, -1, 7), dim1=dim, dim2=dim),
    "diag": takes(diagonal=(0, 1, -1, 7, True)),
    "diag_embed": takes(offset=(0, 1, -1, 7), dim1=dim, dim2=dim),
    **dict.fromkeys(("atleast_1d", "atleast_2d", "atleast_3d"), _with_others),
    "unfold": takes(dim, (1, 2, 3, 0, -1, 5), (1, 2, 0, -1, 3)),
    **dict.fromkeys(("view_as_real", "view_as_complex"), takes()),
    "broadcast_tensors": _with_others,
    "meshgrid": _grid,
    "block_diag": _with_others,
}


def view(pick: Pick) -> Call:
    """Other shapes for the same elements."""
    x = some(pick)
    name = pick(list(_VIEWS))
    return _VIEWS[name](pick, name, x)


def joining(pick: Pick) -> Call:
    """Cat, stack and the like."""
    name = pick(
        "cat concat concatenate stack hstack vstack row_stack dstack column_stack cartesian_prod "
        "nn.utils.rnn.pad_sequence".split()
    )
    x = some(pick)
    along = dim(pick)
    others = []
    for _ in range(pick((0, 1, 1, 2))):
        shape = list(x.shape)
        within = isinstance(along, int) and -len(shape) <= along < len(shape)
        if within and pick((True, True, False)):
            shape[along] = pick((0, 1, 2))
        if pick(range(8)) == 0:
            shape = list(any_shape(pick))
        if pick(range(16)) == 0:
            shape = [0]
        others.append(T(tuple(shape), often(pick, (x.dtype,), KINDS)))
    if name == "cartesian_prod":
        vectors = [T((pick(range(4)),), x.dtype) for _ in range(pick((1, 2, 3)))]
        return Call(name, tuple(vectors) if pick(range(8)) else (x,))
    tensors = pick((tuple, list))([x, *others] if pick(range(20)) else [])
    if name == "nn.utils.rnn.pad_sequence":
        sides, values = mostly(("left", "right"), ("up",)), mostly((0.5, 1, True), (1j, "a"))
        named = some_of(pick, batch_first=flagged, padding_side=sides, padding_value=values)
        return Call(name, (tensors,), named)
    if (name.startswith("c") and name != "column_stack") or name == "stack":
        return Call(name, (tensors,), {"dim": along} if pick((True, True, False)) else {})
    return Call(name, (tensors,))


def splitting(pick: Pick) -> Call:
    """Split, chunk and the like."""
    name = pick(
        (
            "split split_with_sizes chunk tensor_split hsplit vsplit dsplit unbind narrow select"
        ).split()
    )
    x = some(pick)
    along = dim(pick)
    known = type(along) is int and -len(x.shape) <= along < len(x.shape)
    length = x.shape[along] if known else 2
    cut = pick(range(length + 1))
    sizes = pick(([cut, length - cut], (length,), [cut, length - cut, 0], (1, 1), [cut, -1]))
    parts = often(pick, (1, 2, 3), (0, -1, 7, True, 1.0, None))
    at = {"dim": (along,)}
    ways = {
        "split": takes((parts, sizes), **at),
        "split_with_sizes": takes((sizes,), **at),
        "chunk": takes((parts,), **at),
        "tensor_split": takes((parts, (1, 2), [0], (-1, 2), ()), **at),
        "unbind": takes(**at),
        "narrow": takes((along,), (0, 1, -1, 3, 5), (0, 1, 2, -1)),
        "select": takes((along,), mostly((0, -1, 1), (3, -5, True, None))),
    }
    return ways.get(name, takes((parts, (1, 2), [0])))(pick, name, x)


def _bound(pick: Pick) -> Any:
    return often(pick, (None, 0, 1, 2, -1), (9, -9, True))


def _slice(pick: Pick) -> slice:
    return slice(_bound(pick), _bound(pick), often(pick, (None, None, 1, 2), (0, -1, 9)))


def _index(pick: Pick) -> T:
    shape = pick(((), (2,), (1,), (3,), (2, 3), (0,), (2, 1)))
    return T(shape, often(pick, ("int64",), ("int32", "float32", "int16")))


#: What may stand in a subscript.
_SUBSCRIPTS: dict[str, Choice] = {
    "int": mostly((0, 0, -1), (1, 3, -4)),
    "slice": _slice,
    "none": (None,),
    "dots": (...,),
    "tensor": _index,
    "list": ([0, 0], [0], [[0, 0], [0, 0]], [0, -1]),
    "sequence": (range(2), range(0), [range(1)], [range(2), range(2)], (range(2), 0)),
    "bool": (True, False),
    "odd": (1.0, "a"),
}


def subscript(pick: Pick) -> Call:
    """``x[...]``."""
    x = some(pick)
    kinds = "int int slice slice slice none dots tensor tensor list sequence bool odd".split()
    items = [chosen(pick, _SUBSCRIPTS[pick(kinds)]) for _ in range(pick((1, 1, 2, 2, 3, 4)))]
    while items.count(...) > 1:  # torch takes a second one at the end; convshape does not
        items.remove(...)
    whole = len(items) > 1 or pick((True, False))
    return Call("__getitem__", (x, tuple(items) if whole else items[0]), method=True)


class _Indexed(NamedTuple):
    """A tensor, one of its dimensions, and indices: a vector, or a shape of them like its own."""

    x: T
    along: Any
    dtype: str
    vector: T
    like: tuple[int, ...]


def _some_indexed(pick: Pick) -> _Indexed:
    x = some(pick)
    along = dim(pick)
    dtype = often(pick, ("int64",), ("int32", "float32", "uint8"))
    vector = T(often(pick, ((2,), (1,), ()), ((0,), (2, 2))), dtype)
    like = tuple(often(pick, (n, max(n - 1, 0)), (n + 1,)) for n in x.shape)
    if pick(range(16)) == 0:
        like = any_shape(pick)
    return _Indexed(x, along, dtype, vector, like)


def _taken_along(pick: Pick, name: str, of: _Indexed) -> Call:
    other = tuple(often(pick, (n, 1), (n + 1,)) for n in of.x.shape)
    return form(pick, name, of.x, T(other, of.dtype), **some_of(pick, dim=(of.along,)))


def _mask(pick: Pick, x: T) -> T:
    return T(broadcast(pick, x.shape), often(pick, ("bool",), ("uint8", "float32", "int64")))


def _masked(pick: Pick, name: str, of: _Indexed) -> Call:
    mask = _mask(pick, of.x)
    values = (0, -1e9, float("-inf"), True, T((), kind(pick)), T((1,)), None)
    return form(pick, name, of.x, mask, pick(values))


def _where(pick: Pick, name: str, of: _Indexed) -> Call:
    mask = _mask(pick, of.x)
    second = T(broadcast(pick, of.x.shape), kind(pick))
    return Call(name, (mask, pick((of.x, 0.0, 1)), pick((second, 1.5, 2, True))))


def _filled(pick: Pick, name: str, of: _Indexed) -> Call:
    return form(pick, name, of.x, of.along, of.vector, pick((0, 1.5, True, T(()), T((1,)))))


def _put(pick: Pick, name: str, of: _Indexed) -> Call:
    sizes, along = [*of.x.shape], of.along
    if type(along) is int and -len(sizes) <= along < len(sizes):
        sizes[along] = of.vector.shape[0] if of.vector.shape else 1
    shape = tuple(often(pick, (n,), (n + 1,)) for n in sizes)
    return form(pick, name, of.x, along, of.vector, T(shape, often(pick, (of.x.dtype,), KINDS)))


def _scattered(pick: Pick, name: str, of: _Indexed) -> Call:
    shape = tuple(often(pick, (n,), (n + 1, max(n - 1, 0))) for n in of.like)
    src: Any = T(shape, often(pick, (of.x.dtype,), KINDS))
    src = src if name == "scatter_add" or pick((True, True, False)) else 1.0
    return form(pick, name, of.x, of.along, T(of.like, of.dtype), src)


_INDEXING: dict[str, Way[_Indexed]] = {
    "gather": lambda pick, name, of: form(pick, name, of.x, of.along, T(of.like, of.dtype)),
    "index_select": lambda pick, name, of: form(pick, name, of.x, of.along, of.vector),
    "take": lambda pick, name, of: form(pick, name, of.x, T(any_shape(pick), of.dtype)),
    "take_along_dim": _taken_along,
    "masked_fill": _masked,
    "where": _where,
    "index_fill": _filled,
    **dict.fromkeys(("index_add", "index_copy"), _put),
    **dict.fromkeys(("scatter", "scatter_add"), _scattered),
}


def indexing(pick: Pick) -> Call:
    """Gather, scatter, fill and the like."""
    return one_of(pick, _INDEXING, _some_indexed)
