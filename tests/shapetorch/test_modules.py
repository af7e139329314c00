"""The mechanics of modules and tensors, side by side with torch's."""

from __future__ import annotations

import inspect
import operator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import convshape as cs
from convshape import shapetorch
from convshape.errors import ShapeError
from convshape.shapetorch import dtypes
from convshape.shapetorch.nn.modules.constructor import arguments

BOTH = pytest.mark.parametrize("lib", [shapetorch, torch], ids=["convshape", "torch"])


def build(lib: Any) -> Any:
    """The same module of many parts in either library."""
    nn = lib.nn

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(4, 4, 3, padding=1)
            self.norm = nn.BatchNorm2d(4)
            self.again = self.conv  # shared: one set of parameters
            self.nothing = None

        def forward(self, x: Any) -> Any:
            return self.again(self.norm(self.conv(x)))

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(
                lib.Tensor((4, 1, 1)) if lib is shapetorch else torch.zeros(4, 1, 1)
            )
            self.register_buffer("kept", None)
            self.stem = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True))
            self.blocks = nn.ModuleList([Block(), Block()])
            self.heads = nn.ModuleDict({"a": nn.Linear(4, 2), "b": nn.Linear(4, 3, bias=False)})
            self.register_parameter("gone", None)

        def forward(self, x: Any) -> Any:
            x = self.stem(x) * self.scale
            for block in self.blocks:
                x = block(x)
            return x

    return Net()


def tensor(lib: Any, *shape: int) -> Any:
    return lib.Tensor(shape) if lib is shapetorch else torch.zeros(shape)


def test_walking_a_module() -> None:
    ours, theirs = build(shapetorch), build(torch)
    assert repr(ours) == repr(theirs)

    def shapes(items: Any) -> list[tuple[str, tuple[int, ...]]]:
        return [(name, tuple(t.shape)) for name, t in items]

    for recurse in (True, False):
        assert shapes(ours.named_parameters(recurse=recurse)) == shapes(
            theirs.named_parameters(recurse=recurse)
        )
        assert shapes(ours.named_buffers(recurse=recurse)) == shapes(
            theirs.named_buffers(recurse=recurse)
        )
    assert shapes(ours.named_parameters(remove_duplicate=False)) == shapes(
        theirs.named_parameters(remove_duplicate=False)
    )
    assert shapes(ours.named_parameters(prefix="net")) == shapes(
        theirs.named_parameters(prefix="net")
    )
    assert shapes(ours.state_dict().items()) == shapes(theirs.state_dict().items())
    for walk in ("named_modules", "named_children"):
        assert [(n, type(m).__name__) for n, m in getattr(ours, walk)()] == [
            (n, type(m).__name__) for n, m in getattr(theirs, walk)()
        ]
    assert len(list(ours.modules())) == len(list(theirs.modules()))
    assert len(list(ours.children())) == len(list(theirs.children()))
    assert len(list(ours.parameters())) == len(list(theirs.parameters()))
    assert len(list(ours.buffers())) == len(list(theirs.buffers()))
    assert ours(tensor(shapetorch, 2, 3, 8, 8)).shape == tuple(
        theirs(tensor(torch, 2, 3, 8, 8)).shape
    )


