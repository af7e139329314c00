"""``fit``: which input sizes a network takes."""

from __future__ import annotations

from .options import FORM, NETWORK, Form, Network
from .output import json_error, reported, write, write_json
from .parameters import argument, number, option, repeated


def fit(
    file: str = argument(
        complete="classes",
        metavar="FILE",
        help="A network file, the output of print(model), PyTorch source ('net.py:Net(2)'), or - .",
    ),
    network: Network = NETWORK,
    max: int | None = number(
        "--max",
        metavar="N",
        help="Largest size to search; 2048, or twice the file's own, by default.",
    ),
    near: str = option(
        "--near",
        default="",
        metavar="SIZE",
        help="Show the sizes nearest to this one that fit: 540x960.",
    ),
    out: str = option(
        "--out", default="", metavar="SIZE", help="Only inputs that give these output sizes: 7x7."
    ),
    expect: list[str] = repeated(
        "--expect",
        metavar="LAYER.FIELD=VALUE",
        help="Only inputs at which a layer has this shape: fc1.in=400.",
    ),
    form: Form = FORM,
) -> None:
    """Find every input size that a network accepts.

    Examples: convshape fit unet.yaml; convshape fit 'net.py:UNet()' --in 3xHxW --near 540x960
    """
    with reported(json_error if form.json else None):
        from ..fitting import fit as fit_file
        from ..fitting import near_sizes
        from ..render.fit import document, fit_dict, lines

        result = fit_file(file, max=max, out=out, expect=expect, **network.options())
        wanted = near_sizes(result, near) if near else None
    if form.json:
        write_json(fit_dict(result, wanted))
    elif form.format == "table":
        write("\n".join(lines(result, wanted)))
    else:
        write(document(result, form.format, wanted))
    if not result.region and not result.why:
        raise SystemExit(1)
