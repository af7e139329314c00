"""The two ways in which a question can fail, each saying what, where, why and how to fix it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .wording import spelled, visible

if TYPE_CHECKING:
    from typing_extensions import Self

    from .fixes import Fix

    AnyError = TypeVar("AnyError", bound="Error")


class Error(ValueError):
    """What is wrong, and what would make it right.

    It is raised with what is known where it arises. On its way out `note` adds what only the
    callers know: the layer, its path, the place in a file. A fact that is set stays; `changed`
    makes another error with other facts.

    Attributes:
        what: what is wrong, with the numbers; where `subject` is set it goes on from it.
        operation: the function that refuses, or the text of what cannot be made.
        layer: the layer that refuses, as text.
        module: the innermost module that refuses.
        call: the arguments that it refuses, by place and by name.
        argument: the name in question: of an argument, or of an attribute.
        wanted: what it has to be: a shape, a dtype, a class, a number, another name.
        received: what it is.
        path: its name in its network, as in `named_modules()`; None outside of a trace.
        where: ``file:line:column``, or empty where there is no file.
        column: where in the line it is, from 1, if the place does not say it; else 0.
        snippet: the line there, and below it a caret under the part in question.
        why: where the numbers come from.
        fix: the change that would make it right; where there are several, the best of the network
            and that of the input.
        fixes: all that are offered, best first.
        tried: whether the fix is known to do so; else it is general advice.
        only: whether nothing but the fix does so, such as another input.
        changes: constructor arguments of the refusing layer that may make it right, best first.
        others: what else is wrong, each in a way of its own.
    """

    what: str
    operation: str = ""
    layer: str = ""
    module: object = None
    call: tuple[tuple[Any, ...], dict[str, Any]] = ((), {})
    argument: str = ""
    wanted: Any = None
    received: Any = None
    path: str | None = None
    where: str = ""
    column: int = 0
    snippet: str = ""
    why: str = ""
    fix: str = ""
    fixes: tuple[Fix, ...] = ()
    tried: bool = False
    only: bool = False
    changes: tuple[dict[str, Any], ...] = ()
    others: Sequence[Error] = ()

    def __init__(
        self,
        what: str,
        *,
        operation: str = "",
        layer: str = "",
        argument: str = "",
        wanted: Any = None,
        received: Any = None,
        path: str | None = None,
        where: str = "",
        snippet: str = "",
        why: str = "",
        fix: str = "",
        tried: bool = False,
        only: bool = False,
        change: dict[str, Any] | None = None,
        or_change: dict[str, Any] | None = None,
    ) -> None:
        what = spelled(what)
        super().__init__(what)
        vars(self).update(
            what=what,
            operation=operation,
            layer=layer,
            argument=argument,
            wanted=wanted,
            received=received,
            path=path,
            where=where,
            snippet=snippet,
            why=why,
            fix=spelled(fix),
            tried=tried or only,
            only=only,
            changes=tuple(c for c in (change, or_change) if c is not None),
        )

    def __setattr__(self, name: str, value: object) -> None:
        if name in Error.__annotations__:
            raise AttributeError(f"the {name} of an error stays: changed({name}=...) makes another")
        super().__setattr__(name, value)

    def __setstate__(self, state: dict[str, Any] | None) -> None:
        vars(self).update(state or {})  # of a copy, which is given by `__setattr__` else

    def note(self, **facts: Any) -> None:
        """Add the facts that are not set yet: the innermost part, which knows best, comes first."""
        unsaid = {n: fact for n, fact in facts.items() if getattr(self, n) == getattr(Error, n)}
        vars(self).update(_spelled(unsaid))

    def changed(self: AnyError, **facts: Any) -> AnyError:
        """Return another error, with other facts, raised at the same lines."""
        error = type(self)(facts.get("what", self.what))
        vars(error).update(vars(self), **_spelled(facts))
        return error.with_traceback(self.__traceback__)

    def mended(self: AnyError, fix: Fix, **facts: Any) -> AnyError:
        """Return another error, which offers a fix."""
        changes = (fix.change,) if fix.change else ()
        return self.changed(fix=fix.text, tried=fix.tried, only=fix.only, changes=changes, **facts)

    @property
    def subject(self) -> str:
        """The layer or function that refuses, as text."""
        return self.layer or self.operation

    @property
    def change(self) -> dict[str, Any]:
        """The first of the changes, or none."""
        return self.changes[0] if self.changes else {}

    @property
    def marked(self) -> str:
        """The part of the snippet that is in question."""
        line, _, carets = self.snippet.partition("\n")
        return line[carets.find("^") : carets.rfind("^") + 1]

    @property
    def statement(self) -> str:
        """The code in question: of a program the line, of an expression the part."""
        return self.snippet.partition("\n")[0].strip() if self.column else self.marked

    @property
    def message(self) -> str:
        """The whole sentence: path, subject and what is wrong."""
        sentence = f"{self.subject} {self.what}" if self.subject else self.what
        return f"{self.path}: {sentence}" if self.path else sentence

    def to_dict(self) -> dict[str, Any]:
        """Return the parts as JSON has them."""
        return {
            "message": self.message,
            "where": self.where,
            "snippet": self.snippet,
            "why": self.why,
            "fix": self.fix,
            "fixes": [fix.to_dict() for fix in self.fixes],
            "others": [error.to_dict() for error in self.others],
        }

    def _render_traceback_(self) -> list[str]:
        """Return what IPython and notebooks show in place of a traceback."""
        return in_notebooks(self)

    def __str__(self) -> str:
        return visible(f"{self.message} (fix: {self.fix})" if self.fix else self.message)


def _spelled(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts of an error whose texts name options in the way of the reader."""
    facts |= {name: spelled(facts[name]) for name in ("what", "why", "fix") if name in facts}
    if "fixes" in facts:
        facts["fixes"] = tuple(
            fix._replace(text=spelled(fix.text)) if "--" in fix.text else fix
            for fix in facts["fixes"]
        )
    return facts