@BOTH
def test_registration(lib: Any) -> None:
    nn = lib.nn
    module = nn.Module()
    module.x = nn.Linear(1, 1)
    assert list(module._modules) == ["x"]
    module.x = nn.Parameter(tensor(lib, 2))
    assert (list(module._modules), list(module._parameters)) == ([], ["x"])
    module.x = None
    assert module._parameters == {"x": None}
    with pytest.raises(TypeError):
        module.x = 3
    del module.x
    assert module._parameters == {}
    with pytest.raises(AttributeError):
        _ = module.x
    module.register_buffer("b", tensor(lib, 2), persistent=False)
    assert list(module.state_dict()) == []
    assert [n for n, _ in module.named_buffers()] == ["b"]
    module.b = tensor(lib, 3)
    assert tuple(module._buffers["b"].shape) == (3,)
    with pytest.raises(TypeError):
        module.b = 3
    module.plain = tensor(lib, 2)
    assert "plain" in module.__dict__
    for name, error in (("a.b", KeyError), ("", KeyError), ("forward", KeyError), (3, TypeError)):
        for register in (module.add_module, module.register_parameter, module.register_buffer):
            with pytest.raises(error):
                register(name, None)
    with pytest.raises(TypeError):
        module.add_module("c", 3)
    with pytest.raises(TypeError):
        module.register_parameter("c", tensor(lib, 2))
    with pytest.raises(TypeError):
        module.register_buffer("c", 3)

    class Hasty(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Linear(1, 1)

    with pytest.raises(AttributeError):
        Hasty()
    with pytest.raises(NotImplementedError):
        module(tensor(lib, 1))


@BOTH
def test_children_may_have_any_name(lib: Any) -> None:
    """A child that is assigned may be called as a method is, or have dots in its name."""
    module = lib.nn.Module()
    module.train = lib.nn.Linear(2, 3)
    setattr(module, "a.b", lib.nn.ReLU())
    assert [name for name, _ in module.named_modules()] == ["", "train", "a.b"]
    assert callable(module.train)
    assert list(module.state_dict()) == ["train.weight", "train.bias"]
    for name in ("eval", "c.d"):
        with pytest.raises(KeyError):
            module.add_module(name, lib.nn.ReLU())


@BOTH
def test_modes(lib: Any) -> None:
    net = build(lib)
    assert net.training
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    net.train()
    assert all(m.training for m in net.modules())
    with pytest.raises(ValueError, match="boolean"):
        net.train("no")


@BOTH
def test_hooks(lib: Any) -> None:
    seen: list[Any] = []
    layer = lib.nn.Linear(2, 3)
    first = layer.register_forward_pre_hook(lambda m, args: seen.append(("pre", len(args))))
    layer.register_forward_pre_hook(lambda m, args: (tensor(lib, 5, 2),), prepend=True)
    layer.register_forward_pre_hook(
        lambda m, args, kwargs: seen.append(("kw", kwargs)), with_kwargs=True
    )
    layer.register_forward_hook(lambda m, args, out: seen.append(("post", tuple(out.shape))))
    last = layer.register_forward_hook(lambda m, args, kwargs, out: (out, "more"), with_kwargs=True)
    out, more = layer(tensor(lib, 1, 2))
    assert (tuple(out.shape), more) == ((5, 3), "more")
    assert seen == [("pre", 1), ("kw", {}), ("post", (5, 3))]
    first.remove()
    first.remove()
    last.remove()
    seen.clear()
    assert tuple(layer(tensor(lib, 1, 2)).shape) == (5, 3)
    assert seen == [("kw", {}), ("post", (5, 3))]
    layer.register_forward_pre_hook(
        lambda m, args, kwargs: ((tensor(lib, 7, 2),), {}), with_kwargs=True
    )
    assert tuple(layer(tensor(lib, 1, 2)).shape) == (7, 3)


@BOTH
def test_containers(lib: Any) -> None:
    nn = lib.nn
    net = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.Flatten())
    assert len(net) == 3
    assert [type(m).__name__ for m in net] == ["Conv2d", "ReLU", "Flatten"]
    assert type(net[-1]).__name__ == "Flatten"
    assert list(net[1:]._modules) == ["1", "2"]
    assert type(net[:2]).__name__ == "Sequential"
    for index in (3, -4):
        with pytest.raises(IndexError):
            net[index]
    net[1] = nn.Tanh()
    assert type(net[1]).__name__ == "Tanh"
    net.append(nn.Linear(1, 1))
    assert list(net._modules) == ["0", "1", "2", "3"]
    del net[0]
    assert list(net._modules) == ["0", "1", "2"]
    net.insert(1, nn.Sigmoid())
    assert [type(m).__name__ for m in net] == ["Tanh", "Sigmoid", "Flatten", "Linear"]
    net.extend([nn.ReLU()])
    assert len(net) == 5

    layers = nn.ModuleList([nn.ReLU(), nn.Tanh()])
    layers.extend([nn.Sigmoid()]).append(nn.ReLU())
    layers.insert(0, nn.GELU())
    assert [type(m).__name__ for m in layers] == ["GELU", "ReLU", "Tanh", "Sigmoid", "ReLU"]
    assert list(layers[1:3]._modules) == ["0", "1"]
    del layers[1:3]
    assert list(layers._modules) == ["0", "1", "2"]
    with pytest.raises(TypeError):
        layers.append(3)

    table = nn.ModuleDict({"a": nn.ReLU()})
    table["b"] = nn.Tanh()
    table.update([("c", nn.Sigmoid())])
    assert list(table) == list(table.keys()) == ["a", "b", "c"]
    assert "b" in table
    assert len(list(table.values())) == len(list(table.items())) == len(table) == 3
    assert type(table.pop("a")).__name__ == "ReLU"
    del table["b"]
    table.clear()
    assert len(table) == 0
    with pytest.raises(KeyError):
        table["a"]


