"""Which sizes torch takes, by running the networks of `fit_networks`."""

from __future__ import annotations

from typing import Any

import fit_networks  # noqa: F401 - by name
import torch


def by_torch(call: str, device: str = "meta", draws: int = 1) -> Any:
    """Return what tells whether torch runs a network at a size.

    Where the values of the input decide, it has to run with all of several draws.
    """
    with torch.device(device):
        net = eval(f"fit_networks.{call}").eval()

    def fits(*sizes: int) -> bool:
        try:
            with torch.no_grad():
                for _ in range(draws):
                    net(torch.randn(1, *sizes, device=device))
        except (RuntimeError, ValueError, IndexError):
            return False
        return True

    return fits
