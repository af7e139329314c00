"""The estimates of memory as lines below a table."""

from __future__ import annotations

from textwrap import fill

from ..analysis.memory import ASSUMED, OPTIMIZERS, Memory
from .numbers import byte_text


def memory_text(memory: Memory) -> str:
    """Return the estimates: of a pass forwards and backwards, and of a step of training."""

    def of_each(sizes: dict[str, int]) -> str:
        return ", ".join(f"{byte_text(size)} {name}" for name, size in sizes.items())

    lines = [
        ("estimated memory", ""),
        ("  input", byte_text(memory.input)),
        ("  forward and backward", f"{byte_text(memory.forward_backward)}, outputs and gradients"),
        ("  parameters", byte_text(memory.parameters)),
        ("  total", byte_text(memory.total)),
        ("estimated memory of training", ""),
        ("  parameters", byte_text(memory.parameters)),
        ("  gradients", byte_text(memory.gradients)),
        ("  saved activations", byte_text(memory.saved)),
        ("  optimizer", of_each({name: memory.state(name) for name in OPTIMIZERS})),
        ("  total", of_each({name: memory.training(name) for name in OPTIMIZERS})),
    ]
    texts = [f"{name:24}{text}".rstrip() for name, text in lines]
    return "\n".join([*texts, fill(ASSUMED, 78, initial_indent="  ", subsequent_indent="  ")])
