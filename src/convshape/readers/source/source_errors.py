"""What the user's code raises, as an error that shows their lines."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any

from ... import user_frames
from ...errors import Error, SpecError, UnknownOperation, nearest
from ...shapetorch.nn.modules.constructor import signature
from ...shapetorch.nn.modules.module import Module
from ...shapetorch.placeholder import HINT, Mixin, Placeholder
from ...shapetorch.tensor import Tensor

#: A line of a file or of a notebook's cell, and perhaps a column.
_PLACE = r"(.+?)(?::|, line )(\d+)(?::(\d+))?"
_BELOW = 'move code that should not run on import under if __name__ == "__main__":'
_SLIPS = (SyntaxError, NameError, ImportError)
_GROUPS = (list, tuple, dict)
#: What Python says of a value that is not known, or the user's code does.
_NOT_INSTALLED = r"\bPlaceholder\b|, which is not installed>"
#: What Python says of an argument that a function does not take.
_UNKNOWN_ARGUMENT = r"got an unexpected keyword argument '(\w+)'"


def told(
    error: BaseException,
    missing: Collection[str],
    stopped: str = "",
    refused: Sequence[str] = (),
    has_network: bool = True,
) -> Error:
    """Return an error that shows the user's lines, of whatever their code raises.

    Args:
        error: what it raises.
        missing: the packages that are not installed.
        stopped: where the user's file stopped, which is why a name may not be known.
        refused: what the guard has refused to it, which may be why.
        has_network: the network was made, and is being run.
    """
    where, why = _trail(error)
    functions = [name for _, name in user_frames.of(error.__traceback__)]
    is_top_level = functions == ["<module>"] and not isinstance(error, _SLIPS)
    placeholder = needed(error)
    result: Error
    if placeholder is not None:
        result = placeholder._unknown()
        result = result.changed(where=where or result.where)
    elif isinstance(error, Error):
        result = error
    elif isinstance(error, SyntaxError):
        file = user_frames.shown(error.filename) if error.filename else ""
        where = user_frames.place(file, error.lineno) if error.filename else ""
        where += f":{error.offset}" if where and ", cell " not in where else ""
        result = SpecError(f"this is not Python: {error.msg}")
    elif isinstance(error, SystemExit):
        result = _ended(has_network)
    elif isinstance(error, AttributeError) and isinstance(error.obj, Tensor):
        result = UnknownOperation(f"Tensor.{error.name} is not known to convshape", fix=HINT)
    else:
        if isinstance(error, NameError) and stopped:
            why += "\n   " * bool(why) + stopped
        if missing:
            why += "\n   " * bool(why) + f"not installed here: {', '.join(sorted(missing))}"
        result = _failed(error, where)
    why = "\n   ".join(filter(None, (why, *refused)))
    if result is not error and not isinstance(error, SyntaxError):
        result.note(why=why)
    result.note(where=where)
    if not has_network and is_top_level and isinstance(error, Exception):
        result.note(fix=_BELOW)
    span = user_frames.columns(error.__traceback__) if result.where == where else None
    column, snippet = _snippet(result.where, span)
    result.note(snippet=snippet)
    if result.snippet == snippet:
        result.note(column=column)
    return result


#: Errors that no missing package causes.
_BY_ITSELF = (
    SpecError,
    NameError,
    AttributeError,
    ImportError,
    NotImplementedError,
    SystemExit,
)


def needed(error: BaseException) -> Placeholder | None:
    """Return the placeholder of a missing package that caused the error, if one did."""
    if isinstance(error, AttributeError) and isinstance(error.obj, Mixin):
        return error.obj._placeholder
    if isinstance(error, AttributeError) and isinstance(error.obj, Placeholder):
        return error.obj
    if isinstance(error, _BY_ITSELF):
        return None
    is_named = re.search(_NOT_INSTALLED, words(error)) is not None
    frames: list[Any] = []
    traceback = error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        is_users = bool(user_frames.shown(frame.f_code.co_filename))
        frames = [frame][not is_named :] if is_users else [*frames, frame]
        traceback = traceback.tb_next
    values = [value for frame in frames for value in frame.f_locals.values()]
    groups = (v.values() if type(v) is dict else v for v in values if type(v) in _GROUPS)
    items = chain(values, chain.from_iterable(groups))
    placeholders = [value for value in items if isinstance(value, Placeholder)]
    return min(placeholders, key=lambda value: len(value._name), default=None)  # not a part of it


def _ended(has_network: bool) -> SpecError:
    if has_network:
        return SpecError("the network exits instead of returning a result")
    return SpecError("the script exits before it defines a network", fix=_BELOW)


def _failed(error: BaseException, where: str) -> SpecError:
    """Return what Python says, and what may fix it."""
    text, fix = words(error), ""
    if isinstance(error, ModuleNotFoundError):
        lacking = error.name or ""
        fix = installing(lacking, importer(error)) if "." not in lacking else ""
        fix = fix if where else "the file instead, as in folder/net.py:Net"
    fix = getattr(error, "allow", "") if isinstance(error, OSError) else fix
    argument = "index" if isinstance(error, IndexError) else ""
    layer = near = ""
    if "before Module.__init__() call" in text:
        fix = "super().__init__() before it"
    elif isinstance(error, AttributeError) and isinstance(error.obj, Module):
        argument = error.name or ""
        near = _attribute_meant(error.obj, argument)
    elif isinstance(error, TypeError) and (unknown := re.search(_UNKNOWN_ARGUMENT, text)):
        argument = unknown[1]
        layer, near = _argument_meant(argument, where)
    text = text.replace("Placeholder", "what is not installed")
    text = text.replace("convshape.shapetorch.", "torch.")
    text = ": ".join(filter(None, (type(error).__name__, text)))
    what = f"{layer} has no argument {argument!r}" if layer else text
    fix = f"did you mean {near}?" if near else fix
    return SpecError(what, argument=argument, wanted=near, fix=fix)


def words(error: BaseException) -> str:
    """Return what an error says, or nothing where even that fails."""
    try:
        return str(error)
    except KeyboardInterrupt:
        raise
    except BaseException:  # the user's own class
        return ""


def _attribute_meant(module: Module, name: str) -> str:
    """Return the attribute of a module that is most like one that it does not have, or nothing."""
    attributes = vars(module)
    kept = (attributes.get(kind, {}) for kind in ("_modules", "_parameters", "_buffers"))
    known = (attribute for names in (*kept, attributes) for attribute in names)
    return nearest(name, (attribute for attribute in known if attribute[0] != "_"))


def _argument_meant(name: str, where: str) -> tuple[str, str]:
    """Return the layer in a line that has no such argument, and the one that is meant."""
    from ..expressions.vocabulary import LAYERS

    for layer in re.findall(r"(\w+)\(", _snippet(where)[1]):
        if layer in LAYERS and name not in signature(LAYERS[layer]):
            return layer, nearest(name, signature(LAYERS[layer]))
    return "", ""


def _snippet(where: str, span: tuple[int, int] | None = None) -> tuple[int, str]:
    """Return the line of the user's that ``file:line`` names, with carets below, or nothing.

    Args:
        where: the place.
        span: what is marked, as `user_frames.columns` finds it; else all of the line.

    Returns:
        The column of what is marked, 0 if the place has it, and the line.
    """
    from linecache import checkcache, getline

    from ..expressions.syntax import snippet

    match = re.fullmatch(_PLACE, where)
    if match is None:
        return 0, ""
    file, number, column = match.groups()
    checkcache(file)
    line = getline(file, int(number)).rstrip()
    start = int(column) - 1 if column else len(line) - len(line.lstrip())
    end = start + 1 if column else len(line)
    if span is not None and not column:
        start, end = (len(line.encode()[:offset].decode(errors="ignore")) for offset in span)
    return 0 if column else start + 1, snippet(line, start, end) if line else ""


def _trail(error: BaseException) -> tuple[str, str]:
    """Return the user's line where an error arose, and those that led to it."""
    trail = list(user_frames.of(error.__traceback__))
    if not trail:
        return "", ""
    outer = [f"{at} in {name}" for at, name in reversed(trail[:-1])]
    return trail[-1][0], "called from " + ", ".join(outer[:5]) if outer else ""


