"""The modules that replace ``torch`` and ``torch.*`` while a source file runs.

What convshape knows is available under torch's names. Every other name is a `Placeholder`: it can
be imported, subclassed, used as a decorator and called while modules are being imported, and
reports its name when the network calls it.
"""

from __future__ import annotations

import math
import sys
import typing
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from . import dtypes
from .namespace import NAMES
from .ops.spaces import FUNCTIONS
from .out import with_out
from .placeholder import HINT, is_asked_for, stand_in
from .tensor import Tensor
from .tensor_attributes import device as _device
from .tensor_types import UNKNOWN_DTYPES, TensorType, of_data, tensor_types
from .versions import Version
from .without_effect import (
    AUTOCAST,
    AVAILABLE,
    COMPILER,
    CUDA,
    JIT,
    NO,
    NOTHING,
    SDP,
    SWITCHES,
    Context,
    Function,
    Weights,
    answer,
    as_it_is,
    checkpoint,
    checkpoint_sequential,
    first,
    no_library,
    registered,
)

#: The names of a module, those that nobody has asked for yet left out.
_names: Any = vars(ModuleType)["__dict__"].__get__


class Namespace(ModuleType):
    """A module of torch's: what is known of it, and placeholders for the rest."""

    __path__: list[str]
    #: The module of `shapetorch` in its place, whose names it gets when they are asked for.
    __home__: ModuleType | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        full = f"{self.__name__}.{name}"
        result = getattr(self.__home__, name, None)
        if not _is_mirrored(result, full):
            if full in _CONTENTS or _mirror(full):
                return import_module(full)
            if is_asked_for(sys._getframe(1)) and not _has(self.__name__, name):
                raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
            result = stand_in(full, HINT)
        setattr(self, name, result)
        return result

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        """All names, for who lists them."""
        names: dict[str, Any] = _names(self)
        home = self.__home__
        if home is not None:
            for name in getattr(home, "__all__", None) or list(vars(home)):
                value = getattr(home, name)
                if name[:2] != "__" and _is_mirrored(value, f"{self.__name__}.{name}"):
                    names.setdefault(name, value)
            self.__home__ = None
        return names


def _has(module: str, name: str) -> bool:
    """Return whether torch's module has a name that convshape does not know, or may have it."""
    from .other_names import OTHER_NAMES

    return name[0] == "_" or name in OTHER_NAMES.get(module, (name,))


def _is_mirrored(value: Any, name: str) -> bool:
    """Return whether a value of a module of `shapetorch` is in torch's module too."""
    if name.startswith("torch.nn.functional."):
        return hasattr(value, "__wrapped__")  # which helpers are not
    return value is not None and not isinstance(value, ModuleType)


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
        module.__home__ = import_module(mirror)
    contents = _CONTENTS.get(name)
    if contents is not None:
        _names(module).update(contents())
    return module


def _mirror(name: str) -> str:
    """Return the module of `shapetorch` in the place of torch's module `name`, or nothing."""
    is_file = name.startswith("torch.nn.functional.")  # of ours alone
    if is_file or (name != "torch" and not name.startswith("torch.nn")):
        return ""
    ours = __package__ + name.removeprefix("torch")
    try:
        return ours if find_spec(ours) else ""
    except ModuleNotFoundError:
        return ""


#: The version of torch that convshape is like.
VERSION = Version("2.13.0")


def _torch() -> dict[str, Any]:
    return {
        **UNKNOWN_DTYPES,
        **NAMES,
        **with_out(),
        **tensor_types("torch"),
        **SWITCHES,
        **_SYMBOLIC,
        **{name: getattr(math, name) for name in ("inf", "nan", "pi", "e")},
        "Tensor": TensorType("Tensor", (), {"__slots__": (), "__doc__": Tensor.__doc__}),
        "newaxis": None,
        "__version__": VERSION,
        **{name: of_data(FUNCTIONS[name]) for name in _OF_DATA},
        **_of("func", "vmap"),
        "spmm": FUNCTIONS["mm"],
    }


def _functions(home: str) -> dict[str, Any]:
    """Return the functions of a module."""
    module = import_module(f"{__package__}.{home}")
    return {name: f for name, f in vars(module).items() if hasattr(f, "__wrapped__")}


#: What makes tensors of data.
_OF_DATA = ("as_tensor", "asarray", "from_numpy", "tensor")

