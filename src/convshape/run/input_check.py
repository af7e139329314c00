"""Whether a network takes inputs: their number, and their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, KeysView, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..errors import Error, SpecError, nearest
from ..shapetorch import dtypes
from ..shapetorch.arguments import shape as shape_text
from ..shapetorch.nn.modules.constructor import REQUIRED, call_text, signature, takes_any
from ..shapetorch.nn.modules.module import Module, is_layer
from ..shapetorch.tensor import Tensor

_IMAGE = r"(?i)im(g|age)?s?(_|\b|\d)|x\b|pixel|rgb|photo|pic|frame|input"
#: An input of each kind that a `forward` may say it takes.
_EXAMPLES = {"int": "int(1)", "float": "0.5", "bool": "True", "str": "text"}


def forward_of(module: Any) -> Callable[..., Any]:
    """Return the `forward` that takes the inputs: of a DataParallel that of its network."""
    while type(module).__name__ == "DataParallel" and hasattr(module, "module"):
        module = module.module
    forward: Callable[..., Any] = type(module).forward
    return forward


def check_inputs(
    module: Module, inputs: Sequence[Any], named: Mapping[str, Any] | None = None
) -> None:
    """Refuse inputs that the module's `forward` does not take.

    Raises:
        SpecError: there are too few or too many, or one has another name than its.
    """
    named = named or {}
    forward = forward_of(module)
    many, any_name = takes_any(forward)
    arguments = dict(list(signature(forward).items())[1:])
    for name in named:
        if name not in arguments and not any_name:
            near = nearest(name, arguments)
            names = ", ".join(arguments) or "none"
            fix = f"did you mean {near}?" if near else f"its inputs are {names}"
            raise SpecError(f"{call_text(module)} has no input {name!r}", fix=fix)
    twice = [name for name in list(arguments)[: len(inputs)] if name in named]
    if twice:
        what = f"{call_text(module)} received its input {twice[0]!r} twice: by position and by name"
        raise SpecError(what, fix="leave one of them out")
    rest = list(arguments.items())[len(inputs) :]
    missing = [name for name, default in rest if default is REQUIRED and name not in named]
    if not missing and (many or len(inputs) <= len(arguments)):
        return
    required = [name for name, default in arguments.items() if default is REQUIRED]
    keys = keys_read(forward, required[0]) if len(required) == 1 else ()
    names = f" ({', '.join(required)})" if len(required) > 1 or named else ""
    if keys:
        names = f" ({required[0]}, a dictionary of {', '.join(keys)})"
    takes = f"{len(required)} input{'s' * (len(required) != 1)}{names}"
    others = [name for name in named if name not in arguments]
    count = len(inputs) + len(named) - len(others)
    near = nearest(others[0], missing) if others else ""
    raise SpecError(
        f"{call_text(module)} takes {takes}, but {count} {'is' if count == 1 else 'are'} given",
        fix=f"did you mean {near}, not {others[0]}?"
        if near
        else _as_options(module, required, keys, inputs, named),
    )


def missing_keys(
    refusal: BaseException, module: Module, inputs: Sequence[Any], named: Mapping[str, Any]
) -> str:
    """Return the options for a dictionary that lacks a name which `forward` reads, or nothing."""
    forward = forward_of(module)
    arguments = list(signature(forward))[1:]
    for name, value in (dict(zip(arguments, inputs, strict=False)) | dict(named)).items():
        keys = keys_read(forward, name)
        lacks = isinstance(value, dict) and isinstance(refusal, KeyError)
        if (lacks and not keys <= value.keys()) or (keys and isinstance(value, Tensor)):
            return _options(keys, value if isinstance(value, dict) else {})
    return ""


def keys_read(forward: Callable[..., Any], argument: str) -> KeysView[str]:
    """Return the names by which the code of a `forward` reads an argument: ``batch["img"]``."""
    from dis import get_instructions  # only a mistake pays for it

    keys: dict[str, None] = {}
    loaded, key = "", None
    for step in get_instructions(forward):
        if step.opname.startswith("LOAD_FAST"):
            names = step.argval if isinstance(step.argval, tuple) else (step.argval,)
            loaded, key = names[-1], None
        elif step.opname == "LOAD_CONST" and loaded == argument:
            loaded, key = "", step.argval
        else:
            is_read = step.opname == "BINARY_SUBSCR" or step.argrepr == "[]"
            if is_read and isinstance(key, str):
                keys[key] = None
            loaded, key = "", None
    return keys.keys()


def _as_options(
    module: Module,
    required: Sequence[str],
    keys: Collection[str],
    inputs: Sequence[Any],
    named: Mapping[str, Any],
) -> str:
    """Return the options for the inputs that are wanted, with what is known of them."""
    forward = forward_of(module)
    known = dict(zip(list(signature(forward))[1:], inputs, strict=False)) | dict(named)
    kinds = getattr(forward, "__annotations__", {})
    for name in required:
        kind = getattr(kinds.get(name), "__name__", kinds.get(name))
        if name not in known and kind in _EXAMPLES:
            known[name] = _EXAMPLES[kind]
    if keys:
        return _options(keys, known)
    if len(required) == 1:
        if len(inputs) > 1 and all(type(size) is int for size in inputs):
            known[required[0]] = Tensor((1, *inputs))  # the sizes of one, each as an input
        first = _as_option(known.get(required[0], Tensor((1, 3, 32, 32))))
        if len(inputs) > 1 and required[0].endswith("s"):
            return f"a list of them: --in '[{', '.join(map(_as_option, inputs))}]'"
        return f"--in {first}"
    tensor = next((value for value in known.values() if isinstance(value, Tensor)), None)
    if tensor is not None and is_layer(module):
        alike = dict.fromkeys(required, tensor) | known
        with suppress(Error):
            module(**alike)
            known = alike
    return _options(required, known)


def _options(names: Collection[str], known: Mapping[str, Any]) -> str:
    """Write an option for each name; of the first that is not known as of an image."""
    like = dict(known)
    if names and not any(isinstance(value, Tensor) for value in known.values()):
        image = next((name for name in names if re.match(_IMAGE, name)), next(iter(names)))
        like.setdefault(image, Tensor((1, 3, 32, 32)))
    return " ".join(
        f"--in {name}={_as_option(like[name]) if name in like else '...'}" for name in names
    )


def _as_option(value: Any) -> str:
    """Write an input as the command line has it."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Tensor):
        return repr(value) if not isinstance(value, (tuple, list, dict)) else "..."
    kind = "" if value.dtype is dtypes.float32 else f"{value.dtype.name}:"
    return kind + (shape_text(value.shape[1:]).replace("×", "x") if value.shape else "()")