#: Packages that are installed under another name than they are imported by.
_INSTALLED_AS = {
    "PIL": "pillow", "absl": "absl-py", "bs4": "beautifulsoup4", "cv2": "opencv-python",
    "mpl_toolkits": "matplotlib", "pytorch_lightning": "pytorch-lightning",
    "skimage": "scikit-image", "sklearn": "scikit-learn", "umap": "umap-learn", "yaml": "pyyaml",
}  # fmt: skip
#: What people call modules of their own, which are not what is installed under these names.
_LOCAL = (
    "args common config configs data dataset engine helpers layers lib model models modules "
    "network networks opt options params settings src tools train trainer util utils"
).split()


def installing(top: str, file: str) -> str:
    """Return how to install a package that a file of the user's own imports, or nothing."""
    if f"-packages{os.sep}" in file or not user_frames.shown(file):
        return ""
    if top in _LOCAL:
        return f"{top}.py beside the file that imports it"
    return f"pip install {_INSTALLED_AS.get(top, top)}"


def importer(error: ImportError) -> str:
    """Return the file whose import fails."""
    frame, file = error.__traceback__, ""
    neighbours = os.path.join(os.path.dirname(__file__), "neighbours.py")  # it imports
    while frame is not None:
        name = frame.tb_frame.f_code.co_filename
        file = file if name.startswith("<frozen") or name == neighbours else name
        frame = frame.tb_next
    return file