@BOTH
def test_parameters_in_containers(lib: Any) -> None:
    nn = lib.nn
    values = nn.ParameterList([tensor(lib, 2, 3), "x"])
    values += [nn.Parameter(tensor(lib, 4))]
    values[-1] = tensor(lib, 5)
    assert len(values) == len(list(values)) == 3
    assert isinstance(values[0], nn.Parameter)
    assert [tuple(p.shape) for p in values.parameters()] == [(2, 3), (5,)]
    assert values[1:][0] == "x"
    with pytest.raises(IndexError):
        values[3]
    with pytest.raises(TypeError):
        values.extend(tensor(lib, 2))
    with pytest.raises(RuntimeError):
        values(tensor(lib, 2))

    table = nn.ParameterDict({"b": tensor(lib, 2), "a": nn.Parameter(tensor(lib, 3).double())})
    table.update([("c", 3)])
    assert list(table) == list(table.keys()) == ["a", "b", "c"]  # a plain mapping comes sorted
    assert len(list(table.values())) == len(list(table.items())) == len(table) == 3
    assert table.get("d", 1) == table.setdefault("d", 1) == table["d"] == 1
    assert table.pop("d") == 1
    assert "d" not in table
    with pytest.raises(TypeError):
        nn.ParameterDict()[3] = tensor(lib, 2)
    outer = nn.Container(values=values, table=table) if lib is shapetorch else nn.Module()
    if lib is torch:
        outer.values, outer.table = values, table
    assert list(outer.state_dict()) == ["values.0", "values.2", "table.a", "table.b"]
    assert list(reversed(table)) == ["c", "b", "a"]
    assert table.popitem() == ("c", 3)
    other = table | {"c": tensor(lib, 6)}
    other |= {"d": 4}
    assert list(other) == ["a", "b", "c", "d"]
    assert list({"z": 1} | nn.ParameterDict({"y": 2})) == ["z", "y"]
    assert other["a"] is table.copy()["a"] is table["a"]
    assert dict(table.fromkeys(["x", "y"], 1).items()) == {"x": 1, "y": 1}
    table.clear()
    assert len(table) == 0
    with pytest.raises(KeyError):
        table.popitem()


@BOTH
def test_buffers_that_are_assigned(lib: Any) -> None:
    module = lib.nn.Module()
    module.kept, module.left = (
        lib.nn.Buffer(tensor(lib, 3)),
        lib.nn.Buffer(tensor(lib, 4), persistent=False),
    )
    module.kept = tensor(lib, 5)
    assert [name for name, _ in module.named_buffers()] == ["kept", "left"]
    assert list(module.state_dict()) == ["kept"]
    assert tuple(module.kept.shape) == (5,)
    assert tuple(lib.nn.Buffer().shape) == (0,)
    assert tuple((module.left + module.left).view(2, 2).shape) == (2, 2)
    turned = lib.nn.Buffer(tensor(lib, 2, 3).t())
    assert turned.stride() == (1, 3)


@BOTH
def test_casts_keep_how_members_lie_in_memory(lib: Any) -> None:
    module = lib.nn.Module()
    module.register_buffer("turned", tensor(lib, 2, 3).t())
    module.thinned = lib.nn.Parameter(tensor(lib, 4, 6)[:, ::2])
    module.double()
    assert module.turned.stride() == (1, 3)
    assert module.thinned.stride() == (3, 1)
    assert str(module.turned.dtype) == str(module.thinned.dtype) == "torch.float64"
    assert str(lib.nn.LazyBatchNorm2d().half().running_mean.dtype) == "torch.float16"


@BOTH
def test_tables_that_are_given(lib: Any) -> None:
    nn = lib.nn
    rows = nn.Embedding.from_pretrained(tensor(lib, 10, 4), padding_idx=-1)
    bags = nn.EmbeddingBag.from_pretrained(tensor(lib, 10, 4).double(), freeze=False, mode="sum")
    assert repr(rows) == "Embedding(10, 4, padding_idx=9)"
    assert repr(bags) == "EmbeddingBag(10, 4, mode='sum')"
    assert [p.requires_grad for p in (rows.weight, bags.weight)] == [False, True]
    assert str(bags.weight.dtype) == "torch.float64"
    with pytest.raises((ShapeError, AssertionError)):
        nn.Embedding.from_pretrained(tensor(lib, 10))


