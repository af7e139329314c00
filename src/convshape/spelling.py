"""How errors and notes name options: as the command line has them, or as Python's functions do.

They are written as for the command line, ``--in 3x32x32``, and become ``input="3x32x32"`` on their
way into an error, unless the command line is at work.
"""

from __future__ import annotations

_is_command_line = False


def speak_command_line(wanted: bool) -> bool:
    """Name options as the command line does, or as Python does; return how it was before."""
    global _is_command_line
    before, _is_command_line = _is_command_line, wanted
    return before


def spelled(text: str) -> str:
    """Return a text that names options in the way of the reader."""
    if _is_command_line or "--" not in text:
        return text
    from .python_names import in_python

    return in_python(text)
