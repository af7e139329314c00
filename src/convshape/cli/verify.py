"""``verify``: convshape's answers beside those of torch itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .output import json_error, reported, write, write_json, write_note, write_rich
from .parameters import BATCH, CONSTANTS, JSON, SAMPLES, TRAIN, argument, constants_from, option
from .progress import progress

if TYPE_CHECKING:
    from ..verify import Verification


def verify(
    file: str = argument(
        metavar="FILE",
        help="A network file, the text of print(model), PyTorch source, or - for standard input.",
    ),
    device: str = option(
        "--device",
        default="cpu",
        metavar="DEVICE",
        help="Where torch runs: cpu; cuda or cuda:1, where there is one; meta, which computes "
        "shapes without data and memory.",
    ),
    inputs: list[str] = SAMPLES,
    batch: int | None = BATCH,
    train: bool = TRAIN,
    constants: list[str] = CONSTANTS,
    json: bool = JSON,
) -> None:
    """Run a network on torch itself, and compare row by row: shapes, dtypes, parameters, refusals.

    Example: convshape verify lenet.yaml --device cuda. It needs torch: pip install 'convshape[verify]'.
    Status: 0 all agrees, 1 something differs, 2 unreadable, no torch, no such device.
    """
    with reported(json_error if json else None), progress(f"torch on {device}") as step:
        from ..verify import verify as verified

        found = verified(
            file,
            device=device,
            watcher=step,
            input=inputs,
            batch=batch,
            train=train,
            constants=constants_from(constants),
        )
    if json:
        write_json(found.to_dict())
    else:
        _show(found)
    sys.exit(0 if found.agrees else 1)


def _show(found: Verification) -> None:
    from ..render.agreement import AgreementTable, first_difference, table_text, verdict
    from ..render.columns import shapes_text

    agreement = found.agreement
    if agreement.pairs:
        write(f"{found.ours.name}  {shapes_text(found.ours.inputs)}\n")
        if sys.stdout.isatty():
            write_rich(lambda width: AgreementTable(agreement))
        else:
            write(table_text(agreement))
        write("")
    write(verdict(agreement, f"torch {found.torch} on {found.device}"))
    if agreement.differences:
        write("\n" + first_difference(agreement))
    for note in filter(None, (found.ours.note, found.note)):
        write_note(note)
