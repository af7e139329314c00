"""What code calls of torch that changes no shape: contexts, decorators, switches, gradients."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, UnionType
from typing import Any, Union, get_args, get_origin

from . import dtypes
from .placeholder import HINT, stand_in
from .tensor_attributes import device as _device


class Context:
    """A context manager and decorator that leaves everything as it is: ``torch.no_grad``."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        is_decorator = len(args) == 1 and isinstance(args[0], FunctionType)
        return args[0] if is_decorator else object.__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __call__(self, function: Any) -> Any:
        return function

    def __enter__(self) -> Context:
        return self

    def __exit__(self, *args: Any) -> None:
        pass


class Generator:
    """``torch.Generator``: a source of random numbers, of which there are none."""

    def __init__(self, device: Any = "cpu") -> None:
        self.device = _device(device)

    def manual_seed(self, seed: int) -> Generator:
        """Return the generator as it is."""
        return self

    def seed(self) -> int:
        """Return 0."""
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


def as_it_is(*args: Any, **kwargs: Any) -> Any:
    """Stand for a decorator, with arguments or without, that leaves a function as it is."""
    return args[0] if args and callable(args[0]) else lambda function: function


def registered(*args: Any, **kwargs: Any) -> Any:
    """Stand for a decorator that registers a function and returns it."""
    return lambda function: function


def answer(value: Any) -> Callable[..., Any]:
    """Return a function that returns a value, whatever its arguments."""
    return lambda *args, **kwargs: value


def first(value: Any, *args: Any, **kwargs: Any) -> Any:
    """Return the first argument."""
    return value


def second(kind: Any, value: Any) -> Any:
    """Return the second argument."""
    return value


def check(condition: Any, message: str) -> None:
    """``torch._assert``."""
    assert condition, message


def no_library(path: str) -> None:
    """``torch.ops.load_library``."""
    raise OSError(f"{path} is compiled for torch, which is not loaded")


class Weights(dict[str, Any]):
    """What a network has learned, which changes no shape: nothing is fetched.

    Code may take what it wants from it, and drop what it does not want.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"weights have no attribute {name!r}", name=name, obj=self)
        return stand_in(f"torch.load().{name}", HINT)

    def __missing__(self, name: str) -> Weights:
        return Weights()

    def __delitem__(self, name: str) -> None:
        self.pop(name)

    def pop(self, name: str, default: Any = None) -> Any:
        """Return what is called `name`, and drop it."""
        return super().pop(name, Weights() if default is None else default)


#: Arguments of `checkpoint` itself.
_OF_CHECKPOINT = (
    "use_reentrant preserve_rng_state context_fn determinism_check debug early_stop".split()
)


def checkpoint(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Call the function, as ``torch.utils.checkpoint`` does once."""
    named = {name: value for name, value in kwargs.items() if name not in _OF_CHECKPOINT}
    return function(*args, **named)


def checkpoint_sequential(functions: Any, segments: int, input: Any, **kwargs: Any) -> Any:
    """Call the functions one after the other."""
    for function in functions:
        input = function(input)
    return input


def is_of_type(value: Any, target: Any) -> bool:
    """`torch.jit.isinstance`: also for types such as ``list[torch.Tensor]``."""
    home, inner = get_origin(target), get_args(target)
    if isinstance(target, tuple):
        return any(is_of_type(value, kind) for kind in target)
    if home is None:
        return target is Any or isinstance(value, type(None) if target is None else target)
    if home in (Union, UnionType):
        return any(is_of_type(value, kind) for kind in inner)
    if not isinstance(value, home):
        return False
    if home is dict:
        pairs = value.items()
        return all(all(map(is_of_type, pair, inner)) for pair in pairs)
    if home is tuple and inner[-1:] != (...,):
        return len(value) == len(inner) and all(map(is_of_type, value, inner))
    return all(is_of_type(item, inner[0]) for item in value)


def _named(names: str, value: Any) -> dict[str, Any]:
    return dict.fromkeys(names.split(), value)


NO, NOTHING = answer(False), answer(None)
#: Switches of ``torch`` and what is asked of them, by what is answered.
SWITCHES = {
    **_named("no_grad enable_grad inference_mode set_grad_enabled autocast", Context),
    **_named(
        "clear_autocast_cache get_rng_state seed set_anomaly_enabled set_autocast_cache_enabled "
        "set_autocast_cpu_dtype set_autocast_cpu_enabled set_autocast_dtype set_autocast_enabled "
        "set_autocast_gpu_dtype set_default_device set_deterministic_debug_mode "
        "set_float32_matmul_precision set_flush_denormal set_num_interop_threads set_num_threads "
        "save set_printoptions set_rng_state set_warn_always use_deterministic_algorithms",
        NOTHING,
    ),
    **_named(
        "are_deterministic_algorithms_enabled is_anomaly_check_nan_enabled is_anomaly_enabled "
        "is_autocast_cpu_enabled is_autocast_enabled "
        "is_deterministic_algorithms_warn_only_enabled is_grad_enabled is_inference_mode_enabled "
        "is_warn_always_enabled",
        NO,
    ),
    **_named("get_num_interop_threads get_num_threads", answer(1)),
    **_named("get_deterministic_debug_mode initial_seed", answer(0)),
    **_named("get_autocast_cpu_dtype get_autocast_dtype", answer(dtypes.bfloat16)),
    "get_autocast_gpu_dtype": answer(dtypes.float16),
    "get_default_device": answer(_device("cpu")),
    "get_float32_matmul_precision": answer("highest"),
    "Generator": Generator,
    "load": Weights,
    "compile": as_it_is,
    "_assert": check,
}
AUTOCAST = {"autocast": Context, "custom_fwd": as_it_is, "custom_bwd": as_it_is}
AVAILABLE = _named("is_available is_initialized is_built", NO) | {"device_count": answer(0)}
CUDA = AVAILABLE | _named(
    "empty_cache synchronize manual_seed manual_seed_all set_device reset_peak_memory_stats",
    NOTHING,
)
JIT = {
    **_named(
        "_overload _overload_method _script_if_tracing export freeze ignore interface "
        "optimize_for_inference script script_if_tracing script_method trace unused",
        as_it_is,
    ),
    **_named("is_scripting is_tracing", NO),
    "annotate": second,
    "isinstance": is_of_type,
    "Attribute": first,
}
COMPILER = {
    **_named("disable allow_in_graph assume_constant_result forbid_in_graph", as_it_is),
    **_named("is_compiling is_dynamo_compiling is_exporting", NO),
    **_named("graph_break reset", NOTHING),
}
SDP = _named("enable_flash_sdp enable_math_sdp enable_mem_efficient_sdp", NOTHING)