def in_notebooks(error: Error) -> list[str]:
    """Return an error as the lines that a notebook shows; the package puts another in its place."""
    return [str(error)]


class ShapeError(Error):
    """It can be read, but it does not fit: torch would refuse it too.

    It is a torch error class as well, so that code which tries a call and goes on without it
    (``except RuntimeError``) takes the same way.

    Attributes:
        kind: that class.
    """

    kind: type[Exception] = ValueError

    def __new__(cls, what: str, *, kind: type[Exception] = RuntimeError, **facts: Any) -> Self:
        chosen: Any = _CLASSES[kind] if cls is ShapeError else cls
        error: Self = super().__new__(chosen, what)
        return error

    def __init__(self, what: str, *, kind: type[Exception] = RuntimeError, **facts: Any) -> None:
        super().__init__(what, **facts)

    def __reduce__(self) -> Any:
        return partial(ShapeError, kind=self.kind), (self.what,), vars(self)


#: The classes of refusals, by those of torch's errors.
_CLASSES: dict[type[Exception], Any] = {
    kind: type("ShapeError", (ShapeError, kind), {"__module__": __name__, "kind": kind})
    for kind in (RuntimeError, ValueError, IndexError, TypeError, AssertionError)
}


class SpecError(Error):
    """It cannot be read: a file, an expression or an argument that says nothing definite."""


class UnknownOperation(SpecError):  # noqa: N818 - the name that the design promises
    """A layer, function or argument that convshape does not know, and does not guess."""


_DIGITS = "0123456789"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the one of the `known` names that is most like `name`, or nothing."""
    from difflib import get_close_matches  # only a mistake pays for it

    names: dict[str, str] = {}
    for word in known:
        names.setdefault(word.lower(), word)
    wanted = name.lower()
    longer = [word for word in names if word.startswith(wanted) and len(wanted) > 2]
    close = (
        sorted(longer, key=len)
        or get_close_matches(wanted, names, n=1, cutoff=0.7)
        or get_close_matches(
            wanted, [word for word in names if len(word) == len(wanted)], n=1, cutoff=0.66
        )
        or [word for word in names if len(word) > 3 and wanted.startswith(word)]
        or [word for word in reversed(names) if word.rstrip(_DIGITS) == wanted.rstrip(_DIGITS)]
    )
    return names[close[0]] if close else ""


def suggestion(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return the fix that offers the `nearest` name."""
    near = nearest(name, known)
    return f"did you mean {near}?" if near else otherwise