@BOTH
def test_statistics_that_are_shared(lib: Any) -> None:
    nn = lib.nn
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.Sequential(nn.BatchNorm2d(4, eps=0.5).double()),
        nn.BatchNorm1d(5, affine=False),
    )
    weight = net[1][0].weight
    net = nn.SyncBatchNorm.convert_sync_batchnorm(net)
    assert [type(m).__name__ for m in net.modules()][2:] == [
        "Sequential",
        "SyncBatchNorm",
        "SyncBatchNorm",
    ]
    assert net[1][0].weight is weight
    assert net[1][0].eps == 0.5
    assert list(net[2].state_dict()) == ["running_mean", "running_var", "num_batches_tracked"]
    assert (
        type(nn.SyncBatchNorm.convert_sync_batchnorm(nn.BatchNorm2d(2))).__name__ == "SyncBatchNorm"
    )


@BOTH
def test_what_subclasses_of_layers_use(lib: Any) -> None:
    """As networks do with weights that they normalise, and with recurrent layers."""
    nn = lib.nn

    class Standardised(nn.Conv2d):  # type: ignore[name-defined, misc]
        def reset_parameters(self) -> None:
            super().reset_parameters()
            self.scale = 2

        def forward(self, input: Any) -> Any:
            return self._conv_forward(input, self.weight * self.scale, self.bias)

    class Norm(nn.modules.batchnorm._BatchNorm):  # type: ignore[name-defined, misc]
        def _check_input_dim(self, input: Any) -> None:
            assert input.ndim == 3

    class Pooled(nn.TransformerEncoderLayer):  # type: ignore[name-defined, misc]
        def _sa_block(
            self, x: Any, attn_mask: Any, key_padding_mask: Any, is_causal: bool = False
        ) -> Any:
            return x.mean(1, keepdim=True)

        def _ff_block(self, x: Any) -> Any:
            return super()._ff_block(x)[..., :1]

    assert tuple(Pooled(8, 2, batch_first=True)(tensor(lib, 2, 5, 8)).shape) == (2, 5, 8)

    layer = Standardised(3, 4, 3, padding=1, padding_mode="reflect")
    assert tuple(layer(tensor(lib, 1, 3, 8, 8)).shape) == (1, 4, 8, 8)
    assert layer._reversed_padding_repeated_twice[:2] in ([1, 1], (1, 1))
    assert tuple(Norm(4).eval()(tensor(lib, 2, 4, 5)).shape) == (2, 4, 5)
    lstm = nn.LSTM(3, 4, 2, bidirectional=True, proj_size=2)
    lstm.flatten_parameters()
    assert [[tuple(p.shape) for p in each] for each in lstm.all_weights][2] == [
        (16, 4), (16, 2), (16,), (16,), (2, 4)
    ]  # fmt: skip
    for each in (
        nn.Linear(2, 3),
        nn.Embedding(2, 3),
        nn.LayerNorm(3),
        nn.GroupNorm(1, 3),
        nn.PReLU(),
        nn.GRUCell(2, 3),
    ):
        each.reset_parameters()
    nn.BatchNorm2d(3).reset_running_stats()


def test_containers_of_parameters_print_as_torchs() -> None:
    def printed(lib: Any) -> list[str]:
        nn = lib.nn
        outer = nn.Module()
        outer.table = nn.ParameterDict(
            {"a": tensor(lib, 2, 3), "b": nn.Parameter(tensor(lib, 4).double()), "c": 3}
        )
        outer.values = nn.ParameterList([tensor(lib, 2, 3), "x"])
        return [
            repr(each)
            for each in (outer, nn.ParameterList(), nn.ParameterDict({"a": tensor(lib, 2)}))
        ]

    assert printed(shapetorch) == printed(torch)


