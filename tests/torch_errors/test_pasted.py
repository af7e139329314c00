"""What people paste: tracebacks of every kind, and the user's line and layer in each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

from convshape.errors import SpecError
from convshape.torch_errors import explain

SITE = "/home/ana/miniconda3/lib/python3.6/site-packages/torch/nn"
LINEAR = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x1568 and 1050x10)"
OLD_LINEAR = (
    "RuntimeError: size mismatch, m1: [64 x 1568], m2: [1050 x 10] at "
    "/pytorch/aten/src/TH/generic/THTensorMath.cpp:940"
)

#: A name, the pasted text, the place, line and layer that it leads to, and the first fix.
PASTED = [
    ("python", f"""\
Traceback (most recent call last):
  File "train.py", line 77, in <module>
    main()
  File "train.py", line 42, in main
    out = model(x)
  File "{SITE}/modules/module.py", line 493, in __call__
    result = self.forward(*input, **kwargs)
  File "/home/ana/net.py", line 12, in forward
    return self.fc1(x)
  File "{SITE}/modules/module.py", line 493, in __call__
    result = self.forward(*input, **kwargs)
  File "{SITE}/modules/linear.py", line 92, in forward
    return F.linear(input, self.weight, self.bias)
  File "{SITE}/functional.py", line 1406, in linear
    ret = torch.addmm(bias, input, weight.t())
{OLD_LINEAR}
""", "/home/ana/net.py:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),
    ("no marks, two layers in a line", f"""\
Traceback (most recent call last):
  File "net.py", line 12, in forward
    x = self.pool(F.relu(self.conv1(x)))
  File "{SITE}/modules/module.py", line 493, in __call__
    result = self.forward(*input, **kwargs)
  File "{SITE}/modules/conv.py", line 320, in forward
    self.padding, self.dilation, self.groups)
RuntimeError: Given groups=1, weight of size 6 3 5 5, expected input[4, 1, 28, 28] to have 3 channels, but got 1 channels instead
""", "net.py:12", "x = self.pool(F.relu(self.conv1(x)))", "self.conv1", "Conv2d(1, 6, 5)"),  # noqa: E501
    ("windows", f"""\
Traceback (most recent call last):
  File "C:/Users/cs/Desktop/SKNet-master/main.py", line 38, in <module>
    train_epoch(net, optimizer)
  File "C:\\Anaconda\\envs\\pytorch\\lib\\site-packages\\torch\\nn\\modules\\module.py", line 547, in __call__
    result = self.forward(*input, **kwargs)
  File "C:\\Users\\John Doe\\Desktop\\net.py", line 14, in forward
    fea = self.fc(fea)
  File "C:\\Anaconda\\envs\\pytorch\\lib\\site-packages\\torch\\nn\\modules\\linear.py", line 87, in forward
    return F.linear(input, self.weight, self.bias)
  File "C:\\Users\\cs\\AppData\\Local\\Programs\\Python\\Python37\\lib\\threading.py", line 870, in run
    self._target(*self._args, **self._kwargs)
{LINEAR}
""", "C:\\Users\\John Doe\\Desktop\\net.py:14",  # noqa: E501
     "fea = self.fc(fea)", "self.fc", "Linear(1568, 10)"),
    ("IPython of old", f"""\
---------------------------------------------------------------------------
RuntimeError                              Traceback (most recent call last)
<ipython-input-15-f86f841fcf3d> in <module>()
----> 1 train(2)

<ipython-input-14-c45372be40dd> in train(epoch)
     43
---> 44         output = model(data)
     45

D:\\Softwares\\anacond33\\lib\\site-packages\\torch\\nn\\modules\\module.py in __call__(self, *input, **kwargs)
    475             result = self._slow_forward(*input, **kwargs)
    476         else:
--> 477             result = self.forward(*input, **kwargs)
    478         for hook in self._forward_hooks.values():

<ipython-input-9-1234567890ab> in forward(self, x)
     20     def forward(self, x):
     21         x = x.view(x.size(0), -1)
---> 22         return self.fc1(x)

~/anaconda3/lib/python3.6/site-packages/torch/nn/functional.py in linear(input, weight, bias)
    990     if input.dim() == 2 and bias is not None:
    991         # fused op is marginally faster
