"""An example of every layer: a call, and a sample of each input; tests hold each against torch."""

from ..shapetorch import nn

EXAMPLES: dict[str, tuple[str, str]] = {
    name: vars(layer)["_example"]
    for name, layer in sorted(vars(nn).items())
    if isinstance(layer, type) and "_example" in vars(layer)
}
