"""Random calls of the functions of losses."""

from __future__ import annotations

from .calls import Call
from .cases import Pick, T, often
from .cases_attention import changed
from .cases_losses import LOSSES, linear_cross_entropy


def loss_function(pick: Pick) -> Call:
    """Every loss, called as a function."""
    made = pick((*LOSSES, linear_cross_entropy))(pick)
    options = made.options
    first = made.tensors[0]
    if made.function in ("l1_loss", "mse_loss", "huber_loss") and pick((True, False)):
        own = often(pick, (first.shape,), (changed(pick, first.shape),))
        options = options | {"weight": T(own, often(pick, (first.dtype,), ("float64", "int64")))}
    return Call(f"nn.functional.{made.function}", made.tensors, options)


#: Losses that stand in `torch` too, and what their arguments are called in their order.
NATIVE = {
    "binary_cross_entropy_with_logits": ("weight", "pos_weight"),
    "cosine_embedding_loss": ("margin",),
    "hinge_embedding_loss": ("margin",),
    "kl_div": (),
    "margin_ranking_loss": ("margin",),
    "triplet_margin_loss": ("margin", "p", "eps", "swap"),
    "ctc_loss": ("blank",),
    "poisson_nll_loss": (),
}


def native_loss(pick: Pick) -> Call:
    """The losses of `torch` itself, whose reductions are numbers."""
    made = pick(LOSSES)(pick)
    while made.function not in NATIVE:
        made = pick(LOSSES)(pick)
    options = {name: made.options[name] for name in NATIVE[made.function] if name in made.options}
    if made.function == "poisson_nll_loss":
        flags = [often(pick, (True, False), (None,)) for _ in range(2)]
        return Call(made.function, (*made.tensors, *flags, pick((1e-8, 1)), pick((0, 1, 2))))
    if made.function == "kl_div" and "log_target" in made.options:
        options["log_target"] = made.options["log_target"]
    return Call(made.function, made.tensors, options | pick(({}, {"reduction": pick((0, 1, 2))})))
