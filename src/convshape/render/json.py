"""A trace as JSON, schema 1: see docs/trace.md and docs/trace.schema.json."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING, Any

from ..analysis import Analysis
from ..run.record import FOLDED, SHOWN, Row
from ..shapetorch.dtypes import dtype
from ..shapetorch.nn.modules.module import Module
from ..shapetorch.nn.parameter import is_lazy
from ..wording import visible
from .view import View

if TYPE_CHECKING:
    from ..analysis.receptive_field import ReceptiveField


def render(view: View) -> str:
    """Return the trace as text, a line for each row."""
    parts = trace_dict(view.analysis, view.dtype, view.all, view.weights, view.memory)
    rows = ",\n".join("  " + dumps(row, ensure_ascii=False) for row in parts["rows"])
    lines = [
        f" {dumps(key)}: "
        + (f"[\n{rows}\n ]" if key == "rows" and rows else dumps(value, ensure_ascii=False))
        for key, value in parts.items()
    ]
    return visible("{\n" + ",\n".join(lines) + "\n}")


def trace_dict(
    analysis: Analysis,
    dtype: dtype | None = None,
    all: bool = False,
    weights: bool = False,
    memory: bool = False,
) -> dict[str, Any]:
    """Return a run as JSON has it.

    Args:
        analysis: the run, and what can be computed from it.
        dtype: what floating-point numbers are kept in, for sizes in bytes.
        all: also the operations that keep the shape.
        weights: each row with the parameters of its module.
        memory: also the estimates of memory.
    """
    run = analysis.run
    levels = (SHOWN, FOLDED) if all else (SHOWN,)
    error = None
    if run.error is not None:
        failed = run.failed and row_dict(run.failed, analysis)
        error = run.error.to_dict() | {"row": failed}
    facts = {
        "schema": 1,
        "name": run.name,
        "inputs": [list(s) for s in run.input_shapes],
        "rows": [
            row_dict(row, analysis) | (_weights(row) if weights else {})
            for row in run.rows(*levels)
        ],
        "total": {
            "params": analysis.params,
            "trainable": analysis.trainable,
            "macs": analysis.macs,
            "param_bytes": analysis.param_bytes(dtype),
            "activation_bytes": analysis.activation_bytes(dtype),
            "field": _field_dict(analysis.field),
            **({"memory": analysis.memory(dtype).to_dict()} if memory else {}),
        },
        "note": "; ".join(filter(None, (run.note, *run.wanted))),
        **({"inferred": run.inferred} if run.inferred else {}),
        "error": error,
    }
    if run.record is None:
        return facts
    from ..symbolic.words import closed, relied_on

    in_symbols: dict[str, Any] = closed(facts)
    return in_symbols | {"conditions": relied_on(run.record)}


def row_dict(row: Row, analysis: Analysis) -> dict[str, Any]:
    """Return a row as JSON has it."""
    return {
        "path": row.path,
        "kind": row.kind,
        "layer": row.layer,
        "in": [list(s) for s in row.inputs],
        "out": [list(s) for s in row.outputs or ()],
        "params": analysis.params_of(row),
        "macs": analysis.macs_of(row),
        "field": _field_dict(analysis.field_of(row)),
        "where": row.where,
    }


def _weights(row: Row) -> dict[str, Any]:
    """Return the parameters of a row's own module."""
    parameters = row.call._parameters if isinstance(row.call, Module) else {}
    return {
        "weights": [
            {
                "name": name,
                "shape": list(weight.shape),
                "dtype": weight.dtype.name,
                "params": weight.numel(),
                "trainable": weight.requires_grad,
            }
            for name, weight in parameters.items()
            if weight is not None and not is_lazy(weight)
        ]
    }


def _field_dict(field: ReceptiveField) -> Any:
    if field is None or isinstance(field, str):
        return field
    return dict(zip(("size", "stride", "start"), map(list, zip(*field, strict=True)), strict=True))