--> 992         return torch.addmm(bias, input, weight.t())
    993
    994     output = input.matmul(weight.t())

{OLD_LINEAR}
""", "<ipython-input-9-1234567890ab>:22", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),  # noqa: E501
    ("a module beside a notebook", """\
<ipython-input-33-f20b005d1e75> in train(model, X_train)
--> 109       out = model(X.to(device), label_embedding)

~/anaconda3/envs/httn/lib/python3.6/site-packages/torch/nn/modules/module.py in _call_impl(self, *input, **kwargs)
--> 727             result = self.forward(*input, **kwargs)

/workplace/jhyang/NLP_class/MAGNET/models.py in forward(self, token, label_embedding)
---> 76     features = self.embedding(token)

~/anaconda3/envs/httn/lib/python3.6/site-packages/torch/nn/functional.py in embedding(input, weight)
-> 1852     return torch.embedding(weight, input, padding_idx, scale_grad_by_freq, sparse)

RuntimeError: Expected tensor for argument #1 'indices' to have scalar type Long; but got torch.cuda.IntTensor instead (while checking arguments for embedding)
""", "/workplace/jhyang/NLP_class/MAGNET/models.py:76",  # noqa: E501
     "features = self.embedding(token)", "self.embedding", "x.long()"),
    ("Jupyter of 2022", f"""\
Input In [3], in <cell line: 1>()
----> 1 net(torch.rand(2, 3, 36, 36))

File ~/venv/lib/python3.9/site-packages/torch/nn/modules/module.py:1110, in Module._call_impl(self, *input, **kwargs)
-> 1110     return forward_call(*input, **kwargs)

Input In [2], in Net.forward(self, x)
     11     x = x.flatten(1)
---> 12     return self.fc1(x)

File ~/venv/lib/python3.9/site-packages/torch/nn/modules/linear.py:103, in Linear.forward(self, input)
--> 103     return F.linear(input, self.weight, self.bias)

{LINEAR}
""", "Input In [2]:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),  # noqa: E501
    ("Jupyter of today", f"""\
Cell In[3], line 1
----> 1 net(torch.rand(2, 3, 36, 36))

File ~/work/net.py:12, in Net.forward(self, x)
     11     x = x.flatten(1)
---> 12     return self.fc1(x)

File ~/venv/lib/python3.11/site-packages/torch/nn/modules/linear.py:134, in Linear.forward(self, input)
--> 134     return F.linear(input, self.weight, self.bias)

{LINEAR}
""", "~/work/net.py:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),  # noqa: E501
    ("VS Code", f"""\
Cell In[2], line 12, in Net.forward(self, x)
     11     x = x.flatten(1)
---> 12     return self.fc1(x)

File c:\\Users\\me\\anaconda3\\Lib\\site-packages\\torch\\nn\\modules\\linear.py:116, in Linear.forward(self, input)
    115 def forward(self, input: Tensor) -> Tensor:
--> 116     return F.linear(input, self.weight, self.bias)

{LINEAR}
""", "Cell In[2]:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),  # noqa: E501
    ("Colab", f"""\
