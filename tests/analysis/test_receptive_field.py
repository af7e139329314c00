"""Receptive fields: what truly changes an element of the output, measured by gradients in torch."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import resnet50
from test_examples import EXAMPLES

import convshape as cs
from convshape import shapetorch
from convshape.analysis.macs import macs
from convshape.analysis.receptive_field import fields
from convshape.run.record import tensors
from convshape.run.runner import _Recorder as Recorder
from convshape.shapetorch import cat, hooks
from convshape.shapetorch.nn import functional as F
from convshape.verify.generators import CALLS, FAMILIES
from convshape.verify.generators.judging import by_convshape

NAMES = {name: getattr(shapetorch, name) for name in shapetorch.__all__ if name != "nn"}


def network(space: Any, forward: Any, *layers: tuple[Any, ...]) -> Any:
    """Make the same network of torch's layers or of convshape's."""

    class Network(space.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = space.nn.ModuleList(
                getattr(space.nn, name)(*args, **kwargs) for name, args, kwargs in layers
            )

        def forward(self, x: Any) -> Any:
            return forward(x, *self.layers)

    return Network().eval()


def measured(net: Any, shape: tuple[int, ...], positions: list[tuple[int, ...]]) -> list[Any]:
    """Return the first and last input position on each axis that change each output position."""
    net = net.double()
    with torch.no_grad():
        for value in net.parameters():
            value.uniform_(0.5, 1.5)
    x = torch.rand(shape, dtype=torch.float64) + 0.5
    x.requires_grad_()
    out = net(x)
    found = []
    for at in positions:
        (change,) = torch.autograd.grad(
            out[(slice(None), slice(None), *at)].sum(), x, retain_graph=True
        )
        seen = change.abs().sum((0, 1)) > 0
        axes = [
            seen.any(dim=[e for e in range(seen.ndim) if e != d]) if seen.ndim > 1 else seen
            for d in range(seen.ndim)
        ]
        found.append(
            [(int(a.nonzero().min()), int(a.nonzero().max())) if a.any() else None for a in axes]
        )
    return found


LENGTH = 800


@st.composite
def layers(draw: st.DrawFn) -> tuple[list[tuple[Any, ...]], list[Any]]:
    """Draw the layers of a network along one axis, and what else it does with its tensor."""
    made: list[tuple[Any, ...]] = []
    steps: list[Any] = []
    grown, shrunk = 1, 1
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(
            st.sampled_from(
                "conv conv pool up nearest linear residual branch slice pad reverse".split()
            )
        )
        kernel, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 3))
        stride = draw(st.integers(1, 3 if shrunk < 2 else 2 if shrunk < 3 else 1))
        if kind in ("up", "nearest", "linear") and grown >= 6:
            continue
        if kind == "conv":
            padding = draw(st.integers(0, 3))
            made.append(
                (
                    "Conv1d",
                    (4, 4, kernel, stride, padding, dilation, draw(st.sampled_from([1, 2, 4]))),
                    {},
                )
            )
            shrunk *= stride
        elif kind == "pool":
            made.append(
                ("AvgPool1d", (kernel, stride, kernel // 2), {"ceil_mode": draw(st.booleans())})
            )
            shrunk *= stride
        elif kind == "up":
            made.append(("ConvTranspose1d", (4, 4, kernel, stride, 0), {"dilation": dilation}))
            grown *= stride
        elif kind == "nearest":
            made.append(("Upsample", (), {"scale_factor": stride}))
            grown *= stride
        elif kind == "linear":
            made.append(("Upsample", (), {"scale_factor": 2, "mode": "linear"}))
            grown *= 2
        elif kind == "residual":
            made.append(
                ("Conv1d", (4, 4, 2 * kernel - 1), {"padding": "same", "dilation": dilation})
            )
        elif kind == "branch":
            made.append(("Conv1d", (4, 2, kernel), {"padding": "same"}))
            made.append(("Conv1d", (6, 4, 1), {}))
        elif kind == "slice":
            made.append(("Identity", (), {}))
            steps.append(
                slice(draw(st.integers(0, 3)), None, draw(st.integers(1, 2 if shrunk < 3 else 1)))
            )
            shrunk *= steps[-1].step
            continue
        elif kind == "pad":
            sides = (draw(st.integers(-3, 3)), draw(st.integers(-3, 3)))
            made.append(("ConstantPad1d", (sides, 0.0), {}))
        else:
            made.append(("Identity", (), {}))
        steps += [kind, "first"] if kind == "branch" else [kind]
    return made, steps


def along(join: Any) -> Any:
    def build(steps: list[Any]) -> Any:
        def forward(x: Any, *layers: Any) -> Any:
            for layer, step in zip(layers, steps, strict=True):
                if isinstance(step, slice):
                    x = x[:, :, step]
                elif step == "residual":
                    x = layer(x) + x
                elif step == "branch":
                    x = join([layer(x), x], 1)
                elif step == "reverse":
                    x = x.flip(2)
                else:
                    x = layer(x)
            return x

        return forward

    return build


@settings(deadline=None, max_examples=100)
@given(layers())
def test_random_networks(drawn: tuple[list[tuple[Any, ...]], list[Any]]) -> None:
    made, steps = drawn
    ours = cs.trace(network(cs, along(cat)(steps), *made), (4, LENGTH))
    if ours.error is not None:
        return
    field = ours.rows[0].field
    out = ours.rows[0].outputs[0][2]
    period = 72  # a multiple of all that the layers above can make
    middle = out // 2 // period * period
    truth = measured(
        network(torch, along(torch.cat)(steps), *made),
        (1, 4, LENGTH),
        [(middle + i,) for i in range(period)],
    )
    seen = [ends for (ends,) in truth if ends]
    if field is None:
        assert not seen
        return
    ((size, stride, start),) = field
    if min(first for first, _ in seen) < 60 or max(last for _, last in seen) > LENGTH - 60:
        return  # too near to the borders
    assert size == max(last - first + 1 for first, last in seen)
    if truth[0][0] is not None:
        assert start + stride * middle == truth[0][0][0]


def both(
    text: str, shape: tuple[int, ...], *layers: tuple[Any, ...]
) -> tuple[Any, Any, torch.Tensor]:
    """Return our trace of an expression of x, a, b, c; torch's network; and an example result."""
    spaces = []
    for space, names in (
        (cs, NAMES | {"F": F}),
        (torch, vars(torch) | {"F": torch.nn.functional}),
    ):

        def forward(x: Any, *made: Any, names: dict[str, Any] = names) -> Any:
            return eval(text, names | dict(zip("abc", made, strict=False)) | {"x": x})

        spaces.append(network(space, forward, *[(name, args, {}) for name, *args in layers]))
    ours, theirs = spaces
    trace = cs.trace(ours, cs.Tensor(shape))
    assert trace.error is None
    return trace, theirs, theirs(torch.ones(shape))


