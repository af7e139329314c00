"""``check``: whether networks are as they are expected to be, for CI and hooks."""

from __future__ import annotations

import os
import sys

from ..errors import Error, ShapeError, SpecError
from .options import JSON, NETWORK, Network
from .output import json_error, reported, write_error, write_json
from .parameters import argument, option, repeated


def check(
    files: list[str] = argument(
        complete="classes", many=True, metavar="FILE...", help="Network files."
    ),
    expectations: list[str] = repeated(
        "--expect",
        metavar="WHAT=VALUE",
        help="Expected shape or count: out=10, fc1.in=400, conv1.out=Nx6x*x*, 'fc1.params<=50k'. "
        "N is the batch, * any size. Can be repeated.",
    ),
    max_params: str | None = option(
        "--max-params", default=None, metavar="NUMBER", help="Parameter limit: 62006, 1.5M, 4G."
    ),
    max_macs: str | None = option(
        "--max-macs",
        default=None,
        metavar="NUMBER",
        help="Limit of multiply-accumulates: 500k, 4.1G.",
    ),
    sizes: list[str] = repeated(
        "--fits",
        metavar="SIZES",
        help="Sizes that the input may have, all of them: 'H=32..,multiple of 32', or 64..512 for "
        "every axis; may be repeated.",
    ),
    network: Network = NETWORK,
    json: bool = JSON,
) -> None:
    """Check networks against expectations (for CI). Silent on success.

    Example: convshape check lenet.yaml --expect out=10 --expect fc1.in=400 --max-params 1M
    """
    with reported(json_error if json else None):
        from ..checking import Expected

        expected = Expected(expectations, max_params, max_macs, sizes)
        options = network.options()
        _refuse_expectations(files)
    failures = {file: _placed(expected.failures(file, **options), file) for file in files}
    if json:
        checked = [
            {"file": file, "ok": not errors, "errors": [error.to_dict() for error in errors]}
            for file, errors in failures.items()
        ]
        write_json({"schema": 1, "files": checked, "error": None})
    else:
        for errors in failures.values():
            for error in errors:
                write_error(error)
    every = [error for errors in failures.values() for error in errors]
    if every:
        sys.exit(1 if all(isinstance(error, ShapeError) for error in every) else 2)


def _refuse_expectations(files: list[str]) -> None:
    """Refuse an expectation among the files: ``out=10``, ``params<1M``."""
    for file in files:
        if not {*"=<>"}.isdisjoint(file) and not os.path.exists(file):
            raise SpecError(f"file not found: {file}", fix=f"--expect {file}")


def _placed(errors: list[Error], file: str) -> list[Error]:
    """Return errors with the file as their place, where they have none and do not name it."""
    return [
        error if error.where or file in error.what else error.changed(where=file)
        for error in errors
    ]
