"""Random network files: graphs of layers, operators, functions and blocks, most of them legal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import ShapeError, SpecError
from ...readers.network import read
from ...run.record import tensors
from ...run.runner import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...errors import Error
    from .choices import Pick

#: Blocks that a random network may use: its channels in, its channels out, and how one is made.
BLOCKS = """
blocks:
  ConvAct(cin, cout, k=3, act=ReLU):
    conv: Conv2d(cin, cout, k, padding=k // 2)
    act1: act()
  Residual(c, norm=BatchNorm2d):
    body: Sequential(ConvAct(c, c), norm(c))
    sum: relu(body + input)
  Down(cin, cout, stride=2):
    main: ConvAct(cin, cout)
    pool: F.max_pool2d(main, stride) if stride > 1 else main
    side: Conv2d(cin, cout, 1, stride=stride)(input) if stride > 1 or cin != cout else input
    out: pool + side if pool.shape == side.shape else pool
  Join(ca, cb, cout)(a, b):
    both: cat([a, b], dim=1)
    mix: Conv2d(ca + cb, cout, 1)
  Gate(body):
    gate: sigmoid(body(input))
    out: gate * input
  Split(c):
    half, rest: input.chunk(2, dim=1)
    conv: Conv2d(half_of, half_of, 1)(half)
    out: cat([conv, rest], 1)
""".replace("half_of", "c // 2")

Shape = tuple[int, ...]


def random_network(pick: Pick) -> str:
    """Build a network file entry by entry; most entries that do not fit are left out."""
    first = pick(((3, 8, 8), (4, 9, 12), (1, 16, 16), (6, 7, 7), (5, 12), (4, 6), (8,)))
    second = pick((None, None, None, first, (2, 4, 4), (4, 8, 8)))
    if second is None:
        head, names = f"input: {'x'.join(map(str, first))}\n", ["input"]
    else:
        head = "inputs:\n" + "".join(
            f"  {n}: {'x'.join(map(str, s))}\n" for n, s in (("a", first), ("b", second))
        )
        names = ["a", "b"]
    head += (
        f"batch: {pick((1, 2, 2))}\n"
        f"vars: {{w: {pick((2, 4, 6))}, act: {pick(('ReLU', 'GELU', 'Tanh'))}}}\n"
    )
    head += BLOCKS + "layers:\n"
    batch = read(head + "  x: ReLU()(" + names[0] + ")", "net.yaml").inputs
    shapes = {name: tensor.shape for name, tensor in zip(names, batch, strict=True)}
    layers: list[str] = []
    body = ""
    for index in range(pick(range(2, 9))):
        label, entry = random_entry(pick, f"v{index}", shapes, layers)
        line = f"  {label}: {entry}\n"
        error, results = _outcome(head + body + line)
        if error is None:
            body += line
            new = [n for n in label.split(", ") if n != "_"]
            shapes.update(zip(new, results, strict=False))
            layers += new[:1]
        elif isinstance(error, ShapeError) and pick((True, *[False] * 9)):
            return head + body + line
    outputs = [pick(list(shapes)) for _ in range(pick((0, 0, 1, 2)))]
    return (
        head
        + (body or f"  x: Identity()({names[0]})\n")
        + (f"outputs: [{', '.join(outputs)}]\n" if outputs else "")
    )


def _outcome(text: str) -> tuple[Error | None, Sequence[Shape]]:
    """Return why a network file is refused, if it is, and the shapes of its outputs."""
    try:
        result = run(read(text, "net.yaml"))
    except (ShapeError, SpecError) as error:
        return error, ()
    outputs = () if result.error is not None else tensors(result.calls[0].result)
    return result.error, [tensor.shape for tensor in outputs]


def random_entry(
    pick: Pick, name: str, shapes: dict[str, Shape], layers: list[str]
) -> tuple[str, str]:
    """Build one entry: its names and its expression."""
    x, y = (pick(list(shapes)) for _ in range(2))
    if pick((True, False)):
        x = list(shapes)[-1]
    shape = shapes[x]
    channels = shape[1] if len(shape) > 1 else 1
    if pick((*[False] * 25, True)):
        channels += 1
    size = pick((1, 2, 3))
    dim = pick((0, 1, 1, 1, -1, 2))
    made = random_layer(pick, channels, shape)
    kind = pick(("chain", "chain", "apply", "apply", "share", "operator", "function", "method",
                 "unpack", "index", "if", "several", "block", "block"))  # fmt: skip
    if kind == "chain":
        return name, made
    if kind == "share" and layers:
        return name, f"{pick(layers)}({x})"
    if kind == "operator":
        return name, pick(
            (
                f"{x} + {y}",
                f"{x} * 2 - {y}",
                f"-{x} / 3",
                f"{x} @ {y}.mT",
                f"{x} @ {x}.mT",
                f"{x} > {y}",
                f"1 - {x} ** 2",
            )
        )
    if kind == "function":
        return name, pick((
            f"cat([{x}, {y}], dim={dim})", f"stack([{x}, {x}], {dim})", f"F.relu({x})",
            f"F.max_pool2d({x}, {size})", f"F.interpolate({x}, scale_factor=2)",
            f"F.pad({x}, (1, {size}))", f"torch.flatten({x}, 1)",
            f"F.adaptive_avg_pool2d({x}, {size})", f"matmul({x}, {y})", f"torch.mean({x}, {dim})",
            f"fft.fftshift({x}, dim={dim})", f"torch.linalg.vector_norm({x}, dim={dim})",
            f"special.expit({x})", f"linalg.vecdot({x}, {y}, dim={dim})",
            f"torch.special.softmax({x}, {dim})",
        ))  # fmt: skip
    if kind == "method":
        return name, pick((
            f"{x}.flatten(1)", f"{x}.mean({dim})", f"{x}.transpose(1, {dim})",
            f"{x}.view({x}.size(0), -1)", f"{x}.contiguous().view({x}.size(0), -1)",
            f"{x}.view(-1, {shape[-1] if shape else 1})", f"{x}.mT", f"{x}.unflatten(1, (-1, 1))",
            f"{x}.view_as({y})", f"{x}.squeeze(-1)", f"{x}.movedim(1, -1)", f"{x}.unfold(1, 2, 1)",
            f"{x}.diagonal(0, 1, -1)", f"{x}.unsqueeze({dim})", f"{x}.reshape(-1, {channels})",
            f"{x}.permute(1, 0, 2, 3)", f"{x}.T", f"{x}.expand_as({y})",
            f"{x}.sum(({dim},), keepdim=True)", f"{x}.repeat(1, 2, 1, 1)",
            f"{x}.split(1, {dim})[0]",
        ))  # fmt: skip
    if kind == "unpack":
        return pick((
            (f"{name}, {name}b", f"{x}.chunk(2, dim={dim})"),
            (f"{name}, {name}b", f"{x}.split({size}, {dim})"),
            (f"{name}, _", f"{x}.max({dim})"), (f"{name}, _", "MaxPool2d(2, return_indices=True)"),
            (f"{name}, {name}b, {name}c", f"({x}, {y}, {x})"), (f"{name}, {name}b", x),
        ))  # fmt: skip
    if kind == "index":
        return (
            name,
            f"{x}[{pick((':, :2', '0', '..., ::2', ':, 1:-1', '-1', ':, :, 1:', 'None', ':, 5'))}]",
        )
    if kind == "if":
        return name, pick((
            f"{x} if {x}.shape[1] > {size + 2} else {y}", f"{made}({x}) if w > 3 else {x}",
            f"{x} if {x}.ndim == 4 else {made}({x})",
            f"{x} if w < 4 and {x}.size(0) == 1 or w == 6 else {y}",
        ))  # fmt: skip
    if kind == "several":
        return name, pick(
            (f"relu({made}({x}))", f"{made}({x}) + {made}({x})", f"cat([{made}({x}), {x}], dim=1)")
        )
    if kind == "block":
        out = pick((channels, 2, "w"))
        block = pick((
            f"ConvAct({channels}, {out}, act=act)", f"Residual({channels})",
            f"{size} * Residual({channels}, norm=InstanceNorm2d)",
            f"Down({channels}, {out})",
            f"Sequential(Down({channels}, {out}, 1), {size} * ConvAct({out}, {out}, 1))",
            f"Gate(Conv2d({channels}, {channels}, 1))", f"Gate({size} * Residual({channels}))",
            f"Split({channels})", f"2 * Sequential(ConvAct({channels}, {channels}), act())",
        ))  # fmt: skip
        if pick((True, *[False] * 4)):
            cb = shapes[y][1] if len(shapes[y]) > 1 else 1
            return name, f"Join({channels}, {cb}, {out})({x}, {y})"
        return name, block + pick(("", f"({x})"))
    return name, f"{made}({x})"


def random_layer(pick: Pick, channels: int, shape: Shape) -> str:
    """Build a call that makes a layer, most of the time one for a tensor of that shape."""
    out = pick((channels, 2, 4, "w", "2*w"))
    features = shape[-1] if shape else 1
    everywhere = (
        "ReLU()",
        "act()",
        "Identity()",
        "Dropout(0.5)",
        f"Linear({features}, {out})",
        "Flatten()",
        "Softmax(1)",
    )
    planes = (
        f"Conv2d({channels}, {out}, {pick((1, 2, 3))}, stride={pick((1, 1, 2))}, "
        f"padding={pick((0, 1))})",
        f"ConvTranspose2d({channels}, {out}, 2, 2)", f"BatchNorm2d({channels})",
        f"MaxPool2d({pick((2, 3))})", "AvgPool2d(2)", "AdaptiveAvgPool2d(2)",
        f"GroupNorm(1, {channels})", "Upsample(scale_factor=2)", f"LayerNorm({features})",
        f"PReLU({channels})", f"LazyConv2d({out}, 1)",
        f"Conv2d({channels}, {channels}, 3, padding='same', groups={channels})",
    )  # fmt: skip
    rows = (f"Conv1d({channels}, {out}, {pick((1, 3))})", f"BatchNorm1d({channels})",
            "MaxPool1d(2)", f"LazyLinear({out})",
            f"LSTM({features}, 3, batch_first=True)")  # fmt: skip
    return str(pick(everywhere + (planes * 2 if len(shape) == 4 else rows)))