C = ("Conv2d", 2, 2, 3)
#: Networks, and the field of an element: what is measured at every position must agree.
KNOWN: list[tuple[Any, ...]] = [
    ("a(x)", [(3, 1, 0)] * 2, C),
    ("a(x).permute(0, 1, 3, 2)", [(3, 1, 0)] * 2, C),
    ("b(a(x).permute(0, 3, 2, 1)).permute(0, 3, 2, 1)", [(3, 1, 0), (12, 0, 0)], C,
     ("Conv2d", 10, 4, 1)),
    ("F.max_unpool2d(*F.max_pool2d(a(x), 2, return_indices=True), 2)", [(4, 1, 0)] * 2, C),
    ("F.pixel_shuffle(a(x), 2)", [(3, 0.5, 0)] * 2, ("Conv2d", 2, 4, 3)),
    ("a(F.pixel_unshuffle(x, 2))", [(6, 2, 0)] * 2, ("Conv2d", 8, 4, 3)),
    ("F.interpolate(a(x), scale_factor=2)", [(3, 0.5, 0)] * 2, C),
    ("F.interpolate(x, size=(9, 6))", [(1, 4 / 3, 0), (1, 2, 0)]),
    ("F.interpolate(x, scale_factor=2, mode='bilinear')", [(2, 0.5, -1)] * 2),
    ("F.interpolate(x, scale_factor=0.5, mode='bicubic')", [(4, 2, -1)] * 2),
    ("F.interpolate(x, size=(9, 9), mode='bilinear')", None),  # rounding decides what is read
    ("F.interpolate(x, scale_factor=2, mode='bilinear', align_corners=True)", None),
    ("F.adaptive_avg_pool2d(x, (5, 4))", [(4, 2.4, 0), (3, 3, 0)]),
    ("F.adaptive_avg_pool2d(x, (12, 4))", [(1, 1, 0), (3, 3, 0)]),
    ("F.adaptive_avg_pool2d(a(x), 1)", "whole", C),
    ("F.avg_pool2d(x, 12)", [(12, 12, 0)] * 2),
    ("F.avg_pool2d(x, 12).flatten(1)", "whole"),
    ("F.avg_pool2d(x, 5).flatten(1)", None),
    # 2 of 12 are in no window
    ("a(F.avg_pool2d(x, 5).flatten(1))", [(10, 0, 0)] * 2, ("Linear", 8, 3)),
    ("a(x.flatten(1))", "whole", ("Linear", 288, 3)),
    ("x.mean(3)", [(1, 1, 0), (12, 0, 0)]),
    ("x.mean((2, 3), keepdim=True) * x", "whole"),
    ("x[:, :, 3:-2, ::2]", [(1, 1, 3), (1, 2, 0)]),
    ("x[:, :, 3]", [(1, 0, 3), (1, 1, 0)]),
    ("x[:, None, ..., 1:].flip(3)", [(1, -1, 11), (1, 1, 1)]),
    ("x.chunk(2, 3)[1]", [(1, 1, 0), (1, 1, 6)]),
    ("cat([a(x), b(x)[:, :, 1:-1, 1:-1]], 1)", [(3, 1, 0)] * 2, C, ("Conv2d", 2, 3, 1)),
    # branches that see different things
    ("cat([a(x), x[:, :, 1:-1, 1:-1]], 1)[:, :1]", None, C),
    ("cat([x, x], 2)", None),
    ("a(x) + x[:, :, 2:, 2:] + b(x)[:, :, 2:, 2:]", [(3, 1, 0)] * 2, C, ("Conv2d", 2, 2, 1)),
    ("F.group_norm(x, 1)", "whole"),
    ("F.softmax(x, 2)", [(12, 0, 0), (1, 1, 0)]),
    ("x @ x.transpose(2, 3)", None),
    ("x.cumsum(2)[:, :, -1]", [(12, 0, 0), (1, 1, 0)]),
    ("x.cumsum(2)[:, :, -2]", None),
    ("einsum('nchw,nchv->ncwv', x, x).sum((2, 3))", "whole"),
    ("einsum(x, [0, 1, 2, 3], x, [0, 1, 2, 4], [0, 1, 3, 4]).sum((2, 3))", "whole"),
    ("einsum(a(x), [0, 1, ...], [0, ...])", [(3, 1, 0)] * 2, C),
    ("F.pad(x, (1, 2, 3, 0))", [(1, 1, -3), (1, 1, -1)]),
    ("x.view(2, 2, 4, 3, 12)[:, :, :, 0]", None),
    ("stack([x, x], 1).unbind(1)[0]", [(1, 1, 0)] * 2),
    ("F.unfold(x, 3).transpose(1, 2)", None),
    ("x.roll(1, 2)", None),
    ("a(x).add_(b(x)[:, :, 1:-1, 1:-1])", [(3, 1, 0)] * 2, C, ("Conv2d", 2, 2, 1)),
    ("[y := x.clone(), y[:, :, 0].mul_(y[:, :, 1]), y][2]", None),
    ("zeros_like(x)", None),
    ("F.interpolate(x, size=(5, 4), mode='area')", [(4, 2.4, 0), (3, 3, 0)]),
    ("F.interpolate(x, size=(11, 12))", [(1, 12 / 11, 0), (1, 1, 0)]),
    ("F.interpolate(x, scale_factor=2.0, recompute_scale_factor=True)", [(1, 0.5, 0)] * 2),
    ("F.interpolate(x, scale_factor=1.3)", None),  # what is read does not repeat
    ("F.channel_shuffle(a(x), 2)", [(3, 1, 0)] * 2, C),
    ("F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2, 3)", None),
    ("F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2, (2, 2, 2))", None),
    ("F.instance_norm(x)", "whole"),
    ("F.instance_norm(x, zeros(2), ones(2), use_input_stats=False)", [(1, 1, 0)] * 2),
    # of attention the axes are the heads and the queries
    ("F.scaled_dot_product_attention(x, x, x)", [(1, 1, 0), (12, 0, 0)]),
    ("F.scaled_dot_product_attention(x, *2 * [rand(2, 2, 7, 12, dtype=x.dtype)])",
     [(1, 1, 0)] * 2),
    ("F.scaled_dot_product_attention(*2 * [zeros(2, 2, 12, 5, dtype=x.dtype)], x, is_causal=True)",
     [(1, 1, 0), (12, 0, 0)]),
    ("F.scaled_dot_product_attention(x[:, :, :5], x, x, is_causal=True)", None),
    ("F.scaled_dot_product_attention(x, x, x, zeros(12, 12))", None),
    ("F.scaled_dot_product_attention(cat([x, x], 1), x, x, enable_gqa=True)", None),
    ("a(x[0], x[0], x[0])[0]", [(1, 1, 0), (12, 0, 0)], ("MultiheadAttention", 12, 2)),
    ("a(x[0], x[0], x[0], attn_mask=zeros(2, 2))[0]", None, ("MultiheadAttention", 12, 2)),
    ("x.view(2, 2, 12, 12)", [(1, 1, 0)] * 2),
    ("x.double().view(float32)", None),
    ("x.flatten(2).transpose(1, 2)", None),
    ("x.flatten(2).transpose(1, 2).mean(1)", "whole"),
    ("a(x).permute((0, 1, 3, 2))", [(3, 1, 0)] * 2, C),
    ("a(x).adjoint()", [(3, 1, 0)] * 2, C),
    ("x[0, :, :, 0].t()[1:]", [(1, 1, 1), (1, 0, 0)]),
    ("x.sum().t()", "whole"),
    ("x[:, :, 1:].movedim((2, 3), (3, 2))", [(1, 1, 1), (1, 1, 0)]),
    ("x[:, :, 1:].movedim(1, -1)", [(1, 1, 1), (1, 1, 0)]),
    ("x.repeat(1, 1, 2, 1)", None),
    ("x[:, :, :1].repeat(1, 1, 3, 1)", [(1, 0, 0), (1, 1, 0)]),
    ("x[:, :, 1:].repeat(2, 1, 1, 1, 1)", [(1, 1, 1), (1, 1, 0)]),
    ("x[:, :, 1].fliplr()", [(1, 0, 1), (1, 1, 0)]),
    ("x[0, 0].fliplr()", [(1, 1, 0), (1, -1, 11)]),
    ("x[0, 0].flipud()", [(1, -1, 11), (1, 1, 0)]),
    ("x[:, [1, 0]]", None),
    ("x.select(2, 3)", [(1, 0, 3), (1, 1, 0)]),
    ("x.narrow(3, -5, 4)", [(1, 1, 0), (1, 1, 7)]),
    ("x.split(4, 3)[2]", [(1, 1, 0), (1, 1, 8)]),
    ("x.dsplit(3)[1]", None),
    ("einsum('ncii->nci', x)", None),
    ("x.sum()", "whole"),
    ("x.sum(())", "whole"),
    ("(x > 0).all(())", [(1, 1, 0)] * 2),
    ("max(99 * a(x), x[:, :, 1:-1, 1:-1])", [(3, 1, 0)] * 2, C),
    ("F.softmax(x[0, :, :, 0], None)", [(12, 0, 0), (1, 0, 0)]),
    ("F.softmax(x[0], None)", [(1, 1, 0)] * 2),
    ("F.softmax(x[0, 0, 0], None)", [(1, 0, 0), (12, 0, 0)]),
    ("(y := x[0, 0].sum(0)[0]) * F.softmax(y, 0)", [(12, 0, 0), (1, 0, 0)]),
    ("F.avg_pool2d(x, 2) + x[:, :, :6, :6]", None),
    ("F.glu(x, 2) + x[:, :, :6]", None),
    ("x.clone().unsqueeze_(0)", None),
    # arguments in another order
    ("F.conv2d(weight=a.weight, input=x) + x[:, :, 2:, 2:]", [(3, 1, 0)] * 2, C),
    ("b(hx=zeros(1, 10, 4, dtype=x.dtype), input=a(x)[0])[0]", [(3, 1, 0), (12, 0, 0)], C,
     ("RNN", 10, 4)),
    # what is padded is no part of the input
    ("F.pad(x, (1, 1)).mean(3)", [(1, 1, 0), (12, 0, 0)]),
    ("F.pad(x, (0, 1)).mean(3)", [(1, 1, 0), (12, 0, 0)]),
    # the last element sees all
    ("x.cumsum(2) + x", [(12, 0, 0), (1, 1, 0)]),
    ("x[:, :, 1:].cumsum(2) + x[:, :, :-1]", None),
    ("x[:, :, :-1].cumsum(2) + x[:, :, 1:].flip(2)", None),
    ("(y := x.sum(3, True)).cumsum(2) + y.transpose(2, 3)", "whole"),
    ("x.cumsum(2).view(2, 2, 3, 4, 12)[:, :, -1, -1]", [(12, 0, 0), (1, 1, 0)]),
    ("x.cumsum(2).view(2, 2, 3, 4, 12)[:, :, -1, 0]", None),
    ("F.pad(x, (1, 1, 1, 1)).cumsum(2).cumsum(3)", "whole"),
    # layers along other dimensions
    ("F.avg_pool1d(x[:, :, 0], 3)", [(1, 0, 0), (3, 3, 0)]),
    ("F.avg_pool3d(x[:, :, None], (1, 2, 3))[:, :, 0]", [(2, 2, 0), (3, 3, 0)]),
    ("F.avg_pool2d(x.transpose(1, 2), (1, 3)).transpose(1, 2)", [(1, 1, 0), (3, 3, 0)]),
    ("F.adaptive_avg_pool1d(x[:, :, 0], 4)", [(1, 0, 0), (3, 3, 0)]),
    ("F.interpolate(x[:, :, None], scale_factor=(1, 2, 1))[:, :, 0]", [(1, 0.5, 0), (1, 1, 0)]),
    ("x[:, :, 4:5] + zeros(12, 1)", [(1, 0, 4), (1, 1, 0)]),
    ("b(*3 * [a(x)[0]])[0].mean(1)", "whole", C, ("MultiheadAttention", 10, 2)),
    ("b(cat([a(x), x[:, :, 1:-1, 1:-1]], 1)[:, :, 0])[:, -1:]", None, C,
     ("Conv1d", 4, 4, 1, 1, 0, 1, 2)),
    ("F.avg_pool1d(cat([a(x), x[:, :, 1:-1, 1:-1]], 1)[:, :, 0], 2)[:, -1:]", None, C),
    ("F.max_unpool1d(*F.max_pool1d(cat([a(x), x[:, :, 1:-1, 1:-1]], 1)[:, :, 0], 2,"
     " return_indices=True), 2)[:, -1:]", None, C),
    ("F.interpolate(x[:, :, None], scale_factor=2)[:, :, 0]", [(1, 0.5, 0)] * 2),
    ("F.interpolate(x, scale_factor=8, mode='bilinear')", [(2, 0.125, -1)] * 2),
    ("F.interpolate(x.transpose(1, 2), scale_factor=(1, 2)).transpose(1, 2)",
     [(1, 1, 0), (1, 0.5, 0)]),
    ("F.interpolate(x.transpose(0, 2), scale_factor=(1, 2)).transpose(0, 2)",
     [(1, 1, 0), (1, 0.5, 0)]),
    ("F.interpolate(x[:, :, None], scale_factor=(1, 2, 2), mode='trilinear')[:, :, 0]",
     [(2, 0.5, -1)] * 2),
    ("x[:, :, 1:].mean((2, 3))", [(11, 0, 1), (12, 0, 0)]),
    ("x[:, :, :11].mean((2, 3))", [(11, 0, 0), (12, 0, 0)]),
    ("x[:, :, 1:, 1:].mean((2, 3))", [(11, 0, 1)] * 2),
    ("x[:, :, :-1, :-1].mean((2, 3))", [(11, 0, 0)] * 2),
    ("F.lp_pool2d(x, 2, 3)", [(3, 3, 0)] * 2),
    ("F.conv_transpose2d(x, a.weight, stride=2)", [(2, 0.5, -1)] * 2, C),
    ("F.conv_transpose2d(x, a.weight, stride=(2, 1))", [(2, 0.5, -1), (3, 1, -2)], C),
    ("F.pad(x, (1, 2))", [(1, 1, 0), (1, 1, -1)]),
    # dimensions from the end, and all of a dimension
    ("a(x).permute(0, 1, -1, -2)", [(3, 1, 0)] * 2, C),
    ("x[:, :, 1:].flip(-1)", [(1, 1, 1), (1, -1, 11)]),
    ("x.split(4, -1)[2]", [(1, 1, 0), (1, 1, 8)]),
    ("x.unbind(-1)[3]", [(1, 1, 0), (1, 0, 3)]),
    ("cat([a(x), b(x)[:, :, 1:-1, 1:-1]], -3)", [(3, 1, 0)] * 2, C, ("Conv2d", 2, 3, 1)),
    ("cat([a(x), x[:, :, 1:-1, 1:-1]], -3)[:, :1]", None, C),
    ("stack([x[:, :, 1:], x[:, :, 1:]], -1)", [(1, 1, 1), (1, 1, 0)]),
    ("stack([a(x), x[:, :, 1:-1, 1:-1]], -1)[..., 0]", None, C),
    ("x.unbind(2)[3]", [(1, 0, 3), (1, 1, 0)]),
    ("stack(2 * [x[:, :, 1:]], 3)[:, :, 3]", [(1, 0, 4), (1, 1, 0)]),
    ("stack([x[:, :, 1:]], 2)[:, :, 0]", [(1, 1, 1), (1, 1, 0)]),
    ("cat([x[:, :, 1:]], 2)", [(1, 1, 1), (1, 1, 0)]),
    ("x[0, :, :, 1:].adjoint()", [(1, 1, 0), (1, 1, 1)]),
    ("x[0, 0, 0].t()", [(1, 0, 0), (1, 1, 0)]),
    ("x[0, 0, 0].permute(0)", [(1, 0, 0), (1, 1, 0)]),
    ("x[:, :, 1:].flip((3, 2))", [(1, -1, 11), (1, -1, 11)]),
    ("x[:, :, 1:].flip(2, 3)", [(1, -1, 11), (1, -1, 11)]),
    ("x[0, 0].view(1, 12, 12)[0]", [(1, 1, 0)] * 2),
    ("x.cumsum(2).narrow(2, 0, 12)", [(12, 0, 0), (1, 1, 0)]),
    ("x.cumsum(2).split(12, 2)[0]", [(12, 0, 0), (1, 1, 0)]),
    # channels that see different things
    ("(cat([a(x), x[:, :, 1:-1, 1:-1]], 1)[0] + zeros(2, 4, 10, 10))[:, -1:]", None, C),
    ("b(cat([a(x), x[:, :, 1:-1, 1:-1]], 1))[:, -1:]", None, C, ("Conv2d", 4, 4, 1, 1, 0, 1, 2)),
    ("F.avg_pool2d(cat([a(x), x[:, :, 1:-1, 1:-1]], 1), 2)[:, -1:]", None, C),
    ("F.pixel_shuffle(cat([a(x), b(x)[:, :, 1:-1, 1:-1]], 1), 2)[:, 1:]", None,
     ("Conv2d", 2, 4, 3), ("Conv2d", 2, 4, 1)),
    ("F.pixel_shuffle(cat([a(x[0]), b(x[0])[:, 1:-1, 1:-1]]), 2)[1:]", None,
     ("Conv2d", 2, 4, 3), ("Conv2d", 2, 4, 1)),
    ("F.pixel_unshuffle(x, 2)[:, :1]", None),
    ("F.pixel_unshuffle(x[0], 2)[:1]", None),
    ("F.pixel_unshuffle(cat([a(x), x[:, :, 1:-1, 1:-1]], 1), 2)[:, -1:]", None, C),
    ("F.max_unpool2d(*F.max_pool2d(cat([a(x), x[:, :, 1:-1, 1:-1]], 1), 2, return_indices=True), 2)"
     "[:, -1:]", None, C),
    ("F.max_unpool2d(*F.max_pool2d(x, 2, 2, 1, return_indices=True), 2, 2, 1)", [(2, 1, -1)] * 2),
    # products
    ("a(x) @ rand(10, 5, dtype=x.dtype)", [(3, 1, 0), (12, 0, 0)], C),
    ("a(x) @ rand(10, dtype=x.dtype)", [(3, 1, 0), (12, 0, 0)], C),
    ("rand(10, dtype=x.dtype) @ a(x)", [(12, 0, 0), (3, 1, 0)], C),
    ("rand(5, 10, dtype=x.dtype) @ a(x)", [(12, 0, 0), (3, 1, 0)], C),
    ("a(x)[0, 0, 0] @ rand(10, dtype=x.dtype)", [(3, 0, 0), (12, 0, 0)], C),
    ("rand(5, 12, dtype=x.dtype) @ x[0, 0]", [(12, 0, 0), (1, 1, 0)]),
    ("rand(5, 12, dtype=x.dtype) @ x[0, 0, 0]", [(1, 0, 0), (12, 0, 0)]),
    ("a(x).transpose(1, 2) @ rand(10, 5, dtype=x.dtype)", [(3, 1, 0), (12, 0, 0)], C),
    ("a(x).transpose(0, 2) @ rand(1, 1, 10, 5, dtype=x.dtype)", [(3, 1, 0), (12, 0, 0)], C),
    ("rand(3, 1, 1, 5, 10, dtype=x.dtype) @ a(x).transpose(1, 2).transpose(2, 3)",
     [(3, 1, 0), (12, 0, 0)], C),
    ("addmm(a(x)[0, 0], *2 * [rand(10, 10, dtype=x.dtype)])", [(3, 1, 0)] * 2, C),
    ("x[:, :, 4:5].transpose(1, 2) @ rand(1, 7, 12, 5, dtype=x.dtype)", [(1, 0, 4), (12, 0, 0)]),
    ("F.scaled_dot_product_attention(*3 * [x[:1]])", [(1, 1, 0), (12, 0, 0)]),
    ("F.scaled_dot_product_attention(rand(2, 4, 5, 12), x, x, enable_gqa=True)", None),
    ("F.scaled_dot_product_attention(*3 * [x[:, :, None]], is_causal=True)[:, :, 0, 0]", None),
    ("F.scaled_dot_product_attention(x[:, :, None], *2 * [rand(2, 2, 1, 7, 12, dtype=x.dtype)])"
     "[:, :, 0]", [(1, 1, 0), (12, 0, 0)]),
    # what is not known of one part is not known of the whole
    ("x.roll(1, 2).mean((2, 3), True) + x", None),
    ("(x.roll(1, 2)[:, :, :5] + x[:, :, :5]).mean((2, 3))", None),
    ("F.conv_transpose2d(x, a.weight, stride=2)[:, :, 1]", None, ("Conv2d", 2, 2, 1)),
    # attention, cells
    ("F.scaled_dot_product_attention(x[0], *2 * [rand(2, 2, 7, 12, dtype=x.dtype)])",
     [(1, 1, 0), (12, 0, 0)]),
    ("F.scaled_dot_product_attention(*3 * [x[0, 0]])", "whole"),
    ("F.scaled_dot_product_attention(*3 * [x[0, 0]], is_causal=True)[-1, 0]", "whole"),
    ("F.scaled_dot_product_attention(*3 * [x[0].transpose(0, 1)], enable_gqa=True)", None),
    ("F.scaled_dot_product_attention(*3 * [x[:, None].transpose(2, 3)], enable_gqa=True)", None),
    ("F.scaled_dot_product_attention(*3 * [x[:, :, None]])", "whole"),
    ("F.scaled_dot_product_attention(*2 * [rand(2, 2, 10, 5, dtype=x.dtype)], a(x))",
     [(12, 0, 0), (3, 1, 0)], C),
    ("F.scaled_dot_product_attention(*2 * [zeros(2, 2, 12, 5, dtype=x.dtype)], x, is_causal=True)"
     "[:, :, -1]", [(1, 1, 0), (12, 0, 0)]),
    ("F.scaled_dot_product_attention(*2 * [zeros(2, 2, 12, 5, dtype=x.dtype)], x, is_causal=True)"
     "[:, :, 0]", None),
    ("F.scaled_dot_product_attention(x, x, x)[:, :, 0]", [(1, 1, 0), (12, 0, 0)]),
    ("F.scaled_dot_product_attention(*3 * [x[:, :, None]], is_causal=True)", "whole"),
    ("F.scaled_dot_product_attention(cat([a(x), x[:, :, 1:-1, 1:-1]], 1), *2 * [ones(1, 2, 7, 10)],"
     " enable_gqa=True)[:, -1:]", None, C),
    ("F.scaled_dot_product_attention(*3 * [a(x).transpose(0, 2)], enable_gqa=True)",
     [(3, 1, 0), (12, 0, 0)], C),
    ("a(x[0], x[0], x[0], key_padding_mask=zeros(12, 2))[0]", None, ("MultiheadAttention", 12, 2)),
    ("b(a(x)[0])[0]", [(3, 1, 0), (12, 0, 0)], C, ("RNN", 10, 4)),
    ("b(a(x)[0])[1]", [(3, 1, 0), (12, 0, 0)], C, ("RNN", 10, 4)),
    ("b(a(x)[0])[1]", "whole", C, ("RNN", 10, 4, 1, "tanh", True, True)),
    ("b(a(x)[0])[0][:, -1]", "whole", C, ("RNN", 10, 4, 1, "tanh", True, True)),
    ("b(a(x)[0])[0][:, 0]", None, C, ("RNN", 10, 4, 1, "tanh", True, True)),
    ("b(a(x)[0, 0])", [(3, 1, 0), (12, 0, 0)], C, ("RNNCell", 10, 4)),
    ("b(a(x)[0, 0, 0])", [(3, 0, 0), (12, 0, 0)], C, ("RNNCell", 10, 4)),
    ("F.layer_norm(x, (12,))", [(1, 1, 0), (12, 0, 0)]),
    # the channels of a group see each other
    ("F.group_norm(x.transpose(1, 2), 1)", "whole"),
    ("F.group_norm(x.transpose(1, 2), 4)", None),
    ("F.group_norm(x.transpose(1, 2), 12)", [(1, 1, 0), (12, 0, 0)]),
    ("F.conv2d(x, a.weight, padding='valid')", [(3, 1, 0)] * 2, C),
    ("F.conv2d(x, a.weight, padding='same')", [(4, 1, -1)] * 2, ("Conv2d", 2, 2, 4)),
    ("F.batch_norm(x, zeros(2, dtype=x.dtype), ones(2, dtype=x.dtype))", [(1, 1, 0)] * 2),
    ("F.batch_norm(x, None, None, training=True)", None),
    ("x[0, :, 1:] + x[:, :, 1:]", [(1, 1, 1), (1, 1, 0)]),
]  # fmt: skip


