"""torch.nn.parallel: networks on several machines, of which there is one here."""

from __future__ import annotations

from typing import Any

from .modules.module import Module


class DataParallel(Module):
    """A network, whose batch torch would divide among graphics cards: here there are none."""

    _is_container = True

    def __init__(
        self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0
    ) -> None:
        super().__init__()
        self.module = module
        self.device_ids: list[Any] = []

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """Run the network."""
        return self.module(*inputs, **kwargs)
