"""Compare convshape with torch on torch's own test samples of modules and of operators.

    python tests/torch_samples.py [--show 3]

Prints each disagreement, what torch has and convshape does not know, and the counts. Exits with 1
where there is a disagreement. It needs `expecttest`, as torch's own tests do.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections import Counter
from functools import partial
from typing import Any

import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.common_modules import module_db

from convshape import shapetorch
from convshape.errors import UnknownOperation
from convshape.shapetorch.ops.spaces import METHODS
from convshape.verify.generators.data import each_inside
from convshape.verify.generators.judging import memory_of

DTYPES = (torch.float32, torch.int64, torch.bool, torch.complex64)


def ours(value: Any) -> Any:
    """Return the shapetorch value that stands for a value of torch's."""
    if isinstance(value, torch.Tensor):
        whole = shapetorch.Tensor(
            (value.untyped_storage().nbytes() // value.itemsize,), ours(value.dtype)
        )
        return whole.as_strided(tuple(value.shape), value.stride(), value.storage_offset())
    if isinstance(value, torch.dtype):
        return getattr(shapetorch.dtypes, str(value).removeprefix("torch."))
    if isinstance(value, torch.device):
        return shapetorch.device(str(value))
    if isinstance(value, (torch.layout, torch.memory_format)):
        return getattr(shapetorch, str(value).removeprefix("torch."), str(value))
    if isinstance(value, (torch.nn.TransformerEncoderLayer, torch.nn.TransformerDecoderLayer)):
        return getattr(shapetorch.nn, type(value).__name__)(**_arguments(value))
    if isinstance(value, torch.nn.PairwiseDistance):
        return shapetorch.nn.PairwiseDistance(value.norm, value.eps, value.keepdim)
    if isinstance(value, torch.nn.LinearCrossEntropyOptions):
        return shapetorch.nn.LinearCrossEntropyOptions(
            **ours({n: getattr(value, n) for n in value.__slots__})
        )
    if (
        getattr(value, "__module__", "") == "torch.nn.functional"
        or value is torch.nn.functional.gelu
    ):
        return getattr(shapetorch.nn.functional, value.__name__)
    return each_inside(value, ours)


def _arguments(layer: Any) -> dict[str, Any]:
    """Return the arguments that make a transformer's layer."""
    return {
        "d_model": layer.linear1.in_features,
        "nhead": layer.self_attn.num_heads,
        "dim_feedforward": layer.linear1.out_features,
        "dropout": layer.dropout.p,
        "activation": ours(layer.activation),
        "layer_norm_eps": layer.norm1.eps,
        "batch_first": layer.self_attn.batch_first,
        "norm_first": layer.norm_first,
        "bias": layer.linear1.bias is not None,
    }


class Memory:
    """The strides and the offset of a tensor; those that convshape does not know are any."""

    def __init__(self, tensor: Any) -> None:
        (self.known,) = memory_of([tensor])

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Memory) and (
            self.known == other.known or None in (self.known, other.known)
        )

    def __repr__(self) -> str:
        return str(self.known)


def facts(value: Any) -> Any:
    """Return the shapes, dtypes and strides in a result, and what else it holds as it is."""
    if isinstance(value, (torch.Tensor, shapetorch.Tensor)):
        return tuple(value.shape), str(value.dtype), Memory(value)
    return [facts(item) for item in value] if isinstance(value, (tuple, list)) else value


def function_of(name: str) -> Any:
    """Return shapetorch's function of an operator's name, or its method, or None."""
    if name in REORDERED:
        return REORDERED[name]
    *prefix, last = name.split(".")
    if prefix == ["nn", "functional"]:
        return getattr(shapetorch.nn.functional, last, None)
    if prefix in (["linalg"], ["fft"], ["special"]):
        return getattr(getattr(shapetorch, prefix[0]), last, None)
    if prefix:
        return None
    if last in METHODS or last.startswith("__"):
        return getattr(shapetorch.Tensor, last, None)
    return getattr(shapetorch, last, None)


