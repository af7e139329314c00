"""Which sizes torch takes, by running the networks of `fit_networks`."""

from __future__ import annotations

from typing import Any

import fit_networks  # noqa: F401 - by name
import torch


def by_torch(call: str, device: str = "meta") -> Any:
    """Return what tells whether torch runs a network at a size."""
    with torch.device(device):
        net = eval(f"fit_networks.{call}").eval()

    def fits(*sizes: int) -> bool:
        try:
            with torch.no_grad():
                net(torch.randn(1, *sizes, device=device))
        except (RuntimeError, ValueError, IndexError):
            return False
        return True

    return fits