@BOTH
def test_a_lazy_layer_becomes_an_ordinary_one(lib: Any) -> None:
    nn = lib.nn
    network = nn.Sequential(
        nn.LazyConv2d(6, 5), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(10)
    )
    assert repr(network[0]) == "LazyConv2d(0, 6, kernel_size=(5, 5), stride=(1, 1))"
    assert len(list(network.parameters())) == 6
    assert list(network.state_dict())[:4] == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert isinstance(network[0].weight, nn.UninitializedParameter)
    assert isinstance(network[1].running_mean, nn.UninitializedBuffer)
    assert repr(network[0].weight) == "<UninitializedParameter>"
    with pytest.raises((ValueError, RuntimeError)):
        network[0].weight.numel()
    assert tuple(network(tensor(lib, 2, 3, 8, 8)).shape) == (2, 10)
    assert [type(layer) for layer in network] == [nn.Conv2d, nn.BatchNorm2d, nn.Flatten, nn.Linear]
    assert sum(p.numel() for p in network.parameters()) == 6 * 3 * 25 + 6 + 12 + 10 * 6 * 16 + 10
    assert network[3].in_features == 96
    with pytest.raises((cs.ShapeError, RuntimeError)):
        network(tensor(lib, 2, 4, 8, 8))  # its channels are known now


@BOTH
def test_a_lazy_layer_of_ones_own(lib: Any) -> None:
    nn = lib.nn
    mixin = (
        shapetorch.nn.modules.lazy.LazyModuleMixin
        if lib is shapetorch
        else torch.nn.modules.lazy.LazyModuleMixin
    )

    class Scale(mixin, nn.Module):  # type: ignore[misc,valid-type]
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.UninitializedParameter()

        def initialize_parameters(self, x: Any) -> None:
            self.weight.materialize((x.shape[-1],))

        def forward(self, x: Any) -> Any:
            return x * self.weight

    layer = Scale()
    assert tuple(layer(tensor(lib, 2, 3)).shape) == (2, 3)
    assert tuple(layer.weight.shape) == (3,)
    assert type(layer.weight) is nn.Parameter


shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)
KINDS = (
    "bool",
    "uint8",
    "int32",
    "int64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "complex64",
)


def outcome(work: Any) -> Any:
    try:
        result = work()
    except (
        cs.ShapeError,
        RuntimeError,
        TypeError,
        IndexError,
        NotImplementedError,
        ValueError,
    ) as error:
        return None, error
    if hasattr(result, "dtype"):
        return (tuple(result.shape), str(result.dtype)), None
    return result, None


def agree(ours: Any, theirs: Any) -> None:
    mine, my_error = outcome(ours)
    expected, _ = outcome(theirs)
    assert mine == expected
    assert my_error is None or isinstance(my_error, cs.ShapeError), my_error


@given(shapes, st.lists(st.integers(-2, 8), max_size=4))
def test_view_and_reshape(shape: tuple[int, ...], wanted: list[int]) -> None:
    for method in ("view", "reshape"):
        for args in (wanted, [wanted], [tuple(wanted)]):
            if args:
                agree(
                    lambda m=method, a=args: getattr(shapetorch.Tensor(shape), m)(*a),
                    lambda m=method, a=args: getattr(torch.zeros(shape), m)(*a),
                )


@given(shapes, st.sampled_from(KINDS), st.sampled_from(KINDS))
def test_view_as_another_dtype(shape: tuple[int, ...], old: str, new: str) -> None:
    agree(
        lambda: shapetorch.Tensor(shape, getattr(dtypes, old)).view(getattr(dtypes, new)),
        lambda: torch.zeros(shape, dtype=getattr(torch, old)).view(getattr(torch, new)),
    )


@given(shapes, st.integers(-5, 5), st.integers(-5, 5))
def test_flatten_and_size(shape: tuple[int, ...], start: int, end: int) -> None:
    ours, theirs = shapetorch.Tensor(shape), torch.zeros(shape)
    agree(lambda: ours.flatten(start, end), lambda: theirs.flatten(start, end))
    agree(
        lambda: shapetorch.flatten(ours, start_dim=start),
        lambda: torch.flatten(theirs, start_dim=start),
    )
    agree(lambda: ours.size(start), lambda: theirs.size(start))
    assert (ours.dim(), ours.ndim, ours.numel(), ours.size()) == (
        theirs.dim(),
        theirs.ndim,
        theirs.numel(),
        shape,
    )


OPERATORS = (
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
)


