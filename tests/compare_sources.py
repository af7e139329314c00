"""Compare convshape with torch on every network of a folder of PyTorch sources.

    python tests/compare_sources.py FOLDER|FILE|TARGET|"timm:create_model('resnet18')" ...
        [--write TITLE] [--only TEXT] [--in SHAPE ...]

Every function and class of the files that makes a network without arguments is traced by convshape,
without torch, and by torch on its meta device, and compared as `convshape verify` does. With
--write the result becomes a section of docs/models.md, by name. The folders are the user's to
download; nothing of them is kept.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

os.environ["PYTORCH_JIT"] = "0"  # what runs inside of TorchScript cannot be watched

import torch

import convshape as cs
from convshape.errors import Error, SpecError
from convshape.verify import Verification, verify

FILE = Path(__file__).parent.parent / "docs" / "models.md"
HEADER = """\
# Networks traced from their sources

Unmodified PyTorch sources, traced by convshape without torch and by torch 2.13 on its meta device.
This page is written by `python tests/compare_sources.py FOLDER --write TITLE`, which compares as
[`convshape verify`](verify.md) does. A network agrees if all calls of modules are equal, in order:
the shapes and dtypes that go in and come out, parameters, and multiply-accumulates where torch
counts them; and if all parameters and buffers are equal, by name.
"""
#: Inputs, tried in this order until torch takes one.
INPUTS = [
    ["3x224x224"], ["3x32x32"], ["3x64x64"], ["3x256x256"], ["3x299x299"], ["1x28x28"], ["1x32x32"],
    ["3x16x112x112"], ["3x16x224x224"], ["int64:64"], ["784"], ["3x128x128"], ["3x512x512"],
    ["100x1x1"], ["1x224x224"],
]  # fmt: skip
#: torchvision beside a torch that it was not built for: its operators are declared, not there.
OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "roi_align(Tensor input, Tensor rois, float spatial_scale, int pooled_height, int "
    "pooled_width, int sampling_ratio, bool aligned) -> Tensor",
    "roi_pool(Tensor input, Tensor rois, float spatial_scale, int pooled_height, int pooled_width) "
    "-> (Tensor, Tensor)",
    "ps_roi_align(Tensor input, Tensor rois, float spatial_scale, int pooled_height, int "
    "pooled_width, int sampling_ratio) -> (Tensor, Tensor)",
    "ps_roi_pool(Tensor input, Tensor rois, float spatial_scale, int pooled_height, int "
    "pooled_width) -> (Tensor, Tensor)",
    "deform_conv2d(Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, int "
    "stride_h, int stride_w, int pad_h, int pad_w, int dilation_h, int dilation_w, int groups, int "
    "offset_groups, bool use_mask) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def candidates(file: Path) -> list[str]:
    """The names of a file that make a network without arguments, in its order."""
    import ast

    try:
        tree = ast.parse(file.read_text(errors="replace"))
    except SyntaxError:
        return []
    names = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            made = next(
                (f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"),
                None,
            )
            if made is None or not any(
                isinstance(f, ast.FunctionDef) and f.name == "forward" for f in node.body
            ):
                continue
            arguments = made.args.args[1:]
        elif isinstance(node, ast.FunctionDef):
            made, arguments = node, node.args.args
        else:
            continue
        required = len(arguments) - len(made.args.defaults) + made.args.kw_defaults.count(None)
        if not node.name.startswith("_") and required == 0:
            names.append(node.name)
    return names


def targets(given: str) -> list[str]:
    if ":" in given:
        return [given]
    files = sorted(Path(given).rglob("*.py")) if Path(given).is_dir() else [Path(given)]
    return [f"{file}:{name}" for file in files for name in candidates(file)]


def compare(target: str, tries: list[list[str]]) -> tuple[str, str]:
    """Return ``agrees``, ``differs`` or ``skipped``, and why."""
    why = ""
    for inputs in tries:
        started = time.perf_counter()
        found = attempt(target, inputs)
        if isinstance(found, Error):
            if "not a network" in found.what:
                return "", ""
            if isinstance(found, OursError):
                return "differs", str(found)
            if why == str(found):  # it has nothing to do with the input
                break
            why = str(found)
            continue
        if found.torchs.error is not None:
            why = f"torch: {found.torchs.error}"
            continue
        if found.agreement.differences:
            return "differs", str(found.agreement.differences[0])
        took = time.perf_counter() - started
        return "agrees", f"{' '.join(inputs)}, {len(found.torchs.rows)} rows, {took:.2f} s"
    return "skipped", why or "no input of those that are tried fits"


class OursError(SpecError):
    """convshape cannot read what torch runs."""


def attempt(target: str, inputs: list[str]) -> Verification | Error:
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return verify(target, *inputs, device="meta")
        except Error as error:
            ours = error
        try:
            theirs = cs.trace(target, *inputs, engine="torch")
        except Error as error:
            return error
        return theirs.error or OursError(ours.what, where=ours.where)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="+", help="folders, files, or 'file.py:Net(2)'")
    parser.add_argument("--write", metavar="TITLE")
    parser.add_argument("--only", default="")
    parser.add_argument(
        "--in", dest="inputs", action="append", default=[], help="what goes in, in place of guesses"
    )
    options = parser.parse_args()
    torch.ops.load_library = lambda path: (_ for _ in ()).throw(OSError(path))  # type: ignore[method-assign]
    library = torch.library.Library("torchvision", "DEF")
    for each in OPERATORS:
        library.define(each)
    results: dict[str, dict[str, str]] = {"agrees": {}, "differs": {}, "skipped": {}}
    for each in options.targets:
        folder = Path(each) if Path(each).is_dir() else Path(each.partition(":")[0]).parent
        for target in targets(each):
            if options.only not in target:
                continue
            kind, why = compare(target, [options.inputs] if options.inputs else INPUTS)
            if kind:
                shown = target.removeprefix(f"{folder}{os.sep}")
                results[kind][shown] = why
                print(f"{kind}: {shown}: {why[:300]}", flush=True)
    print({kind: len(found) for kind, found in results.items()})
    if options.write:
        write(options.write, results)
    return len(results["differs"])


def write(title: str, results: dict[str, dict[str, str]]) -> None:
    sections = (FILE.read_text() if FILE.exists() else HEADER).split("\n## ")
    agrees, differs = results["agrees"], results["differs"]
    text = f"{title}: {len(agrees)} of {len(agrees) + len(differs)}\n\n"
    text += "Agree: " + ", ".join(f"`{name}`" for name in agrees) + ".\n"
    if differs:
        text += "\nDo not agree yet:\n\n" + "".join(
            f"- `{name}`: {why.splitlines()[0]}\n" for name, why in differs.items()
        )
    kept = [each for each in sections if not each.startswith(f"{title}:")]
    FILE.write_text("\n## ".join([each.rstrip("\n") + "\n" for each in (*kept, text)]))


if __name__ == "__main__":
    sys.exit(main())
