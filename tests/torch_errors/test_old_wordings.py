"""The same mistakes in the words of older torch versions, and of devices missing here.

The wordings are facts, from public reports and from the texts in torch's own libraries of these
versions.
"""

from __future__ import annotations

import pytest

from convshape.torch_errors import catalogue, explain

#: The versions that say it, the message, its kind, a part of what is said to it, of the layer, and
#: one of the fixes.
OLD = [
    # linear layers
    ("0.3-1.6",
     "size mismatch, m1: [4 x 10], m2: [12 x 5] at "
     "/pytorch/aten/src/TH/generic/THTensorMath.cpp:2070", "linear-features",
     "expects 12 features, but receives 10", "Linear(12, 5)", "Linear(10, 5)"),
    ("0.4",
     "size mismatch, m1: [12288 x 3], m2: [1024 x 196] at "
     "/pytorch/aten/src/THC/generic/THCTensorMathBlas.cu:290", "linear-features",
     "expects 1024 features, but receives 3", "Linear(1024, 196)", "torch.flatten(x, 1)"),
    ("0.4",
     r"size mismatch, m1: [64 x 256], m2: [512 x 512] at "
     r"c:\miniconda2\conda-bld\pytorch-cpu_1519449358620\work\torch\lib\th\generic"
     r"/THTensorMath.c:1434", "linear-features", "receives 256", "Linear(512, 512)",
     "Linear(256, 512)"),
    ("1.5", "size mismatch, m1: [6 x 1], m2: [6 x 1]", "linear-features",
     "expects 6 features, but receives 1", "Linear(6, 1)", "torch.flatten(x, 1)"),
    ("1.7", "mat1 dim 1 must match mat2 dim 0", "linear-features", "another number of features",
     "a Linear", "nn.LazyLinear(out_features)"),
    ("1.8-2.12",
     'size mismatch\n  File "/x/site-packages/torch/nn/modules/linear.py", line 114, in forward\n'
     '    return F.linear(input, self.weight, self.bias)\n'
     'RuntimeError: size mismatch, got input (120), mat (120x400), vec (576)', "linear-features",
     "expects 400 features, but receives 576: one sample", "Linear(400, 120)", "Linear(576, 120)"),
    ("1.7", "size mismatch, got 64, 64x1024,784", "linear-features",
     "expects 1024 features, but receives 784: one sample", "Linear(1024, 64)", "Linear(784, 64)"),
    ("0.3",
     "matrices expected, got 3D, 2D tensors at /pytorch/torch/lib/TH/generic/THTensorMath.c:1232",
     "linear-dimensions", "receives 3 dimensions", "a Linear of an old torch",
     "torch.flatten(x, 1)"),
    ("1.4",
     "1D tensors expected, got 2D, 2D tensors at "
     "/pytorch/aten/src/TH/generic/THTensorEvenMoreMath.cpp:733", "vector-sizes", "2D and 2D",
     "dot", "torch.matmul(a, b)"),
    ("0.4", "vector and vector expected, got 2D, 1D tensors at", "vector-sizes", "2D and 1D", "dot",
     "(a * b).sum(-1)"),
    # elementwise operations
    ("0.2-0.3",
     "inconsistent tensor size, expected r_ [64 x 10], t [64 x 10] and src [64] to have the same "
     "number of elements, but got 640, 640 and 64 elements respectively at "
     "/pytorch/torch/lib/TH/generic/THTensorMath.c:887", "broadcast",
     "cannot combine 64×10 and 64", "a comparison or a loss", "b.unsqueeze(1)"),
    # convolution
    ("0.4",
     "Given groups=1, weight[64, 3, 7, 7], so expected input[1, 1, 224, 224] to have 3 channels, "
     "but got 1 channels instead", "conv-channels", "expects 3 channels, but receives 1",
     "Conv2d(3, 64, 7)", "image.convert('RGB')"),
    ("1.0",
     "Given groups=1, weight of size 64 3 7 7, expected input[16, 4, 224, 224] to have 3 channels, "
     "but got 4 channels instead", "conv-channels", "expects 3 channels, but receives 4",
     "Conv2d(3, 64, 7)", "Conv2d(4, 64, 7)"),
    ("0.4",
     "Given transposed=1, weight[512, 256, 2, 2], so expected input[1, 1024, 28, 28] to have 512 "
     "channels, but got 1024 channels instead", "conv-channels", "expects 512 channels",
     "ConvTranspose2d(512, 256, 2)", "ConvTranspose2d(1024, 256, 2)"),
    ("0.3-1.0",
     "Need input of dimension 4 and input.size[1] == 3 but got input to be of shape: [1 x 224 x "
     "224 x 3] at /pytorch/aten/src/THNN/generic/SpatialConvolutionMM.c:62", "conv-channels",
     "expects 3 channels, but receives 224", "a Conv2d with in_channels=3",
     "x.permute(0, 3, 1, 2)"),
    ("0.3", "Need input.size[1] == 3 but got 1 instead.", "conv-channels",
     "expects 3 channels, but receives 1", "in_channels=3", "image.convert('RGB')"),
    ("0.3",
     "Calculated input size: (1 x 1). Kernel size: (3 x 3). Kernel size can't be greater than "
     "actual input size", "kernel-too-large", "larger than its padded input 1×1", "kernel_size=3",
     "padding=1"),
    ("0.4",
     r"Calculated padded input size per channel: (2 x 2). Kernel size: (4 x 4). Kernel size can't "
     r"greater than actual input size at "
     r"c:\users\administrator\downloads\new-builder\win-wheel\pytorch\aten\src\thnn\generic"
     r"/SpatialConvolutionMM.c:48", "kernel-too-large", "a kernel of 4×4", "kernel_size=4",
     "kernel_size=2"),
    ("0.1",
     "Given input size: (128 x 3 x 3). Calculated output size: (768 x -1 x -1). Output size is too "
     "small at "
     "/py/conda-bld/pytorch_1490977962696/work/torch/lib/THCUNN/generic/SpatialConvolutionMM.cu:47",
     "conv-too-small", "padded input of 3×3", "a Conv2d of 768 channels",
     "a smaller kernel_size, or padding"),
    ("1.7",
     "Expected 4-dimensional input for 4-dimensional weight [64, 3, 7, 7], but got 3-dimensional "
     "input of size [3, 224, 224] instead", "conv-dimensions",
     "expects 4 dimensions (N, C, H, W), but receives 3: 3×224×224", "Conv2d(3, 64, 7)",
     "x.unsqueeze(0)"),
    ("1.7",
     "Expected 4-dimensional input for 4-dimensional weight [64, 1, 3, 3], but got 3-dimensional "
     "input of size [16, 120, 160] instead", "conv-dimensions", "receives 3", "Conv2d(1, 64, 3)",
     "x.unsqueeze(1)"),
    ("1.0",
     "Expected 4-dimensional input for 4-dimensional weight 64 3 7 7 94387354416688, but got "
     "5-dimensional input of size [6, 3, 3, 224, 224] instead", "conv-dimensions", "receives 5",
     "a Conv2d", "x.flatten(0, 1)"),
    ("1.0",
     "Expected 4-dimensional input for 4-dimensional weight 32 3 3, but got 3-dimensional input of "
     "size [10, 512, 512] instead", "conv-dimensions", "10×512×512", "a Conv2d", "x.unsqueeze(0)"),
    ("0.4",
     "Expected 4-dimensional input for 4-dimensional weight [64, 3, 7, 7], but got input of size "
     "[2, 10, 3, 320, 320] instead", "conv-dimensions", "receives 5: 2×10×3×320×320",
     "Conv2d(3, 64, 7)", "x.flatten(0, 1)"),
    ("1.7",
     "Expected 5-dimensional input for 5-dimensional weight [64, 3, 7, 7, 7], but got "
     "4-dimensional input of size [25, 48, 224, 224] instead", "conv-dimensions",
     "a Conv3d expects 5", "Conv3d(3, 64, 7)", "x.unsqueeze(0)"),
    ("1.7",
     "Expected 3-dimensional input for 3-dimensional weight [32, 1, 3], but got 2-dimensional "
     "input of size [64, 100] instead", "conv-dimensions",
     "a Conv1d expects 3 dimensions (N, C, L)", "Conv1d(1, 32, 3)", "x.unsqueeze(1)"),
    ("0.4",
     "Expected 4-dimensional input for 4-dimensional weight, but got 3-dimensional input instead",
     "conv-dimensions", "expects 4 dimensions (N, C, H, W), but receives 3", "a Conv2d",
     "x.unsqueeze(0)"),
    ("0.3", "Expected 4D tensor as input, got 3D tensor instead.", "conv-dimensions",
     "expects 4 dimensions (N, C, H, W), but receives 3", "a Conv2d", "x.unsqueeze(0)"),
    ("1.4",
     "Expected 3-dimensional tensor, but got 2-dimensional tensor for argument #1 'self' (while "
     "checking arguments for max_pool1d)", "conv-dimensions", "expects 3 dimensions", "a pooling",
     "x.unsqueeze(1)"),
    ("1.0",
     "expected stride to be a single integer value or a list of 1 values to match the convolution "
     "dimensions, but got stride=[1, 1]", "conv-arguments", "the weights of the convolution",
     "a Conv2d", "the Conv1d, Conv2d or Conv3d that has as many axes as the kernel"),
    # pooling
    ("0.3-1.13",
     "Given input size: (512x1x1). Calculated output size: (512x0x0). Output size is too small at "
     "/pytorch/torch/lib/THNN/generic/SpatialDilatedMaxPooling.c:67", "pool-too-small",
     "its padded input 1×1", "a MaxPool2d or AvgPool2d", "AdaptiveAvgPool2d(1)"),
    ("1.2",
     "Given input size: (2048x1x1). Calculated output size: (2048x-5x-5). Output size is too small",
     "pool-too-small", "its padded input 1×1", "AvgPool2d", "kernel_size=1"),
    ("0.4",
     "pad should be smaller than half of kernel size, but got padW = 2, padH = 2, kW = 3, kH = 3 "
     "at",
     "pool-padding", "has padding 2, more than half its kernel", "MaxPool", "padding=1"),
    ("1.10", "pad should be at most half of kernel size, but got pad=2 and kernel_size=2",
     "pool-padding", "has padding 2, more than half its kernel", "MaxPool", "padding=1"),
    ("0.4-1.4", "non-empty 3D or 4D (batch mode) tensor expected for input, but got: [64 x 512] at",
     "pool-dimensions", "receives 64×512", "a MaxPool2d or AvgPool2d", "it before the flattening"),
    ("0.3", "3D or 4D (batch mode) tensor expected for input, but got: [64 x 512]",
     "pool-dimensions", "expects 4 dimensions", "a MaxPool2d", "it before the flattening"),
    ("0.4",
     "indices and input shapes do not match: indices [1 x 64 x 7 x 7], input [1 x 64 x 8 x 8] at",
     "unpool-indices", "1×64×8×8", "a MaxUnpool", "the indices of the pooling that made this size"),
    ("1.0",
     "input and indices shapes do not match: input [1 x 64 x 8 x 8], indices [1 x 64 x 7 x 7] at",
     "unpool-indices", "indices of 1×64×7×7", "a MaxUnpool",
     "the indices of the pooling that made this size"),
    ("1.0", "found an invalid max index 99 (output volumes are of size 4x4", "unpool-index",
     "99 lies outside the 4×4", "a MaxUnpool", "output_size=size_before_pooling"),
    ("1.8", "Found an invalid max index: 99 (output volumes are of size 4x4", "unpool-index",
     "99 lies outside the 4×4", "a MaxUnpool", "output_size=size_before_pooling"),
    # normalisation
    ("0.4-2.x", "running_mean should contain 256 elements not 128", "batchnorm-channels",
     "128 channels, but receives 256", "a BatchNorm", "BatchNorm2d(256)"),
    ("1.0", "BatchNorm expected more than 1 value per channel when training!",
     "batchnorm-one-value", "a single value", "a BatchNorm", "model.eval()"),
    ("0.4", "Expected more than 1 value per channel when training, got input size [1, 512, 1, 1]",
     "batchnorm-one-value", "1×512×1×1", "a BatchNorm", "DataLoader(..., drop_last=True)"),
    ("1.5-2.1", "num_channels must be divisible by num_groups", "groupnorm-groups",
     "do not divide evenly", "a GroupNorm", "a num_groups that divides num_channels"),
    # recurrent layers
    ("0.4-1.10", "input must have 3 dimensions, got 2", "rnn-dimensions", "(time, batch, features)",
     "an LSTM, GRU or RNN", "x.unsqueeze(1)"),
    ("0.4-1.10", "input must have 3 dimensions, got 4", "rnn-dimensions", "not 4 dimensions",
     "an LSTM", "x.flatten(2)"),
    ("1.11-2.0", "RNN: Expected input to be 2-D or 3-D but received 4-D tensor", "rnn-dimensions",
     "not 4 dimensions", "an LSTM, GRU or RNN", "x.flatten(2)"),
    ("0.3", "Expected hidden size (1L, 3L, 20L), got (1L, 2L, 20L)", "rnn-state",
     "should be 1×3×20, but is 1×2×20", "LSTM, GRU or RNN", "torch.zeros(1, 3, 20)"),
    ("1.4", "Expected hidden[0] size (2, 32, 128), got (2, 64, 128)", "rnn-state",
     "2×32×128, but is 2×64×128", "LSTM", "torch.zeros(2, 32, 128)"),
    ("1.4", "input.size(-1) must be equal to input_size. Expected 28, got 1", "rnn-features",
     "expects input_size=28, but receives 1", "input_size=28", "input_size=1"),
    ("1.4", "input has inconsistent input_size: got 8, expected 10", "rnn-features", "expects 10",
     "an RNNCell, LSTMCell or GRUCell", "input_size=8"),
    ("1.0", "'lengths' array has to be sorted in decreasing order", "rnn-packed",
     "in decreasing order", "pack_padded_sequence", "enforce_sorted=False"),
    ("0.4", "lengths array has to be sorted in decreasing order", "rnn-packed", "decreasing",
     "pack_padded_sequence", "enforce_sorted=False"),
    # attention
    ("1.5-1.8", "The size of the 3D attn_mask is not correct.", "attention-mask",
     "(batch · heads, queries, keys)", "a MultiheadAttention",
     "mask.repeat_interleave(num_heads, dim=0)"),
    # embeddings and indices
    ("1.2-1.4",
     "index out of range: Tried to access index 10 out of table with 9 rows. at "
     "/pytorch/aten/src/TH/generic/THTensorEvenMoreMath.cpp:418", "index-out-of-range", "no row 10",
     "an Embedding", "Embedding(11, ...)"),
    ("0.4-1.0", "index out of range at /pytorch/aten/src/TH/generic/THTensorMath.cpp:352",
     "index-out-of-range", "not smaller than the number of rows", "an Embedding",
     "Embedding(int(x.max()) + 1, ...)"),
    ("0.4-1.7",
     "Expected tensor for argument #1 'indices' to have scalar type Long; but got CUDAIntTensor "
     "instead (while checking arguments for embedding)", "index-dtype", "receives a CUDAIntTensor",
     "an Embedding", "x.long()"),
    ("0.3", "index 5 is out of range for dimension 1 (of size 2)", "index-out-of-bounds",
     "dimension 1 has 2 elements", "", "an index smaller than 2"),
    ("1.5-1.12",
     "Size does not match at dimension 1 expected index [3, 3] to be smaller than self [2, 3] "
     "apart from dimension 0", "gather-index", "gather takes from 2×3", "gather",
     "another dim, or a smaller index"),
    ("1.5-1.12",
     "Expected index [3, 3] to be smaller than self [2, 3] apart from dimension 1 and to be "
     "smaller size than src [2, 3]", "scatter-index", "writes into 2×3", "scatter",
     "a smaller index"),
    ("2.x cuda",
     "../aten/src/ATen/native/cuda/Indexing.cu:1290: indexSelectLargeIndex: block: [3,0,0], "
     "thread: [64,0,0] Assertion `srcIndex < srcSelectDimSize` failed.", "index-out-of-range",
     "rows that are looked up", "an Embedding", "x.min(), x.max()"),
    ("2.x cuda",
     'Assertion `ind >= 0 && ind < ind_dim_size && "vectorized gather kernel index out of bounds"` '
     'failed.', "index-out-of-range", "rows that are looked up", "an Embedding",
     "x.min(), x.max()"),
    ("2.x cuda",
     '../aten/src/ATen/native/cuda/IndexKernel.cu:92: operator(): block: [0,0,0], thread: [1,0,0] '
     'Assertion `-sizes[i] <= index && index < sizes[i] && "index out of bounds"` failed.',
     "index-on-gpu", "an index on the GPU", "x[index]", "index.min(), index.max()"),
    ("2.x cuda",
     'Assertion `idx_dim >= 0 && idx_dim < index_size && "index out of bounds"` failed.',
     "index-on-gpu", "an index on the GPU", "gather", "index.min(), index.max()"),
    # losses
    ("0.3-1.4",
     "multi-target not supported at /pytorch/aten/src/THNN/generic/ClassNLLCriterion.c:21",
     "loss-targets", "one class for each sample", "CrossEntropyLoss", "target.squeeze(1)"),
    ("1.5-1.10", "1D target tensor expected, multi-target not supported", "loss-targets",
     "one class", "CrossEntropyLoss", "target.argmax(1)"),
    ("1.7",
     "only batches of spatial targets supported (3D tensors) but got targets of size: : [1, 1, "
     "512, 512]", "loss-targets", "but is 1×1×512×512", "CrossEntropyLoss", "target.squeeze(1)"),
    ("1.0-1.10",
     "only batches of spatial inputs supported (4D tensors), but got input of dimension: 3",
     "loss-input", "3 dimensions", "CrossEntropyLoss", "x.unsqueeze(0)"),
    ("0.4",
     "input and target shapes do not match: input [60 x 1], target [60] at "
     "/pytorch/aten/src/THNN/generic/MSECriterion.c:13", "loss-target-size",
     "outputs 60×1, but the target is 60", "a loss", "x.squeeze(-1)"),
    ("0.4", "input and target shapes do not match: input [64 x 1024], target [64 x 1 x 32 x 32] at",
     "loss-target-size", "64×1×32×32", "a loss", "target.view_as(x)"),
    ("0.3-1.5",
     "Target and input must have the same number of elements. target nelement (4) != input "
     "nelement (8)", "loss-target-size", "8 numbers for 4 targets", "BCELoss",
     "F.one_hot(target, 2).float()"),
    ("1.0", "size mismatch (got input: 4x10x8x8, target: 4x4x6) at", "loss-size",
     "each sample is 8×8", "CrossEntropyLoss", "F.interpolate(x, size=(4, 6))"),
    ("1.1", "Target 10 out of bounds at", "loss-class", "no class 10", "CrossEntropyLoss",
     "Linear(..., 11)"),
    ("0.4",
     "Assertion `cur_target >= 0 && cur_target < n_classes' failed. at "
     "/pytorch/aten/src/THNN/generic/ClassNLLCriterion.c:97", "loss-class",
     "classes are numbered from 0", "CrossEntropyLoss", "target - 1"),
    ("1.0-2.x cuda",
     "/pytorch/aten/src/THCUNN/ClassNLLCriterion.cu:108: "
     "cunn_ClassNLLCriterion_updateOutput_kernel: block: [0,0,0], thread: [0,0,0] Assertion `t >= "
     "0 && t < n_classes` failed.", "loss-class", "classes are numbered from 0", "CrossEntropyLoss",
     "CrossEntropyLoss(ignore_index=255)"),
    ("0.4",
     "Assertion `x >= 0. && x <= 1.' failed. input value should be between 0~1, but got -0.234 at",
     "loss-range", "probabilities", "BCELoss", "BCEWithLogitsLoss()"),
    ("2.x cuda", "Assertion `input_val >= zero && input_val <= one` failed.", "loss-range",
     "probabilities", "BCELoss", "BCEWithLogitsLoss()"),
    ("1.0-1.5",
     "Expected object of scalar type Long but got scalar type Float for argument #2 'target' in "
     "call to _thnn_nll_loss_forward", "loss-dtype", "is Float", "CrossEntropyLoss",
     "target.long()"),
    ("0.4",
     "Expected object of type torch.LongTensor but found type torch.FloatTensor for argument #2 "
     "'target'", "loss-dtype", "is torch.FloatTensor", "CrossEntropyLoss", "target.long()"),
    ("0.4",
     "Expected object of type torch.cuda.LongTensor but found type torch.cuda.FloatTensor for "
     "argument #2 'target'", "loss-dtype", "is FloatTensor", "CrossEntropyLoss", "target.long()"),
    # devices
    ("1.0-2.x",
     "Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) should be the same",
     "device", "the input is on the GPU, but the weights are on the CPU", "a convolution",
     "model.to(device)"),
    ("1.5-2.x",
     "Input type (torch.FloatTensor) and weight type (torch.cuda.FloatTensor) should be the same "
     "or input should be a MKLDNN tensor and weight is a dense tensor", "device",
     "the input is on the CPU, but the weights are on the GPU", "a convolution",
     "x = x.to(device)"),
    ("0.4", "Input type (CUDAFloatTensor) and weight type (CPUFloatTensor) should be the same",
     "device", "the input is on the GPU", "a convolution", "model.to(device)"),
    ("2.x",
     "Input type (torch.cuda.FloatTensor) and bias type (torch.FloatTensor) should be the same",
     "device", "the weights are on the CPU", "a convolution",
     "self.layers = nn.ModuleList(layers)"),
    ("2.x", "Input type (MPSFloatType) and weight type (torch.FloatTensor) should be the same",
     "device", "the input is on the GPU", "a convolution", "model.to(device)"),
    ("1.0-1.2", "Expected object of backend CUDA but got backend CPU for argument #2 'weight'",
     "device", "'weight' is on the CPU, the others are on the GPU", "weight", "model.to(device)"),
    ("1.0-1.2", "Expected object of backend CPU but got backend CUDA for argument #2 'mat2'",
     "device", "'mat2' is on the GPU", "mat2", "x = x.to(device)"),
    ("1.3-1.5",
     "Expected object of device type cuda but got device type cpu for argument #1 'self' in call "
     "to _th_addmm", "device", "'self' is on the CPU", "self", "x = x.to(device)"),
    ("0.4",
     "Expected object of type torch.cuda.FloatTensor but found type torch.FloatTensor for argument "
     "#2 'weight'", "device", "'weight' is on the CPU", "weight", "model.to(device)"),
    ("1.0", "expected type torch.cuda.FloatTensor but got torch.FloatTensor", "device",
     "one is on the CPU, the others are on the GPU", "", "x = x.to(device)"),
    ("1.6-1.9",
     "Tensor for argument #2 'mat1' is on CPU, but expected it to be on GPU (while checking "
     "arguments for addmm)", "device", "'mat1' is on the CPU", "mat1", "x = x.to(device)"),
    ("1.7-2.x",
     "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and "
     "cpu! (when checking argument for argument mat1 in method wrapper_addmm)", "device",
     "two devices, cuda:0 and cpu; its argument 'mat1'", "a Linear", "x = x.to(device)"),
    ("2.x",
     "Expected all tensors to be on the same device, but found at least two devices, cpu and "
     "cuda:0! (when checking argument for argument weight in method "
     "wrapper_CUDA___slow_conv2d_forward)", "device", "cpu and cuda:0", "a convolution",
     "model.to(device)"),
    ("1.7-2.x",
     "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and "
     "cpu!", "device", "cuda:0 and cpu", "", "torch.zeros(..., device=x.device)"),
    ("2.5-2.x",
     "Expected all tensors to be on the same device, but got mat1 is on cpu, different from other "
     "tensors on cuda:0 (when checking argument in method wrapper_CUDA_addmm)", "device",
     "'mat1' is on the CPU, the others are on the GPU", "mat1", "x = x.to(device)"),
    ("1.0-2.x",
     "Input and hidden tensors are not at the same device, found input tensor at cuda:0 and hidden "
     "tensor at cpu", "device", "cuda:0 and cpu", "", "torch.zeros(..., device=x.device)"),
    ("1.0-2.x",
     "Input and parameter tensors are not at the same device, found input tensor at cpu and "
     "parameter tensor at cuda:0", "device", "cpu and cuda:0", "", "x = x.to(device)"),
    ("1.0",
     "binary_op(): expected both inputs to be on same device, but input a is on cuda:0 and input b "
     "is on cpu", "device", "cuda:0 and cpu", "", "torch.zeros(..., device=x.device)"),
    ("2.x", "Tensor on device cpu is not on the expected device cuda:0!", "device",
     "one is on the CPU, the others are on the GPU", "", "model.to(device)"),
    ("2.x",
     "Unhandled FakeTensor Device Propagation for aten.add.Tensor, found two different devices "
     "cuda:0, cpu", "device", "cuda:0 and cpu", "", "x = x.to(device)"),
    ("1.0",
     "Expected tensor for argument #1 'input' to have the same device as tensor for argument #2 "
     "'weight'; but device 1 does not equal 0 (while checking arguments for cudnn_convolution)",
     "device-number", "1 and 0", "", "x.to('cuda:0')"),
    ("1.0",
     "Expected tensor to have CPU Backend, but got tensor with CUDA Backend (while checking "
     "arguments for mkldnn_convolution)", "device", "one is on the GPU", "", "model.to(device)"),
    ("1.0-2.x",
     "module must have its parameters and buffers on device cuda:0 (device_ids[0]) but found one "
     "of them on device: cpu", "device-number", "needs the whole model on its first GPU, cuda:0",
     "DataParallel", "model.to('cuda:0')"),
    ("1.7-2.x", "indices should be either on cpu or on the same device as the indexed tensor (cpu)",
     "device-index", "two devices", "x[index]", "index.to(x.device)"),
    ("1.3-2.x",
     "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to "
     "host memory first.", "device-numpy", "on a GPU", "numpy", "x.detach().cpu().numpy()"),
    ("0.4",
     "can't convert CUDA tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory "
     "first.",
     "device-numpy", "on a GPU", "numpy", "x.detach().cpu().numpy()"),
    ("0.3", "Can't call numpy() on Variable that requires grad. Use var.detach().numpy() instead.",
     "numpy-grad", "no gradients", "numpy", "x.detach().cpu().numpy()"),
    # memory
    ("1.0-1.2",
     "CUDA out of memory. Tried to allocate 16.00 GiB (GPU 0; 11.93 GiB total capacity; 4.00 GiB "
     "already allocated; 7.33 GiB free; 179.00 KiB cached)", "out-of-memory",
     "16.0 GiB more were requested at once, 7.3 GiB are free of 11.9 GiB, tensors fill 4.0 GiB", "",
     "a smaller batch, or smaller inputs"),
    ("1.3-2.0",
     "CUDA out of memory. Tried to allocate 264.00 MiB (GPU 0; 2.00 GiB total capacity; 788.51 MiB "
     "already allocated; 145.93 MiB free; 1.02 GiB reserved in total by PyTorch)", "out-of-memory",
     "264.0 MiB more were requested at once, 145.9 MiB are free of 2.0 GiB", "", "a smaller batch"),
    ("2.1-2.x",
     "CUDA out of memory. Tried to allocate 55.57 GiB. GPU 0 has a total capacty of 12.00 GiB of "
     "which 9.02 GiB is free. Of the allocated memory 984.52 MiB is allocated by PyTorch, and "
     "463.48 MiB is reserved by PyTorch but unallocated. If reserved but unallocated memory is "
     "large try setting max_split_size_mb", "out-of-memory", "PyTorch keeps 463.5 MiB for reuse",
     "", "a smaller batch, or smaller inputs"),
    ("2.1-2.x",
     "CUDA out of memory. Tried to allocate 22.00 MiB. GPU 0 has a total capacity of 23.65 GiB of "
     "which 11.06 MiB is free. Including non-PyTorch memory, this process has 23.60 GiB memory in "
     "use. Of the allocated memory 22.90 GiB is allocated by PyTorch, and 194.87 MiB is reserved "
     "by PyTorch but unallocated.", "out-of-memory", "11.1 MiB are free of 23.6 GiB", "",
     "PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True"),
    ("0.3-0.4",
     "cuda runtime error (2) : out of memory at /pytorch/aten/src/THC/generic/THCStorage.cu:58",
     "out-of-memory", "the memory is full", "", "a smaller batch"),
    ("1.0-2.x", "CUDA error: out of memory", "out-of-memory", "the memory is full", "",
     "with torch.no_grad():"),
    ("1.8-2.x",
     "HIP out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 15.98 GiB of "
     "which 1.10 GiB is free.", "out-of-memory",
     "2.0 GiB more were requested at once, 1.1 GiB are free of 16.0 GiB", "", "a smaller batch"),
    ("2.x",
     "XPU out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 15.98 GiB.",
     "out-of-memory", "there are 16.0 GiB in all", "", "a smaller batch"),
    ("2.x",
     "MPS backend out of memory (MPS allocated: 17.12 GiB, other allocations: 1.20 MiB, max "
     "allowed: 18.13 GiB). Tried to allocate 1.20 GiB on private pool.", "out-of-memory",
     "1.2 GiB more were requested at once, there are 18.1 GiB in all, tensors fill 17.1 GiB", "",
     "a smaller batch"),
    ("1.0-2.x",
     "[enforce fail at alloc_cpu.cpp:75] err == 0. DefaultCPUAllocator: can't allocate memory: you "
     "tried to allocate 14400000000 bytes. Error code 12 (Cannot allocate memory)", "out-of-memory",
     "13.4 GiB were requested", "", "a smaller batch, or smaller inputs"),
    ("1.8-2.x",
     "CUDA error: CUBLAS_STATUS_INVALID_VALUE when calling `cublasSgemm( handle, opa, opb, m, n, "
     "k, &alpha, a, lda, b, ldb, &beta, c, ldc)`", "gpu-library", "CUBLAS_STATUS_INVALID_VALUE", "",
     "model.cpu()(x.cpu())"),
    ("1.0-2.x", "cuDNN error: CUDNN_STATUS_BAD_PARAM", "gpu-library", "CUDNN_STATUS_BAD_PARAM", "",
     "x.shape, target.max()"),
    ("1.0-2.x", "CUDA error: device-side assert triggered", "gpu-assert",
     "a target that is not a valid class", "CrossEntropyLoss", "target.min(), target.max()"),
    ("0.3-0.4",
     "cuda runtime error (59) : device-side assert triggered at "
     "/pytorch/aten/src/THC/generic/THCTensorCopy.c:70", "gpu-assert",
     "a target that is not a valid class", "CrossEntropyLoss", "x.min(), x.max()"),
    ("1.4", "cuda runtime error (710) : device-side assert triggered at", "gpu-assert",
     "an index on the GPU was out of range", "CrossEntropyLoss", "x.min(), x.max()"),
    # dtypes
    ("1.0-1.5",
     "Expected object of scalar type Float but got scalar type Double for argument #2 'mat2' in "
     "call to _th_mm", "dtype-mixed", "float64 meets float32", "a product", "x.float()"),
    ("1.0-1.5",
     "Expected object of scalar type Float but got scalar type Byte for argument #2 'weight'",
     "dtype-mixed", "'weight' is uint8", "a product", "x.float()"),
    ("0.4", "Expected object of data type Float but got data type Double for argument #2 'other'",
     "dtype-mixed", "'other' is float64", "a product", "x.float()"),
    ("0.4",
     "Expected object of type torch.FloatTensor but found type torch.DoubleTensor for argument #2 "
     "'weight'", "dtype-mixed", "float64 meets float32", "a layer", "x.float()"),
    ("1.5-1.12", "expected scalar type Float but found Double", "dtype-mixed", "Float and Double",
     "a product", "x.float()"),
    ("1.5-1.12", "expected scalar type Long but found Float", "dtype-index", "these are Float",
     "a loss", "target.long()"),
    ("1.0-1.5",
     "Expected object of scalar type Long but got scalar type Float for argument #3 'index' in "
     "call to _th_gather", "dtype-index", "these are Float", "gather", "x.long()"),
    ("0.4-2.x",
     "Input type (torch.cuda.ByteTensor) and weight type (torch.cuda.FloatTensor) should be the "
     "same", "dtype-mixed", "is torch.cuda.ByteTensor", "a convolution", "x.float() / 255"),
    ("1.5-2.x",
     "Input type (torch.cuda.HalfTensor) and weight type (torch.cuda.FloatTensor) should be the "
     "same", "dtype-mixed", "torch.cuda.HalfTensor", "a convolution", "model.to(x.dtype)"),
    ("2.0", "mat1 and mat2 must have the same dtype", "dtype-mixed", "different dtypes", "a Linear",
     "x.float()"),
    ("2.x", "self and mat2 must have the same dtype, but got Half and Float", "dtype-mixed",
     "is Half", "a product", "model.to(x.dtype)"),
    ("1.13", "expected mat1 and mat2 to have the same dtype, but got: double != float",
     "dtype-mixed", "is double", "a Linear", "x.float()"),
    ("1.5",
     "expected dtype Float but got dtype Double (validate_dtype at "
     "/pytorch/aten/src/ATen/native/TensorIterator.cpp:143)", "dtype-mixed", "Float and Double",
     "a product", "x.float()"),
    ("1.5", "Expected dtype Float but got dtype Long", "dtype-mixed", "Float and Long", "a product",
     "x.float()"),
    ("0.3", "expected Float tensor (got Double tensor)", "dtype-mixed", "Float and Double",
     "a product", "x.float()"),
    ("0.3", "expected Long tensor (got Float tensor)", "dtype-index", "these are Float", "a loss",
     "target.long()"),
    ("1.5-2.x", '"addmm_impl_cpu_" not implemented for \'Half\'', "dtype-half",
     "addmm_impl_cpu_ does not work on float16 on the CPU", "", "model.float(), x.float()"),
    ("1.5-2.0", '"slow_conv2d_cpu" not implemented for \'Half\'', "dtype-half", "slow_conv2d_cpu",
     "", "torch.bfloat16"),
    ("1.0", "_thnn_conv2d_forward is not implemented for type torch.ByteTensor", "dtype-integer",
     "receives uint8", "", "x.float()"),
    ("1.0-1.5", "_th_mean is not implemented for type torch.LongTensor", "dtype-integer",
     "receives int64", "", "x.float()"),
    ("1.0", "Can only calculate the mean of floating types. Got Long instead.", "dtype-mean",
     "not Long", "mean", "x.float().mean()"),
    # state_dict
    ("1.0-2.x",
     "Error(s) in loading state_dict for ResNet: size mismatch for fc.weight: copying a param with "
     "shape torch.Size([1000, 512]) from checkpoint, the shape in current model is torch.Size([10, "
     "512]). size mismatch for fc.bias: copying a param with shape torch.Size([1000]) from "
     "checkpoint, the shape in current model is torch.Size([10]).", "state-dict",
     "fc.weight was saved as 1000×512, but the model here has 10×512, and so for 1 more", "fc",
     "num_classes=1000"),
    ("0.4",
     "size mismatch for fc.weight: copying a param of torch.Size([1000, 2048]) from checkpoint, "
     "where the shape is torch.Size([10, 2048]) in current model.", "state-dict",
     "saved as 1000×2048, but the model here has 10×2048", "fc", "Linear(2048, 1000)"),
    ("1.0",
     "size mismatch for conv1.weight: copying a param with shape torch.Size([64, 3, 7, 7]) from "
     "checkpoint, where the shape is torch.Size([64, 1, 7, 7]) in current model.", "state-dict",
     "saved as 64×3×7×7", "conv1", "Conv2d(3, 64, 7)"),
    ("0.3",
     "While copying the parameter named fc.weight, whose dimensions in the model are "
     "torch.Size([5, 512]) and whose dimensions in the checkpoint are torch.Size([1000, 512]).",
     "state-dict", "saved as 1000×512, but the model here has 5×512", "fc", "Linear(512, 1000)"),
    ("0.3", "'unexpected key \"module.conv1.weight\" in state_dict'", "state-dict",
     "module.conv1.weight, which the model lacks", "load_state_dict",
     "{k.removeprefix('module.'): v for k, v in state.items()}"),
    ("0.3", "'missing keys in state_dict: \"{\\'fc.weight\\'}\"'", "state-dict",
     "the model has fc.weight", "load_state_dict", "strict=False"),
    ("1.0-2.x",
     'Error(s) in loading state_dict for Net: Missing key(s) in state_dict: "conv1.weight", '
     '"conv1.bias", "fc.weight". Unexpected key(s) in state_dict: "module.conv1.weight", '
     '"module.conv1.bias", "module.fc.weight".', "state-dict",
     "conv1.weight, conv1.bias and 1 more, which the file lacks", "load_state_dict",
     "{k.removeprefix('module.'): v for k, v in state.items()}"),
    ("1.0-2.x",
     'Error(s) in loading state_dict for DataParallel: Missing key(s) in state_dict: '
     '"module.conv1.weight". Unexpected key(s) in state_dict: "conv1.weight".', "state-dict",
     "the file has conv1.weight", "load_state_dict",
     "{'module.' + k: v for k, v in state.items()}"),
    ("1.0-2.x",
     'Error(s) in loading state_dict for Net: Missing key(s) in state_dict: "conv1.weight". '
     'Unexpected key(s) in state_dict: "epoch", "model_state_dict", "optimizer".', "state-dict",
     "epoch, model_state_dict and 1 more", "load_state_dict", "state['model_state_dict']"),
    ("2.x",
     'Missing key(s) in state_dict: "conv1.weight". Unexpected key(s) in state_dict: '
     '"_orig_mod.conv1.weight".', "state-dict", "_orig_mod.conv1.weight", "load_state_dict",
     "{k.removeprefix('_orig_mod.'): v for k, v in state.items()}"),
    ("0.4.1", 'Missing key(s) in state_dict: "bn1.num_batches_tracked", "bn2.num_batches_tracked".',
     "state-dict", "bn1.num_batches_tracked", "load_state_dict", "strict=False"),
    # views
    ("0.4",
     "invalid argument 2: size '[-1 x 400]' is invalid for input with 36300 elements at "
     "/pytorch/aten/src/TH/THStorage.cpp:84", "view-size",
     "cannot give 36300 elements the shape (-1, 400), which takes a multiple of 400",
     "view or reshape", "x.view(x.size(0), -1)"),
    ("0.3",
     "invalid argument 2: size '[2 x 5 x 5 x 128]' is invalid for input of with 12800 elements at "
     "/opt/conda/conda-bld/pytorch_1511304568725/work/torch/lib/TH/THStorage.c:41", "view-size",
     "cannot give 12800 elements the shape (2, 5, 5, 128), which takes 6400", "view or reshape",
     "x.view(2, -1)"),
    ("1.0-2.x", "shape '[-1, 400]' is invalid for input of size 9216", "view-size",
     "cannot give 9216 elements the shape (-1, 400)", "view or reshape", "x.view(x.size(0), -1)"),
    ("0.4",
     "invalid argument 2: View size is not compatible with input tensor's size and stride (at "
     "least one dimension spans across two contiguous subspaces). Call .contiguous() before "
     ".view().", "view-strides", "contiguous in memory", "view", "x.reshape(...)"),
    ("0.3", "input is not contiguous at /pytorch/torch/lib/TH/generic/THTensor.c:231",
     "view-strides", "in memory", "view", "x.contiguous().view(...)"),
    ("0.3", "dimension out of range (expected to be in range of [-1, 0], but got 1)",
     "dimension-out-of-range", "no dimension 1", "", "x.unsqueeze(0)"),
    ("0.3-1.12", "number of dims don't match in permute", "permute-dimensions",
     "every dimension once", "permute", "x.unsqueeze(0)"),
    ("2.x", "The expanded size of the tensor (717) must match the existing size (514) at "
     "non-singleton dimension 1.  Target sizes: [1, 717].  Tensor sizes: [1, 514]", "expand-size",
     "1×514 cannot become 1×717", "expand",
     "tokenizer(text, truncation=True, max_length=512)"),
    ("1.0", "t() expects a 2D tensor, but self is 3D", "transpose-dimensions", "3 dimensions", "t",
     "x.transpose(-2, -1)"),
    ("0.3", "matrix expected, got 3D tensor for t", "transpose-dimensions", "3 dimensions", "t",
     "x.transpose(-2, -1)"),
    ("0.3-1.1",
     "The expanded size of the tensor (4) must match the existing size (3) at non-singleton "
     "dimension 1", "expand-size", "dimension 1 is 3, and should be 4", "expand",
     "x.unsqueeze(-1).expand(...)"),
    ("0.3",
     "some of the strides of a given numpy array are negative. This is currently not supported, "
     "but will be added in future releases.", "numpy-strides", "negative strides", "from_numpy",
     "array.copy()"),
    # joining
    ("0.4-1.4",
     "invalid argument 0: Sizes of tensors must match except in dimension 1. Got 32 and 1 in "
     "dimension 0 at /pytorch/aten/src/TH/generic/THTensor.cpp:689", "cat-sizes",
     "dimension 0 is 32 in one and 1 in the other", "cat", "dim=0"),
    ("1.5-1.10",
     "Sizes of tensors must match except in dimension 1. Got 70 and 71 in dimension 2 (The "
     "offending index is 1)", "cat-sizes", "dimension 2 is 70 in one and 71 in the other", "cat",
     "F.interpolate(y, size=x.shape[2:])"),
    ("1.8",
     "Sizes of tensors must match except in dimension 1. Got 70 and 71 (The offending index is 0)",
     "cat-sizes", "one has 70 and the other 71", "cat", "F.interpolate(y, size=x.shape[2:])"),
    ("1.9-2.x", "Trying to resize storage that is not resizable", "stack-sizes",
     "different shapes", "DataLoader", "transforms.Resize((224, 224))"),
    ("transformers",
     "Unable to create tensor, you should probably activate truncation and/or padding with "
     "'padding=True'", "stack-sizes", "different lengths", "tokenizer",
     "tokenizer(texts, padding=True, truncation=True)"),
    ("0.3", "inconsistent tensor sizes at /pytorch/torch/lib/TH/generic/THTensorMath.c:2709",
     "cat-sizes", "all dimensions but one", "cat", "print(a.shape, b.shape)"),
    # devices
    ("2.x", "Torch not compiled with CUDA enabled", "device-cuda", "has no GPU", "to('cuda')",
     "device = 'cuda' if torch.cuda.is_available() else 'cpu'"),
    ("1.0-2.x", "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU",
     "device-cuda", "has no GPU", "cuda",
     "device = 'cuda' if torch.cuda.is_available() else 'cpu'"),
    ("2.x", "Placeholder storage has not been allocated on MPS device!", "device",
     "GPU of the Mac", "", "x = x.to(device)"),
    ("2.x", "GET was unable to find an engine to execute this computation", "gpu-library",
     "no algorithm", "convolution", "a smaller batch"),
    ("2.x", "linear(): input and weight.T shapes cannot be multiplied (64x576 and 400x120)",
     "linear-features", "receives 576", "Linear(400, 120)", "Linear(576, 120)"),
    # calls
    ("Python 3.9", "forward() takes 2 positional arguments but 3 were given", "forward-arguments",
     "more tensors than its forward takes", "", "torch.cat([a, b], dim=1)"),
    ("Python 3.9", "__init__() got an unexpected keyword argument 'in_channel'", "layer-arguments",
     "no argument 'in_channel'", "", "convshape layers Conv2d"),
    ("2.x compile",
     "The size of tensor a (1280) must match the size of tensor b (s4) at non-singleton dimension "
     "1)", "broadcast", "is 1280 in one and s4 in another", "+", "print(a.shape, b.shape)"),
    ("0.4-1.4", "bool value of Tensor with more than one value is ambiguous", "scalar",
     "one truth value", "loss class", "loss_function(output, target)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("versions", "message", "kind", "part", "layer", "fix"),
    OLD,
    ids=[f"{versions}: {message[:60]}" for versions, message, *_ in OLD],
)
def test_an_old_wording_is_explained(
    versions: str, message: str, kind: str, part: str, layer: str, fix: str
) -> None:
    answer = explain(f"RuntimeError: {message}")
    assert (answer.kind, part in answer.what) == (kind, True), answer.what
    assert layer in answer.layer
    assert fix in [code for code, _ in answer.fixes]


def test_every_old_pattern_is_in_the_corpus() -> None:
    messages = [message for _, message, *_ in OLD]
    old = [error for kind in catalogue.read() for error in kind.old]
    assert len(old) > 100
    assert [e for e in old if not any(catalogue.fields(e, m) is not None for m in messages)] == []
