"""An example of every layer: a call, and a sample of each input; tests hold each against torch."""

from ..shapetorch import nn

EXAMPLES: dict[str, tuple[str, str]] = {
    name: members["_example"]
    for name in nn.__all__
    if "_example" in (members := vars(getattr(nn, name)))
}
