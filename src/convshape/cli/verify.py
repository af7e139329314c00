"""``verify``: convshape's answers beside those of torch itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..errors import SpecError
from .options import JSON, NETWORK, Network
from .output import json_error, reported, write, write_json, write_note, write_rich
from .parameters import argument, number, option, repeated
from .progress import progress

if TYPE_CHECKING:
    from ..verify import Verification
    from ..verify.sweep import Sweep


def verify(
    file: str = argument(
        complete="classes",
        metavar="[FILE]",
        default="",
        help="A network file, the output of print(model), PyTorch source, or - for standard input.",
    ),
    device: str = option(
        "--device",
        default="cpu",
        metavar="DEVICE",
        help="Device that torch runs on: cpu; cuda or cuda:1, if available; meta, which computes "
        "shapes without data or memory.",
    ),
    sweep: int | None = number(
        "--sweep",
        metavar="COUNT",
        help="Instead of a file: compare this many random calls, valid and invalid.",
    ),
    seed: int = number("--seed", default=0, least=0, metavar="N", help="For --sweep: random seed."),
    families: list[str] = repeated(
        "--family",
        metavar="NAME",
        help="For --sweep: only this family, such as conv, recurrent, indexing; can be repeated.",
    ),
    network: Network = NETWORK,
    json: bool = JSON,
) -> None:
    """Run a network on torch too, and compare it call by call.

    Examples: convshape verify lenet.yaml; convshape verify --sweep 100000 --device cuda

    Needs torch: pip install 'convshape[verify]'.

    Exit codes: 0 everything agrees, 1 something differs,
    2 invalid input, no torch or no such device.
    """
    with reported(json_error if json else None), progress(f"torch on {device}") as step:
        _refuse_mixed(file, sweep, seed, families)
        if sweep is not None:
            from ..verify.sweep import sweep as swept

            result: Any = swept(sweep, device=device, seed=seed, families=families, watcher=step)
        else:
            from ..verify import verify as verified

            result = verified(file, device=device, watcher=step, **network.options())
    if json:
        write_json(result.to_dict())
    else:
        (_show if sweep is None else _show_sweep)(result)
    sys.exit(0 if result.agrees else 1)


def _refuse_mixed(file: str, sweep: int | None, seed: int, families: list[str]) -> None:
    """Refuse a file and a sweep at once, neither, and the options of the one with the other."""
    if sweep is None and (families or seed):
        raise SpecError(f"--{'family' if families else 'seed'} is of --sweep", fix="--sweep 1000")
    if bool(file) == (sweep is not None):
        what = "a file and --sweep" if file else "neither a file nor --sweep"
        raise SpecError(
            f"{what} cannot be verified together" if file else f"there is {what}",
            fix="convshape verify net.yaml, or convshape verify --sweep 1000",
        )


def _show(verification: Verification) -> None:
    from ..render.agreement import AgreementTable, first_difference, table_text, verdict
    from ..render.numbers import shapes_text

    agreement = verification.agreement
    if agreement.pairs:
        write(f"{verification.ours.name}  {shapes_text(verification.ours.inputs)}\n")
        if sys.stdout.isatty():
            write_rich(lambda width: AgreementTable(agreement))
        else:
            write(table_text(agreement))
        write("")
    write(verdict(agreement, f"torch {verification.torch} on {verification.device}"))
    if agreement.differences:
        write("\n" + first_difference(agreement))
    for note in filter(None, (verification.ours.note, verification.note)):
        write_note(note)


def _show_sweep(sweep: Sweep) -> None:
    from ..render.sweep import families_text, verdict

    write(families_text(sweep.families.values()))
    for disagreement in sweep.disagreements:
        write(f"\n{disagreement.line}\n  here   {disagreement.here}\n  torch  {disagreement.torch}")
    count = len(sweep.disagreements)
    write("\n" + verdict(sweep.count, count, f"torch {sweep.torch} on {sweep.device}", sweep.seed))
    if sweep.note:
        write_note(sweep.note)