[<ipython-input-5-0d3c6f1e2b3a>](https://localhost:8080/#) in <cell line: 1>()
----> 1 model(torch.rand(2, 1, 28, 28))

[/usr/local/lib/python3.10/dist-packages/torch/nn/modules/module.py](https://localhost:8080/#) in _call_impl(self, *args, **kwargs)
-> 1501             return forward_call(*args, **kwargs)

[<ipython-input-4-aabbccddeeff>](https://localhost:8080/#) in forward(self, x)
     11         x = torch.flatten(x, 1)
---> 12         return self.fc1(x)

[/usr/local/lib/python3.10/dist-packages/torch/nn/modules/linear.py](https://localhost:8080/#) in forward(self, input)
--> 114         return F.linear(input, self.weight, self.bias)

{LINEAR}
""", "<ipython-input-4-aabbccddeeff>:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),  # noqa: E501
    ("Colab of 2025", f"""\
/tmp/ipython-input-7-2513042.py in forward(self, x)
---> 12         return self.fc1(x)

/usr/local/lib/python3.11/dist-packages/torch/nn/modules/linear.py in forward(self, input)
--> 125         return F.linear(input, self.weight, self.bias)

{LINEAR}
""", "/tmp/ipython-input-7-2513042.py:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),
    ("torchrun", f"""\
[rank0]: Traceback (most recent call last):
[rank0]:   File "/home/a/train.py", line 42, in <module>
[rank0]:     out = model(x)
[rank0]:   File "/home/a/net.py", line 12, in forward
[rank0]:     return self.fc1(x)
[rank0]:            ^^^^^^^^^^^
[rank0]:   File "{SITE}/modules/linear.py", line 134, in forward
[rank0]:     return F.linear(input, self.weight, self.bias)
[rank0]: {LINEAR}
E1129 20:48:21.629000 12933 torch/distributed/elastic/multiprocessing/api.py:874] failed (exitcode: 1) local_rank: 0
Traceback (most recent call last):
  File "/usr/bin/torchrun", line 8, in <module>
    sys.exit(main())
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
============================================================
train.py FAILED
""", "/home/a/net.py:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),  # noqa: E501
    ("a log", f"""\
2022-12-28 16:13:02 [ERROR]  Traceback (most recent call last):
2022-12-28 16:13:02 [ERROR]    File "/home/a/net.py", line 12, in forward
2022-12-28 16:13:02 [ERROR]      return self.fc1(x)
2022-12-28 16:13:02 [ERROR]    File "{SITE}/modules/linear.py", line 65, in forward
2022-12-28 16:13:02 [ERROR]      return F.linear(input, self.weight, self.bias)
2022-12-28 16:13:02 [ERROR]  {LINEAR}
Begin of epoch 0:   0%|          | 0/2 [00:01<?, ?it/s]
""", "/home/a/net.py:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),
    ("loguru", f"2024-05-01 10:20:30.123 | ERROR    | __main__:train:42 - {LINEAR}", "", "", "",
     "Linear(1568, 10)"),
    ("logging", f"2024-05-01 10:20:30,123 - trainer - ERROR - {LINEAR}", "", "", "",
     "Linear(1568, 10)"),
    ("logging without a time", f"ERROR:root:{LINEAR}", "", "", "", "Linear(1568, 10)"),
    ("a log without the type",
     "[10:20:30] ERROR CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 7.79 GiB total "
     "capacity)", "", "", "", "a smaller batch"),
    ("a mail", f"""\
> Traceback (most recent call last):
>   File "net.py", line 12, in forward
>     return self.fc1(x)
> {LINEAR}
""", "net.py:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),
    ("ray", f"""\
(train pid=1234, ip=10.0.0.1)   File "net.py", line 12, in forward
(train pid=1234, ip=10.0.0.1)     return self.fc1(x)
(train pid=1234, ip=10.0.0.1) {LINEAR}
""", "net.py:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),
    ("Rich", f"""\
╭─────────────────────────────── Traceback (most recent call last) ────────────────────────────────╮
│ /home/a/net.py:12 in forward                                                                     │
│                                                                                                  │
│    9 │   def forward(self, x):                                                                   │
│   11 │   │   x = torch.flatten(x, 1)                                                             │
│ ❱ 12 │   │   return self.fc1(x)                                                                  │
│   13                                                                                             │
│                                                                                                  │
│ /venv/lib/python3.10/site-packages/torch/nn/modules/linear.py:114 in forward                     │
│                                                                                                  │
│ ❱ 114 │   │   return F.linear(input, self.weight, self.bias)                                     │
╰──────────────────────────────────────────────────────────────────────────────────────────────────╯
{LINEAR}
""", "/home/a/net.py:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),
    ("pytest", f"""\
tests/test_net.py:9:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

self = Net(), x = tensor([[[0.1]]])

    def forward(self, x):
>       return self.fc1(x)
               ^^^^^^^^^^^

net.py:12:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def forward(self, input):
>       return F.linear(input, self.weight, self.bias)
E       {LINEAR}

../venv/lib/python3.11/site-packages/torch/nn/modules/linear.py:134: RuntimeError
""", "net.py:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),
    ("pytest, in the user's own line", """\
    def forward(self, x):
>       return x.view(-1, 400)
E       RuntimeError: shape '[-1, 400]' is invalid for input of size 9216

net.py:12: RuntimeError
""", "net.py:12", "return x.view(-1, 400)", "", "x.view(x.size(0), -1)"),
    ("the first cause", f"""\
Traceback (most recent call last):
  File "net.py", line 12, in forward
    return self.fc1(x)
{LINEAR}

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "train.py", line 5, in <module>
    run()
RuntimeError: Expected more than 1 value per channel when training, got input size [1, 512]
""", "net.py:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),
    ("while another is handled", f"""\
  File "net.py", line 12, in forward
    return self.fc1(x)
{LINEAR}

During handling of the above exception, another exception occurred:

  File "train.py", line 5, in <module>
    logger.close()
AttributeError: 'NoneType' object has no attribute 'close'
""", "net.py:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),
    ("a worker of a DataLoader", f"""\
Traceback (most recent call last):
  File "train.py", line 20, in <module>
    for x, y in loader:
  File "{SITE}/../utils/data/dataloader.py", line 634, in __next__
    data = self._next_data()
RuntimeError: Caught RuntimeError in DataLoader worker process 0.
Original Traceback (most recent call last):
  File "/home/ana/miniconda3/lib/python3.6/site-packages/torch/utils/data/_utils/collate.py", line 141, in default_collate
    return torch.stack(batch, 0, out=out)
RuntimeError: stack expects each tensor to be equal size, but got [3, 224, 224] at entry 0 and [3, 200, 224] at entry 1
""", "train.py:20", "for x, y in loader:", "", "transforms.Resize((224, 224))"),  # noqa: E501
    ("a worker of an old DataLoader", """\
  File "train.py", line 20, in <module>
    for x, y in loader:
RuntimeError: Traceback (most recent call last):
  File "/home/ana/miniconda3/lib/python3.6/site-packages/torch/utils/data/_utils/collate.py", line 42, in default_collate
    return torch.stack(batch, 0, out=out)
RuntimeError: invalid argument 0: Sizes of tensors must match except in dimension 0. Got 224 and 200 in dimension 2 at /pytorch/aten/src/TH/generic/THTensorMoreMath.cpp:1307
""", "train.py:20", "for x, y in loader:", "", "transforms.Resize((224, 224))"),  # noqa: E501
    ("a replica of DataParallel", f"""\
  File "train.py", line 33, in <module>
    out = model(x)
RuntimeError: Caught RuntimeError in replica 0 on device 0.
Original Traceback (most recent call last):
  File "{SITE}/parallel/parallel_apply.py", line 60, in _worker
    output = module(*input, **kwargs)
  File "/home/ana/net.py", line 12, in forward
    return self.fc1(x)
  File "{SITE}/modules/linear.py", line 92, in forward
    return F.linear(input, self.weight, self.bias)
{LINEAR}
""", "/home/ana/net.py:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),
    ("an assertion of the GPU", """\
/pytorch/aten/src/THCUNN/ClassNLLCriterion.cu:108: cunn_ClassNLLCriterion_updateOutput_kernel: block: [0,0,0], thread: [0,0,0] Assertion `t >= 0 && t < n_classes` failed.
/pytorch/aten/src/THCUNN/ClassNLLCriterion.cu:108: cunn_ClassNLLCriterion_updateOutput_kernel: block: [0,0,0], thread: [8,0,0] Assertion `t >= 0 && t < n_classes` failed.
Traceback (most recent call last):
  File "train.py", line 379, in train_model
    running_loss += loss.item() * now_batch_size
RuntimeError: CUDA error: device-side assert triggered
CUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be incorrect.
""", "train.py:379",  # noqa: E501
     "running_loss += loss.item() * now_batch_size", "", "target.min(), target.max()"),
    ("a Sequential of old", f"""\
  File "code/MalGAN.py", line 60, in forward
    x = self.out(x)
  File "//python3.7/site-packages/torch/nn/modules/module.py", line 541, in __call__
    result = self.forward(*input, **kwargs)
  File "{SITE}/modules/container.py", line 92, in forward
    input = module(input)
  File "{SITE}/modules/linear.py", line 87, in forward
    return F.linear(input, self.weight, self.bias)
RuntimeError: size mismatch, m1: [64 x 512], m2: [256 x 1] at /pytorch/aten/src/TH/generic/THTensorMath.cpp:197
""", "code/MalGAN.py:60", "x = self.out(x)", "self.out[...]", "Linear(512, 1)"),  # noqa: E501
    ("torch.compile of 2.0", """\
torch._dynamo.exc.TorchRuntimeError: Failed running call_module self_fc1(*(FakeTensor(..., size=(4, 576)),), **{}):
a and b must have same reduction dim, but got [4, 576] X [400, 120].

from user code:
   File "/home/ana/net.py", line 12, in forward
    return self.fc1(x)

Set TORCH_LOGS="+dynamo" and TORCHDYNAMO_VERBOSE=1 for more information
""", "/home/ana/net.py:12", "return self.fc1(x)", "self.fc1", "Linear(576, 120)"),  # noqa: E501
    ("colours", f"\x1b[0;31mRuntimeError\x1b[0m: {LINEAR.removeprefix('RuntimeError: ')}\x1b[0m",
     "", "", "", "Linear(1568, 10)"),
    ("ComfyUI", """\
!!! Exception during processing !!! The size of tensor a (4015) must match the size of tensor b (8030) at non-singleton dimension 1
  File "C:\\ComfyUI\\nodes.py", line 40, in run
    x = x + y
        ~~^~~
RuntimeError: The size of tensor a (4015) must match the size of tensor b (8030) at non-singleton dimension 1
""", "C:\\ComfyUI\\nodes.py:40", "x = x + y", "", "Conv2d(4015, 8030, 1)"),  # noqa: E501
    ("a group of exceptions", f"""\
  + Exception Group Traceback (most recent call last):
  |   File "run.py", line 3, in <module>
  |     main()
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "net.py", line 12, in forward
    |     return self.fc1(x)
    | {LINEAR}
    +------------------------------------
""", "net.py:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),
    ("a model of another package", f"""\
  File "train.py", line 70, in forward
    return self.model(x)
  File "/opt/conda/lib/python3.7/site-packages/torchvision/models/resnet.py", line 280, in _forward_impl
    x = self.fc(x)
  File "{SITE}/modules/linear.py", line 92, in forward
    return F.linear(input, self.weight, self.bias)
{LINEAR}
""", "train.py:70", "return self.model(x)", "self.model[...]", "Linear(1568, 10)"),  # noqa: E501
    ("a web page", f"""\
&lt;ipython-input-9-abc&gt; in forward(self, x)
---&gt; 12         return self.fc1(x)

{LINEAR}
""", "<ipython-input-9-abc>:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),
    ("Databricks, and a layer in a call", f"""\
<command-3287529> in forward(self, x)
---> 15         x = self.fc1(torch.flatten(x, 1))

{SITE}/modules/linear.py in forward(self, input)
--> 103         return F.linear(input, self.weight, self.bias)

{LINEAR}
""", "<command-3287529>:15", "x = self.fc1(torch.flatten(x, 1))", "self.fc1", "Linear(1568, 10)"),
    ("a bar of progress", f"""\
  0%|          | 0/100 [00:00<?, ?it/s]Traceback (most recent call last):
  File "net.py", line 12, in forward
    return self.fc1(x)
{LINEAR}
  0%|          | 0/100 [00:03<?, ?it/s]
""", "net.py:12", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),
    ("TorchScript of old", """\
RuntimeError: The following operation failed in the TorchScript interpreter.
Traceback of TorchScript, serialized code (most recent call last):
  File "code/__torch__/net.py", line 12, in forward
    _1 = (self.fc1).forward(x, )
          ~~~~~~~~~~~~~~~~~ <--- HERE
    return _1

Traceback of TorchScript, original code (most recent call last):
  File "net.py", line 16, in forward
        x = F.relu(x)
        return self.fc1(x)
               ~~~~~~~~ <--- HERE
RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x1568 and 1050x10)
""", "net.py:16", "return self.fc1(x)", "self.fc1", "Linear(1568, 10)"),
    ("a view of what a layer gives", """\
  File "net.py", line 12, in forward
    return self.fc(self.conv(x).view(-1, 400))
                   ~~~~~~~~~~~~~~~~~^^^^^^^^^
RuntimeError: shape '[-1, 400]' is invalid for input of size 9216
""", "net.py:12", "return self.fc(self.conv(x).view(-1, 400))", "", "x.view(x.size(0), -1)"),
    ("a single line of many",
     f"Hi all, I get {LINEAR.removeprefix('RuntimeError: ')} in my model, what shall I do?", "", "",
     "", "Linear(1568, 10)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "where", "line", "name", "fix"),
    [each[1:] for each in PASTED],
    ids=[each[0] for each in PASTED],
)
def test_it_leads_to_the_line_and_the_layer(
    text: str, where: str, line: str, name: str, fix: str
) -> None:
    answer = explain(text)
    assert (answer.where, answer.line, answer.name) == (where, line, name)
    assert fix in [code for code, _ in answer.fixes]


NET = """
import traceback
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.fc1 = nn.Linear(400, 10)

    def forward(self, x):
        x = torch.relu(self.conv1(x))
        x = torch.flatten(x, 1)
        return self.fc1(x)


def fake(net, x):
    from torch._subclasses import FakeTensorMode
    with FakeTensorMode(allow_non_fake_inputs=True):
        net(torch.empty(2, 3, 12, 12))


x = torch.rand(2, 3, 12, 12)
for way in (
    lambda net: net(x),
    lambda net: torch.compile(net, backend="eager")(x),
    lambda net: torch.export.export(net, (x,)),
    lambda net: net.to("meta")(x.to("meta")),
    lambda net: fake(net, x),
    lambda net: torch.jit.script(net)(x),
    lambda net: torch.jit.trace(net, x),
):
    try:
        way(Net())
    except Exception as error:
        print("".join(traceback.format_exception(error)), end="\\0")
"""
WAYS = ("eager", "compile", "export", "meta", "fake", "script", "jit.trace")


@pytest.fixture(scope="module")
def raised(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Return a file, and the text of its error in each way of torch: all of one process."""
    file = tmp_path_factory.mktemp("ways") / "net.py"
    file.write_text(NET)
    command = [sys.executable, "-W", "ignore", str(file)]
    texts = subprocess.run(command, capture_output=True, text=True).stdout.split("\0")[:-1]
    return file, dict(zip(WAYS, texts, strict=True))


@pytest.mark.parametrize("how", WAYS)
def test_every_way_of_torch_leads_to_the_same(
    how: str, raised: tuple[Path, dict[str, str]]
) -> None:
    file, texts = raised
    text = texts[how]
    answer = explain(text)
    assert (answer.where, answer.line) == (f"{file}:16", "return self.fc1(x)"), text
    assert (answer.name, answer.layer) == ("self.fc1", "Linear(400, 10)")
    assert answer.what == "Linear(400, 10) expects 400 features, but receives 384: 2×384"
    assert answer.fixes[0] == ("Linear(384, 10)", "")


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ('ValueError: Input 0 of layer "dense" is incompatible with the layer: expected axis -1',
         "Keras or TensorFlow"),
        ("tensorflow.python.framework.errors_impl.InvalidArgumentError: Matrix size-incompatible: "
         "In[0]: [32,576], In[1]: [400,120]", "Keras or TensorFlow"),
        ('  File "/x/site-packages/keras/src/engine.py", line 7, in call\nValueError: oh',
         "Keras or TensorFlow"),
        ("TypeError: dot_general requires contracting dimensions to have the same shape, got (3,) "
         "and (4,).", "JAX"),
        ("ValueError: operands could not be broadcast together with shapes (3,4) (5,)", "NumPy"),
        ("KeyError: 'x'", ""),
        ("RuntimeError: NCCL communicator was aborted on rank 0", ""),
        ("Hello, my network does not learn.", ""),
    ],
)  # fmt: skip
def test_an_error_of_others_is_not_guessed(text: str, owner: str) -> None:
    with pytest.raises(SpecError) as raised:
        explain(text)
    assert raised.value.message.startswith(
        f"this is an error from {owner}" if owner else "convshape does not recognize this error"
    )
    assert not raised.value.why


def test_a_hostile_log_does_not_hold_it_up() -> None:
    begun = perf_counter()
    for text in (">" * 200_000, "E" * 200_000, "[rank0]: " * 20_000, "RuntimeError: x\n" * 10_000):
        with pytest.raises(SpecError):
            explain(text)
    assert perf_counter() - begun < 60
