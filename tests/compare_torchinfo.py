"""Compare live traces with torchinfo on the networks of torchinfo's own tests.

    python tests/compare_torchinfo.py CHECKOUT

CHECKOUT is a checkout of github.com/TylerYep/torchinfo. Its tests are run with a `summary` that
also traces the network, and compares what both say of it: the calls of modules with their output
shapes, in order, and the number of parameters.
"""

from __future__ import annotations

import importlib
import sys
import types
import warnings
from collections import Counter
from inspect import isfunction, signature
from pathlib import Path
from typing import Any

import torch
import torchinfo

import convshape as cs
from convshape.errors import Error
from convshape.run.record import tensors

#: What `summary` takes that the network does not.
OPTIONS = set(signature(torchinfo.summary).parameters) - {"kwargs"}
#: Where the two differ, and why.
KNOWN = {
    "test_pruning": "torchinfo counts the weights that pruning leaves, convshape all of them",
    "test_partial_jit": "torchinfo sees no call of a scripted module, convshape one",
    "test_lstm_custom_batch_size": "torchinfo shows another shape than the LSTM returns",
    "test_categorical_distribution_output": "torchinfo shows the batch, convshape the parameters",
    "test_highly_nested_dict_model": "torchinfo looks for tensors in objects of any class",
    "test_namedtuple": "a tuple of numbers is a shape for convshape, here it is a value",
    "test_return_dict": "torchinfo shows one of several results",
    "test_shared_module_in_nested_list": "torchinfo counts shared parameters twice",
    "test_tied_weights": "torchinfo counts shared parameters twice",
}


class Compared(Exception):  # noqa: N818 - it is a result
    """How the comparison ended: a test of torchinfo goes no further."""


def inputs(options: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments that torchinfo calls a network with."""
    data, size = options.get("input_data"), options.get("input_size")
    dtypes = options.get("dtypes") or ()
    if data is None and size is None:
        return [], {}
    if data is None:
        sizes = [size] if isinstance(size[0], int) else list(size)
        dim = options.get("batch_dim")
        if dim is not None:
            sizes = [(*each[:dim], 1, *each[dim:]) for each in sizes]
        kinds = [*dtypes, *[torch.float32] * len(sizes)]
        data = [torch.zeros(each).type(kind) for each, kind in zip(sizes, kinds, strict=False)]
    if isinstance(data, dict):
        return [], data
    return (list(data), {}) if isinstance(data, (list, tuple)) else ([data], {})


def difference(model: Any, options: dict[str, Any], theirs: Any) -> str:
    """Return what differs, or nothing."""
    args, named = inputs(options)
    named |= {name: value for name, value in options.items() if name not in OPTIONS}
    if not args and not named:
        return "" if theirs.total_params == cs.trace(model, no_input=True).params else "parameters"
    trace = cs.trace(model, *args, train=str(options.get("mode")).endswith("TRAIN"), **named)
    if trace.error is not None:
        return str(trace.error)
    if trace.params != theirs.total_params:
        return f"parameters {trace.params} here, {theirs.total_params} in torchinfo"
    rows = [r for r in trace.calls() if r.kind == "module"]
    infos = [i for i in theirs.summary_list if i.executed]
    if len(rows) != len(infos):
        return f"{len(rows)} calls here, {len(infos)} in torchinfo"
    for row, info in zip(rows, infos, strict=True):
        shapes = [list(t.shape) for t in tensors(row.result)]
        if info.output_size and list(info.output_size) not in shapes:
            return f"{row.path}: {shapes} here, {info.output_size} in torchinfo"
    return ""


def main(folder: Path) -> int:
    warnings.simplefilter("ignore")
    original = torchinfo.summary
    results: Counter[str] = Counter()

    def summary(model: Any, **options: Any) -> Any:
        if not isinstance(model, torch.nn.Module):
            return original(model, **options)
        theirs = original(model, **{**options, "verbose": 0})
        raise Compared(difference(model, options, theirs))

    torchinfo.summary = lambda model, size=None, **options: summary(
        model, **({} if size is None else {"input_size": size}), **options
    )
    sys.path.insert(0, str(folder))
    sys.modules["tests.conftest"] = types.ModuleType("tests.conftest")
    sys.modules["tests.conftest"].verify_output_str = lambda *_: None  # type: ignore[attr-defined]
    tests = importlib.import_module("tests.torchinfo_test")
    for name, test in vars(tests).items():
        if not name.startswith("test_") or not isfunction(test) or signature(test).parameters:
            continue
        try:
            test()
            kind, why = "without", "no network is summarized"
        except Compared as result:
            kind, why = ("differs" if str(result) else "agrees"), str(result)
        except (Exception, Error) as error:
            kind, why = "stops", f"{type(error).__name__}: {error}"
        if kind == "differs" and name in KNOWN:
            kind, why = "known", KNOWN[name]
        results[kind] += 1
        print(f"{kind}: {name}: {' '.join(why.split())[:200]}", flush=True)
    print(dict(results))
    return results["differs"]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