def assert_elements_see(seen: Any, net: Any) -> None:
    """Compare what the first, the middle and the last element see, and all together."""
    net = net.double()
    with torch.no_grad():
        for value in net.parameters():
            value.uniform_(0.005, 0.015)  # nothing saturates
    x = (torch.arange(576, dtype=torch.float64).sin() + 2).view(2, 2, 12, 12).requires_grad_()
    out = net(x)

    def ends(result: torch.Tensor) -> list[Any]:
        (change,) = torch.autograd.grad(result, x, retain_graph=True)
        indices = [change.nonzero()[:, axis] for axis in seen.axes]
        return [(int(i.min()), int(i.max())) if len(i) else None for i in indices]

    together = (out * torch.arange(out.numel()).cos().view(out.shape)).sum()
    whole = [(max(first, 0), min(last, 11)) for first, last in seen.all()]
    assert ends(together) == whole
    for share in (0, 0.5, 1):
        element = out[tuple(int(share * (n - 1) + 0.5) for n in out.shape)]
        for (first, last), true in zip(seen.at(share), ends(element), strict=True):
            assert true is None or first <= true[0] <= true[1] <= last


@pytest.mark.filterwarnings("ignore:Implicit dimension choice")
@pytest.mark.parametrize("case", KNOWN, ids=[case[0] for case in KNOWN])
def test_known_fields(case: tuple[Any, ...]) -> None:
    text, expected, *layers = case
    trace, theirs, out = both(text, (2, 2, 12, 12), *layers)
    field = trace.rows[0].field
    assert field == expected
    if field is None or out.dtype == torch.bool:
        return
    assert_elements_see(trace.analysis.seen_by(trace.record.begun()[0]), theirs)
    field = [(12, 0, 0)] * 2 if field == "whole" else field
    moving = [stride for _, stride, _ in field if stride]
    along = out.shape[2:] if len(moving) == len(field) else ()
    reordered = re.search(r"permute|movedim|adjoint|attention|unpool|\[:, None", text)
    if reordered or len(along) != len(moving) or out.ndim < 3:
        return
    for at, truth in zip(
        ends := list(product(*map(range, along))),
        measured(theirs, (2, 2, 12, 12), ends),
        strict=True,
    ):
        where = iter(at)
        for (size, stride, start), seen in zip(field, truth, strict=True):
            index = next(where) if stride else 0
            if seen is not None and (stride * index) % 1 == 0:
                first = start + int(stride * index)
                assert max(first, 0) == seen[0]
            assert seen is None or seen[1] - seen[0] < size


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("max_pool2d", "2", [(4, 2, 0)] * 2),
        ("dropout", "0.5, False", [(3, 1, 0)] * 2),
        ("celu", "", [(3, 1, 0)] * 2),
        ("group_norm", "1", "whole"),
        ("layer_norm", "(10, 10)", "whole"),
    ],
)
def test_what_torch_has_twice_sees_the_same(name: str, arguments: str, expected: Any) -> None:
    """torch declares some functions of layers a second time, in its own namespace."""
    for space in ("", "F."):
        trace, _, _ = both(f"{space}{name}(a(x), {arguments})", (2, 2, 12, 12), C)
        assert trace.rows[0].field == expected