@given(st.sampled_from(OPERATORS), shapes, shapes, st.sampled_from(KINDS), st.sampled_from(KINDS))
def test_arithmetic_broadcasts_and_promotes(op: Any, a: Any, b: Any, x: str, y: str) -> None:
    if {x, y} == {"float16", "complex64"}:
        return  # torch computes with complex32 in some of its kernels only
    agree(
        lambda: op(
            shapetorch.Tensor(a, getattr(dtypes, x)), shapetorch.Tensor(b, getattr(dtypes, y))
        ),
        lambda: op(torch.ones(a, dtype=getattr(torch, x)), torch.ones(b, dtype=getattr(torch, y))),
    )


@given(
    st.sampled_from(OPERATORS),
    shapes,
    st.sampled_from(KINDS),
    st.sampled_from((True, 1, 2.0, 1j)),
    st.booleans(),
)
def test_arithmetic_with_numbers(
    op: Any, shape: Any, kind: str, number: Any, reflected: bool
) -> None:
    def work(tensor: Any) -> Any:
        return op(number, tensor) if reflected else op(tensor, number)

    if kind == "float16" and number == 1j and isinstance(number, complex):
        return  # torch computes with complex32 in some of its kernels only
    agree(
        lambda: work(shapetorch.Tensor(shape, getattr(dtypes, kind))),
        lambda: work(torch.ones(shape, dtype=getattr(torch, kind))),
    )


@given(st.lists(shapes, min_size=1, max_size=3))
def test_broadcast_shapes(many: list[tuple[int, ...]]) -> None:
    agree(
        lambda: shapetorch.Tensor(shapetorch.broadcast_shapes(*many)),
        lambda: torch.empty(torch.broadcast_shapes(*many), device="meta"),
    )


@given(st.lists(st.sampled_from(KINDS), min_size=2, max_size=2))
def test_promotion(kinds: list[str]) -> None:
    ours = dtypes.promote_types(*(getattr(dtypes, k) for k in kinds))
    assert str(ours) == str(torch.promote_types(*(getattr(torch, k) for k in kinds)))


def test_dtypes_are_torchs() -> None:
    for name, kind in vars(dtypes).items():
        if isinstance(kind, dtypes.dtype):
            theirs = getattr(torch, name)
            assert str(kind) == str(theirs)
            assert kind.itemsize == theirs.itemsize
            assert kind.is_floating_point == theirs.is_floating_point
            assert kind.is_complex == theirs.is_complex


def test_a_tensor_shows_its_shape() -> None:
    assert repr(shapetorch.Tensor((1, 3))) == "Tensor((1, 3))"
    assert repr(shapetorch.Tensor((2,), dtypes.int64)) == "Tensor((2,), dtype=torch.int64)"
    assert len(shapetorch.Tensor((4, 2))) == 4
    assert shapetorch.Tensor((np.int64(3), 2)).shape == (3, 2)


@BOTH
def test_finding_below_a_module(lib: Any) -> None:
    net = build(lib)
    assert net.get_submodule("") is net
    name, child = next(iter(net.named_children()))
    assert net.get_submodule(name) is child
    path, parameter = next(iter(net.named_parameters()))
    assert net.get_parameter(path) is parameter
    path, buffer = next(iter(net.named_buffers()))
    assert net.get_buffer(path) is buffer
    for get in (net.get_submodule, net.get_parameter, net.get_buffer):
        with pytest.raises(AttributeError):
            get("no.such.thing")
    with pytest.raises(AttributeError):
        net.get_submodule(next(iter(net.named_parameters()))[0])
    with pytest.raises(AttributeError):
        net.get_parameter(path)
    net.set_submodule(name, lib.nn.ReLU())
    assert isinstance(net.get_submodule(name), lib.nn.ReLU)
    with pytest.raises(AttributeError):
        net.set_submodule("missing", lib.nn.ReLU(), strict=True)


