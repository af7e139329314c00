"""`convshape explain`: torch raises every error, and the advice is tried in torch."""

from __future__ import annotations

import json
import runpy
import sys
import traceback
import warnings
from functools import cache
from inspect import isfunction
from pathlib import Path
from typing import Any

import pytest
import torch
from terminal import on_screen, run
from torch import nn
from torch.nn import functional as F

from convshape.errors import SpecError
from convshape.torch_errors import catalogue, details, explain

NAMES: dict[str, Any] = {
    "torch": torch,
    "nn": nn,
    "F": F,
    "r": torch.rand,
    "ints": torch.randint,
    **vars(nn),
}

#: What provokes the error, its kind, a part of what is said to it, one of the things to write
#: instead, and a proof: code in which that, or x in it, works where it did not before.
CASES = [
    ("(lambda y: (y.backward(), y.backward()))((Linear(2, 1)(r(2)) ** 2).sum())", "backward-twice",
     "runs twice through one graph", "h = h.detach()", "h = r(2, requires_grad=True); {}"),
    ("(lambda y: [(z := y.exp()), z.add_(1), z.sum().backward()])(Linear(2, 2)(r(2)))",
     "backward-in-place", "changed in place", "x = x + y", "x = y = r(2); {}"),
    ("exec('class Cut(torch.autograd.Function):\\n forward = staticmethod(lambda ctx, x: x * 2)\\n"
     " backward = staticmethod(lambda ctx, g: g[:1])\\n"
     "Cut.apply(torch.rand(3, requires_grad=True)).sum().backward()')",
     "backward-gradient", "an input of 3 has the shape 1", "a backward that keeps the shape", ""),
    ("Linear(2, 2).weight.add_(1)", "backward-in-place", "a parameter is changed in place",
     "with torch.no_grad():", "{} Linear(2, 2).weight.add_(1)"),
    ("Linear(2, 2).weight[0].add_(1)", "backward-in-place", "a parameter is changed in place",
     "with torch.no_grad():", "{} Linear(2, 2).weight[0].add_(1)"),
    ("sum(p.numel() for p in nn.LazyLinear(2).parameters())", "lazy-parameter", "no weights before",
     "model(torch.zeros(1, 3, 32, 32))", "model = nn.LazyLinear(2); {}; model.weight.numel()"),
    ("torch.zeros(4, 9).scatter_(1, ints(9, (4,)), 1)", "gather-index", "as many dimensions",
     "index.unsqueeze(1)", "index = ints(9, (4,)); torch.zeros(4, 9).scatter_(1, {}, 1)"),
    ("nn.ModuleDict({'a': Linear(2, 2)})(r(2))", "forward", "holds layers, and does not call them",
     "self.layers['name'](x)", ""),
    ("[Linear(2, 2)](r(2))", "not-callable", "a list holds layers", "nn.Sequential(*layers)",
     "layers = [Linear(2, 2)]; {}(r(2))"),
    ("(Linear(2, 2),)(r(2))", "not-callable", "a comma behind a layer",
     "self.layer = nn.Linear(2, 2)", ""),
    ("r(2)(r(2))", "not-callable", "called as a layer", "a * (b)", "a = b = r(2); {}"),
    ("{'x': r(2)}.to('cpu')", "dict", "a dictionary of tensors",
     "{k: v.to(device) for k, v in batch.items()}",
     "batch, device = {'x': r(2)}, 'cpu'; {k: v.to(device) for k, v in batch.items()}"),
    ("exec('class Up(nn.Module):\\n def forward(self, x, skip): 0\\nUp()(r(2))')",
     "forward-arguments", "takes skip too", "self.layer(x, skip)", ""),
    ("Linear((8, 3), 2)", "float-size", "is a tuple", "math.prod(sizes)",
     "import math; sizes = 8, 3; Linear({}, 2)(r(24))"),
    ("Linear(2, 2)(nn.utils.rnn.pack_sequence([r(3, 2)]))", "call-tensor", "a PackedSequence",
     "pad_packed_sequence(x, batch_first=True)[0]",
     "from torch.nn.utils.rnn import *; x = pack_sequence([r(3, 2)]); Linear(2, 2)({})"),
    ("Linear(2, 2)('last_hidden_state')", "call-tensor", "receives a str", "x.pooler_output", ""),
    ("torch.empty(2, 3, device='meta') @ torch.empty(4, 5, device='meta')", "linear-features",
     "receives 3: 2×3", "Linear(3, 5)", "{}(r(2, 3))"),
    ("torch.compile(Linear(400, 120), backend='eager', dynamic=True)(r(4, 576))", "linear-features",
     "expects 400 features", "nn.LazyLinear(120)", "{}(r(4, 576))"),
    ("r(10, 784) @ r(28)", "vector-sizes", "a vector of 784, not of 28", "a vector of 784",
     "r(10, 784) @ r(784)"),
    ("torch.addmm(r(3), r(2, 3, 4), r(4, 3))", "linear-dimensions", "receives 3 dimensions",
     "torch.matmul(a, b)", "a, b = r(2, 3, 4), r(4, 3); {}"),
    ("torch.dot(r(2, 2), r(2, 2))", "vector-sizes", "2D and 2D", "(a * b).sum(-1)",
     "a = b = r(2, 2); {}"),
    ("F.conv2d(r(1, 3, 8, 8), r(6, 3, 3, 3), r(5))", "conv-bias", "makes 6 channels",
     "a bias of (6,)", "F.conv2d(r(1, 3, 8, 8), r(6, 3, 3, 3), r(6))"),
    ("F.conv2d(r(1, 3, 8, 8), r(2, 1, 3, 3), groups=3)", "conv-groups", "2×1×3×3", "groups=1", ""),
    ("F.conv2d(r(1, 4, 8, 8), r(3, 2, 3, 3), groups=2)", "conv-groups", "groups=2", "groups=1", ""),
    ("nn.GRU(10, 20)(r(5, 3, 10), r(3, 20))", "rnn-state-dimensions", "batched 3-D",
     "h.unsqueeze(0)", "h = r(3, 20); nn.GRU(10, 20)(r(5, 3, 10), {})"),
    ("nn.RNN(10, 20)(r(5, 10), r(1, 3, 20))", "rnn-state-dimensions", "unbatched 2-D",
     "x.unsqueeze(1)", ""),
    ("nn.utils.rnn.pack_padded_sequence(r(5, 3, 2), [1, 4, 2])", "rnn-packed",
     "in decreasing order", "enforce_sorted=False",
     "nn.utils.rnn.pack_padded_sequence(r(5, 3, 2), [1, 4, 2], {})"),
    ("nn.utils.rnn.pack_padded_sequence(r(5, 3, 2), [4, 1, 0])", "rnn-packed",
     "one of these lengths is 0", "lengths.clamp(min=1)",
     "lengths = torch.tensor([4, 1, 0]); nn.utils.rnn.pack_padded_sequence(r(5, 3, 2), {})"),
    ("nn.LSTM(10, 20)(r(5, 3, 10)).shape", "rnn-tuple", ".shape is asked of a tuple",
     "out, state = self.lstm(x)", ""),
    ("nn.Sequential(nn.LSTM(10, 20), ReLU())(r(5, 3, 10))", "rnn-tuple", "relu receives a tuple",
     "out, state = self.lstm(x)", ""),
    ("nn.MaxUnpool2d(2)(r(1, 1, 2, 2), ints(0, 1, (1, 1, 2, 2)), output_size=(9,) * 5)",
     "pool-output-size", "2 axes that are unpooled", "output_size=x.size()", ""),
    ("MaxPool2d((2, 2, 2))(r(1, 1, 4, 4))", "pool-arguments", "one number, or two", "kernel_size=2",
     "MaxPool2d({})(r(1, 1, 4, 4))"),
    ("AdaptiveAvgPool2d((7, 7))(r(3, 3))", "pool-dimensions", "3 dimensions or more",
     "x.unsqueeze(0)", "x = r(3, 3); AdaptiveAvgPool2d((7, 7))({})"),
    ("MaxPool2d(2)(r(1, 3, 1, 1))", "pool-too-small", "1×1", "AdaptiveAvgPool2d(1)",
     "{}(r(1, 3, 1, 1))"),
    ("F.batch_norm(r(2, 8, 4, 4), None, None, weight=r(16), training=True)", "batchnorm-channels",
     "16 channels, but receives 8", "BatchNorm2d(8)", "{}(r(2, 8, 4, 4))"),
    ("r(0).reshape(-1, 0)", "view-inferred", "the tensor is empty", "x.flatten(1)", ""),
    ("torch.tensor(1.0).size(0)", "dimension-out-of-range", "is a scalar", "x.unsqueeze(0)",
     "x = torch.tensor(1.0); {}.size(0)"),
    ("torch.cat([torch.tensor(1.0), torch.tensor(2.0)])", "cat-dimensions", "a scalar has none",
     "torch.stack(tensors)", "tensors = [torch.tensor(1.0), torch.tensor(2.0)]; {}"),
    ("torch.cat([])", "cat-empty", "nothing to join", "a loop that appends to it", ""),
    ("torch.stack([])", "cat-empty", "nothing to join", "a loop that appends to it", ""),
    ("torch.cat([torch.empty(1, 2, 3, device='meta'), torch.empty(1, 2, 4, device='meta')], 1)",
     "cat-sizes", "dimension 2 is 3 in one and 4 in the other", "dim=2",
     "torch.cat([r(1, 2, 3), r(1, 2, 4)], {})"),
    ("torch.empty(2, 3, device='meta') + torch.empty(2, 4, device='meta')", "broadcast",
     "cannot combine 2×3 and 2×4: dimension -1 is 3 in one and 4 in another", "Linear(3, 4)",
     "{}(r(2, 3)) + r(2, 4)"),
    ("torch.empty(1, 64, 56, 56, device='meta') + torch.empty(1, 128, 56, 56, device='meta')",
     "broadcast", "dimension -3 is 64 in one", "Conv2d(64, 128, 1)",
     "{}(r(1, 64, 56, 56)) + r(1, 128, 56, 56)"),
    ("F.one_hot(torch.tensor([-1]), 3)", "one-hot", "one is negative", "target.clamp(min=0)",
     "target = torch.tensor([-1]); F.one_hot({}, 3)"),
    ("F.cross_entropy(r(10), ints(0, 9, (4,)))", "loss-one-sample", "the classes of one sample",
     "an output of (N, classes)", ""),
    ("F.cross_entropy(ints(0, 9, (4,)), r(4, 10))", "dtype-integer", "receives int64",
     "loss(output, target)",
     "loss, output, target = F.cross_entropy, r(4, 10), ints(0, 9, (4,)); {}"),
    ("nn.CTCLoss()(r(5, 3, 10).log_softmax(2), ints(0, 9, (2, 4)), torch.tensor([5] * 3), "
     "torch.tensor([4, 4]))", "ctc-lengths", "for each sample",
     "torch.full((batch,), log_probs.size(0))", ""),
    ("nn.CTCLoss()(r(5, 3, 10).log_softmax(2), ints(0, 9, (3, 4)), torch.tensor([5] * 2), "
     "torch.tensor([4] * 3))", "ctc-lengths", "for each sample", "log_probs.transpose(0, 1)", ""),
    ("Conv2d(3, 6, 3)(ints(0, 255, (1, 3, 8, 8)).byte())", "dtype-mixed", "is unsigned char",
     "x.float() / 255", "x = ints(0, 255, (1, 3, 8, 8)).byte(); Conv2d(3, 6, 3)({})"),
    ("x = r(3); x[torch.tensor([0])] = r(1).double()", "dtype-mixed",
     "is Double, and the tensor Float", "value.to(x.dtype)",
     "x, value = r(3), r(1).double(); x[torch.tensor([0])] = {}"),
    ("torch.cdist(r(2, 2).half(), r(2, 2).half())", "dtype-half",
     "does not work on float16 on the CPU", "model.float(), x.float()", ""),
    ("Linear(3, 6).to('meta').to('cpu')", "device-meta", "shapes and no numbers",
     "model.to_empty(device=device)", "model, device = Linear(3, 6).to('meta'), 'cpu'; {}"),
    ("Linear(3, 6)(torch.empty(1, 3, device='meta'))", "device-meta", "only shapes",
     "model.to('meta')", "model = Linear(3, 6); {}(torch.empty(1, 3, device='meta'))"),
    ("r(2, 3).requires_grad_().numpy()", "numpy-grad", "no gradients", "x.detach().cpu().numpy()",
     "x = r(2, 3).requires_grad_(); {}"),
    ("import numpy as np; torch.from_numpy(np.ones((3, 3))[::-1])", "numpy-strides",
     "negative strides", "array.copy()",
     "import numpy as np; array = np.ones((3, 3))[::-1]; torch.from_numpy({})"),
    ("import numpy as np; torch.tensor(np.array([1, 'a', None], dtype=object))", "dtype-objects",
     "Python objects", "array.astype(np.float32)",
     "import numpy as np; array = np.array([1, 2], dtype=object); torch.tensor({})"),
    ("torch.tensor(['a'])", "dtype-objects", "strings", "[float(x) for x in values]",
     "values = ['1']; torch.tensor({})"),
    ("int(r(3))", "scalar", "one element", "torch.stack(list_of_tensors)",
     "list_of_tensors = [r(2), r(2)]; {}"),
    ("F.relu(ReLU())", "call-tensor", "relu receives a ReLU", "ReLU()(x)", "x = r(2); {}"),
    ("Conv2d(3, 6, 3)(ReLU())", "call-tensor", "conv2d receives a ReLU", "ReLU()(x)",
     "x = r(1, 3, 8, 8); {}"),
    ("Conv2d(3, 6, 3)(5)", "call-tensor", "conv2d receives a int", "torch.as_tensor(x)", ""),
    ("nn.MultiheadAttention(12, 3)(*[r(5, 2, 12)] * 3, attn_mask=r(2, 5, 5))", "attention-mask",
     "6×5×5", "mask.repeat_interleave(3, dim=0)",
     "mask = r(2, 5, 5); nn.MultiheadAttention(12, 3)(*[r(5, 2, 12)] * 3, attn_mask={})"),
    ("nn.Sequential(Linear(3, 2)).load_state_dict({'module.0.weight': r(2, 3), 'module.0.bias': "
     "r(2)})", "state-dict", "the file has module.0.weight",
     "{k.removeprefix('module.'): v for k, v in state.items()}",
     "state = {'module.0.weight': r(2, 3), 'module.0.bias': r(2)}; nn.Sequential(Linear(3, "
     "2)).load_state_dict({})"),
    ("Linear(3, 2).load_state_dict({'state_dict': 1, 'epoch': 2})", "state-dict",
     "the file has state_dict, epoch", "state['state_dict']",
     "state = {'state_dict': Linear(3, 2).state_dict()}; Linear(3, 2).load_state_dict({})"),
    ("Linear(3, 2).load_state_dict({'weight': r(2, 3), 'bias': r(2), 'scale': r(1)})", "state-dict",
     "scale, which the model lacks", "strict=False",
     "Linear(3, 2).load_state_dict({'weight': r(2, 3), 'bias': r(2), 'scale': r(1)}, {})"),
    ("from torch._subclasses import FakeTensorMode\n"
     "with FakeTensorMode(): Linear(400, 120)(torch.zeros(4, 576))", "linear-features",
     "receives 576", "Linear(576, 120)", "{}(r(4, 576))"),
    ("Conv2d(3, 6, 5)(r(1, 4, 32, 32))", "conv-channels", "expects 3 channels, but receives 4",
     "Conv2d(4, 6, 5)", "{}(r(1, 4, 32, 32))"),
    ("Conv2d(3, 6, 5)(r(1, 32, 32, 3))", "conv-channels", "1×32×32×3", "x.permute(0, 3, 1, 2)",
     "x = r(1, 32, 32, 3); Conv2d(3, 6, 5)({})"),
    ("Conv2d(1, 6, 5)(r(64, 28, 28))", "conv-channels", "expects 1 channel", "x.unsqueeze(1)",
     "x = r(64, 28, 28); Conv2d(1, 6, 5)({})"),
    ("Conv1d(3, 6, 5)(r(4, 32))", "conv-channels", "expects 3 channels", "Conv1d(4, 6, 5)",
     "{}(r(4, 32))"),
    ("Conv2d(4, 6, 5, groups=2)(r(1, 3, 32, 32))", "conv-channels", "groups=2",
     "Conv2d(3, 6, 5, groups=1)", "{}(r(1, 3, 32, 32))"),
    ("Conv2d(3, 6, 5)(r(1, 1, 32, 32))", "conv-channels", "receives 1", "image.convert('RGB')", ""),
    ("Conv2d(3, 6, 5)(r(3, 8, 32, 32))", "conv-channels", "receives 8", "x.transpose(0, 1)",
     "x = r(3, 8, 32, 32); Conv2d(3, 6, 5)({})"),
    ("ConvTranspose2d(3, 6, 4)(r(1, 4, 8, 8))", "conv-channels", "expects 3",
     "ConvTranspose2d(4, 6, 4)", "{}(r(1, 4, 8, 8))"),
    ("Conv2d(3, 6, 5)(r(1, 3, 4, 4))", "kernel-too-large",
     "a kernel of 5×5, larger than its padded input 4×4", "kernel_size=4",
     "Conv2d(3, 6, {})(r(1, 3, 4, 4))"),
    ("Conv2d(3, 6, (1, 7))(r(1, 3, 4, 4))", "kernel-too-large", "1×7", "padding=(0, 2)",
     "Conv2d(3, 6, (1, 7), {})(r(1, 3, 4, 4))"),
    ("Conv2d(3, 6, 5)(r(32, 32))", "conv-dimensions", "expects 4 dimensions (N, C, H, W)",
     "x.unsqueeze(0)", "x = r(32, 32); Conv2d(1, 6, 5)({})"),
    ("Conv2d(1, 6, 5)(r(64, 784))", "conv-dimensions", "receives 2: 64×784",
     "x.view(-1, 1, 28, 28)", "x = r(64, 784); Conv2d(1, 6, 5)({})"),
    ("Conv2d(3, 6, 5)(r(2, 4, 3, 32, 32))", "conv-dimensions", "receives 5", "x.flatten(0, 1)",
     "x = r(2, 4, 3, 32, 32); Conv2d(3, 6, 5)({})"),
    ("Conv2d(3, 6, 5)(r(1, 2, 3, 32, 32))", "conv-dimensions", "receives 5", "x.squeeze(0)",
     "x = r(1, 2, 3, 32, 32); Conv2d(3, 6, 5)({})"),
    ("Conv1d(3, 6, 5)(r(2, 3, 8, 8))", "conv-dimensions", "a Conv1d expects 3", "Conv2d",
     "{}(3, 6, 5)(r(2, 3, 8, 8))"),
    ("ConvTranspose1d(3, 6, 5)(r(2, 3, 8, 8))", "conv-dimensions", "a ConvTranspose1d expects 3",
     "ConvTranspose2d", "{}(3, 6, 5)(r(2, 3, 8, 8))"),
    ("Conv2d(3, 6, (5, 5, 5))(r(1, 3, 32, 32))", "conv-arguments", "for 2 axes",
     "a kernel_size of one number or 2", ""),
    ("Conv2d(3, 6, 3, groups=2)", "conv-groups", "input channels", "groups=1",
     "Conv2d(3, 6, 3, {})"),
    ("Conv2d(4, 6, 3, groups=4)", "conv-groups", "output channels", "groups=1",
     "Conv2d(4, 6, 3, {})"),
    ("Conv2d(3, 6, 3, padding='same', stride=2)", "conv-same-stride", "keeps the size",
     "padding=kernel_size // 2", "kernel_size = 3; Conv2d(3, 6, 3, {}, stride=2)"),
    ("Conv2d(3, 6, 3, padding='SAME')", "conv-padding-text", "and not 'SAME'", "padding='same'",
     "Conv2d(3, 6, 3, {})"),
    ("Conv2d(3, 6, 3, padding='full')", "conv-padding-text", "and not 'full'",
     "padding=kernel_size // 2", "kernel_size = 3; Conv2d(3, 6, 3, {})"),
    ("ConvTranspose2d(3, 6, 1, padding=3)(r(1, 3, 4, 4))", "transpose-too-small",
     "would make -2×-2 of 4×4", "a padding that is smaller by 2 or more",
     "ConvTranspose2d(3, 6, 1, padding=1)(r(1, 3, 4, 4))"),
    ("ConvTranspose2d(3, 6, 3, stride=2)(r(1, 3, 4, 4), output_size=(20, 20))",
     "transpose-output-size", "9×9 to 10×10", "an output_size of 9×9 to 10×10",
     "ConvTranspose2d(3, 6, 3, stride=2)(r(1, 3, 4, 4), output_size=(10, 9))"),
    ("ConvTranspose2d(3, 6, 3, stride=2, output_padding=2)(r(1, 3, 4, 4))",
     "transpose-output-padding", "smaller than the stride", "output_padding=1",
     "ConvTranspose2d(3, 6, 3, stride=2, {})(r(1, 3, 4, 4))"),
    ("Linear(1050, 10)(r(2, 1568))", "linear-features",
     "expects 1050 features, but receives 1568: 2×1568", "Linear(1568, 10)", "{}(r(2, 1568))"),
    ("Linear(256, 10)(r(2, 16, 4, 4))", "linear-features", "receives 4", "torch.flatten(x, 1)",
     "x = r(2, 16, 4, 4); Linear(256, 10)({})"),
    ("Linear(3, 4)(r(2, 4))", "linear-features", "expects 3", "Linear(4, 3)", "{}(r(2, 4))"),
    ("r(2, 4) @ r(3, 4)", "linear-features", "2×4", "a @ b.T", "a, b = r(2, 4), r(3, 4); {}"),
    ("r(3, 2) @ r(3, 4)", "linear-features", "3×2", "a.T @ b", "a, b = r(3, 2), r(3, 4); {}"),
    ("Linear(3, 2)(torch.tensor(1.0))", "linear-scalar", "a scalar has none", "x.unsqueeze(-1)",
     "x = torch.tensor(1.0); Linear(1, 2)({})"),
    ("nn.Bilinear(3, 4, 5)(r(2, 3), r(2, 5))", "bilinear-features", "in2_features=4",
     "in2_features=5", "nn.Bilinear(3, out_features=5, {})(r(2, 3), r(2, 5))"),
    ("MaxPool2d(9)(r(1, 3, 8, 8))", "pool-too-small", "its padded input 8×8",
     "kernel_size=8 or less", "MaxPool2d(8)(r(1, 3, 8, 8))"),
    ("AvgPool1d(9)(r(1, 3, 8))", "pool-too-small", "its padded input 8", "kernel_size=8 or less",
     "AvgPool1d(8)(r(1, 3, 8))"),
    ("MaxPool2d(2)(r(1, 3, 1, 1))", "pool-too-small", "1×1", "kernel_size=1",
     "MaxPool2d({})(r(1, 3, 1, 1))"),
    ("MaxPool1d(9)(r(1, 3, 8))", "pool-too-small", "0 elements",
     "a smaller kernel_size, or padding", ""),
    ("AvgPool3d(9)(r(1, 3, 8, 8, 8))", "pool-too-small", "kernel of 9×9×9", "kernel_size=8 or less",
     "AvgPool3d(8)(r(1, 3, 8, 8, 8))"),
    ("MaxPool2d(2, padding=2)(r(1, 3, 8, 8))", "pool-padding", "more than half its kernel of 2",
     "padding=1", "MaxPool2d(2, {})(r(1, 3, 8, 8))"),
    ("MaxPool2d(3, padding=2, dilation=2)(r(1, 3, 8, 8))", "pool-padding",
     "more than half its kernel of 3", "kernel_size=4 or more",
     "MaxPool2d(4, padding=2, dilation=2)(r(1, 3, 8, 8))"),
    ("MaxPool2d(2)(r(8, 8))", "pool-dimensions", "expects 4 dimensions", "x.unsqueeze(0)",
     "x = r(8, 8); MaxPool2d(2)({})"),
    ("MaxPool2d(2)(r(1, 0, 8, 8))", "pool-dimensions", "receives 1×0×8×8",
     "it before the flattening", ""),
    ("AdaptiveAvgPool2d(2)(r(8))", "pool-dimensions", "AdaptivePool2d expects 4",
     "it before the flattening", ""),
    ("AdaptiveMaxPool2d(2)(r(8, 8)[0])", "pool-dimensions", "AdaptivePool2d expects 4",
     "x.unsqueeze(0)", ""),
    ("nn.MaxUnpool2d(2)(r(1, 1, 2, 2), ints(0, 1, (1, 1, 2, 3)))", "unpool-indices", "1×1×2×3",
     "the indices of the pooling that made this size", ""),
    ("nn.MaxUnpool2d(2)(r(1, 1, 2, 2), ints(99, 100, (1, 1, 2, 2)))", "unpool-index",
     "99 lies outside the 4×4", "output_size=size_before_pooling", ""),
    ("nn.MaxUnpool2d(2)(r(1, 1, 2, 2), ints(0, 1, (1, 1, 2, 2)), output_size=(9, 9))",
     "unpool-output-size", "9×9", "output_size=x.size()",
     "x = r(1, 1, 5, 5); y, i = F.max_pool2d(x, 2, return_indices=True); nn.MaxUnpool2d(2)(y, i, "
     "{})"),
    ("nn.ReflectionPad2d(8)(r(1, 3, 8, 8))", "pad-reflect", "at most 7, not 8",
     "ReflectionPad2d(7)", "{}(r(1, 3, 8, 8))"),
    ("nn.ReflectionPad1d(8)(r(1, 3, 8))", "pad-reflect", "at most 7", "ReplicationPad1d(8)",
     "{}(r(1, 3, 8))"),
    ("nn.CircularPad2d(9)(r(1, 3, 8, 8))", "pad-circular", "at most as large as the axis",
     "a padding of at most the size of the axis", "nn.CircularPad2d(8)(r(1, 3, 8, 8))"),
    ("nn.ZeroPad2d(2)(r(8))", "pad-length", "the input has 1", "x.unsqueeze(0)",
     "x = r(8); nn.ZeroPad2d(2)({})"),
    ("F.pad(r(1, 3, 8, 8), (1, 1, 1), mode='reflect')", "pad-length", "a pair",
     "F.pad(x, (left, right, top, bottom))",
     "x = r(1, 3, 8, 8); left = right = top = bottom = 1; {}"),
    ("nn.ReflectionPad2d(2)(r(8, 8))", "pad-dimensions", "4 numbers do not match 2",
     "x.unsqueeze(0)", "x = r(8, 8); nn.ReflectionPad2d(2)({})"),
    ("BatchNorm2d(16)(r(2, 32, 4, 4))", "batchnorm-channels", "16 channels, but receives 32",
     "BatchNorm2d(32)", "{}(r(2, 32, 4, 4))"),
    ("nn.InstanceNorm2d(16, track_running_stats=True)(r(2, 8, 4, 4))", "batchnorm-channels",
     "32 batch × channels, but receives 16", "num_features=x.size(1)",
     "x = r(2, 8, 4, 4); nn.InstanceNorm2d({}, track_running_stats=True)(x)"),
    ("BatchNorm2d(16)(r(2, 16))", "batchnorm-dimensions",
     "BatchNorm2d takes an input of 4D, but receives 2D", "BatchNorm1d", "{}(16)(r(2, 16))"),
    ("BatchNorm1d(16)(r(2, 16, 4, 4))", "batchnorm-dimensions", "BatchNorm1d takes", "BatchNorm2d",
     "{}(16)(r(2, 16, 4, 4))"),
    ("nn.InstanceNorm1d(16)(r(2, 16, 4, 4))", "batchnorm-dimensions", "InstanceNorm1d takes",
     "InstanceNorm2d", "{}(16)(r(2, 16, 4, 4))"),
    ("nn.InstanceNorm3d(16)(r(2, 16, 4))", "batchnorm-dimensions", "InstanceNorm3d takes",
     "InstanceNorm1d", "{}(16)(r(2, 16, 4))"),
    ("BatchNorm2d(3)(r(3, 8, 8))", "batchnorm-dimensions", "receives 3D", "x.unsqueeze(0)",
     "x = r(3, 8, 8); BatchNorm2d(3)({})"),
    ("BatchNorm1d(16)(r(1, 16))", "batchnorm-one-value", "1×16 has a single value", "model.eval()",
     "model = BatchNorm1d(16); {}(r(1, 16))"),
    ("nn.InstanceNorm2d(16)(r(1, 16, 1, 1))", "instancenorm-one-value", "1×16×1×1",
     "BatchNorm2d or LayerNorm", ""),
    ("nn.InstanceNorm2d(16, affine=True)(r(2, 8, 4, 4))", "instancenorm-channels",
     "16 channels, but receives 8", "InstanceNorm2d(8)", "{}(r(2, 8, 4, 4))"),
    ("nn.LayerNorm((16, 5, 5))(r(2, 16, 4, 4))", "layernorm-shape", "ends in 16×5×5",
     "LayerNorm((16, 4, 4))", "{}(r(2, 16, 4, 4))"),
    ("nn.LayerNorm(16)(r(2, 16, 9))", "layernorm-shape", "ends in 16", "x.transpose(1, 2)",
     "x = r(2, 16, 9); nn.LayerNorm(16)({})"),
    ("nn.RMSNorm(16)(r(2, 8))", "layernorm-shape", "RMSNorm", "RMSNorm((8,))", "{}(r(2, 8))"),
    ("GroupNorm(3, 16)", "groupnorm-groups", "GroupNorm(3, 16)", "GroupNorm(2, 16)",
     "{}(r(2, 16, 4, 4))"),
    ("GroupNorm(4, 16)(r(2, 14, 4, 4))", "groupnorm-groups", "14 channels", "GroupNorm(2, 14)",
     "{}(r(2, 14, 4, 4))"),
    ("GroupNorm(4, 16)(r(2, 12, 4, 4))", "groupnorm-channels", "16 channels, but receives 12",
     "num_channels=12", "GroupNorm(4, {})(r(2, 12, 4, 4))"),
    ("nn.PReLU(16)(r(2, 8, 4))", "prelu-channels", "8 channels", "PReLU()", "{}(r(2, 8, 4))"),
    ("nn.LSTM(10, 20)(r(5, 3, 8))", "rnn-features", "expects input_size=10, but receives 8",
     "input_size=8", "nn.LSTM(hidden_size=20, {})(r(5, 3, 8))"),
    ("nn.GRU(10, 20, batch_first=True)(r(5, 10, 8))", "rnn-features", "receives 8",
     "x.transpose(1, 2)", "x = r(5, 10, 8); nn.GRU(10, 20, batch_first=True)({})"),
    ("nn.LSTMCell(10, 20)(r(3, 8))", "rnn-features", "the cell expects 10", "input_size=8",
     "nn.LSTMCell(hidden_size=20, {})(r(3, 8))"),
    ("nn.GRU(10, 20, 2)(r(5, 3, 10), r(1, 3, 20))", "rnn-state", "should be 2×3×20, but is 1×3×20",
     "torch.zeros(2, 3, 20)", "nn.GRU(10, 20, 2)(r(5, 3, 10), {})"),
    ("nn.LSTM(10, 20, batch_first=True)(r(5, 3, 10), (r(1, 3, 20), r(1, 3, 20)))", "rnn-state",
     "should be 1×5×20", "batch_first=True, or no longer",
     "nn.LSTM(10, 20)(r(5, 3, 10), (r(1, 3, 20), r(1, 3, 20)))"),
    ("nn.LSTMCell(10, 20)(r(3, 10), (r(3, 19), r(3, 19)))", "rnn-state",
     "19 features, but its hidden_size is 20", "hidden_size=19",
     "nn.LSTMCell(10, {})(r(3, 10), (r(3, 19), r(3, 19)))"),
    ("nn.GRUCell(10, 20)(r(3, 10), r(2, 20))", "rnn-state", "a batch of 3",
     "a state for 3 samples: torch.zeros(x.size(0), hidden_size)", ""),
    ("nn.LSTM(10, 20)(r(5, 3, 10), (r(3, 20), r(3, 20)))", "rnn-state-dimensions", "batched 3-D",
     "h.unsqueeze(0), c.unsqueeze(0)", "h = c = r(3, 20); nn.LSTM(10, 20)(r(5, 3, 10), ({}))"),
    ("nn.LSTM(10, 20)(r(5, 3, 2, 5))", "rnn-dimensions", "not 4D", "x.flatten(2)",
     "x = r(5, 3, 2, 5); nn.LSTM(10, 20)({})"),
    ("nn.RNN(1, 20)(r(5))", "rnn-dimensions", "not 1D", "x.unsqueeze(-1)",
     "x = r(5); nn.RNN(1, 20)({})"),
    ("Linear(20, 2)(nn.LSTM(10, 20)(r(5, 3, 10)))", "rnn-tuple", "receives a tuple",
     "out, state = self.lstm(x)", ""),
    ("nn.utils.rnn.pack_padded_sequence(r(3, 5, 2), [5, 4, 2])", "packed-lengths",
     "3 lengths for 5", "batch_first=True",
     "nn.utils.rnn.pack_padded_sequence(r(3, 5, 2), [5, 4, 2], {})"),
    ("nn.MultiheadAttention(10, 3)", "attention-heads", "splits its features evenly",
     "a num_heads that divides embed_dim", "nn.MultiheadAttention(10, 5)"),
    ("nn.MultiheadAttention(12, 3)(r(5, 2, 10), r(5, 2, 10), r(5, 2, 10))", "attention-features",
     "expects queries of embed_dim=12 features, but receives 10", "Linear(10, 12)",
     "x = {}(r(5, 2, 10)); nn.MultiheadAttention(12, 3)(x, x, x)"),
    ("nn.MultiheadAttention(12, 3)(r(5, 2, 12), r(5, 2, 12), r(6, 2, 12))", "attention-key-value",
     "5×2×12", "attention(query, memory, memory)", ""),
    ("nn.MultiheadAttention(12, 3)(*[r(2, 12, 4, 4)] * 3)", "attention-dimensions",
     "not 4 dimensions", "x.flatten(2).transpose(1, 2)",
     "x = r(2, 12, 4, 4); x = {}; nn.MultiheadAttention(12, 3, batch_first=True)(x, x, x)"),
    ("nn.MultiheadAttention(12, 3)(*[r(2, 5, 12)] * 3, attn_mask=r(5, 5))", "attention-mask",
     "2×2, but is 5×5", "batch_first=True",
     "nn.MultiheadAttention(12, 3, {})(*[r(2, 5, 12)] * 3, attn_mask=r(5, 5))"),
    ("nn.MultiheadAttention(12, 3)(*[r(5, 2, 12)] * 3, key_padding_mask=torch.zeros(5, 2))",
     "attention-mask", "(batch, keys)", "mask.T",
     "mask = torch.zeros(5, 2); nn.MultiheadAttention(12, 3)(*[r(5, 2, 12)] * 3, "
     "key_padding_mask={})"),
    ("nn.Transformer(12, 3)(r(2, 5, 12), r(2, 6, 12))", "transformer-batch", "different batches",
     "batch_first=True", "nn.Transformer(12, 3, {})(r(2, 5, 12), r(2, 6, 12))"),
    ("nn.Transformer(12, 3)(r(5, 2, 15), r(5, 2, 15))", "transformer-features", "d_model",
     "d_model=src.size(-1)", "src = r(5, 2, 15); nn.Transformer(nhead=3, {})(src, src)"),
    ("nn.Embedding(10, 3)(torch.tensor([10]))", "index-out-of-range",
     "not smaller than the number of rows", "Embedding(int(x.max()) + 1, ...)",
     "x = torch.tensor([10]); nn.Embedding(int(x.max()) + 1, 3)(x)"),
    ("nn.Embedding(10, 3)(r(2))", "index-dtype", "torch.FloatTensor", "x.long()",
     "x = r(2); nn.Embedding(10, 3)({})"),
    ("F.one_hot(torch.tensor([5]), 3)", "one-hot", "num_classes",
     "num_classes=int(target.max()) + 1", "target = torch.tensor([5]); F.one_hot(target, {})"),
    ("F.one_hot(r(3))", "one-hot", "64-bit integers", "F.one_hot(x.long(), num_classes)",
     "x, num_classes = r(3), 3; {}"),
    ("r(3, 2)[:, 5]", "index-out-of-bounds", "dimension 1 has 2 elements",
     "an index smaller than 2", ""),
    ("r(3, 2)[0, 0, 0]", "too-many-indices", "2 dimensions", "at most 2 indices", ""),
    ("r(4, 3)[torch.ones(3) > 0]", "mask-shape", "a mask of 3 chooses from 4×3", "x[:, mask]",
     "x, mask = r(4, 3), torch.ones(3) > 0; {}"),
    ("torch.gather(r(2, 3), 1, ints(0, 2, (3, 3)))", "gather-index", "its index of 3×3",
     "another dim, or a smaller index", ""),
    ("torch.gather(r(2, 3), 1, ints(0, 2, (2,)))", "gather-index", "as many dimensions",
     "index.unsqueeze(1)", "index = ints(0, 2, (2,)); torch.gather(r(2, 3), 1, {})"),
    ("r(2, 3).scatter(1, ints(0, 2, (3, 3)), r(2, 3))", "scatter-index", "writes into 2×3",
     "a smaller index", ""),
    ("F.cross_entropy(r(8, 10), ints(0, 9, (4,)))", "loss-batch",
     "outputs 8 rows, but there are 4 targets", "x.view(x.size(0), -1)", ""),
    ("F.cross_entropy(r(4, 10), ints(0, 9, (8,)))", "loss-batch",
     "outputs 4 rows, but there are 8 targets", "an output for every step, not only the last", ""),
    ("F.cross_entropy(r(4, 10), ints(0, 9, (5,)))", "loss-batch",
     "outputs 4 rows, but there are 5 targets", "the same samples for both", ""),
    ("F.cross_entropy(r(4, 10), ints(0, 9, (4, 1)))", "loss-targets", "one class for each sample",
     "target.squeeze(1)", "target = ints(0, 9, (4, 1)); F.cross_entropy(r(4, 10), {})"),
    ("F.cross_entropy(r(4, 10, 8, 8), ints(0, 9, (4, 1, 8, 8)))", "loss-targets", "(N, H, W)",
     "target.squeeze(1)", "target = ints(0, 9, (4, 1, 8, 8)); F.cross_entropy(r(4, 10, 8, 8), {})"),
    ("F.cross_entropy(r(4, 10, 8, 8), ints(0, 9, (4, 4, 6)))", "loss-size", "each sample is 8×8",
     "F.interpolate(x, size=(4, 6))",
     "x = r(4, 10, 8, 8); F.cross_entropy({}, ints(0, 9, (4, 4, 6)))"),
    ("F.cross_entropy(r(4, 7, 10), ints(0, 9, (4, 7)))", "loss-size", "axis 1",
     "loss(x.transpose(1, 2), target)",
     "loss, x, target = F.cross_entropy, r(4, 7, 10), ints(0, 9, (4, 7)); {}"),
    ("F.cross_entropy(r(4, 7, 10), ints(0, 9, (4, 7)))", "loss-size",
     "should be 4×10, but they are 4×7", "loss(x.flatten(0, 1), target.flatten())",
     "loss, x, target = F.cross_entropy, r(4, 7, 10), ints(0, 9, (4, 7)); {}"),
    ("F.cross_entropy(r(4, 10), r(4))", "loss-dtype", "is Float", "target.long()",
     "target = r(4); F.cross_entropy(r(4, 10), {})"),
    ("F.cross_entropy(r(4, 10), ints(0, 2, (4, 10)))", "loss-dtype", "is Long", "target.float()",
     "target = ints(0, 2, (4, 10)); F.cross_entropy(r(4, 10), {})"),
    ("F.cross_entropy(r(4, 10), torch.tensor([1, 2, 3, 10]))", "loss-class", "no class 10",
     "Linear(..., 11)", "F.cross_entropy(r(4, 11), torch.tensor([1, 2, 3, 10]))"),
    ("F.cross_entropy(r(4, 10), torch.tensor([1, 2, 3, -1]))", "loss-class", "no class -1",
     "CrossEntropyLoss(ignore_index=-1)", "{}(r(4, 10), torch.tensor([1, 2, 3, -1]))"),
    ("nn.CrossEntropyLoss(weight=r(9))(r(4, 10), ints(0, 9, (4,)))", "loss-weight",
     "9 weights for 10", "weight=torch.ones(10)",
     "nn.CrossEntropyLoss({})(r(4, 10), ints(0, 9, (4,)))"),
    ("nn.BCELoss()(r(4, 1), r(4))", "loss-target-size", "4×1, but the target is 4",
     "target.unsqueeze(-1)", "target = r(4); nn.BCELoss()(r(4, 1), {})"),
    ("nn.BCEWithLogitsLoss()(r(4), r(4, 1))", "loss-target-size", "4, but the target is 4×1",
     "x.unsqueeze(-1)", "x = r(4); nn.BCEWithLogitsLoss()({}, r(4, 1))"),
    ("nn.BCEWithLogitsLoss()(r(4, 6), r(4, 2, 3))", "loss-target-size", "4×2×3",
     "target.view_as(x)", "x, target = r(4, 6), r(4, 2, 3); nn.BCEWithLogitsLoss()(x, {})"),
    ("nn.MSELoss()(r(4, 1), r(4))", "loss-target-size", "4×1, but the target is 4", "x.squeeze(-1)",
     "x = r(4, 1); nn.MSELoss()({}, r(4))"),
    ("nn.BCEWithLogitsLoss()(r(4, 1), ints(0, 2, (4, 1)))", "loss-dtype", "is Long",
     "target.float()", "target = ints(0, 2, (4, 1)); nn.BCEWithLogitsLoss()(r(4, 1), {})"),
    ("nn.BCELoss()(r(4, 1), ints(0, 2, (4, 1)))", "loss-dtype", "is Long", "target.float()",
     "target = ints(0, 2, (4, 1)); nn.BCELoss()(r(4, 1), {})"),
    ("nn.BCELoss()(r(4) + 9, r(4))", "loss-range", "probabilities", "BCEWithLogitsLoss()",
     "{}(r(4) + 9, r(4))"),
    ("Linear(3, 2)(ints(0, 9, (2, 3)))", "dtype-mixed", "is Long, but the weights are Float",
     "x.float()", "x = ints(0, 9, (2, 3)); Linear(3, 2)({})"),
    ("Conv2d(3, 6, 3)(r(1, 3, 8, 8).double())", "dtype-mixed", "is double", "x.float()",
     "x = r(1, 3, 8, 8).double(); Conv2d(3, 6, 3)({})"),
    ("nn.LSTM(10, 20)(r(5, 3, 10).double())", "dtype-mixed", "torch.float64", "model.to(x.dtype)",
     "model, x = nn.LSTM(10, 20), r(5, 3, 10).double(); {}(x)"),
    ("torch.bmm(r(2, 3, 4), ints(0, 9, (2, 4, 5)))", "dtype-mixed", "Float and Long",
     "a.to(b.dtype)", "b, a = r(2, 3, 4), ints(0, 9, (2, 4, 5)); torch.bmm(b, {})"),
    ("r(2, 3) @ r(3, 4).double()", "dtype-mixed", "float and double", "x.float()",
     "x = r(3, 4).double(); r(2, 3) @ {}"),
    ("torch.dot(r(2), ints(0, 9, (2,)))", "dtype-mixed", "Float and Long", "x.float()",
     "x = ints(0, 9, (2,)); torch.dot(r(2), {})"),
    ("F.scaled_dot_product_attention(r(1, 2, 3, 4), r(1, 2, 3, 4).double(), r(1, 2, 3, 4))",
     "dtype-mixed", "float and double", "x.float()", ""),
    ("nn.LayerNorm(3)(r(2, 3).double())", "dtype-mixed", "normalisation", "x.float()",
     "x = r(2, 3).double(); nn.LayerNorm(3)({})"),
    ("F.softmax(ints(0, 9, (3,)), 0)", "dtype-integer", "receives int64", "x.float()",
     "x = ints(0, 9, (3,)); F.softmax({}, 0)"),
    ("torch.mean(ints(0, 9, (3,)))", "dtype-integer", "receives int64", "x.float()",
     "x = ints(0, 9, (3,)); torch.mean({})"),
    ("torch.gather(r(2, 3), 1, r(2, 3))", "dtype-index", "an index is an integer", "index.long()",
     "index = r(2, 3); torch.gather(r(2, 3), 1, {})"),
    ("r(4)[r(4)]", "dtype-index", "brackets", "x[mask.bool()]", "x = mask = r(4); {}"),
    ("r(2, 400).view(-1, 16 * 4 * 4)", "view-size",
     "cannot give 800 elements the shape (-1, 256), which takes a multiple of 256",
     "x.view(x.size(0), -1)", ""),
    ("r(60, 16, 5, 5).view(64, 400)", "view-size", "takes 25600", "x.view(-1, 400)",
     "x = r(60, 16, 5, 5); {}"),
    ("r(64, 16, 5, 5).view(64, 256)", "view-size", "takes 16384", "x.view(64, -1)",
     "x = r(64, 16, 5, 5); Linear(400, 2)({})"),
    ("r(2, 3).reshape(7)", "view-size", "takes 7", "x.view(6)", "x = r(2, 3); {}"),
    ("r(2, 3).view(-1, -1)", "view-inferred", "only one", "x.view(x.size(0), -1)",
     "x = r(2, 3); {}"),
    ("r(2, 3, 4).transpose(1, 2).view(2, 12)", "view-strides", "in memory", "x.reshape(...)",
     "r(2, 3, 4).transpose(1, 2).reshape(2, 12)"),
    ("nn.Unflatten(1, (16, 5, 5))(r(1, 256))", "unflatten-size", "cannot be arranged as 16×5×5",
     "-1 for one of the sizes", "nn.Unflatten(1, (16, -1, 4))(r(1, 256))"),
    ("n, c, h, w = r(3, 32, 32).shape", "unpack", "4 names on the left, but 3 value(s)",
     "x.unsqueeze(0)", "x = r(3, 32, 32); n, c, h, w = {}.shape"),
    ("n, c = r(2, 3, 4).shape", "unpack", "2 names", "n, c, *size = x.shape", "x = r(2, 3, 4); {}"),
    ("r(2, 3).sum(2)", "dimension-out-of-range", "from 0 to 1", "dim=-1", "r(2, 3).sum({})"),
    ("r(2, 3, 4).permute(0, 1)", "permute-dimensions", "the tensor has 3, but 2",
     "x.transpose(1, 2)", "x = r(2, 3, 4); {}"),
    ("r(2, 3).permute(0, 0)", "permute-dimensions", "repeated", "x.permute(0, 2, 3, 1)",
     "x = r(2, 3, 4, 5); {}"),
    ("r(2, 3, 4).t()", "transpose-dimensions", "3 dimensions", "x.transpose(-2, -1)",
     "x = r(2, 3, 4); {}"),
    ("r(2, 3).expand(2, 4)", "expand-size", "2×3 cannot become 2×4", "a value of 2×4", ""),
    ("r(2, 3).expand(3)", "expand-size", "drops none", "-1", "r(2, 3).expand(3, {}, {})"),
    ("r(2, 3).repeat(2)", "repeat-dimensions", "each axis", "x.repeat(2, 1, 1)", "x = r(2, 3); {}"),
    ("torch.cat([r(1, 64, 56, 56), r(1, 64, 57, 57)], 1)", "cat-sizes",
     "the first has 56, number 1 (from 0) has 57", "F.interpolate(y, size=x.shape[2:])",
     "x, y = r(1, 64, 56, 56), r(1, 64, 57, 57); torch.cat([x, {}], 1)"),
    ("torch.cat([r(1, 3, 5, 5), r(1, 4, 5, 5)])", "cat-sizes", "along dimension 0", "dim=1",
     "torch.cat([r(1, 3, 5, 5), r(1, 4, 5, 5)], {})"),
    ("torch.cat([r(2, 3, 4, 4), r(2, 8)], 1)", "cat-dimensions", "4 and 2", "x.flatten(1)",
     "x = r(2, 3, 4, 4); torch.cat([{}, r(2, 8)], 1)"),
    ("torch.stack([r(3, 32, 32), r(3, 32, 31)])", "stack-sizes",
     "the first is 3×32×32, number 1 (from 0) 3×32×31", "transforms.Resize((32, 32))", ""),
    ("torch.stack([r(3), r(4)])", "stack-sizes", "only equal shapes",
     "pad_sequence(tensors, batch_first=True)",
     "from torch.nn.utils.rnn import pad_sequence; tensors = [r(3), r(4)]; {}"),
    ("r(10, 2).split([3, 3])", "split-sizes", "add up to 10", "x.split(size, dim=0)",
     "x, size = r(10, 2), 5; {}"),
    ("nn.GLU()(r(2, 3))", "halving", "3 is odd", "twice the features in the layer before it",
     "nn.GLU()(r(2, 6))"),
    ("r(1, 64, 56, 56) + r(1, 128, 56, 56)", "broadcast",
     "dimension 1 is 64 in one and 128 in another", "Conv2d(64, 128, 1)",
     "{}(r(1, 64, 56, 56)) + r(1, 128, 56, 56)"),
    ("r(4, 3) * r(4, 2)", "broadcast", "neither is 1", "Linear(3, 2)", "{}(r(4, 3)) * r(4, 2)"),
    ("r(1, 3, 7, 7) + r(1, 3, 8, 8)", "broadcast", "dimension 3",
     "F.interpolate(a, size=b.shape[2:])", "a, b = r(1, 3, 7, 7), r(1, 3, 8, 8); {} + b"),
    ("r(3) + r(4)", "broadcast", "dimension 0", "b.unsqueeze(1)", "a, b = r(3), r(4); a + {}"),
    ("x = r(2, 3); x += r(4, 2, 3)", "broadcast-in-place", "larger, to 4×2×3", "x = x + y",
     "x, y = r(2, 3), r(4, 2, 3); {}"),
    ("x = r(2, 3); x[torch.tensor([0, 1])] = r(4)", "assign-shape", "the place for it 2×3",
     "a value of 2×3", ""),
    ("r(4, 3)[ints(0, 2, (2,)), ints(0, 2, (3,))]", "index-broadcast", "2 and 3",
     "x[rows[:, None], columns]",
     "x, rows, columns = r(4, 3), ints(0, 2, (2,)), ints(0, 2, (3,)); {}"),
    ("torch.bmm(r(2, 3, 4), r(2, 5, 4))", "bmm-sizes", "4 columns meet 5 rows", "b.transpose(1, 2)",
     "b = r(2, 5, 4); torch.bmm(r(2, 3, 4), {})"),
    ("torch.bmm(r(2, 3, 4), r(3, 4, 5))", "bmm-sizes", "2 matrices meet 3", "torch.matmul(a, b)",
     "a, b = r(2, 3, 4), r(1, 4, 5); {}"),
    ("torch.bmm(r(2, 3), r(3, 4, 6))", "bmm-dimensions", "not have 3 dimensions", "a.unsqueeze(0)",
     "a = r(2, 3); torch.bmm({}, r(1, 3, 6))"),
    ("torch.mm(r(2, 3, 1), r(4, 5))", "matrix-dimensions", "not have 2 dimensions",
     "torch.matmul(a, b)", "a, b = r(2, 3, 4), r(4, 5); {}"),
    ("r(3) @ r(4)", "vector-sizes", "3 and 4", "torch.outer(a, b)", "a, b = r(3), r(4); {}"),
    ("r(2, 3) @ r(2)", "vector-sizes", "a vector of 3, not of 2", "a.T @ b",
     "a, b = r(2, 3), r(2); {}"),
    ("torch.tensordot(r(2, 3), r(4, 3), dims=1)", "contraction", "tensordot sums",
     "dims=([1], [1])", "torch.tensordot(r(2, 3), r(4, 3), {})"),
    ("torch.einsum('ij,jk->ik', r(2, 3), r(4, 5))", "einsum-sizes", "the letter j",
     "another letter", ""),
    ("torch.einsum('ij,jk->ik', r(2, 3, 4), r(4, 5))", "einsum-dimensions",
     "3 dimensions, but 2 letters", "'...ij,jk->...ik'", "torch.einsum({}, r(2, 3, 4), r(4, 5))"),
    ("torch.einsum('ij,jk->il', r(2, 3), r(3, 5))", "einsum-output", "the letter l",
     "a letter of the operands", ""),
    ("torch.linalg.inv(r(2, 3))", "square", "2×3", "torch.linalg.pinv(x), or lstsq",
     "torch.linalg.pinv(r(2, 3))"),
    ("nn.Upsample(scale_factor=2, mode='bilinear')(r(3, 8, 8))", "interpolate-dimensions",
     "takes 4 dimensions", "x.unsqueeze(0)",
     "x = r(3, 8, 8); nn.Upsample(scale_factor=2, mode='bilinear')({})"),
    ("nn.Upsample(scale_factor=2, mode='linear')(r(1, 3, 8, 8))", "interpolate-dimensions",
     "receives 4", "mode='bilinear'", "nn.Upsample(scale_factor=2, {})(r(1, 3, 8, 8))"),
    ("nn.Upsample(scale_factor=2)(r(8, 8))", "interpolate-dimensions", "receives 2",
     "x[None, None]", "x = r(8, 8); nn.Upsample(scale_factor=2)({})"),
    ("F.interpolate(r(1, 3, 8, 8), size=(4, 4, 4))", "interpolate-sizes", "8×8, but 4×4×4",
     "one number for each of these axes, or one for all", ""),
    ("F.interpolate(r(1, 3, 8, 8), scale_factor=(2, 2, 2))", "interpolate-sizes", "8×8, but 2×2×2",
     "x.unsqueeze(0)", ""),
    ("PixelShuffle(2)(r(1, 3, 8, 8))", "pixel-shuffle", "a multiple of 4 channels",
     "Conv2d(3, 12, 3, padding=1)", "PixelShuffle(2)({}(r(1, 3, 8, 8)))"),
    ("nn.PixelUnshuffle(2)(r(1, 3, 7, 8))", "pixel-unshuffle", "the height of 7", "F.pad(x, ...)",
     ""),
    ("nn.ChannelShuffle(2)(r(1, 3, 8, 8))", "channel-shuffle", "3 channels", "ChannelShuffle(1)",
     "{}(r(1, 3, 8, 8))"),
    ("nn.Fold((4, 4), 2)(r(1, 3, 9))", "fold-blocks", "3 is not a multiple of 4", "Conv1d(3, 4, 1)",
     "nn.Fold((4, 4), 2)({}(r(1, 3, 9)))"),
    ("nn.Fold((4, 4), 2)(r(1, 4, 10))", "fold-blocks", "= 9 blocks, but it receives 10",
     "the output_size and arguments of the Unfold that made the blocks", ""),
    ("nn.Unfold(9)(r(1, 3, 8, 8))", "unfold-blocks", "larger than its padded input 8×8",
     "a smaller kernel_size, or padding", ""),
    ("Linear(3, 2).load_state_dict(Linear(4, 2).state_dict())", "state-dict",
     "weight was saved as 2×4, but the model here has 2×3", "Linear(4, 2)",
     "{}.load_state_dict(Linear(4, 2).state_dict())"),
    ("nn.Sequential(Conv2d(3, 6, 5)).load_state_dict(nn.Sequential(Conv2d(4, 6, 5)).state_dict())",
     "state-dict", "0.weight", "Conv2d(4, 6, 5)",
     "nn.Sequential({}).load_state_dict(nn.Sequential(Conv2d(4, 6, 5)).state_dict())"),
    ("Linear(3, 2).load_state_dict(nn.Sequential(Linear(3, 2)).state_dict())", "state-dict",
     "which the file lacks", "the class and arguments that were saved", ""),
    ("Linear(10 / 2, 2)", "float-size", "is a float", "//", "Linear(10 {} 2, 2)"),
    ("Conv2d(3, 6, kernel=3)", "layer-arguments", "Conv2d has no argument 'kernel'",
     "kernel_size=...", "Conv2d(3, 6, kernel_size=3)"),
    ("Linear(3)", "layer-arguments", "Linear is missing required arguments",
     "Linear(in_features, out_features, bias=True, device=None, dtype=None)", "Linear(3, 2)"),
    ("nn.Sequential(Linear(3, 2))(r(3), r(3))", "call-arguments", "called with more",
     "torch.cat([a, b], dim=1)", ""),
    ("Linear(3, 2)([1.0, 2.0, 3.0])", "call-tensor", "receives a list", "torch.as_tensor(x)",
     "x = [1.0, 2.0, 3.0]; Linear(3, 2)({})"),
    ("Conv2d(3, 6, 5)(r(1, 3, 8, 8).numpy())", "call-tensor", "a NumPy array",
     "torch.from_numpy(x).float()", "x = r(1, 3, 8, 8).numpy(); Conv2d(3, 6, 5)({})"),
    ("torch.tensor([[1, 2], [3]])", "ragged", "2 and 1",
     "pad_sequence([torch.tensor(x) for x in lists], batch_first=True)",
     "from torch.nn.utils.rnn import pad_sequence; lists = [[1, 2], [3]]; {}"),
    ("r(2, 3).item()", "scalar", "one element, but this one has 6", "x.tolist()",
     "x = r(2, 3); {}"),
    ("bool(r(2, 3))", "scalar", "has several", "x.all() or x.any()", "x = r(2, 3); x.all()"),
    # Python in a network
    ("Linear(3, 2)(None)", "none", "a value is None", "return x", ""),
    ("Conv2d(3, 2, 3)(None)", "none", "a value is None", "return x", ""),
    ("torch.cat([r(2), None])", "none", "a value is None", "return x", ""),
    ("a, b = None", "none", "a value is None", "return x", ""),
    ("r(2) + None", "none", "a value is None", "return x", ""),
    ("None.view(1)", "none", "a value is None", "return x", ""),
    ("f = None; f(1)", "none", "a value is None", "print(type(x))", ""),
    ("x = None; x[0]", "none", "a value is None", "print(type(x))", ""),
    ("ReLU(r(2)).view(1)", "not-called", "ReLU is a layer", "ReLU()(x)", "x = r(2); {}.view(2)"),
    ("ReLU(r(2)) + 1", "not-called", "ReLU is a layer", "ReLU()(x)", "x = r(2); {} + 1"),
    ("ReLU(r(2)) * 2", "not-called", "ReLU is a layer", "ReLU()(x)", "x = r(2); {} * 2"),
    ("class Net(nn.Module): pass\nNet().fc(r(3))", "member", "Net has no 'fc'",
     "self.fc = ...", ""),
    ("class Net(nn.Module):\n def __init__(self): self.a = Linear(1, 1)\nNet()", "super",
     "not set up", "super().__init__()",
     "class Net(nn.Module):\n def __init__(self):\n  {}\n  self.a = Linear(1, 1)\nNet()"),
    ("super(Linear, r(2)).__init__()", "super", "not set up", "super().__init__()", ""),
    ("class Net(nn.Module): pass\nNet()(r(3))", "forward", "Net has no forward",
     "def forward(self, x):", ""),
    ("nn.ModuleList([Linear(3, 2)])(r(3))", "forward", "does not call them",
     "nn.Sequential(*layers)", "layers = [Linear(3, 2)]; {}(r(3))"),
    ("nn.Sequential([Linear(3, 2)])", "not-a-module", "not as a list", "nn.Sequential(*layers)",
     "layers = [Linear(3, 2)]; {}(r(3))"),
    ("nn.Sequential(Linear(3, 2), nn.ReLU)", "not-a-module", "ReLU is a class", "nn.ReLU()",
     "nn.Sequential(Linear(3, 2), {})"),
    ("nn.Sequential(lambda x: x)", "not-a-module", "takes layers",
     "a class with a forward that calls it", ""),
    ("r(2).shape(0)", "size-called", "not a method", "x.shape[0] or x.size(0)", "x = r(2); {}"),
    ("r(2).size[0]", "size-called", "without its call", "x.size(0) or x.shape[0]",
     "x = r(2); {}"),
    ("nn.MultiheadAttention(4, 2)(r(3, 4))", "forward-arguments", "query, key, value",
     "attention(x, x, x)", "attention, x = nn.MultiheadAttention(4, 2), r(3, 4); {}"),
    ("Linear(3, 2)()", "forward-arguments", "Linear takes input", "layer(input)",
     "layer, input = Linear(3, 2), r(3); {}"),
    ("Linear(3, 2)(r(3), r(3))", "forward-arguments", "more tensors than it takes",
     "torch.cat([a, b], dim=1)", ""),
    ("nn.init.xavier_uniform_(r(3))", "fan", "2 dimensions or more",
     "if p.dim() > 1: nn.init.xavier_uniform_(p)", "p = r(3)\n{}"),
    ("(r(2),) + 1", "tuple-sum", "a tuple is added", "out, state = self.lstm(x)", ""),
    ("torch.cat(r(2), r(2))", "joined-list", "cat takes its tensors as one list",
     "torch.cat([a, b], dim=1)", "a = b = r(2, 2); {}"),
    ("r(2, 3, 4).permute(0, 2, 3, 1)", "permute-dimensions", "has 3, but 4 are named",
     "x.unsqueeze(0)", "x = r(2, 3, 4); {}.permute(0, 2, 3, 1)"),
    ("nn.Embedding(3 / 1, 2)", "float-size", "is a float", "//", "nn.Embedding(3 {} 1, 2)"),
    ("Linear('3', 2)", "float-size", "is a str", "int(...)", ""),
    ("Linear(3, 2)(r(3).flatten)", "call-tensor", "method", "x.flatten()",
     "x = r(3); Linear(3, 2)({})"),
    ("torch.ones(2, requires_grad=True).backward()",
     "backward-scalar", "several", "loss.mean().backward()",
     "loss = torch.ones(2, requires_grad=True); {}"),
    ("(torch.ones(2, requires_grad=True) * 2).backward(r(3))", "backward-gradient",
     "an output of 2 with a gradient of 3", "torch.ones_like(output)",
     "output = torch.ones(2, requires_grad=True) * 2; output.backward({})"),
    ("r(2).sum().backward()", "backward-none", "that learns", "p.requires_grad_(True)",
     "p = r(2); {}; p.sum().backward()"),
    ("torch.optim.SGD([], lr=0.1)", "empty-optimizer", "no parameters",
     "list(model.parameters())", ""),
    ("torch.utils.data.random_split([1, 2, 3], [1, 1])", "data-split", "in all",
     "[n, len(dataset) - n]",
     "n, dataset = 1, [1, 2, 3]; torch.utils.data.random_split(dataset, {})"),
    ("torch.utils.data.DataLoader([], batch_size=0)", "data-batch", "not of 0", "batch_size=1",
     "torch.utils.data.DataLoader([1], {})"),
    ("torch.multinomial(torch.zeros(3), 2)", "multinomial", "nothing to draw", "x.softmax(-1)",
     "x = torch.zeros(3); torch.multinomial({}, 2)"),
    ("torch.multinomial(r(3), 4)", "multinomial", "than there are classes", "replacement=True",
     "torch.multinomial(r(3), 4, {})"),
    ("torch.distributions.Normal(r(2), -torch.ones(2), validate_args=True)", "distribution",
     "scale of Normal", "F.softplus(x) + 1e-6", "x = r(2); torch.distributions.Normal(x, {})"),
    ("torch.distributions.Categorical(logits=torch.tensor(1.0))", "distribution", "last dimension",
     "x.unsqueeze(0)", "x = torch.tensor(1.0); torch.distributions.Categorical(logits={})"),
    ("nn.utils.clip_grad_norm_(None, 1)", "none", "a value is None", "return x", ""),
    ("torch.optim.Adam(Linear(2, 3))", "layer-given", "Linear is a layer", "layer.parameters()",
     "layer = Linear(2, 3); torch.optim.Adam({})"),
    ("len(torch.tensor(3))", "scalar-length", "one number", "x.unsqueeze(0)",
     "x = torch.tensor(3); len({})"),
    ("list(torch.tensor(3))", "scalar-length", "one number", "x.item()", "x = torch.tensor(3); {}"),
    ("nn.Dropout(1.5)", "dropout-share", "not 1.5", "p=0.5", "nn.Dropout({})"),
    ("nn.Parameter([1.0])", "parameter-data", "of a tensor",
     "nn.Parameter(torch.tensor([1.0, 2.0]))", "{}"),
    ("nn.ModuleDict({'a.b': ReLU()})", "child-name", "joined by dots",
     "name.replace('.', '_')", "name = 'a.b'; nn.ModuleDict({ {}: ReLU() })"),
    ("torch.masked_select(r(2), r(2))", "bool-mask", "tensor of bools", "mask.bool()",
     "mask = r(2); torch.masked_select(r(2), {})"),
    ("torch.where(r(2), r(2), r(2))", "bool-mask", "of numbers", "mask.bool()", ""),
    ("r(2).masked_fill(r(2), 0)", "bool-mask", "of numbers", "mask == 0",
     "mask = r(2); r(2).masked_fill({}, 0)"),
    ("F.layer_norm(r(2, 3), 3)", "sizes-as-tuple", "as a tuple", "(x.shape[-1],)",
     "x = r(2, 3); F.layer_norm(x, {})"),
    ("torch.zeros(2, -1)", "negative-size", "would be negative", "print(x.shape)", ""),
    ("nn.ZeroPad2d(-5)(r(1, 3, 8, 8))", "negative-size", "padded away", "print(x.shape)", ""),
    ("torch.arange(10, 0)", "negative-size", "would be negative", "print(x.shape)", ""),
    ("r(0).max()", "empty", "is empty", "if x.numel():", ""),
    ("torch.zeros(2.5)", "float-size", "is a float", "//", "torch.zeros(5 {} 2)"),
    ("r(2, 3).topk(5)", "topk-size", "more elements", "min(k, x.size(-1))",
     "k, x = 5, r(2, 3); x.topk({})"),
    ("nn.ModuleList([ReLU()])[3]", "list-index", "no layer 3", "self.layers[-1]", ""),
    ("nn.EmbeddingBag(4, 3)(ints(0, 4, (3,)))", "bag-offsets", "where each bag begins",
     "x.unsqueeze(0)", "x = ints(0, 4, (3,)); nn.EmbeddingBag(4, 3)({})"),
    ("F.embedding(torch.tensor([1]), r(3))", "embedding-weight", "(rows, features)",
     "nn.Embedding(rows, features).weight",
     "rows, features = 3, 2; F.embedding(torch.tensor([1]), {})"),
    ("r(2, 3).unfold(1, 4, 1)", "window-size", "dimension 1 has 3", "a size of 3 or less",
     "r(2, 3).unfold(1, 3, 1)"),
    ("r(2, 3).chunk(0)", "chunk-count", "not 0", "x.chunk(2, dim=1)", "x = r(2, 3); {}"),
    ("torch.outer(r(2, 2), r(2))", "outer-vectors", "receives 2 dimensions",
     "a.unsqueeze(-1) * b.unsqueeze(-2)", "a, b = r(4, 2), r(4, 3); {}"),
    ("torch.einsum('ij,jk->ik', r(2, 3))", "einsum-operands", "one term for each",
     "torch.einsum('ij,jk->ik', a, b)", "a, b = r(2, 3), r(3, 4); {}"),
    ("torch.einsum('ij->i', r(2, 3), r(2, 3))", "einsum-operands", "one term for each",
     "torch.einsum('ij,jk->ik', a, b)", ""),
    ("torch.cdist(r(2, 3), r(2, 4))", "distance-features", "3 features with rows of 4",
     "nn.Linear(4, 3)", "torch.cdist(r(2, 3), {}(r(2, 4)))"),
    ("torch.cross(r(2, 4), r(2, 4))", "cross-axis", "vectors of 3",
     "torch.linalg.cross(a, b, dim=1)", "a = b = r(2, 3, 4); {}"),
    ("torch.linalg.cross(r(2, 4), r(2, 4))", "cross-axis", "vectors of 3",
     "torch.linalg.cross(a, b, dim=1)", ""),
    ("torch.linalg.inv(torch.zeros(2, 2))", "singular", "no inverse",
     "a + 1e-6 * torch.eye(a.shape[-1])", "a = torch.zeros(2, 2); torch.linalg.inv({})"),
    ("torch.linalg.cholesky(-torch.eye(2))", "singular", "no Cholesky factor",
     "torch.linalg.pinv(a)", "a = torch.zeros(2, 2); {}"),
    ("F.interpolate(r(1, 3, 8, 8))", "interpolate-nothing", "or the factor", "scale_factor=2",
     "F.interpolate(r(1, 3, 8, 8), {})"),
    ("F.grid_sample(r(1, 3, 8, 8), r(2, 4, 4, 2), align_corners=True)", "grid-shape",
     "the grid 2×4×4×2", "grid.expand(x.shape[0], -1, -1, -1)",
     "x, grid = r(2, 3, 8, 8), r(1, 4, 4, 2); F.grid_sample(x, {}, align_corners=True)"),
    ("F.grid_sample(r(1, 3, 8, 8), r(1, 4, 4, 3), align_corners=True)", "grid-shape",
     "this one is 1×4×4×3", "grid.permute(0, 2, 3, 1)",
     "grid = r(1, 2, 4, 4); F.grid_sample(r(1, 3, 8, 8), {}, align_corners=True)"),
    ("F.avg_pool1d(r(3), 2)", "pool-dimensions", "(C, L), but receives 1", "x[None]",
     "x = r(3); F.avg_pool1d({}, 2)"),
    ("F.conv2d(r(1, 3, 8, 8), r(3, 3))", "conv-weight", "(out_channels, in_channels, *kernel)",
     "weight[:, :, None, None]",
     "weight = r(4, 3); F.conv2d(r(1, 3, 8, 8), {})"),
]  # fmt: skip


