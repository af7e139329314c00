"""What users look up: layers and functions, terms, and the schema of network files."""

from __future__ import annotations

from ..torch_errors import Explanation
from ..torch_errors import explain as explain_error
from .terms import Term, term

__all__ = ["Explanation", "Term", "explain"]

#: The longest text that is looked up as a term, in characters.
_LONGEST = 30


def explain(text: str) -> Explanation | Term:
    """Explain a PyTorch error, or a term such as ``padding`` or ``macs``.

    Args:
        text: a message, a whole traceback with whatever is around it, or a term. Of several errors
            the last one is explained, of a chain of exceptions the first known one.

    >>> explain("mat1 and mat2 shapes cannot be multiplied (2x1568 and 1050x10)").fixes
    [('Linear(1568, 10)', '')]

    Raises:
        SpecError: it is neither a known error nor a term.
    """
    answer = term(text) if len(text) < _LONGEST else None
    return answer or explain_error(text)
