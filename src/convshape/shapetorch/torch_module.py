"""The modules that replace ``torch`` and ``torch.*`` while a source file runs.

What convshape knows is available under torch's names. Every other name is a `Placeholder`: it can
be imported, subclassed, used as a decorator and called while modules are being imported, and
reports its name when the network calls it.
"""

from __future__ import annotations

import math
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from types import FunctionType, ModuleType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from .. import user_frames
from ..errors import UnknownOperation
from . import dtypes
from .placeholder import HINT, Placeholder, stand_in
from .tensor import Tensor, new
from .tensor_attributes import Size
from .tensor_attributes import device as _device
from .versions import Version

if TYPE_CHECKING:
    from collections.abc import Callable


class Namespace(ModuleType):
    """A module of torch's: what is known of it, and placeholders for the rest."""

    __path__: list[str]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        full = f"{self.__name__}.{name}"
        if full in _CONTENTS or _mirror(full):
            return import_module(full)
        self.__dict__[name] = result = stand_in(full, HINT)
        return result


#: Modules that torch does not have any more: code that tries them has something else for it.
_GONE = ("torch._six", "torch.nn.backends", "torch.autograd.variable.Variable")


def namespace(name: str) -> ModuleType | None:
    """Return a new module to replace `name`, or None if torch has no such module."""
    if name in _GONE:
        return None
    module = Namespace(name)
    module.__path__ = []
    mirror = _mirror(name)
    if mirror:
        home = import_module(mirror)
        known = getattr(home, "__all__", None)  # which loads its files
        functions = known if name == "torch.nn.functional" else None  # and no helpers
        module.__dict__.update(
            (key, value)
            for key, value in vars(home).items()
            if not key.startswith("__") and not isinstance(value, ModuleType)
            if functions is None or key in functions
        )
    contents = _CONTENTS.get(name)
    if contents is not None:
        module.__dict__.update(contents())
    return module


def _mirror(name: str) -> str:
    """Return the module of `shapetorch` in the place of torch's module `name`, or nothing."""
    if not name.startswith("torch.nn"):
        return ""
    ours = __package__ + name.removeprefix("torch")
    try:
        return ours if find_spec(ours) else ""
    except ModuleNotFoundError:
        return ""


# What is known beyond shapes


class _TensorType(type):
    """The type of ``torch.Tensor``: every tensor is one; called, it makes one as torch does."""

    def __instancecheck__(cls, instance: Any) -> bool:
        dtype = cls.__dict__.get("dtype")
        on_cpu = cls.__module__ != "torch.cuda"
        return on_cpu and isinstance(instance, Tensor) and dtype in (None, instance.dtype)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, Tensor) or type.__subclasscheck__(cls, subclass)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        dtype = cls.__dict__.get("dtype") or dtypes.float32
        if len(args) == 1 and isinstance(args[0], Size):
            return new(args[0], dtype)
        if len(args) == 1 and not isinstance(args[0], int):
            return args[0] if isinstance(args[0], Tensor) else _of_data(_as_tensor)(args[0], dtype)
        return new(Tensor(args or (0,)).shape, dtype)

    def __getattr__(cls, name: str) -> Any:
        return getattr(Tensor, name)


#: The version of torch that convshape is like.
VERSION = Version("2.13.0")


class _Context:
    """A context manager and decorator that leaves everything as it is: ``torch.no_grad``."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return (
            args[0] if len(args) == 1 and isinstance(args[0], FunctionType) else object.__new__(cls)
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __call__(self, function: Any) -> Any:
        return function

    def __enter__(self) -> _Context:
        return self

    def __exit__(self, *args: Any) -> None:
        pass


class _Generator:
    """``torch.Generator``: a source of random numbers, of which there are none."""

    def __init__(self, device: Any = "cpu") -> None:
        self.device = _device(device)

    def manual_seed(self, seed: int) -> _Generator:
        return self

    def seed(self) -> int:
        return 0

    initial_seed = seed


class Function:
    """``torch.autograd.Function``: `apply` runs `forward`."""

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run the subclass's `forward`."""
        forward: Any = cls.forward  # type: ignore[attr-defined]
        if hasattr(cls, "setup_context"):
            return forward(*args, **kwargs)
        return forward(_FunctionContext(), *args, **kwargs)


