"""PyTorch source: the user's own file is run, with ``torch`` replaced by `shapetorch`.

It does what ``python model.py`` would do, but for what is below ``if __name__ == "__main__":``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import MappingProxyType
from typing import Any

from ...errors import ShapeError, SpecError
from ...run.program import Program
from ...shapetorch.nn.modules.module import Module
from ...shapetorch.placeholder import Placeholder, guesses
from ...user_frames import STDIN, shown
from .. import is_notebook, source_parts, text_of
from ..inputs import listed, read_inputs
from .finder import Finder, standing_in
from .source_errors import told
from .source_network import Absent, make
from .user_code import imported


def read_text(text: str, filename: str, **options: Any) -> Program:
    """Read the network of a text in Python: a class, or ``nn.Sequential(...)`` alone.

    Args:
        text: the code, which is run.
        filename: what to call it in errors.
        options: of `read`.

    Raises:
        SpecError, ShapeError: as `opened`.
    """
    return read(filename, text=text, **options)


def read(
    target: str,
    *,
    input: Any = None,
    named: Mapping[str, Any] | None = None,
    batch: int | None = None,
    constants: Mapping[str, str] | None = None,
    allow: Iterable[str] = (),
    text: str | None = None,
    texts: Mapping[str, str] = MappingProxyType({}),
) -> Program:
    """Read the network that `target` names.

    Args:
        target: as `opened` takes it.
        input: its inputs, as text with ``name=`` before those that are given by name.
        named: inputs by name.
        batch: samples in a batch, 1 unless given.
        constants: none; source has no constants.
        allow: what it may do beside making a network, of `guard.KINDS`.
        text: the code, if `target` is only what to call it.
        texts: what some of the files hold in place of what they do, by the names of places.

    Raises:
        SpecError, ShapeError: as `opened`.
    """
    refuse_constants(target, constants)

    def source(file: str) -> str:
        return texts.get(file) or _typed(target, text).get(file) or _text(file)

    def reread(others: Mapping[str, str]) -> Program:
        options = {"input": input, "named": named, "batch": batch, "allow": allow, "text": text}
        return read(target, texts={**texts, **others}, **options)

    with ExitStack() as stack:
        code = text if text is None else texts.get(target, text)
        try:
            network, note, refused = stack.enter_context(
                opened(target, text=code, allow=allow, texts=texts)
            )
        except (ShapeError, SpecError) as error:
            from ...diagnosis.construction import with_fixes  # only a mistake pays for it

            raise with_fixes(error, source, reread) from None
        inputs = read_inputs(network, listed(input), named or {}, batch)
        network.register_forward_hook(refuse_unknown)
        session = stack.pop_all()
    return Program(
        network,
        inputs.by_place,
        named=inputs.by_name,
        undeclared=inputs.undeclared,
        note=note,
        refused=refused,
        batch=inputs.batch,
        session=lambda: session,
        source=source,
        reread=reread,
    )


def _typed(target: str, text: str | None) -> dict[str, str]:
    """Return the code of cells, or of standard input, by what each is called."""
    home, _ = (target, "") if text is not None else source_parts(target) or (target, "")
    if text is None and home not in ("-", STDIN) and not home.endswith(".ipynb"):
        return {}
    name = STDIN if home == "-" else home
    code = text_of(home if home != STDIN else "-") if text is None else text
    if not (name.endswith(".ipynb") or is_notebook(code)):
        return {name: code}
    from .notebook import cells

    return {shown(cell) or cell: source for cell, source in cells(code, name)}


def _text(file: str) -> str:
    """Return the text of a file of Python's, or nothing; packages are not the user's to edit."""
    is_own = file.endswith(".py") and f"-packages{os.sep}" not in file
    try:
        return text_of(file) if is_own else ""
    except SpecError:
        return ""


def refuse_unknown(module: Any, args: Any, output: Any) -> None:
    """Refuse a network that gives what is not known."""
    items = output.values() if isinstance(output, dict) else output
    for item in items if isinstance(items, (list, tuple)) else [items]:
        if isinstance(item, Placeholder) and item._tensor is None:
            raise item._unknown()


def refuse_constants(target: str, constants: Mapping[str, str] | None) -> None:
    """Refuse constants, which source does not have."""
    if constants:
        fix = f"arguments: '{target.partition(':')[0]}:Net(width=32)'"
        raise SpecError("PyTorch source has no constants to set", fix=fix)


@contextmanager
def opened(
    target: str,
    base: type = Module,
    text: str | None = None,
    allow: Iterable[str] = (),
    texts: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[tuple[Any, str, list[str]]]:
    """Make the network that `target` names, and keep the stand-ins until it has been run.

    Args:
        target: a file, a notebook or an importable module, and after a colon what in it: a class, a
            function or an instance, the first two with arguments.
        base: what a network is: our `Module`, or torch's own to run it on torch itself.
        text: the code, if `target` is only what to call it.
        allow: what it may do beside making a network, of `guard.KINDS`.
        texts: what some of the files hold in place of what they do, by the names of places.

    Yields:
        The network, a note of where its file stopped, if it did, and notes of what it wanted and
        was refused, which grow while it runs.

    Raises:
        SpecError: it cannot be found or read, fails by itself, or makes no network.
        ShapeError: it has a layer that torch would refuse to make.
    """
    home, wanted = (target, "") if text is not None else source_parts(target) or (target, "")
    if text is None and home in ("-", STDIN):
        home, text = STDIN, text_of("-")
    with standing_in(base is Module, allow) as finder:
        finder.texts = {os.path.abspath(file): source for file, source in texts.items()}
        try:
            network = imported(
                home, finder, text, lambda module: _made(module, home, wanted, base, finder)
            )
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            stopped = "" if error is finder.stopped else finder.note
            refused = finder.guard.notes
            raise told(error, finder.missing, stopped, refused, has_network=False) from None
        yield network, finder.note, finder.guard.notes


def _made(module: Any, home: str, wanted: str, base: type, finder: Finder) -> Any:
    """Return the network of a module, or raise what has kept it from being defined."""
    doubtful: dict[int, Placeholder] = {}
    if guesses:
        from .guesses import unlearn

        doubtful = unlearn(guesses, finder.files)
    if finder.has_main_block():
        from .main_block import define

        values = vars(module).values()
        networks = [kind for kind in values if isinstance(kind, type) and issubclass(kind, base)]
        note = define(module, finder.files, networks)
        finder.note = "; ".join(filter(None, (finder.note, note)))
    try:
        return make(module, home, wanted, base, doubtful)
    except (Absent, NameError) as error:
        if finder.stopped is None or (isinstance(error, Absent) and not finder.mentions(wanted)):
            raise
    raise finder.stopped