#: What torch has for sizes that may be symbols.
_SYMBOLIC: dict[str, Any] = {
    "sym_int": int,
    "sym_float": float,
    "sym_max": max,
    "sym_min": min,
    "sym_not": lambda value: not value,
    "sym_sum": sum,
    "sym_ite": lambda condition, yes, no: yes if condition else no,
}

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
    "torch.func": lambda: _all_of("func"),
    "torch.fft": lambda: _functions("fft"),
    "torch.linalg": lambda: {**_functions("linalg"), "LinAlgError": RuntimeError},
    "torch.sparse": lambda: {"mm": _of("ops.matrices", "sparse_mm")["sparse_mm"]},
    "torch.special": lambda: _functions("special"),
    "torch.nn.modules": dict,
    "torch.nn.utils.weight_norm": lambda: _of("nn.utils", "weight_norm", "remove_weight_norm"),
    "torch.nn.utils.spectral_norm": lambda: _of("nn.utils", "spectral_norm",
        "remove_spectral_norm"),
    "torch.nn.parallel": lambda: {"DistributedDataParallel": first},
    "torch.ao": dict,
    "torch.ao.quantization": lambda: _of("quantized", "QuantStub", "DeQuantStub"),
    "torch.quantization": lambda: _of("quantized", "QuantStub", "DeQuantStub"),
    "torch.ao.nn.quantized": lambda: _of("quantized", "FloatFunctional"),
    "torch.nn.quantized": lambda: _of("quantized", "FloatFunctional"),
    "torch.autograd": lambda: {
        "Function": Function, "Variable": first, "no_grad": Context,
        "set_detect_anomaly": Context, "set_grad_enabled": Context, "enable_grad": Context,
    },
    "torch.autograd.function": lambda: {"Function": Function, "once_differentiable": as_it_is},
    "torch.autograd.variable": lambda: {"Variable": first},
    "torch.accelerator": lambda: {**AVAILABLE, "current_accelerator": NOTHING},
    "torch.amp": lambda: AUTOCAST,
    "torch.cuda": lambda: {**CUDA, **tensor_types("torch.cuda")},
    "torch.cuda.amp": lambda: AUTOCAST,
    "torch.cpu": lambda: AVAILABLE,
    "torch.mps": lambda: AVAILABLE,
    "torch.xpu": lambda: AVAILABLE,
    "torch.backends": dict,
    "torch.backends.cuda": lambda: {"is_built": NO, "sdp_kernel": Context, **SDP},
    "torch.nn.attention": lambda: {"sdpa_kernel": Context},
    "torch.nn.attention.flex_attention": lambda: _of("nn.attention", "flex_attention",
        "create_block_mask", "BlockMask", "and_masks", "or_masks"),
    "torch.backends.cudnn": lambda: {**AVAILABLE, "version": NOTHING, "flags": Context},
    "torch.backends.mps": lambda: AVAILABLE,
    "torch.backends.mkldnn": lambda: AVAILABLE,
    "torch.backends.quantized": lambda: {"engine": "none", "supported_engines": []},
    "torch.compiler": lambda: COMPILER,
    "torch._dynamo": lambda: COMPILER,
    **dict.fromkeys(_DISTRIBUTIONS, lambda: _all_of("distributions")),
    "torch.distributed": lambda: {**AVAILABLE, "get_rank": answer(0),
        "get_world_size": answer(1)},
    "torch.fx": lambda: {"wrap": as_it_is},
    "torch.hub": lambda: {
        **dict.fromkeys(("get_dir", "_get_torch_home"), answer("~/.cache/torch")),
        "load_state_dict_from_url": Weights,
    },
    "torch.jit": lambda: {"Final": typing.Final, **JIT},
    "torch.library": lambda: dict.fromkeys(
        ("register_fake", "impl_abstract", "impl", "register_kernel"), registered
    ),
    "torch.onnx": lambda: {"is_in_onnx_export": NO},
    "torch.ops": lambda: {"load_library": no_library},
    "torch.overrides": lambda: {"has_torch_function": NO,
        "is_tensor_like": lambda x: isinstance(x, Tensor)},
    "torch.profiler": lambda: {"record_function": Context},
    "torch.autograd.profiler": lambda: {"record_function": Context},
    "torch.types": lambda: {
        "_size": tuple, "_dtype": dtypes.dtype, "_device": _device, "Number": float, "Device": str
    },
    "torch.utils": dict,
    "torch.utils.checkpoint": lambda: {
        "checkpoint": checkpoint, "checkpoint_sequential": checkpoint_sequential
    },
    "torch.utils.model_zoo": lambda: {"load_url": Weights},
    "torch.version": lambda: {"__version__": VERSION, "cuda": None, "hip": None},
    "torch._C": lambda: {
        "_log_api_usage_once": NOTHING, "_get_tracing_state": NOTHING, "_is_tracing": NO
    },
    "torch.nn.modules.activation": lambda: _of("nn", "MultiheadAttention"),
}  # fmt: skip


def _all_of(home: str) -> dict[str, Any]:
    module = import_module(f"{__package__}.{home}")
    return {name: getattr(module, name) for name in module.__all__}


def _of(home: str, *names: str) -> dict[str, Any]:
    module = import_module(f"{__package__}.{home}")
    return {name: getattr(module, name) for name in names}