@cache
def provoke(code: str) -> str:
    """Return the traceback, or the warning, that `code` makes torch write."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec(code, dict(NAMES))
        except Exception:
            return traceback.format_exc()
    return "\n".join(
        warnings.formatwarning(w.message, w.category, w.filename, w.lineno) for w in caught
    )


@pytest.mark.parametrize(
    ("code", "kind", "part", "fix", "proof"),
    CASES,
    ids=[f"{kind}: {code}" for code, kind, *_ in CASES],
)
def test_an_error_of_torch_is_explained(
    code: str, kind: str, part: str, fix: str, proof: str
) -> None:
    answer = explain(provoke(code))
    assert (answer.kind, part in answer.what) == (kind, True), answer.what
    assert fix in [code for code, _ in answer.fixes]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(proof.replace("{}", fix), dict(NAMES))


def test_every_pattern_is_provoked() -> None:
    said = [explain(provoke(code)).message for code, *_ in CASES]
    errors = [error for kind in catalogue.read() for error in kind.errors]
    assert len(errors) > 100
    assert [
        error
        for error in errors
        if not any(catalogue.fields(error, message) is not None for message in said)
    ] == []


def test_every_function_of_values_is_used() -> None:
    known = Path(catalogue.__file__).with_name("known")
    table = "".join(file.read_text(encoding="utf-8") for file in known.iterdir())
    assert {file.stem for file in known.iterdir()} == set(catalogue.FAMILIES)
    own = [
        name
        for module in details.MODULES
        for name, value in vars(module).items()
        if isfunction(value)
        and value.__module__ == module.__name__
        and name not in ("dtype", "place", "plain")
    ]
    assert [n for n in own if not n.startswith("_") and f"values: {n}\n" not in table] == []


# What is pasted

NET = """
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(400, 10))

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        return self.head(x)