class _FunctionContext:
    """What `forward` keeps for the gradient."""

    saved_tensors: tuple[Any, ...] = ()

    def save_for_backward(self, *tensors: Any) -> None:
        self.saved_tensors = tensors

    def mark_dirty(self, *args: Any) -> None:
        pass

    mark_non_differentiable = set_materialize_grads = save_for_forward = mark_dirty


def _as_it_is(*args: Any, **kwargs: Any) -> Any:
    """Stand for a decorator, with arguments or without, that leaves a function as it is."""
    return args[0] if args and callable(args[0]) else lambda function: function


def _answer(value: Any) -> Callable[..., Any]:
    return lambda *args, **kwargs: value


def _first(value: Any, *args: Any, **kwargs: Any) -> Any:
    return value


def _second(kind: Any, value: Any) -> Any:
    return value


def _checkpoint(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Call the function, as ``torch.utils.checkpoint`` does once."""
    for name in (
        "use_reentrant",
        "preserve_rng_state",
        "context_fn",
        "determinism_check",
        "debug",
        "early_stop",
    ):
        kwargs.pop(name, None)
    return function(*args, **kwargs)


def _checkpoint_sequential(functions: Any, segments: int, input: Any, **kwargs: Any) -> Any:
    for each in functions:
        input = each(input)
    return input


def _assert(condition: Any, message: str) -> None:
    assert condition, message


def _is_of_type(value: Any, target: Any) -> bool:
    """`torch.jit.isinstance`: also for types such as ``list[torch.Tensor]``."""
    home, inner = get_origin(target), get_args(target)
    if isinstance(target, tuple):
        return any(_is_of_type(value, kind) for kind in target)
    if home is None:
        return target is Any or isinstance(value, type(None) if target is None else target)
    if home in (Union, UnionType):
        return any(_is_of_type(value, kind) for kind in inner)
    if not isinstance(value, home):
        return False
    if home is dict:
        pairs = value.items()
        return all(all(map(_is_of_type, pair, inner)) for pair in pairs)
    if home is tuple and inner[-1:] != (...,):
        return len(value) == len(inner) and all(map(_is_of_type, value, inner))
    return all(_is_of_type(item, inner[0]) for item in value)


def _as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Any:
    if isinstance(data, Tensor):
        return data if dtype in (None, data.dtype) else data.to(dtype)
    from .ops import FUNCTIONS

    return FUNCTIONS["tensor"](data, dtype=dtype)


def _of_data(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of data, which may come from a package that is not installed."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], Placeholder):
            if args[0]._tensor is None:
                return args[0]._value()
            args = (args[0]._tensor, *args[1:])
        return function(*args, **kwargs)

    return call


class _UnknownDtype(dtypes.dtype):
    """A dtype that convshape does not compute with: refused where its kind matters."""

    __slots__ = ()

    def __init__(self, name: str, itemsize: int) -> None:
        self.name = name
        self.itemsize = itemsize

    @property
    def kind(self) -> int:  # type: ignore[override]
        """Refuse: what it promotes to is not known."""
        what = f"torch.{self.name} is not known to convshape"
        raise UnknownOperation(what, where=user_frames.here(), fix=HINT)

    @property
    def is_floating_point(self) -> bool:
        """Whether it is one of the real floating-point types."""
        return self.name.startswith("float")

    @property
    def is_complex(self) -> bool:
        """Whether it is one of the complex types: none is."""
        return False

    @property
    def is_signed(self) -> bool:
        """Whether it can be negative."""
        return self.name.startswith(("float", "int", "qint"))


#: torch's dtypes besides those of `dtypes`, by their bytes.
_UNKNOWN_DTYPES = {
    1: "bit bits1x8 bits2x4 bits4x2 bits8 float4_e2m1fn_x2 float8_e4m3fn float8_e4m3fnuz "
    "float8_e5m2 float8_e5m2fnuz float8_e8m0fnu int1 int2 int3 int4 int5 int6 int7 qint8 quint2x4 "
    "quint4x2 quint8 uint1 uint2 uint3 uint4 uint5 uint6 uint7",
    2: "bits16 uint16",
    4: "qint32 uint32",
    8: "uint64",
}


def _unknown_dtypes() -> dict[str, Any]:
    pairs = ((name, size) for size, names in _UNKNOWN_DTYPES.items() for name in names.split())
    return {name: _UnknownDtype(name, size) for name, size in pairs}


def _say_types() -> None:
    """Let `typing.get_type_hints` read modules, whose annotations are for type checkers only."""
    from . import nn

    for name in nn.__all__:
        for base in getattr(nn, name).__mro__:
            if issubclass(base, nn.Module) and vars(base).get("__annotations__"):
                base.__annotations__ = dict.fromkeys(base.__annotations__, Any)


def _no_weights(*args: Any, **kwargs: Any) -> dict[str, Any]:
    """Return nothing: what a network has learned changes no shape, and nothing is fetched."""
    return {}


def _no_library(path: str) -> None:
    raise OSError(f"{path} is compiled for torch, which is not loaded")


def _ntuple(count: int) -> Callable[[Any], tuple[Any, ...]]:
    from .nn.modules.utils import ntuple

    return lambda value: ntuple(value, count)


def _tensor_types(home: str) -> dict[str, Any]:
    """Return ``torch.FloatTensor`` and so on, or those of ``torch.cuda``, which are on the CPU."""
    prefixes = {
        "Float": dtypes.float32, "Double": dtypes.float64, "Half": dtypes.float16,
        "Long": dtypes.int64, "Int": dtypes.int32, "Short": dtypes.int16, "Char": dtypes.int8,
        "Byte": dtypes.uint8, "Bool": dtypes.bool, "BFloat16": dtypes.bfloat16,
    }  # fmt: skip
    names = {f"{prefix}Tensor": dtype for prefix, dtype in prefixes.items()}
    return {
        name: _TensorType(name, (), {"dtype": dtype, "__module__": home})
        for name, dtype in names.items()
    }


def _torch() -> dict[str, Any]:
    _say_types()
    from .. import shapetorch
    from .ops import FUNCTIONS
    from .out import with_out

    return {
        **_unknown_dtypes(),
        **{name: getattr(shapetorch, name) for name in shapetorch.__all__ if name != "nn"},
        **with_out(),
        **_tensor_types("torch"),
        **dict.fromkeys(
            "no_grad enable_grad inference_mode set_grad_enabled autocast".split(), _Context
        ),
        **dict.fromkeys("compile".split(), _as_it_is),
        **dict.fromkeys(
            "clear_autocast_cache get_rng_state seed set_anomaly_enabled "
            "set_autocast_cache_enabled set_autocast_cpu_dtype set_autocast_cpu_enabled "
            "set_autocast_dtype set_autocast_enabled set_autocast_gpu_dtype set_default_device "
            "set_deterministic_debug_mode set_float32_matmul_precision set_flush_denormal "
            "set_num_interop_threads set_num_threads set_printoptions set_rng_state "
            "set_warn_always use_deterministic_algorithms".split(),
            _answer(None),
        ),
        **dict.fromkeys(
            "are_deterministic_algorithms_enabled is_anomaly_check_nan_enabled is_anomaly_enabled "
            "is_autocast_cpu_enabled is_deterministic_algorithms_warn_only_enabled "
            "is_warn_always_enabled".split(),
            _answer(False),
        ),
        **dict.fromkeys("get_num_interop_threads get_num_threads".split(), _answer(1)),
        **dict.fromkeys("get_deterministic_debug_mode initial_seed".split(), _answer(0)),
        "Generator": _Generator,
        "get_default_device": _answer(_device("cpu")),
        **dict.fromkeys(
            "get_autocast_cpu_dtype get_autocast_dtype".split(), _answer(dtypes.bfloat16)
        ),
        "get_autocast_gpu_dtype": _answer(dtypes.float16),
        "get_float32_matmul_precision": _answer("highest"),
        "sym_int": int,
        "sym_float": float,
        "sym_max": max,
        "sym_min": min,
        "sym_not": lambda value: not value,
        "sym_sum": sum,
        "sym_ite": lambda condition, yes, no: yes if condition else no,
        **{name: getattr(math, name) for name in ("inf", "nan", "pi", "e")},
        "Tensor": _TensorType("Tensor", (), {"__slots__": (), "__doc__": Tensor.__doc__}),
        "newaxis": None,
        "__version__": VERSION,
        "is_grad_enabled": _answer(False),
        "is_inference_mode_enabled": _answer(False),
        "is_autocast_enabled": _answer(False),
        **dict.fromkeys(("as_tensor", "from_numpy"), _of_data(_as_tensor)),
        **{name: _of_data(FUNCTIONS[name]) for name in ("asarray", "tensor")},
        "_assert": _assert,
        **_of("func", "vmap"),
        "spmm": FUNCTIONS["mm"],
    }


def _functions(home: str) -> dict[str, Any]:
    """Return the functions of a module."""
    module = import_module(f"{__package__}.{home}")
    return {name: f for name, f in vars(module).items() if hasattr(f, "__wrapped__")}


_NO = _answer(False)
_NOTHING = _answer(None)
_AUTOCAST = {"autocast": _Context, "custom_fwd": _as_it_is, "custom_bwd": _as_it_is}
_AVAILABLE = {
    "is_available": _NO,
    "is_initialized": _NO,
    "is_built": _NO,
    "device_count": _answer(0),
}
_CUDA = _AVAILABLE | dict.fromkeys(
    "empty_cache synchronize manual_seed manual_seed_all set_device "
    "reset_peak_memory_stats".split(),
    _NOTHING,
)
_JIT = {
    **dict.fromkeys(
        "_overload _overload_method _script_if_tracing export freeze ignore interface "
        "optimize_for_inference script script_if_tracing script_method trace unused".split(),
        _as_it_is,
    ),
    "is_scripting": _NO,
    "is_tracing": _NO,
    "annotate": _second,
    "isinstance": _is_of_type,
    "Attribute": _first,
}
_COMPILER = {
    **dict.fromkeys(
        "disable allow_in_graph assume_constant_result forbid_in_graph".split(), _as_it_is
    ),
    "is_compiling": _NO,
    "is_dynamo_compiling": _NO,
    "is_exporting": _NO,
    "graph_break": _NOTHING,
    "reset": _NOTHING,
}
_TUPLES = dict(enumerate(("_single", "_pair", "_triple", "_quadruple"), 1))


#: Where `torch.distributions` has its classes; each of them is found in all.
_DISTRIBUTIONS = [
    "torch.distributions",
    *(
        f"torch.distributions.{name}"
        for name in "bernoulli beta categorical cauchy dirichlet distribution exponential gamma "
        "geometric gumbel half_cauchy half_normal independent kl laplace log_normal "
        "multivariate_normal normal one_hot_categorical poisson relaxed_bernoulli uniform".split()
    ),
]

#: What is in torch's modules, besides what `shapetorch` has in the same places.
_CONTENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "torch": _torch,
    "torch.nn": lambda: _of("nn.parallel", "DataParallel"),
    "torch.nn.functional": lambda: _functions("nn.functional"),
    "torch.func": lambda: _all_of("func"),
    "torch.fft": lambda: _functions("fft"),
    "torch.linalg": lambda: {**_functions("linalg"), "LinAlgError": RuntimeError},
    "torch.sparse": lambda: _of("ops.matrices", "mm"),
    "torch.special": lambda: _functions("special"),
    "torch.nn.modules": dict,
    "torch.nn.modules.utils": lambda: {
        **{name: _ntuple(count) for count, name in _TUPLES.items()},
        "_ntuple": _ntuple,
        "_reverse_repeat_tuple": lambda t, n: tuple(x for x in reversed(t) for _ in range(n)),
    },
    "torch.nn.utils.weight_norm": lambda: _of("nn.utils", "weight_norm", "remove_weight_norm"),
    "torch.nn.utils.spectral_norm": lambda: _of("nn.utils", "spectral_norm",
        "remove_spectral_norm"),
    "torch.nn.parallel": lambda: {"DistributedDataParallel": _first},
    "torch.ao": dict,
    "torch.ao.quantization": lambda: _of("quantized", "QuantStub", "DeQuantStub"),
    "torch.quantization": lambda: _of("quantized", "QuantStub", "DeQuantStub"),
    "torch.ao.nn.quantized": lambda: _of("quantized", "FloatFunctional"),
    "torch.nn.quantized": lambda: _of("quantized", "FloatFunctional"),
    "torch.autograd": lambda: {
        "Function": Function, "Variable": _first, "no_grad": _Context,
        "set_detect_anomaly": _Context, "set_grad_enabled": _Context, "enable_grad": _Context,
    },
    "torch.autograd.function": lambda: {"Function": Function, "once_differentiable": _as_it_is},
    "torch.autograd.variable": lambda: {"Variable": _first},
    "torch.amp": lambda: {**_AUTOCAST},
    "torch.cuda": lambda: {**_CUDA, **_tensor_types("torch.cuda")},
    "torch.cuda.amp": lambda: {**_AUTOCAST},
    "torch.cpu": lambda: {**_AVAILABLE},
    "torch.mps": lambda: {**_AVAILABLE},
    "torch.xpu": lambda: {**_AVAILABLE},
    "torch.backends": dict,
    "torch.backends.cuda": lambda: {
        "is_built": _NO,
        "sdp_kernel": _Context,
        **dict.fromkeys("enable_flash_sdp enable_math_sdp enable_mem_efficient_sdp".split(),
            _NOTHING),
    },
    "torch.nn.attention": lambda: {"sdpa_kernel": _Context},
    "torch.backends.cudnn": lambda: {**_AVAILABLE, "version": _NOTHING, "flags": _Context},
    "torch.backends.mps": lambda: {**_AVAILABLE},
    "torch.backends.mkldnn": lambda: {**_AVAILABLE},
    "torch.backends.quantized": lambda: {"engine": "none", "supported_engines": []},
    "torch.compiler": lambda: {**_COMPILER},
    "torch._dynamo": lambda: {**_COMPILER},
    **dict.fromkeys(_DISTRIBUTIONS, lambda: _all_of("distributions")),
    "torch.distributed": lambda: {**_AVAILABLE, "get_rank": _answer(0),
        "get_world_size": _answer(1)},
    "torch.fx": lambda: {"wrap": _as_it_is},
    "torch.hub": lambda: {
        **dict.fromkeys(("get_dir", "_get_torch_home"), _answer("~/.cache/torch")),
        "load_state_dict_from_url": _no_weights,
    },
    "torch.jit": lambda: {"Final": __import__("typing").Final, **_JIT},
    "torch.library": lambda: dict.fromkeys(
        ("register_fake", "impl_abstract", "impl", "register_kernel"), _registered
    ),
    "torch.onnx": lambda: {"is_in_onnx_export": _NO},
    "torch.ops": lambda: {"load_library": _no_library},
    "torch.overrides": lambda: {"has_torch_function": _NO,
        "is_tensor_like": lambda x: isinstance(x, Tensor)},
    "torch.profiler": lambda: {"record_function": _Context},
    "torch.autograd.profiler": lambda: {"record_function": _Context},
    "torch.types": lambda: {
        "_size": tuple, "_dtype": dtypes.dtype, "_device": _device, "Number": float, "Device": str
    },
    "torch.utils": dict,
    "torch.utils.checkpoint": lambda: {
        "checkpoint": _checkpoint, "checkpoint_sequential": _checkpoint_sequential
    },
    "torch.utils.model_zoo": lambda: {"load_url": _no_weights},
    "torch.version": lambda: {"__version__": VERSION, "cuda": None, "hip": None},
    "torch._C": lambda: {"_log_api_usage_once": _NOTHING, "_get_tracing_state": _NOTHING},
}  # fmt: skip


def _registered(*args: Any, **kwargs: Any) -> Any:
    """Stand for a decorator that registers a function and returns it."""
    return lambda function: function


def _all_of(home: str) -> dict[str, Any]:
    module = import_module(f"{__package__}.{home}")
    return {name: getattr(module, name) for name in module.__all__}


def _of(home: str, *names: str) -> dict[str, Any]:
    module = import_module(f"{__package__}.{home}")
    return {name: getattr(module, name) for name in names}