def test_sequences() -> None:
    def field(layer: Any, sample: tuple[int, ...], dtype: Any = shapetorch.float32) -> Any:
        trace = cs.trace(layer, cs.Tensor((2, *sample), dtype))
        assert trace.error is None
        return trace.rows[0].field

    nn = cs.nn
    assert field(nn.Linear(4, 6), (7, 4)) == [(1, 1, 0)]  # (N, L, C): the features are no axis
    assert field(nn.Linear(4, 6), (4,)) is None
    assert field(nn.Embedding(9, 4), (7,), shapetorch.int64) == [(1, 1, 0)]
    assert field(nn.LSTM(4, 6, batch_first=True), (7, 4)) == "whole"
    assert field(nn.Sequential(nn.Linear(4, 4), nn.GRU(4, 6)), (1, 4)) == "whole"  # (L, N, C)
    text = nn.Sequential(nn.Embedding(9, 4), nn.LSTM(4, 6, bidirectional=True))
    assert field(text, (7,), shapetorch.int64) == "whole"
    last = cs.trace(
        nn.Sequential(nn.Embedding(9, 4), nn.RNN(4, 6)), cs.Tensor((5, 2), shapetorch.int64)
    )
    assert [row.field for row in last] == ["whole", [(1, 1, 0)], "whole"]
    unbatched = cs.trace(nn.Conv2d(3, 4, (3, 5)), cs.Tensor((3, 8, 8)))
    assert unbatched.rows[0].field == [(3, 1, 0), (5, 1, 0)]


