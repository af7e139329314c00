"""``init``: a network file to start from."""

from __future__ import annotations

from ..errors import SpecError
from .output import reported, write, write_file
from .parameters import argument, flag, option


def init(
    name: str = argument(
        default="lenet", metavar="[NAME]", help="Which network; lenet by default."
    ),
    output: str | None = option(
        "--output",
        "-o",
        default=None,
        metavar="FILE",
        help="File to write, - for stdout; NAME.yaml by default.",
    ),
    force: bool = flag("--force", "-f", help="Write over a file that exists."),
    list: bool = flag("--list", "-l", help="Show the networks there are."),
) -> None:
    """Write a network file to start from.

    Examples: convshape init; convshape init vgg16 -o net.yaml; convshape init --list
    """
    with reported(None):
        from .. import templates

        if list:
            networks = templates.networks()
            width = max(map(len, networks))
            for each, about in networks.items():
                write(f"{each:<{width}}  {about}")
            return
        file = output or f"{name}.yaml"
        text = templates.text(name, f"{name}.yaml" if file == "-" else file)
        if file == "-":
            write(text.rstrip("\n"))
            return
        _save(file, text, force)
    write(f"{file} is written; convshape trace {file} shows its shapes")


def _save(file: str, text: str, force: bool) -> None:
    try:
        write_file(file, text, new=not force)
    except FileExistsError:
        raise SpecError(
            f"there is a file {file} already", fix="--force, or -o with another name"
        ) from None
