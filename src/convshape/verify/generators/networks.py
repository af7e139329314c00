"""Random network files: graphs of layers, operators, functions and blocks, most of them legal."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import Error, ShapeError, SpecError
from ...readers.network_file.reader import read
from ...run.record import tensors
from ...run.runner import run
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
        label, entry = _random_entry(pick, f"v{index}", shapes, layers)
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


class _Entry:
    """What an entry is built from.

    Attributes:
        pick: where choices come from.
        name: what it is called.
        layers: the names of the layers before it.
        x: an earlier value, most often the last one.
        y: another.
        shape: the shape of `x`.
        channels: its channels, rarely one too many.
        layer: a call that makes a layer for it.
        size, dim: numbers.
    """

    def __init__(self, pick: Pick, name: str, shapes: dict[str, Shape], layers: list[str]) -> None:
        self.pick, self.name, self.layers = pick, name, layers
        self.x, self.y = (pick(list(shapes)) for _ in range(2))
        if pick((True, False)):
            self.x = list(shapes)[-1]
        self.shape, other = shapes[self.x], shapes[self.y]
        self.channels, self.channels_of_y = (s[1] if len(s) > 1 else 1 for s in (self.shape, other))
        if pick((*[False] * 25, True)):
            self.channels += 1
        self.size, self.dim = pick((1, 2, 3)), pick((0, 1, 1, 1, -1, 2))
        self.layer = random_layer(pick, self.channels, self.shape)


def _chained(e: _Entry) -> str:
    return e.layer


def _applied(e: _Entry) -> str:
    return f"{e.layer}({e.x})"


def _shared(e: _Entry) -> str:
    return f"{e.pick(e.layers)}({e.x})" if e.layers else _applied(e)


def _operator(e: _Entry) -> str:
    x, y = e.x, e.y
    return str(e.pick((
        f"{x} + {y}", f"{x} * 2 - {y}", f"-{x} / 3", f"{x} @ {y}.mT", f"{x} @ {x}.mT", f"{x} > {y}",
        f"1 - {x} ** 2",
    )))  # fmt: skip


def _function(e: _Entry) -> str:
    x, y, size, dim = e.x, e.y, e.size, e.dim
    return str(e.pick((
        f"cat([{x}, {y}], dim={dim})", f"stack([{x}, {x}], {dim})", f"F.relu({x})",
        f"F.max_pool2d({x}, {size})", f"F.interpolate({x}, scale_factor=2)",
        f"F.pad({x}, (1, {size}))", f"torch.flatten({x}, 1)",
        f"F.adaptive_avg_pool2d({x}, {size})", f"matmul({x}, {y})", f"torch.mean({x}, {dim})",
        f"fft.fftshift({x}, dim={dim})", f"torch.linalg.vector_norm({x}, dim={dim})",
        f"special.expit({x})", f"linalg.vecdot({x}, {y}, dim={dim})",
        f"torch.special.softmax({x}, {dim})",
    )))  # fmt: skip


def _method(e: _Entry) -> str:
    x, y, dim = e.x, e.y, e.dim
    return str(e.pick((
        f"{x}.flatten(1)", f"{x}.mean({dim})", f"{x}.transpose(1, {dim})",
        f"{x}.view({x}.size(0), -1)", f"{x}.contiguous().view({x}.size(0), -1)",
        f"{x}.view(-1, {e.shape[-1] if e.shape else 1})", f"{x}.mT", f"{x}.unflatten(1, (-1, 1))",
        f"{x}.view_as({y})", f"{x}.squeeze(-1)", f"{x}.movedim(1, -1)", f"{x}.unfold(1, 2, 1)",
        f"{x}.diagonal(0, 1, -1)", f"{x}.unsqueeze({dim})", f"{x}.reshape(-1, {e.channels})",
        f"{x}.permute(1, 0, 2, 3)", f"{x}.T", f"{x}.expand_as({y})",
        f"{x}.sum(({dim},), keepdim=True)", f"{x}.repeat(1, 2, 1, 1)",
        f"{x}.split(1, {dim})[0]",
    )))  # fmt: skip


def _unpacked(e: _Entry) -> tuple[str, str]:
    """Return several names, and the expression."""
    x, y, name, dim = e.x, e.y, e.name, e.dim
    names, expression = e.pick((
        (f"{name}, {name}b", f"{x}.chunk(2, dim={dim})"),
        (f"{name}, {name}b", f"{x}.split({e.size}, {dim})"),
        (f"{name}, _", f"{x}.max({dim})"), (f"{name}, _", "MaxPool2d(2, return_indices=True)"),
        (f"{name}, {name}b, {name}c", f"({x}, {y}, {x})"), (f"{name}, {name}b", x),
    ))  # fmt: skip
    return names, expression


def _indexed(e: _Entry) -> str:
    index = e.pick((":, :2", "0", "..., ::2", ":, 1:-1", "-1", ":, :, 1:", "None", ":, 5"))
    return f"{e.x}[{index}]"


def _conditional(e: _Entry) -> str:
    x, y, layer = e.x, e.y, e.layer
    return str(e.pick((
        f"{x} if {x}.shape[1] > {e.size + 2} else {y}", f"{layer}({x}) if w > 3 else {x}",
        f"{x} if {x}.ndim == 4 else {layer}({x})",
        f"{x} if w < 4 and {x}.size(0) == 1 or w == 6 else {y}",
    )))  # fmt: skip


def _several(e: _Entry) -> str:
    x, layer = e.x, e.layer
    return str(e.pick((
        f"relu({layer}({x}))", f"{layer}({x}) + {layer}({x})", f"cat([{layer}({x}), {x}], dim=1)",
    )))  # fmt: skip


def _block(e: _Entry) -> str:
    channels, size = e.channels, e.size
    out = e.pick((channels, 2, "w"))
    if e.pick((True, *[False] * 4)):
        return f"Join({channels}, {e.channels_of_y}, {out})({e.x}, {e.y})"
    block = e.pick((
        f"ConvAct({channels}, {out}, act=act)", f"Residual({channels})",
        f"{size} * Residual({channels}, norm=InstanceNorm2d)", f"Down({channels}, {out})",
        f"Sequential(Down({channels}, {out}, 1), {size} * ConvAct({out}, {out}, 1))",
        f"Gate(Conv2d({channels}, {channels}, 1))", f"Gate({size} * Residual({channels}))",
        f"Split({channels})", f"2 * Sequential(ConvAct({channels}, {channels}), act())",
    ))  # fmt: skip
    return str(block + e.pick(("", f"({e.x})")))


_KINDS = (
    *(_chained, _chained, _applied, _applied, _shared, _operator, _function, _method, _unpacked),
    *(_indexed, _conditional, _several, _block, _block),
)


def _random_entry(
    pick: Pick, name: str, shapes: dict[str, Shape], layers: list[str]
) -> tuple[str, str]:
    """Build one entry: its names and its expression."""
    text = pick(_KINDS)(_Entry(pick, name, shapes, layers))
    return text if isinstance(text, tuple) else (name, text)


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
