"""How texts reach their reader: what would steer a terminal is shown, and options have their names.

Text from files is data: no control character of it reaches a terminal. Errors and notes are written
as for the command line, ``--in 3x32x32``; on its way into an error this becomes
``input="3x32x32"``, unless the command line is at work.
"""

from __future__ import annotations

import re

#: Characters that control a terminal, reverse the direction of text, are invisible or not allowed
#: in XML, except newlines and tabs.
_CONTROLS = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"
)
_is_command_line = False


def visible(text: str) -> str:
    r"""Return `text` with control characters as ``\x1b``: nobody's file steers a terminal.

    From ``\u007f`` on, which JSON leaves as they are, they are written as JSON may have them.
    """
    if text.isprintable() or text.replace("\n", "").isprintable():
        return text
    return re.sub(_CONTROLS, lambda match: _escape(ord(match[0])), text)


def _escape(code: int) -> str:
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\x{code:02x}" if code < 0x20 else f"\\u{code:04x}"


def speak_command_line(wanted: bool) -> bool:
    """Name options as the command line does, or as Python does; return how it was before."""
    global _is_command_line
    before, _is_command_line = _is_command_line, wanted
    return before


def spelled(text: str) -> str:
    """Return a text that names options in the way of the reader."""
    if _is_command_line or "--" not in text:
        return text
    from .option_names import in_python

    return in_python(text)
