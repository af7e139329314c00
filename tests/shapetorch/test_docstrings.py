"""The examples in torch's docstrings, run by convshape and torch: shapes and dtypes agree.

A docstring is followed until a statement that `REASONS` tells of; whatever else convshape refuses,
and any shape or dtype that differs, fails. What needs a GPU is left out.
"""

from __future__ import annotations

import ast
import doctest
import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch

from convshape.readers.source.finder import standing_in

#: Docstrings that are not followed to their end, by what stops there.
REASONS = {
    "a value of random data": """torch.nn.CTCLoss torch.bincount torch.count_nonzero torch.equal
        torch.lu_unpack torch.masked_select torch.meshgrid torch.qr torch.unique torch.Tensor.tolist
        torch.Tensor.view""",
    "memory itself": "torch.asarray torch.from_dlpack torch.frombuffer torch.is_storage",
    "sparse tensors": """torch.narrow_copy torch.Tensor.col_indices torch.Tensor.crow_indices
        torch.Tensor.sparse_mask torch.Tensor.to_dense torch.Tensor.to_sparse
        torch.Tensor.to_sparse_bsc torch.Tensor.to_sparse_bsr torch.Tensor.to_sparse_coo
        torch.Tensor.to_sparse_csc torch.Tensor.to_sparse_csr""",
    "quantized tensors": """torch.fake_quantize_per_channel_affine
        torch.fake_quantize_per_tensor_affine torch.quantize_per_channel torch.quantize_per_tensor
        torch.quantize_per_tensor_dynamic torch.quantized_batch_norm torch.quantized_max_pool1d
        torch.quantized_max_pool2d""",
    "gradients": "torch.enable_grad torch.Tensor.grad_dtype torch.Tensor.register_hook",
    "flags of views that are conjugated or negated": "torch.conj torch.resolve_conj "
    "torch.resolve_neg",
    "an error of another class": "torch.Tensor.dim_order",
    "an argument that is not known": "torch.cov torch.gradient",
    "a function that is not known": """torch.Event torch.as_strided_scatter torch.hash_tensor
        torch.histogramdd torch.lu torch.native_channel_shuffle torch.typename
        torch.nn.functional.native_channel_shuffle torch.Tensor.new_empty_strided""",
}
SPACES: dict[str, Any] = {
    "torch.nn": torch.nn, "torch.nn.functional": torch.nn.functional, "torch": torch,
    "torch.Tensor": torch.Tensor,
}  # fmt: skip
#: They change torch for all that follows.
LASTING = ("set_default", "use_deterministic", "set_printoptions", "set_flush", "manual_seed")


def docstrings(home: str) -> Iterator[tuple[str, str]]:
    """Yield the names in a module or class of torch's whose docstrings have examples."""
    texts = set()
    for name in sorted(dir(SPACES[home])):
        text = getattr(getattr(SPACES[home], name, None), "__doc__", None)
        if not isinstance(text, str) or any(word in text for word in LASTING):
            continue
        if not name.startswith("_") and ">>>" in text and text not in texts:
            texts.add(text)
            yield f"{home}.{name}", text


def statements(text: str) -> Iterator[ast.stmt]:
    """Yield the statements of the examples in a docstring, but for those that are no Python."""
    try:
        examples = doctest.DocTestParser().get_examples(text)
    except ValueError:
        return
    for example in examples:
        try:
            yield from ast.parse(example.source).body
        except SyntaxError:
            return


def outcome(statement: ast.stmt, names: dict[str, Any]) -> Any:
    """Run a statement; return shapes and dtypes of its value, or the error."""
    node: Any = statement
    value = node.value if isinstance(node, ast.Expr) else None
    if value is None and isinstance(node, ast.Assign):
        value = ast.parse(ast.unparse(node.targets[0]), mode="eval").body
    try:
        with redirect_stdout(io.StringIO()):
            if not isinstance(node, ast.Expr):
                exec(_plain(compile(ast.Module([node], []), "doc", "exec")), names)
            if value is None:
                return None
            return facts(eval(_plain(compile(ast.Expression(value), "doc", "eval")), names))
    except Exception as error:
        return error


def _plain(code: Any) -> Any:
    return code.replace(co_name="example")  # and no module that is being imported


def facts(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [facts(item) for item in value]
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return tuple(value.shape), str(value.dtype).removeprefix("torch.")
    return None


def _names(modules: Any) -> dict[str, Any]:
    return dict(zip(("torch", "nn", "F"), modules, strict=True))


def compared(home: str) -> tuple[int, dict[str, str]]:
    """Return how many statements agree, and where each docstring stops before its end."""
    modules = torch, torch.nn, torch.nn.functional
    theirs = {}
    for name, text in docstrings(home):
        names = _names(modules)
        theirs[name] = [
            (s, outcome(s, names)) for s in statements(text) if "cuda" not in ast.unparse(s)
        ]
    agree, stops = 0, {}
    with standing_in():
        modules = tuple(map(import_module, ("torch", "torch.nn", "torch.nn.functional")))
        for name, pairs in theirs.items():
            names = _names(modules)
            for statement, real in pairs:
                result = outcome(statement, names)
                if isinstance(real, Exception) and isinstance(result, Exception):
                    continue
                if isinstance(real, Exception) or result != real:
                    stops[name] = f"{ast.unparse(statement)}: {result} here, {real} in torch"
                    break
                agree += 1
    return agree, stops


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("home", "least"),
    [("torch.nn", 650), ("torch.nn.functional", 100), ("torch", 1250), ("torch.Tensor", 140)],
)
def test_examples_agree(
    home: str, least: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some write files
    with torch.set_grad_enabled(True):  # some switch gradients off, for all that follows
        agree, stops = compared(home)
    known = {name for names in REASONS.values() for name in names.split()}
    assert {name: why for name, why in stops.items() if name not in known} == {}
    assert {name for name in known if name.rpartition(".")[0] == home} == stops.keys()
    assert agree >= least