Net()(torch.rand({}))
"""


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Any:
    def fails(size: str) -> tuple[str, str]:
        file = tmp_path_factory.mktemp("net") / "net.py"
        file.write_text(NET.format(size))
        with pytest.raises(RuntimeError) as raised:
            runpy.run_path(str(file))
        return str(file), "".join(traceback.format_exception(raised.value))

    return fails


def test_a_traceback_shows_the_line_and_the_layer(net: Any) -> None:
    file, text = net("1, 1, 32, 32")
    answer = explain(text)
    assert answer.where == f"{file}:15"
    assert answer.line == "x = self.pool(F.relu(self.conv1(x)))"
    assert answer.name == ("self.conv1" if sys.version_info >= (3, 11) else "")
    assert answer.fixes[0] == ("Conv2d(1, 6, 5)", "if the input is right; its other arguments stay")

    file, text = net("1, 3, 32, 32")
    answer = explain(text)
    assert (answer.where, answer.name) == (f"{file}:16", "self.head[...]")
    assert answer.fixes == [("Linear(1176, 10)", "")]  # no product of the user's own


IPYTHON = """\
---------------------------------------------------------------------------
RuntimeError                              Traceback (most recent call last)
Cell In[3], line 1
----> 1 net(torch.rand(2, 3, 36, 36))