@BOTH
def test_all_of_a_module_at_once(lib: Any) -> None:
    layer = lib.nn.Sequential(lib.nn.Linear(2, 3), lib.nn.BatchNorm1d(3))
    seen: list[str] = []
    assert layer.apply(lambda m: seen.append(type(m).__name__)) is layer
    assert seen == ["Linear", "BatchNorm1d", "Sequential"]
    weight = layer[0].weight
    assert layer.half() is layer
    assert layer[0].weight is weight
    kinds = {str(t.dtype) for t in layer.state_dict().values()}
    assert kinds == {"torch.float16", "torch.int64"}
    layer.to("cpu", lib.float64).requires_grad_(False).cpu().eval().zero_grad()
    assert str(layer[1].running_mean.dtype) == "torch.float64"
    assert str(layer[1].num_batches_tracked.dtype) == "torch.int64"
    assert not weight.requires_grad
    layer.double().float().bfloat16().type(lib.float32)
    assert {str(p.dtype) for p in layer.parameters()} == {"torch.float32"}
    with pytest.raises(TypeError):
        layer.to(lib.int32)
    assert "running_mean" in dir(layer[1])
    assert layer.load_state_dict(layer.state_dict()).missing_keys == []
    layer.register_full_backward_hook(lambda *args: None).remove()
    layer.register_forward_hook(lambda *args: None, always_call=True)


@BOTH
def test_adding_and_repeating_containers(lib: Any) -> None:
    nn = lib.nn
    names = lambda m: [type(each).__name__ for each in m]  # noqa: E731
    some = nn.ModuleList([nn.ReLU()])
    more = [nn.Tanh()]
    assert names(some + more) == ["ReLU", "Tanh"]
    some += [nn.Tanh(), nn.GELU()]
    assert names(some) == ["ReLU", "Tanh", "GELU"]
    assert type(some.pop(1)).__name__ == "Tanh"
    assert list(some._modules) == ["0", "1"]
    one = nn.Sequential(nn.ReLU())
    assert names(one + nn.Sequential(nn.Tanh())) == ["ReLU", "Tanh"]
    assert names(one * 2) == names(2 * one) == ["ReLU", "ReLU"]
    one += nn.Sequential(nn.Tanh())
    one *= 2
    assert names(one) == ["ReLU", "Tanh"] * 2
    for wrong, error in (
        (lambda: one + more, ValueError),
        (lambda: one * 0, ValueError),
        (lambda: one * 1.5, TypeError),
    ):
        with pytest.raises(error):
            wrong()


def test_arguments_of_a_class_of_the_user_are_its_own() -> None:
    """A pooling has no stride but its kernel size; a class without one was asked for it."""

    class Own(shapetorch.nn.Module):
        def __init__(self, stride: int | None = None) -> None:
            super().__init__()
            self.stride = stride

    assert arguments(Own(2)) == {"stride": 2}
    assert arguments(shapetorch.nn.MaxPool2d(2, 2))["stride"] is None