#: Operators whose samples come in another order of arguments than the function's.
REORDERED = {
    "where": lambda x, condition, other: shapetorch.where(condition, x, other),
    **{  # whose samples are those of the methods in place
        name: partial(lambda name, x, *args, **named: getattr(x, f"{name}_")(*args, **named), name)
        for name in ("uniform", "exponential", "cauchy", "geometric", "log_normal")
    },
    "normal": lambda x, *args, **named: (
        x.normal_(*args)
        if shapetorch.is_tensor(x) and not any(map(shapetorch.is_tensor, args))
        else shapetorch.normal(x, *args, **named)
    ),
    "svd_lowrank": lambda a, b, **named: shapetorch.svd_lowrank(a @ b.mT, **named),
    "pca_lowrank": lambda a, b, **named: shapetorch.pca_lowrank(a @ b.mT, **named),
    "special.polygamma": lambda x, n, **named: shapetorch.special.polygamma(n, x, **named),
    "einsum": lambda operands, equation: shapetorch.einsum(equation, *operands),
    "nn.functional.embedding": lambda weight, x, **named: shapetorch.nn.functional.embedding(
        x, weight, **named
    ),
}


#: Operators whose samples torch copies first, since they work in place.
COPIED = ("normal", "resize_as_", "zero_")


class Tally:
    def __init__(self, show: int) -> None:
        self.show = show
        self.unknown: Counter[str] = Counter()
        self.shown: Counter[str] = Counter()
        self.agreed = self.differ = 0
        self.names: set[str] = set()

    def compare(self, name: str, theirs: Any, call: Any, text: str) -> None:
        try:
            result = facts(call())
        except UnknownOperation as error:
            self.unknown[f"{name}: {str(error)[:70]}"] += 1
            return
        except Exception as error:  # a refusal of what torch accepts, or an error of ours
            result = f"{type(error).__name__}: {error}"
        if result == theirs:
            self.agreed += 1
            self.names.add(name)
            return
        self.differ += 1
        self.shown[name] += 1
        if self.shown[name] <= self.show:
            print(
                f"{text[:300]}\n  convshape: {str(result)[:300]}\n  torch:     {str(theirs)[:300]}"
            )


def operators(tally: Tally) -> None:
    for op in op_db:
        if (op.name, op.variant_test_name) == ("linalg.lstsq", "grad_oriented"):
            continue  # of which torch's tests keep the first half of the result
        function = function_of(op.name)
        if function is None:
            tally.unknown[op.name] += 1
            continue
        method = op.name in METHODS and not hasattr(torch, op.name)
        for dtype in DTYPES:
            if not op.supports_dtype(dtype, "cpu"):
                continue
            samples = list(op.sample_inputs("cpu", dtype, requires_grad=False))
            if op.name not in COPIED:
                samples += [each.noncontiguous() for each in samples]
            for sample in samples:
                oracle = getattr(torch.Tensor, op.name) if method else op.op
                try:
                    theirs = facts(oracle(sample.input, *sample.args, **sample.kwargs))
                except Exception:
                    continue
                args, kwargs = ours([sample.input, *sample.args]), ours(sample.kwargs)
                call = partial(function, *args, **kwargs)
                tally.compare(op.name, theirs, call, f"{op.name}({args}, {kwargs})")


def modules(tally: Tally) -> None:
    for info in module_db:
        cls = getattr(shapetorch.nn, info.module_cls.__name__, None)
        if cls is None:
            tally.unknown[info.name] += 1
            continue
        for sample in info.module_inputs_func(
            info, device="cpu", dtype=torch.float32, requires_grad=False, training=False
        ):
            made, called = sample.constructor_input, sample.forward_input
            try:
                module = info.module_cls(*made.args, **made.kwargs).eval()
                result = module(*called.args, **called.kwargs)
                theirs = facts((result, list(module.state_dict().items())))
            except Exception:
                continue

            def call(cls: Any = cls, made: Any = made, called: Any = called) -> Any:
                module = cls(*ours(made.args), **ours(made.kwargs)).eval()
                result = module(*ours(called.args), **ours(called.kwargs))
                return result, list(module.state_dict().items())

            tally.compare(info.name, theirs, call, f"{info.name}({made.args}, {made.kwargs})")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--show", type=int, default=3, help="disagreements to print, of each name")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.backends.mha.set_fastpath_enabled(False)  # as `judging.by_torch`
    failed = 0
    for part in (operators, modules):
        tally = Tally(options.show)
        with torch.no_grad():
            part(tally)
        for text, count in sorted(tally.unknown.items()):
            print(f"not known: {text} ({count})")
        print(
            f"{part.__name__}: {tally.agreed} samples of {len(tally.names)} agree, {tally.differ} "
            f"disagree, {sum(tally.unknown.values())} are not known"
        )
        failed += tally.differ
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