File ~/venv/lib/python3.11/site-packages/torch/nn/modules/module.py:1778, in Module._wrapped_call_impl(self, *args)
   1777 else:
-> 1778     return self._call_impl(*args, **kwargs)

Cell In[2], line 12, in Net.forward(self, x)
     11     x = x.flatten(1)
---> 12     return self.fc1(x)

File ~/venv/lib/python3.11/site-packages/torch/nn/modules/linear.py:134, in Linear.forward(self, input)
--> 134     return F.linear(input, self.weight, self.bias)

"""  # noqa: E501
PYTEST = """\
self = Net(), x = tensor([[[0.1]]])

    def forward(self, x):
>       return self.fc1(x)

net.py:12:
E       {error}
"""
LOG = "2026-01-01 12:00:00 [ERROR]: \x1b[31m{error}\x1b[0m\nEpoch 3 failed\n"
CHAIN = (
    "{error}\n\nDuring handling of the above exception, another exception occurred:\n\n"
    "CalledProcessError: exit 1\n"
)


@pytest.mark.parametrize(
    "form", ["{error}", IPYTHON + "{error}", PYTEST, LOG, CHAIN, "> {error}", "\n\n{error}\n\n"]
)
def test_the_error_is_found_in_what_people_paste(form: str) -> None:
    error = provoke("Linear(1050, 10)(r(2, 1568))").strip().splitlines()[-1]
    answer = explain(form.replace("{error}", error))
    assert ("Linear(1568, 10)", "") in answer.fixes
    if form.startswith(IPYTHON):
        assert (answer.line, answer.name) == ("return self.fc1(x)", "self.fc1")


def test_the_last_error_counts() -> None:
    first, last = (provoke(code) for code in ("r(3) @ r(4)", "r(2, 3).item()"))
    assert explain(f"{first}\n{last}").kind == "scalar"
    assert explain(f"{last}\n{first}").kind == "vector-sizes"


@pytest.mark.parametrize(
    "text",
    ["", "\n", "hello", "KeyError: 'x'", "(", "RuntimeError:", "\0\x1b[", "x" * 10**6,
     "RuntimeError: " * 10**5,
     "mat1 and mat2 shapes cannot be multiplied (2x3 and 3x4)",  # which fits
     "mat1 and mat2 shapes cannot be multiplied (2 and 3)",
     "mat1 and mat2 shapes cannot be multiplied (2x" + "9" * 10**4 + " and 3x4)",
     "Given groups=0, weight of size [6], expected input[1] to have 3 channels",
     "Given groups=1, weight of size [6, 3, 5, 5], expected input[] to have",
     "shape '[]' is invalid for input of size x"],
)  # fmt: skip
def test_what_is_not_known_is_not_guessed(text: str) -> None:
    with pytest.raises(SpecError):
        explain(text)


# The command

ERROR = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x1568 and 1050x10)"


def test_the_command() -> None:
    said = (
        "Linear(1050, 10) expects 1050 features, but receives 1568: 2×1568\n"
        "   layer: likely Linear(1050, 10)\n   fix: Linear(1568, 10)\n"
    )
    assert run("explain", ERROR) == (0, said, "")
    assert run("explain", input=ERROR) == (0, said, "")
    assert run("explain", "-", input=ERROR) == (0, said, "")
    assert run("explain", f"{'-' * 75}\n{ERROR}") == (0, said, "")
    assert on_screen("explain", ERROR) == said
    status, out, err = run("explain", "KeyError: 'x'")
    assert (status, out) == (2, "")
    assert err.splitlines() == [
        "error: convshape does not recognize this error: KeyError: 'x'",
        "   fix: run convshape trace FILE to see where the shapes break",
    ]


def test_the_command_in_json() -> None:
    status, out, _ = run("explain", "--json", ERROR)
    answer = json.loads(out)
    assert (status, answer["schema"], answer["error"]) == (0, 1, None)
    assert list(answer) == [
        "schema",
        "kind",
        "message",
        "what",
        "layer",
        "name",
        "where",
        "line",
        "fixes",
        "error",
    ]
    assert answer["fixes"] == [{"code": "Linear(1568, 10)", "when": ""}]
    status, out, _ = run("explain", "--json", "nothing at all")
    assert status == 2
    assert json.loads(out)["error"]["message"].endswith("nothing at all")


@pytest.mark.parametrize("columns", [80, 120])
def test_it_fits_the_terminal(columns: int) -> None:
    for code in (
        "Conv2d(3, 6, 5)(r(1, 32, 32, 3))",
        "F.cross_entropy(r(8, 10), ints(0, 9, (4,)))",
        "MaxPool2d(9)(r(1, 3, 8, 8))",
    ):
        error = provoke(code).strip().splitlines()[-1]
        assert max(map(len, on_screen("explain", error, columns=columns).splitlines())) <= columns