@BOTH
def test_a_base_that_is_given_arguments(lib: Any) -> None:
    class Wrong(lib.nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__(3)

    class Mixin:
        def __init__(self, size: int) -> None:
            self.size = size

    class Right(lib.nn.Module, Mixin):  # type: ignore[name-defined, misc]
        call_super_init = True

    with pytest.raises(TypeError):
        Wrong()
    assert Right(3).size == 3


@BOTH
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("dim", [0, 1, -1, -2, None])
def test_reparametrized_weights(lib: Any, dim: int | None) -> None:
    state = lambda m: {name: tuple(t.shape) for name, t in m.state_dict().items()}  # noqa: E731
    utils, expected = lib.nn.utils, torch.nn.utils.weight_norm(torch.nn.Conv2d(3, 6, 5), dim=dim)
    layer = utils.weight_norm(lib.nn.Conv2d(3, 6, 5), dim=dim)
    assert state(layer) == state(expected)
    assert tuple(layer(tensor(lib, 1, 3, 8, 8)).shape) == (1, 6, 4, 4)
    assert state(utils.remove_weight_norm(layer)) == {"weight": (6, 3, 5, 5), "bias": (6,)}
    for kind in ("Conv2d", "ConvTranspose2d", "Linear"):
        args = (3, 6) if kind == "Linear" else (3, 6, 5)
        layer = utils.spectral_norm(getattr(lib.nn, kind)(*args))
        assert state(layer) == state(torch.nn.utils.spectral_norm(getattr(torch.nn, kind)(*args)))
        assert [n for n, _ in layer.named_parameters()] == ["bias", "weight_orig"]
        utils.remove_spectral_norm(layer)
        assert sorted(state(layer)) == ["bias", "weight"]
    vector = utils.parameters_to_vector(lib.nn.Linear(3, 4).parameters())
    assert tuple(vector.shape) == (16,)


INITS = (
    "normal_ uniform_ trunc_normal_ ones_ zeros_ xavier_uniform_ xavier_normal_ "
    "kaiming_uniform_ kaiming_normal_ orthogonal_ eye_ dirac_"
)


@pytest.mark.parametrize("name", INITS.split())
@pytest.mark.parametrize(
    "shape", [(), (3,), (3, 4), (3, 4, 5), (3, 4, 5, 5), (3, 4, 2, 2, 2), (1, 2, 1, 1, 1, 1)]
)
def test_filling_a_tensor(name: str, shape: tuple[int, ...]) -> None:
    theirs = ours = None
    with suppress(ValueError):
        theirs = getattr(torch.nn.init, name)(torch.empty(shape))
    with suppress(ShapeError):
        ours = getattr(shapetorch.nn.init, name)(shapetorch.empty(shape))
    assert (ours is None) == (theirs is None)
    if ours is not None:
        assert ours.shape == tuple(theirs.shape)  # type: ignore[union-attr]


@pytest.mark.parametrize("nonlinearity", ["linear", "conv2d", "relu", "tanh", "selu", "leaky_relu"])
def test_gains(nonlinearity: str) -> None:
    gain = shapetorch.nn.init.calculate_gain(nonlinearity)
    assert gain == torch.nn.init.calculate_gain(nonlinearity)


@BOTH
def test_the_inputs_of_a_layer_have_names(lib: Any) -> None:
    nn, x = lib.nn, tensor(lib, 1, 3, 8, 8)
    assert tuple(nn.MaxPool2d(2)(input=x).shape) == (1, 3, 4, 4)
    assert tuple(nn.L1Loss()(x, target=x).shape) == ()
    pool = nn.AvgPool2d(2)
    for call in (lambda: pool(x, x), pool, lambda: pool(x=x), lambda: nn.L1Loss()(x)):
        with pytest.raises(TypeError, match="forward"):
            call()
    assert tuple(pool(x).shape) == (1, 3, 4, 4)  # whatever was asked of it before


@BOTH
def test_a_subclass_of_a_layer_takes_arguments_of_its_own(lib: Any) -> None:
    class Halving(lib.nn.AvgPool2d):  # type: ignore[misc]
        stride = 5  # which is no default

        def __init__(self, *, name: str = "") -> None:
            super().__init__(2, ceil_mode=True)
            self.name = name

    assert list(inspect.signature(Halving).parameters) == ["name"]
    assert tuple(Halving()(tensor(lib, 1, 3, 9, 8)).shape) == (1, 3, 5, 4)
    assert tuple(lib.nn.BatchNorm2d(3, bias=False).state_dict()) == tuple(
        torch.nn.BatchNorm2d(3, bias=False).state_dict()
    )
    with pytest.raises(TypeError):
        lib.nn.BatchNorm2d(3, 1e-5, 0.1, True, True, None, None, False)
    with pytest.raises(TypeError):
        lib.nn.Embedding.from_pretrained(tensor(lib, 5, 4), *[None] * 7)
    with pytest.raises(TypeError):
        lib.nn.Conv2d(3, 4)


@pytest.mark.parametrize("name", ["Conv2d", "MaxPool2d", "LazyConv2d", "GRU", "LayerNorm"])
def test_the_signature_of_a_layer_is_torchs(name: str) -> None:
    theirs = inspect.signature(getattr(torch.nn, name).__init__)
    ours = inspect.signature(getattr(shapetorch.nn, name))
    names = list(theirs.parameters)[1:]
    assert "args" in names or list(ours.parameters) == names


def test_only_layers_are_in_torch_nn() -> None:
    for space in (shapetorch.nn, shapetorch.nn.modules):
        names = {name for name, value in vars(space).items() if isinstance(value, type)}
        assert names <= set(dir(torch.nn))


#: torch's bases that make a layer lazy, or only share code.
_OTHERWISE = {"_LazyNormBase", "_LazyConvXdMixin", "Generic", "TensorBase"}


@pytest.mark.parametrize(
    "name", [n for n in dir(torch.nn) if hasattr(shapetorch.nn, n) and n[0].isupper()]
)
def test_a_layer_has_the_base_classes_that_code_asks_for(name: str) -> None:
    theirs = getattr(torch.nn, name)
    if isinstance(theirs, type) and name != "LinearCrossEntropyLoss":
        ours = {base.__name__ for base in getattr(shapetorch.nn, name).__mro__}
        assert {base.__name__ for base in theirs.__mro__} - _OTHERWISE <= ours
