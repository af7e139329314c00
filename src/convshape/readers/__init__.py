"""One reader a format, each with ``read(...)``: a text to a `Program`. Nothing is run here."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import SpecError
from ..files import reason, standard_input

if TYPE_CHECKING:
    from ..run.program import Program

_UTF_8 = "utf-8-sig"
#: How texts in UTF-16 begin.
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
#: How Python source says its encoding, in a comment of its first or second line.
_CODING = rb"(?:[ \t\f]*(?:#.*)?\r?\n)?[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)"
#: Larger than any network that a person or a generator writes, and read in a moment.
_LARGEST = 64 * 2**20
#: How a printed model begins, unlike any network file: ``Name(`` or ``Name(...)`` alone in the
#: first line. Prompts may precede it, as in a session; torch 0.2 wrote ``Name (``.
_PRINTED = (
    r"\A(\s*(>>>|\.\.\.|In ?\[\d*\]:|\$|#|print ?\([\w.]+\)[ \t\r]*$).*\n)*\s*(Out\[\d*\]:\s*)?"
    r"(# *)?[^\W\d](\w* ?\(([^\n]*\))?|[\w.]*\()[ \t\r]*(\n|\Z)"
)
#: How one begins within other text, as of a log: ``INFO Name(``, and a child in a line below it.
_PRINTED_INSIDE = r"(?m)(?<![\w.])[^\W\d][\w.]* ?\([ \t\r]*\n([^\n()]*\n)?[ \t]*\([^()\n]+\): "
#: What a logger writes before each line of a print: a date, a level, a rank; ``> `` of a mail.
_PREFIXED = (
    r"(?m)^(?P<prefix>\S.*?)[^\W\d][\w.]*\([ \t\r]*\n(?P<next>.*?)[ \t]+\([^()\n]+\): [^\W\d]"
)
#: The heads of tables that torchsummary, torchinfo, Keras, Lightning, fastai and fvcore print.
_TABLE = (
    r"Output Shape[ ┃]+(\([^()\n]*\) +)?Param #|[|┃] Name +[|┃] Type +[|┃] Params"
    r"|[|┃] (path|module) +[|┃] (module|#parameters)"
)
#: Colors of a terminal.
_COLORS = r"\x1b\[[\d;]*m"
#: A line that is Python and stands in no network file: imports, a class, layers that are made.
_CODE = (
    r"(?m)^(import [\w., ]+$|from [\w.]+ import [(\w]|class \w+(\(.*\))?:\s*(#.*)?$|def \w+\("
    r"|\s*(nn\.)?Sequential\(\s*(nn\.)?[A-Z]\w*\(|(\w+ ?= ?)?(torch\.)?nn\.[A-Z]\w*\("
    r"|\w+ ?= ?(\w+\.)*[A-Z]\w*\((?!\s*\([^()\n]+\): ))"
)
#: A file of PyTorch source, and what is named in it.
_SOURCE = r"(.+?\.(?:py|ipynb))(?:(?::+|\s+(?=\w))(.*))?\Z"
#: How files end that are no modules, though their names could be one's.
_ENDINGS = "bin csv h5 json md onnx pb pdf pt pth safetensors toml txt xml yaml yml zip".split()
#: How files end whose code is run; others hold data, whoever wrote them.
_RUN = (".py", ".ipynb", ".txt", "<stdin>", "<the command line>")
#: A layer or container, given in place of a file.
_CALL = r"(torch\.)?nn\.[A-Z]\w*\("


def load(
    target: str,
    inputs: Sequence[Any] = (),
    *,
    named: Mapping[str, Any] | None = None,
    engine: str | None = None,
    input: str | Sequence[str] = (),
    allow: Sequence[str] = (),
    no_input: bool = False,
    **options: Any,
) -> Program:
    """Read a network file, a printed model or PyTorch source, without running the network.

    Args:
        target: a file (``-`` is standard input), of which the text decides what it is; or source:
            ``lenet.py``, ``lenet.py:LeNet(2)``, ``package.file:LeNet``.
        inputs: the inputs of source: shapes (also as text), tensors, or other arguments of
            `forward`.
        named: those by name.
        engine: what runs source: ``"torch"`` for torch itself.
        input: shape of one sample of each input, as text.
        allow: what source may do beside making a network, of `guard.KINDS`.
        no_input: the network is not run, so that no input is needed.
        options: of every reader's ``read``: `batch` and `constants`.

    Raises:
        SpecError: there is no such file, or it cannot be read.
        ShapeError: it has a layer that torch would refuse to make.
    """
    samples = [input] if isinstance(input, str) else list(input or ())
    if target.lower().endswith(".onnx"):
        from .onnx import read as read_onnx

        if engine not in (None, "shape"):
            raise SpecError(f"engine={engine!r} is for PyTorch source, and {target} is not")
        return read_onnx(target, input=[*inputs, *samples], named=named, **options)
    of_source = {"input": [*inputs, *samples], "named": named, "allow": allow, **options}
    if source_parts(target) is not None:
        return _source_reader(engine)(target, **of_source)
    if engine is not None:
        raise SpecError(f"engine={engine!r} is for PyTorch source, and {target} is not")
    kind, text, name = kind_of(target)
    if kind == "source":
        options["allow"] = allow
    if inputs or named:
        if kind != "source":
            raise SpecError("a file has its own input", fix="trace(file, input='3x32x32')")
        samples = [*inputs, *samples]
        options["named"] = named
    elif no_input and kind == "printed":
        samples = ["1"]  # a print does not show its own
    return load_text(text or "", name, input=samples, **options)


def is_live(value: Any) -> bool:
    """Return whether a value is a torch module or a class of them; torch is loaded if it is."""
    module = getattr(getattr(sys.modules.get("torch"), "nn", None), "Module", None)
    if not isinstance(module, type):
        return False
    return issubclass(value, module) if isinstance(value, type) else isinstance(value, module)


def kind_of(target: str) -> tuple[str, str | None, str]:
    """Return ``source``, ``printed`` or ``network``, the text of a file, and what it is called.

    Of source that is named there is no text: its reader finds the file.

    Raises:
        SpecError: there is no such file, or it cannot be read.
    """
    if source_parts(target) is not None:
        return "source", None, target
    if not os.path.exists(target) and re.match(_CALL, target):
        text, name = target, "<the command line>"
    else:
        text, name = _unwrapped(text_of(target)), "<stdin>" if target == "-" else target
    kind = _kind(text)
    if kind == "source" and not name.lower().endswith(_RUN):
        what = f"{name} has Python code, which is run from a .py, .ipynb or .txt file only"
        ending = ".ipynb" if is_notebook(text) else ".py"
        raise SpecError(what, fix=f"rename it: {os.path.splitext(name)[0]}{ending}")
    return kind, text, name


def _kind(text: str) -> str:
    begins_printed = re.match(_PRINTED_INSIDE, text.lstrip())
    is_network = re.search(r"(?m)^layers:", text)
    if is_notebook(text) or not (begins_printed or is_network or not re.search(_CODE, text)):
        return "source"
    is_table = re.search(_TABLE, text)
    if re.search(_PRINTED, text, re.M) and (begins_printed or not is_table):
        return "printed"
    if is_table:
        what = "a summary table does not show the arguments of its layers"
        raise SpecError(what, fix="the output of print(model), or the source of the network")
    return "network"


def load_text(text: str, name: str, **options: Any) -> Program:
    """Read what a file holds that is not a module: a network file, a printed model, or code.

    Args:
        text: what it holds.
        name: what to call it in errors.
        options: of the reader's ``read``.

    Raises:
        SpecError, ShapeError: as `load`.
    """
    return reader_of(_kind(text))(text, name, **options)


def reader_of(kind: str) -> Callable[..., Program]:
    """Return the reader of a kind of text."""
    if kind == "source":
        from .source.reader import read_text

        return read_text
    if kind == "printed":
        from .printed import read as read_printed

        return read_printed
    from .network_file.reader import read

    return read


def is_notebook(text: str) -> bool:
    """Return whether a text is a notebook as Jupyter saves it."""
    return text.lstrip()[:1] == "{" and all(key in text for key in ('"cells"', '"nbformat"'))


def _unwrapped(text: str) -> str:
    """Return code or a print without what is around it: fences, Python's prompts, or a log.

    Its lines stay in their places.
    """
    text = _without_prefixes(re.sub(_COLORS, "", text))
    printed = None if re.search(_PRINTED, text) else re.search(_PRINTED_INSIDE, text)
    if printed is not None and not re.search(_CODE, text):
        return re.sub(r"[^\n]", " ", text[: printed.start()]) + text[printed.start() :]
    is_fenced = text.lstrip()[:3] == "```"
    if not is_fenced and ">>> " not in text:
        return text
    lines = text.split("\n")
    if is_fenced:
        inside = False
        for i, line in enumerate(lines):
            is_fence = line.lstrip()[:3] == "```"
            inside ^= is_fence
            if is_fence or not inside:
                lines[i] = ""
    elif re.search(r"(?m)^>>> ", text) and not re.search(_PRINTED, text):
        prompt = re.compile(r"(>>>|\.\.\.)( |\Z)")
        lines = [line[4:] if prompt.match(line) else "" for line in lines]
    return "\n".join(lines)


def _without_prefixes(text: str) -> str:
    """Return a print with spaces in place of what a logger wrote before each of its lines."""
    logged = re.search(_PREFIXED, text)
    prefix, length = (_zeroed(logged["prefix"]), len(logged["prefix"])) if logged else ("", 0)
    if logged is None or prefix.rstrip() != _zeroed(logged["next"]):
        return text
    return "\n".join(
        " " * length + line[length:] if _zeroed(line).startswith(prefix) else line
        for line in text.split("\n")
    )


def _zeroed(prefix: str) -> str:
    """Return what stays the same of a prefix from line to line: all but its numbers."""
    return re.sub(r"\d", "0", prefix)


def _source_reader(engine: str | None) -> Callable[..., Program]:
    if engine == "torch":
        from .on_torch.torch_engine import read as read_on_torch

        return read_on_torch
    if engine not in (None, "shape"):
        raise SpecError(f"unknown engine {engine!r}", fix="engine='torch'")
    from .source.reader import read

    return read


def source_parts(target: str) -> tuple[str, str] | None:
    """Return the file or module of PyTorch source, and what is named in it; None for other files.

    ``lenet.py``, ``lenet.py:LeNet(2)`` and ``package.file:LeNet`` are source.
    """
    file = re.match(_SOURCE, target, re.S) if ".py" in target or ".ipynb" in target else None
    if file:
        return file[1], (file[2] or "").strip()
    home, _, name = target.partition(":")
    named = all(map(str.isidentifier, (*home.split("."), name[:1]))) or (
        home in ("-", "<stdin>") and name
    )
    if named and not os.path.exists(target):
        return home, name.strip()
    return _dotted(target)


def _dotted(target: str) -> tuple[str, str] | None:
    """Return module and name of ``package.module.Net`` and ``package.make(3)``; None for files."""
    if os.path.exists(target) or re.match(_CALL, target):
        return None
    match = re.fullmatch(r"(\w+(?:\.\w+)+)(\(.*\))?", target, re.S)
    if match is None:
        return None
    *folders, name = match[1].split(".")
    is_call = match[2] is not None
    if name.lower() in _ENDINGS and not is_call:
        return None
    for path in ["", *sys.path]:
        module = os.path.join(path, *folders)
        if os.path.isfile(os.path.join(module, f"{name}.py")) and not is_call:
            return match[1], ""
        if os.path.isfile(f"{module}.py") or os.path.isfile(os.path.join(module, "__init__.py")):
            return ".".join(folders), name + (match[2] or "")
    is_module = is_call or len(folders) > 1
    return (".".join(folders), name + (match[2] or "")) if is_module else None


def text_of(path: str) -> str:
    """Return the text of a file, or of standard input where `path` is ``-``.

    Raises:
        SpecError: there is none, or it is not a text in UTF-8.
    """
    data = _standard_input() if path == "-" else _bytes_of(path)
    if len(data) > _LARGEST:
        raise SpecError(f"{path} is larger than {_LARGEST >> 20} MB")
    if path.lower().endswith(".onnx") and os.path.isfile(path):
        what = f"{path} is an ONNX model, and its weights are not read"
        raise SpecError(what, fix=f"convshape trace {path}")
    if b"\0" in data and data[:2] not in _UTF_16:
        raise _binary(path)
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
        if encoding != _UTF_8:
            text.encode()  # raises of half a character, which its escapes may give
    except UnicodeError as error:
        raise _undecodable(path, data, encoding, error) from None
    return text


def _undecodable(path: str, data: bytes, encoding: str, error: UnicodeError) -> SpecError:
    """Return the refusal of bytes that are not a text."""
    if encoding != _UTF_8:
        what = f"this is not text in {encoding}, which a comment says it is"
        return SpecError(what, where=path, fix="save it as UTF-8, and leave the comment out")
    start = error.start if isinstance(error, UnicodeDecodeError) else 0
    line = data.count(b"\n", 0, start) + 1
    column = start - data.rfind(b"\n", 0, start)
    fix = "save it as UTF-8" if data[:2] in _UTF_16 else ""
    what = "this is not UTF-8 text (is it a binary file?)"
    return SpecError(what, where=f"{path}:{line}:{column}", fix=fix)


def _binary(path: str) -> SpecError:
    """Return the refusal of a file that is not text."""
    ending = os.path.splitext(path)[1].lower()
    if ending in (".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".npz", ".pkl"):
        what = f"{path} has weights, not the code of a network"
        return SpecError(what, fix="trace the source of the network: net.py:Net")
    if ending in (".h5", ".hdf5", ".keras", ".pb", ".tflite"):
        what = f"{path} is a TensorFlow model, and convshape reads networks of PyTorch"
        return SpecError(what, fix="convert it to ONNX")
    return SpecError(f"{path} is a binary file, not a network file")


def _encoding(data: bytes) -> str:
    """Return the encoding of a text: UTF-8, or what a comment at the top of Python source says."""
    said = re.match(_CODING, data) if b"coding" in data else None
    if said is None or said[1].lower().replace(b"_", b"-").startswith(b"utf-8"):
        return _UTF_8
    from codecs import lookup

    try:
        codec = lookup(said[1].decode("ascii"))
    except LookupError:
        return _UTF_8
    return codec.name if codec._is_text_encoding else _UTF_8


def _bytes_of(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None


def unreadable(path: str, error: Exception) -> SpecError:
    """Return the refusal of a file that cannot be opened or read."""
    if isinstance(error, IsADirectoryError):
        what = f"{path} is a directory, not a network file"
        return SpecError(what, fix=f"name a file in it: {os.path.join(path, 'net.py')}")
    if isinstance(error, FileNotFoundError):
        is_layer = re.fullmatch(r"[A-Z]\w*\(.*\)", path, re.S)
        fix = f"convshape layer '{path}' --in 3x32x32" if is_layer else _nearby(path)
        return SpecError(f"file not found: {path}", fix=fix)
    return SpecError(f"cannot read {path}: {reason(error)}")


def _standard_input() -> bytes:
    """Return what standard input holds, which can be read once, also to those who ask again."""
    if not _read or _read[0] is not sys.stdin:
        _read[:] = sys.stdin, standard_input(_LARGEST + 1)
    data: bytes = _read[1]
    return data


#: The standard input that was read last, and what it held.
_read: list[Any] = []


def _nearby(path: str) -> str:
    """Suggest the file of the same folder with a similar name, or the network to start from."""
    from difflib import get_close_matches

    from .. import zoo

    folder, name = os.path.split(path)
    if os.path.islink(path):
        return f"the file that it is a link to: {os.readlink(path)}"
    try:
        files = {os.path.splitext(file)[0]: file for file in sorted(os.listdir(folder or "."))}
    except OSError:
        return ""
    stem, _ = os.path.splitext(name)  # an ending would make all alike
    if stem not in files and path in zoo.names():
        return f"convshape init {path}, then convshape trace {path}.yaml"
    near = get_close_matches(stem, files, n=1)
    return f"did you mean {os.path.join(folder, files[near[0]])}?" if near else ""
