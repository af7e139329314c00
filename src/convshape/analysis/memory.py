"""How much memory a run takes, and training: estimates, by what tensors hold."""

from __future__ import annotations

from typing import NamedTuple

#: What is assumed of training, in words.
ASSUMED = (
    "assumed: what the derivatives of torch's operations need is kept for the backward pass, each "
    "tensor once; gradients and optimizer state are as large as the parameters that are trained; "
    "no workspace of kernels, nothing that the allocator rounds up"
)
#: Tensors that an optimizer keeps for each parameter.
OPTIMIZERS = {"SGD": 0, "SGD with momentum": 1, "Adam": 2}


class Memory(NamedTuple):
    """Bytes.

    Attributes:
        input: of the inputs.
        activations: of all that is computed, each tensor once.
        parameters: of the parameters, each once.
        gradients: of the gradients of the parameters that are trained.
        saved: of what autograd keeps for the pass backwards, the inputs apart.
    """

    input: int
    activations: int
    parameters: int
    gradients: int
    saved: int

    @property
    def forward_backward(self) -> int:
        """What a pass forwards and backwards takes: each output, and its gradient."""
        return 2 * self.activations

    @property
    def total(self) -> int:
        """Input, a pass forwards and backwards, and parameters."""
        return self.input + self.forward_backward + self.parameters

    def state(self, optimizer: str) -> int:
        """Return what one of `OPTIMIZERS` keeps."""
        return OPTIMIZERS[optimizer] * self.gradients

    def training(self, optimizer: str) -> int:
        """Return what a step of training takes: all of it with the saved activations and input."""
        kept = self.input + self.saved
        return kept + self.parameters + self.gradients + self.state(optimizer)

    def to_dict(self) -> dict[str, object]:
        """Return the estimates as JSON has them."""
        return {
            "input": self.input,
            "forward_backward": self.forward_backward,
            "params": self.parameters,
            "total": self.total,
            "training": {
                "params": self.parameters,
                "gradients": self.gradients,
                "saved_activations": self.saved,
                "optimizer": {name: self.state(name) for name in OPTIMIZERS},
                "total": {name: self.training(name) for name in OPTIMIZERS},
            },
        }
