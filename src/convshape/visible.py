"""Text from files is data: what would steer a terminal, or hide, is shown instead."""

import re

#: Characters that control a terminal, reverse the direction of text, are invisible or not allowed
#: in XML, except newlines and tabs.
_CONTROLS = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""Return `text` with control characters as ``\x1b``: nobody's file steers a terminal.

    From ``\u007f`` on, which JSON leaves as they are, they are written as JSON may have them.
    """
    if text.isprintable():
        return text
    return re.sub(_CONTROLS, lambda found: _escape(ord(found[0])), text)


def _escape(code: int) -> str:
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\x{code:02x}" if code < 0x20 else f"\\u{code:04x}"
