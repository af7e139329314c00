"""The devices of torch: which there are, and what is said where one has not the room."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import SpecError

#: The version whose answers convshape promises.
PROMISED = "2.13"


def check_device(torch: Any, name: str) -> None:
    """Refuse a device that is not there.

    Raises:
        SpecError: torch does not know it, or this machine has none.
    """
    try:
        device = torch.device(name)
    except RuntimeError:
        raise SpecError(f"torch has no device {name!r}", fix="cpu, cuda or meta") from None
    if device.type in ("cpu", "meta"):
        return
    fix = "--device cpu, or --device meta, which computes shapes without data"
    module: Any = getattr(torch, device.type, None)
    count = module.device_count() if hasattr(module, "device_count") else 0
    if device.type == "cuda" and not torch.backends.cuda.is_built():
        raise SpecError(f"this torch ({torch.__version__}) is built without CUDA", fix=fix)
    if count <= (device.index or 0):
        there = f"there {'is' if count == 1 else 'are'} {count or 'none'}"
        raise SpecError(f"device {name} is not available ({there})", fix=fix)


@contextmanager
def with_room(device: str) -> Iterator[None]:
    """Say in plain words that a device has not enough memory.

    Raises:
        SpecError: it has not.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise no_room(device) from None


def no_room(device: str) -> SpecError:
    """Return the error of a network for which a device has not enough memory."""
    what = f"the device {device} has not enough memory for the network"
    return SpecError(what, fix="--device meta, which computes shapes without data")


def is_out_of_memory(error: BaseException | None) -> bool:
    """Return whether torch had not enough memory, on whichever device."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and ("out of memory" in text or "allocate memory" in text)
    )


def version_note(version: str) -> str:
    """Return what is to be known of a version of torch, or nothing."""
    if version.startswith(f"{PROMISED}."):
        return ""
    return (
        f"convshape answers as torch {PROMISED} does, and this is torch {version}: "
        "a difference may come from the version"
    )
