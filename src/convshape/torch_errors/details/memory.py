"""Of memory that was not enough."""

from __future__ import annotations

import re

from .common import Fields

_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_SIZE = r"(\d{1,12}(?:\.\d{1,3})?) ?(bytes|[KMG]iB)"


def out_of_memory(fields: Fields) -> Fields:
    """Read the numbers, which every version of torch puts in other words."""
    message = fields["message"]
    asked = _size(message, rf"[Tt]ried to allocate {_SIZE}")
    total = _size(
        message, rf"{_SIZE} total capacity", rf"total capac\w+ of {_SIZE}", rf"max allowed: {_SIZE}"
    )
    free = _size(message, rf"{_SIZE} free", rf"of which {_SIZE} is free")
    taken = _size(
        message,
        rf"{_SIZE} already allocated",
        rf"{_SIZE} is allocated by PyTorch",
        rf"MPS allocated: {_SIZE}",
    )
    kept = _size(message, rf"{_SIZE} is reserved by PyTorch but")
    if kept is None:
        held = _size(message, rf"{_SIZE} reserved in total", rf"{_SIZE} cached")
        is_total = "reserved in total" in message
        kept = held - taken if held is not None and taken is not None and is_total else held
    never = asked is not None and total is not None and asked > total
    scattered = asked is not None and (kept or 0) >= asked
    others = None
    if total is not None and free is not None and taken is not None:
        others = total - free - taken - (kept or 0)
    return {
        "sentence": _sentence(asked, total, free, taken, kept),
        "never": never,
        "scattered": scattered and not never,
        "others": plain(others) if others is not None and total and others > total // 4 else None,
        "smaller": not never,
    }


def cpu_memory(fields: Fields) -> Fields:
    """Of the memory of the machine."""
    return {"asked": plain(fields["bytes"])}


def _size(message: str, *forms: str) -> int | None:
    for form in forms:
        if match := re.search(form, message):
            return int(float(match[1]) * _UNITS[match[2]])
    return None


def plain(size: int) -> str:
    """Write a number of bytes with its unit: ``4.0 GiB``."""
    for unit in ("GiB", "MiB", "KiB"):
        if abs(size) >= _UNITS[unit]:
            return f"{size / _UNITS[unit]:.1f} {unit}"
    return f"{size} bytes"


def _sentence(
    asked: int | None, total: int | None, free: int | None, taken: int | None, kept: int | None
) -> str:
    parts = []
    if asked is not None:
        parts.append(f"{plain(asked)} more were requested at once")
    if free is not None:
        parts.append(
            f"{plain(free)} are free" + (f" of {plain(total)}" if total is not None else "")
        )
    elif total is not None:
        parts.append(f"there are {plain(total)} in all")
    if taken is not None:
        parts.append(f"tensors fill {plain(taken)}")
    if kept:
        parts.append(f"PyTorch keeps {plain(kept)} for reuse")
    return "the memory is full" + (": " + ", ".join(parts) if parts else "")