@pytest.mark.parametrize("other", [(1, 2, 9), (2,), (0,)])
def test_the_field_is_that_of_the_first_input(other: tuple[int, ...]) -> None:
    class Net(cs.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = cs.nn.Conv1d(2, 2, 3)

        def forward(self, x: cs.Tensor, y: cs.Tensor) -> cs.Tensor:
            return self.conv(x) + y.sum()

    trace = cs.trace(Net(), cs.Tensor((1, 2, 9)), cs.Tensor(other))
    assert trace.rows[0].field == [(3, 1, 0)]


def test_a_network_without_inputs_has_no_fields() -> None:
    class Net(cs.nn.Module):
        def forward(self) -> cs.Tensor:
            return shapetorch.zeros(3)

    trace = cs.trace(Net())
    assert trace.rows[0].field is None
    assert trace.analysis.seen_by(trace.record.begun()[0]) is None


def test_the_field_is_that_of_the_first_result() -> None:
    net = network(cs, lambda x, conv: (conv(x), x.sum()), ("Conv2d", (3, 4, 3), {}))
    trace = cs.trace(net, (3, 8, 8))
    assert trace.rows[0].field == [(3, 1, 0)] * 2
    assert trace.analysis.seen_by(trace.record.begun()[0]).shape == (1, 4, 6, 6)


def test_states_of_recurrent_layers() -> None:
    def field(forward: Any, *layers: tuple[Any, ...]) -> Any:
        trace = cs.trace(network(cs, forward, *layers), cs.Tensor((5, 2, 4)))
        assert trace.error is None
        return trace.rows[0].field

    rnn = ("RNN", (4, 4), {})
    assert field(lambda x, rnn: rnn(x, shapetorch.zeros(1, 2, 4))[0][-1], rnn) == "whole"
    assert field(lambda x, rnn: rnn(x, x[:1])[0], rnn) is None
    batch_first = ("RNN", (4, 4), {"batch_first": True})
    assert field(lambda x, rnn: rnn(x[:, 1:])[0], batch_first) == [(1, 0, 1)]
    assert field(lambda x, rnn, cell: cell(rnn(x)[0][-1]), rnn, ("GRUCell", (4, 4), {})) == "whole"
    assert field(lambda x, rnn, cell: cell(rnn(x)[0][0]), rnn, ("RNNCell", (4, 4), {})) is None


def test_causal_attention_sees_what_is_before() -> None:
    def field(*queries: int) -> Any:
        def forward(x: Any, attention: Any) -> Any:
            mask = shapetorch.ones(len(queries), 5).bool()
            given = {"attn_mask": mask, "is_causal": True, "need_weights": False}
            return attention(x[list(queries)] if len(queries) < 5 else x, x, x, **given)[0][-1]

        layers = ("LSTM", (4, 4), {}), ("MultiheadAttention", (4, 2), {})
        net = network(cs, lambda x, lstm, attention: forward(lstm(x)[0], attention), *layers)
        return cs.trace(net, cs.Tensor((5, 2, 4))).rows[0].field

    assert field(0, 1, 2, 3, 4) == "whole"
    assert field(0, 1) is None


def test_a_hook_may_replace_what_a_layer_returns() -> None:
    rnn = cs.nn.RNN(4, 4)
    rnn.register_forward_hook(lambda layer, given, result: given[0])
    trace = cs.trace(cs.nn.Sequential(rnn), cs.Tensor((5, 2, 4)))
    assert [row.field for row in trace] == [[(1, 1, 0)]] * 2


def test_functions_that_only_live_modules_have() -> None:
    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = torch.nn.Conv2d(3, 3, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            torch.linalg.qr(x)
            return self.conv(x) + torch.linalg.qr(x[:, :, 2:, 2:])[0]

    net, conv, *_ = cs.trace(Net(), (3, 8, 8))
    assert (net.field, conv.field) == (None, [(3, 1, 0)] * 2)

    class Tokens(torch.nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            torch.linalg.qr(x)
            return super().forward(x)

    assert cs.trace(Tokens(4, 6), cs.Tensor((2, 7, 4))).rows[0].field == [(1, 1, 0)]


@pytest.mark.parametrize(("early", "size"), [(True, 483), (False, 427)])
def test_resnet50_sees_as_much_as_is_published(early: bool, size: int) -> None:
    rows = {row.path: row for row in cs.trace(resnet50(early), (3, 224, 224))}
    assert [axis[0] for axis in rows["layer4.2"].field] == [size, size]
    assert rows["fc"].field == "whole"


@pytest.mark.parametrize(
    ("name", "layer", "size"), [("vgg16", "pool5", 212), ("alexnet", "conv5", 163)]
)
def test_examples_see_as_much_as_is_published(name: str, layer: str, size: int) -> None:
    rows = {row.path: row for row in cs.trace(EXAMPLES / f"{name}.yaml")}
    assert [axis[0] for axis in rows[layer].field] == [size, size]


def test_nothing_is_guessed_of_what_no_rule_knows() -> None:
    class Rows(cs.nn.Module):
        def forward(self, x: cs.Tensor) -> cs.Tensor:
            return next(iter(x))  # no operation that is recorded

    assert cs.trace(Rows(), (3, 8, 8)).rows[0].field is None

    class Writes(cs.nn.Module):
        def forward(self, x: cs.Tensor) -> cs.Tensor:
            top = x[:, :, :4]
            top[:, :, 0] = x.mean(2)  # which x sees too
            return x

    assert cs.trace(Writes(), (3, 8, 8)).rows[0].field is None
    for scale, length, field in (
        (8, 2**17, [(2, 0.125, -1)]),
        (8, 2**17 + 1, None),
        (2**-15, 2**16, [(2, 2**15, 2**14 - 1)]),
        (2**-16, 2**16, None),
    ):
        linear = cs.nn.Upsample(scale_factor=scale, mode="linear")
        assert cs.trace(linear, (2, length)).rows[0].field == field
    huge = cs.nn.Sequential(cs.nn.ConvTranspose1d(1, 1, 10**6, 10**6), cs.nn.Conv1d(1, 1, 3))
    assert cs.trace(huge, (1, 4)).rows[0].field is None


ELEMENTWISE = sorted(
    {
        f.__name__
        for f in (*NAMES.values(), *(getattr(F, name) for name in F.__all__))
        if hasattr(f, "__wrapped__")
        and f.__module__.endswith(("ops.pointwise", "functional.activation"))
    }
    - {"softmax", "log_softmax", "softmin", "gumbel_softmax", "glu", "fill", "frexp", "polygamma"}
)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_families_that_work_element_by_element_do(name: str) -> None:
    """Change one element of the first argument: only that one of the result changes."""
    function = (
        getattr(torch.nn.functional, name, None)
        or getattr(torch, name, None)
        or getattr(torch.Tensor, name, None)
    )
    x = torch.full((3, 4), 0.25)
    changed = x.clone()
    changed[1, 2] = 0.75
    half = torch.full((3, 4), 0.5)
    for more in ((), (half,), (half, half), (half[0, :1],), (0.1, 0.5), (0, True), (2,)):
        for kind in (torch.float32, torch.int64, torch.complex64):
            given = [m.to(kind) if isinstance(m, torch.Tensor) else m for m in more]
            scale = 8 if kind == torch.int64 else 1
            try:
                torch.manual_seed(0)
                before = function((x * scale).to(kind), *given)
                torch.manual_seed(0)
                after = function((changed * scale).to(kind), *given)
            except (TypeError, RuntimeError, IndexError):
                continue
            if not isinstance(before, torch.Tensor):
                continue
            assert before.shape == x.shape
            apart = (before != after) & ~(before.isnan() & after.isnan())
            assert apart.nonzero().tolist() in ([], [[1, 2]])
            return
    raise AssertionError(f"{name} was never called")


FLAT = (cs.nn.Flatten(), cs.nn.Linear(8 * 62 * 62, 8))


@pytest.mark.parametrize(
    ("layers", "total"),
    [
        ((cs.nn.FractionalMaxPool2d(2, output_ratio=(0.7, 0.7)), cs.nn.Conv2d(8, 8, 7)), None),
        ((cs.nn.FractionalMaxPool2d(2, output_ratio=(0.7, 0.7)),), None),
        ((cs.nn.FractionalMaxPool2d(2, output_ratio=(0.7, 0.7), return_indices=True),), None),
        (
            (cs.nn.AdaptiveAvgPool2d(1), *2 * [cs.nn.FractionalMaxPool2d(1, output_size=1)]),
            [(3, 1, 0)] * 2,
        ),
        (
            (cs.nn.AdaptiveAvgPool2d(1), cs.nn.FractionalMaxPool2d(1, output_size=1)),
            [(3, 1, 0)] * 2,
        ),
        (FLAT, [(3, 1, 0)] * 2),
        ((*FLAT, cs.nn.Softmax(1)), [(3, 1, 0)] * 2),
    ],
)
def test_the_total_is_known_only_where_all_on_the_way_is(layers: Any, total: Any) -> None:
    trace = cs.trace(cs.nn.Sequential(cs.nn.Conv2d(3, 8, 3), *layers), (3, 64, 64))
    assert trace.error is None
    assert trace.field == total
    field = trace.to_dict()["total"]["field"]
    assert field is None if total is None else field["size"] == [3, 3]


def test_a_result_that_is_not_used_loses_nothing() -> None:
    """The weights of an attention, of which no rule knows what they see."""

    def forward(x: Any, conv: Any, attention: Any) -> Any:
        return conv(attention(x, x, x)[0])

    layers = ("Conv1d", (6, 6, 1), {}), ("MultiheadAttention", (4, 2), {})
    trace = cs.trace(network(cs, forward, *layers), cs.Tensor((5, 6, 4)))
    assert trace.error is None
    assert trace.field is not None


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_every_call_has_macs_and_a_field_or_none(data: st.DataObject) -> None:
    make = (FAMILIES | CALLS)[data.draw(st.sampled_from(sorted(FAMILIES | CALLS)))]
    case = make(lambda options: data.draw(st.sampled_from(list(options))))
    shown_of(case)


def shown_of(case: Any) -> None:
    """Record a random call, and ask for all that can be told of it."""
    recorder = Recorder({cs.nn.Identity(): ""}, [])
    hooks.recorder = recorder
    try:
        by_convshape(case)
    finally:
        hooks.recorder = None
    recorded = recorder.run
    recorded.inputs = [t for row in recorded.calls for t in tensors((row.args, row.kwargs))][:1]
    assert all(macs(call) >= 0 for call in recorded.calls)
    for field in fields(recorded)[0]:
        assert field is None or field == "whole" or len(field) <= 4


def test_a_list_that_grows_afterwards_is_noted_as_it_was() -> None:
    """As the features of a dense block."""

    class Dense(cs.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convs = cs.nn.ModuleList(cs.nn.Conv2d(2 * n, 2, 3, padding=1) for n in (1, 2, 3))

        def forward(self, x: cs.Tensor) -> cs.Tensor:
            features = [x]
            for conv in self.convs:
                features.append(conv(cs.shapetorch.cat(features, 1)))
            return cs.shapetorch.cat(features, 1)

    trace = cs.trace(Dense(), (2, 9, 9))
    cats = [row for row in trace if row.name == "cat"]
    assert [len(row.args[0]) for row in cats] == [2, 3, 4]
    assert trace.field == [(7, 1, -3), (7, 1, -3)]
