"""``init``: a network file to start from."""

from __future__ import annotations

from ..errors import SpecError
from .output import reported, write, write_file
from .parameters import argument, flag, option


def init(
    name: str = argument(
        complete="networks", default="lenet", metavar="[NAME]", help="Network to start from."
    ),
    output: str | None = option(
        "--output",
        "-o",
        default=None,
        metavar="FILE",
        help="File to write, or - for stdout; NAME.yaml by default.",
    ),
    force: bool = flag("--force", "-f", help="Overwrite an existing file."),
    list: bool = flag("--list", "-l", help="List the available networks."),
) -> None:
    """Create a starter network file.

    Examples: convshape init; convshape init vgg16 -o net.yaml; convshape init --list
    """
    with reported(None):
        from .. import templates

        if list:
            networks = templates.networks()
            width = max(map(len, networks))
            for network, about in networks.items():
                write(f"{network:<{width}}  {about}")
            return
        file = output or f"{name}.yaml"
        text = templates.text(name, f"{name}.yaml" if file == "-" else file)
        if file == "-":
            write(text.rstrip("\n"))
            return
        _save(file, text, force)
    write(f"Wrote {file}. Try: convshape trace {file}")


def _save(file: str, text: str, force: bool) -> None:
    try:
        write_file(file, text, new=not force)
    except FileExistsError:
        raise SpecError(f"{file} already exists", fix="--force, or -o with another name") from None
