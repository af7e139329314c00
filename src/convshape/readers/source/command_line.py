"""Arguments of a command line: a file is run without them.

Those that it requires are unknown, the others have their defaults.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ... import user_frames
from ...shapetorch.placeholder import Unavailable

if TYPE_CHECKING:
    from argparse import Action
    from collections.abc import Iterator


@contextmanager
def nothing_required() -> Iterator[None]:
    """Have `argparse` go on without the arguments that it requires."""
    from argparse import ArgumentParser

    parse: Any = ArgumentParser.parse_known_args

    def parsed(self: Any, args: Any = None, namespace: Any = None) -> Any:
        for action in self._actions if args is None else ():
            if action.required:
                action.required, action.default = False, _unknown(action)
        return parse(self, args, namespace)

    replaced: Any = ArgumentParser
    replaced.parse_known_args = parsed
    try:
        yield
    finally:
        replaced.parse_known_args = parse


def _unknown(action: Action) -> Unavailable:
    name = "/".join(action.option_strings) or action.dest
    return Unavailable(
        name, f"{user_frames.here()} requires it, and the file is run without arguments", True
    )
