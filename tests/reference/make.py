#!/usr/bin/env python3
"""Writes the reference tables beside this file: what PyTorch and Keras make of small, fixed inputs.

    python3 -m venv venv && venv/bin/pip install torch tensorflow-cpu
    venv/bin/python tests/reference/make.py

The tables are kept in the repository, so nobody needs Python to run the tests; README.md describes them. Everything is computed in
double precision on the CPU and is the same at every run. Where two libraries know the same thing, they are checked against each
other here, before anything is written.
"""

import itertools
import json
import math
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
# PyTorch's compiler brings an LLVM that cannot share a process with TensorFlow's; nothing here compiles.
sys.modules["triton"] = None

import keras
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
keras.backend.set_floatx("float64")
rng = np.random.default_rng(20)


# ---------------------------------------------------------------------------------------------------------------- shapes


def grid(compute, **axes):
    """The output size for every combination of `axes`, the last axis fastest; 0 where the library refuses."""
    outputs = [size_or_zero(compute, dict(zip(axes, values))) for values in itertools.product(*axes.values())]
    return {"axes": axes, "outputs": outputs}


def size_or_zero(compute, arguments):
    try:
        return int(compute(**arguments))
    except (RuntimeError, ValueError, tf.errors.OpError):
        return 0


def picture(size):
    """One grey picture, for PyTorch."""
    return torch.zeros(1, 1, size, size)


def keras_rows(layer, size):
    """The rows that a Keras layer really makes, by running it."""
    return layer(np.zeros((1, size, size, 1))).shape[1]


def shapes():
    sizes, kernels, strides = [*range(1, 11), 13, 28], [1, 2, 3, 4, 5, 7], [1, 2, 3, 4]
    explicit, dilations, extra, borders = [0, 1, 2, 3], [1, 2, 3], [0, 1, 2], ["same", "valid"]

    def torch_convolution(input, kernel, stride, padding, dilation):
        return nn.Conv2d(1, 1, kernel, stride, padding, dilation)(picture(input)).shape[2]

    def torch_transposed(input, kernel, stride, padding, output_padding):
        return nn.ConvTranspose2d(1, 1, kernel, stride, padding, output_padding)(picture(input)).shape[2]

    def torch_pool(input, kernel, stride, padding):
        largest = nn.MaxPool2d(kernel, stride, padding)(picture(input)).shape[2]
        assert largest == nn.AvgPool2d(kernel, stride, padding)(picture(input)).shape[2]
        return largest

    def torch_upsample(input, factor):
        nearest = nn.Upsample(scale_factor=factor, mode="nearest")(picture(input)).shape[2]
        assert nearest == nn.Upsample(scale_factor=factor, mode="bilinear")(picture(input)).shape[2]
        return nearest

    def keras_convolution(padding, input, kernel, stride, dilation):
        return keras_rows(keras.layers.Conv2D(1, kernel, stride, padding, dilation_rate=dilation), input)

    def keras_transposed(padding, input, kernel, stride):
        return keras_rows(keras.layers.Conv2DTranspose(1, kernel, stride, padding), input)

    def keras_pool(padding, input, kernel, stride):
        largest = keras_rows(keras.layers.MaxPooling2D(kernel, stride, padding), input)
        assert largest == keras_rows(keras.layers.AveragePooling2D(kernel, stride, padding), input)
        return largest

    window = {"input": sizes, "kernel": kernels, "stride": strides}
    return {
        "torch_convolution": grid(torch_convolution, **window, padding=explicit, dilation=dilations),
        "torch_transposed": grid(torch_transposed, **window, padding=explicit, output_padding=extra),
        "torch_pool": grid(torch_pool, **window, padding=explicit),
        "torch_upsample": grid(torch_upsample, input=sizes, factor=[1, 2, 3, 4]),
        # Keras has no dilation together with a stride.
        "keras_convolution": grid(keras_convolution, padding=borders, **window, dilation=[1]),
        "keras_dilated": grid(keras_convolution, padding=borders, input=sizes, kernel=kernels, stride=[1], dilation=[2, 3]),
        "keras_transposed": grid(keras_transposed, padding=borders, **window),
        "keras_pool": grid(keras_pool, padding=borders, **window),
    }


# ------------------------------------------------------------------------------------------------------- numbers as JSON


def eighths(*shape):
    """Random numbers that are exact in any float format, none of them zero: k/8 with k in -16..16."""
    numbers = rng.integers(1, 17, shape) * rng.choice([-1, 1], shape)
    return torch.tensor(numbers / 8.0)


def distinct(*shape):
    """Random numbers that are exact in any float format, all different, so that no maximum is a tie."""
    count = int(np.prod(shape))
    return torch.tensor((rng.permutation(count) - count // 2) / 8.0).reshape(shape)


def short(number):
    """With nine significant digits, which is more than a 32-bit float has."""
    number = number.item() if isinstance(number, torch.Tensor) else number
    number = float(f"{number:.9g}")
    return int(number) if number.is_integer() and abs(number) < 1e9 else number


def tensor(values):
    values = np.asarray(values.detach() if isinstance(values, torch.Tensor) else values)
    return {"shape": list(values.shape), "values": [short(number) for number in values.ravel()]}


# ---------------------------------------------------------------------------------------------------------------- layers


def pair(value):
    return list(value) if isinstance(value, (list, tuple)) else [value, value]


def border(padding):
    """`same`, `valid` or PyTorch's amount, as the project file writes it."""
    return padding if isinstance(padding, str) else {"explicit": pair(padding)}


def case(name, layer, input, compute, **weights):
    """One layer: output and gradients of sum(output * cotangent) with respect to the input and every weight."""
    leaves = {"input": input, **weights}
    for leaf in leaves.values():
        leaf.requires_grad_()
    output = compute(**leaves)
    cotangent = eighths(*output.shape)
    gradients = torch.autograd.grad((output * cotangent).sum(), list(leaves.values()))
    return {
        "name": name,
        "layer": layer,
        "input": tensor(input),
        "weights": {key: tensor(value) for key, value in weights.items()},
        "output": tensor(output),
        "cotangent": tensor(cotangent),
        "gradients": {key: tensor(value) for key, value in zip(leaves, gradients)},
    }


def keras_case(name, spec, input, layer, compute):
    """A layer of Keras, channels turned to the front. `compute` is what we believe it does, in PyTorch, and has to agree."""
    layer.build((None, *input.shape[2:], input.shape[1]))
    weights = {}
    if layer.weights:
        kernel, bias = layer.weights
        # Conv2D keeps (rows, columns, in, out), Conv2DTranspose (rows, columns, out, in): both become PyTorch's order alike.
        weights = {"weight": eighths(kernel.shape[3], kernel.shape[2], *kernel.shape[:2]), "bias": eighths(*bias.shape)}
        layer.set_weights([weights["weight"].permute(2, 3, 1, 0).numpy(), weights["bias"].numpy()])
    result = case(name, spec, input, compute, **weights)

    x = tf.constant(input.detach().permute(0, 2, 3, 1).numpy())
    cotangent = np.reshape(result["cotangent"]["values"], result["cotangent"]["shape"])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        total = tf.reduce_sum(y * cotangent.transpose(0, 2, 3, 1))
    gradients = tape.gradient(total, [x, *[weight.value for weight in layer.weights]])
    truth = {"output": y, "input": gradients[0]}
    for key in ("output", "input"):
        truth[key] = tf.transpose(truth[key], [0, 3, 1, 2])
    if layer.weights:
        truth["weight"] = tf.transpose(gradients[1], [3, 2, 0, 1])
        truth["bias"] = gradients[2]
    for key, value in truth.items():
        ours = result["output"] if key == "output" else result["gradients"][key]
        assert ours["shape"] == list(value.shape), (name, key, ours["shape"], value.shape)
        np.testing.assert_allclose(ours["values"], np.ravel(value), rtol=1e-7, atol=1e-8, err_msg=f"{name} {key}")
    return result


def convolution_spec(filters, kernel, stride=1, padding="same", dilation=1, groups=1, bias=True):
    return {
        "kind": "conv2d", "filters": filters, "kernel": pair(kernel), "stride": pair(stride), "padding": border(padding),
        "dilation": pair(dilation), "groups": groups, "bias": bias, "init": "py_torch",
    }  # fmt: skip


def transposed_spec(filters, kernel, stride=1, padding="same", output_padding=0, bias=True):
    return {
        "kind": "conv_transpose2d", "filters": filters, "kernel": pair(kernel), "stride": pair(stride), "padding": border(padding),
        "output_padding": pair(output_padding), "bias": bias, "init": "py_torch",
    }  # fmt: skip


def pool_spec(kind, size, stride, padding):
    return {"kind": kind, "size": pair(size), "stride": pair(stride), "padding": border(padding)}


def same_border(size, span, stride):
    """Keras's padding of one direction: before and after, the extra row after."""
    total = max((-(-size // stride) - 1) * stride + span - size, 0)
    return total // 2, total - total // 2


def pad_same(x, kernel, stride, dilation=(1, 1), value=0.0):
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation)]
    (top, bottom), (left, right) = (same_border(size, span, step) for size, span, step in zip(x.shape[2:], spans, stride))
    return F.pad(x, (left, right, top, bottom), value=value)


def crop_same(full, input, kernel, stride):
    """Cuts `rows * stride` rows out of an uncut transposed convolution, or fills up with zeros."""
    for axis in (2, 3):
        cut = max(kernel[axis - 2] - stride[axis - 2], 0) // 2
        rows = input.shape[axis] * stride[axis - 2]
        part = full.narrow(axis, cut, min(rows, full.shape[axis] - cut))
        missing = rows - part.shape[axis]
        full = F.pad(part, (0, 0, 0, missing) if axis == 2 else (0, missing))
    return full


def dense_cases():
    for bias in (True, False):
        weights = {"weight": eighths(5, 4)} | ({"bias": eighths(5)} if bias else {})

        def compute(input, weight, bias=None):
            return F.linear(input.flatten(1), weight, bias).reshape(-1, 5, 1, 1)

        spec = {"kind": "dense", "units": 5, "bias": bias, "init": "py_torch"}
        yield case(f"dense{'' if bias else ' without bias'}", spec, eighths(3, 4, 1, 1), compute, **weights)


def convolution_cases():
    # name, input, filters, kernel, stride, padding, dilation, groups, bias
    for name, shape, filters, kernel, stride, padding, dilation, groups, bias in [
        ("kernel 1", (2, 3, 4, 4), 2, 1, 1, 0, 1, 1, True),
        ("kernel 3 padding 1", (2, 2, 5, 4), 3, 3, 1, 1, 1, 1, True),
        ("kernel 3 valid", (1, 2, 5, 6), 2, 3, 1, "valid", 1, 1, True),
        ("kernel 4 stride 2 padding 1", (2, 2, 6, 6), 3, 4, 2, 1, 1, 1, True),
        ("kernel 3 stride 2 padding 1, odd", (2, 1, 7, 7), 2, 3, 2, 1, 1, 1, False),
        ("stride that leaves rows over", (1, 2, 8, 7), 2, 3, 3, 0, 1, 1, True),
        ("oblong", (1, 2, 6, 7), 2, (2, 3), (1, 2), (0, 1), 1, 1, True),
        ("dilation 2", (1, 2, 7, 7), 2, 3, 1, 2, 2, 1, True),
        ("dilation 2 stride 2", (1, 1, 8, 8), 2, 3, 2, 2, 2, 1, True),
        ("groups 2", (2, 4, 5, 5), 6, 3, 1, 1, 1, 2, True),
        ("depthwise", (1, 3, 5, 5), 3, 3, 2, 1, 1, 3, True),
        ("the whole picture", (2, 3, 4, 4), 1, 4, 1, 0, 1, 1, False),
    ]:
        amount = 0 if padding == "valid" else padding

        def compute(input, weight, bias=None):
            return F.conv2d(input, weight, bias, stride, amount, dilation, groups)

        weights = {"weight": eighths(filters, shape[1] // groups, *pair(kernel))} | ({"bias": eighths(filters)} if bias else {})
        spec = convolution_spec(filters, kernel, stride, padding, dilation, groups, bias)
        yield case(f"conv2d {name}", spec, eighths(*shape), compute, **weights)


def keras_convolution_cases():
    for name, shape, filters, kernel, stride, dilation in [
        ("kernel 3, even", (2, 2, 6, 6), 3, 3, 1, 1),
        ("kernel 4, lopsided", (2, 2, 5, 6), 2, 4, 1, 1),
        ("kernel 3 stride 2, even", (2, 2, 6, 6), 2, 3, 2, 1),
        ("kernel 3 stride 2, odd", (2, 2, 7, 7), 2, 3, 2, 1),
        ("kernel 4 stride 2, even", (1, 2, 6, 8), 2, 4, 2, 1),
        ("kernel 4 stride 2, odd", (1, 2, 5, 7), 2, 4, 2, 1),
        ("kernel 5 stride 2, even and odd", (1, 1, 6, 7), 2, 5, 2, 1),
        ("kernel 1 stride 2", (1, 2, 5, 6), 2, 1, 2, 1),
        ("kernel 2 stride 3", (1, 2, 7, 8), 2, 2, 3, 1),
        ("dilation 2 kernel 2", (1, 2, 5, 6), 2, 2, 1, 2),
    ]:

        def compute(input, weight, bias):
            padded = pad_same(input, pair(kernel), pair(stride), pair(dilation))
            return F.conv2d(padded, weight, bias, stride, 0, dilation)

        layer = keras.layers.Conv2D(filters, kernel, stride, "same", dilation_rate=dilation)
        spec = convolution_spec(filters, kernel, stride, "same", dilation)
        yield keras_case(f"conv2d same: {name}", spec, eighths(*shape), layer, compute)


def transposed_cases():
    for name, shape, filters, kernel, stride, padding, output_padding, bias in [
        ("kernel 4 stride 2 padding 1", (2, 3, 3, 4), 2, 4, 2, 1, 0, True),
        ("kernel 3 stride 2 padding 1 output padding 1", (2, 2, 4, 3), 2, 3, 2, 1, 1, True),
        ("kernel 4 from a vector", (2, 5, 1, 1), 3, 4, 1, 0, 0, False),
        ("kernel 3 stride 1 padding 1", (1, 2, 4, 4), 2, 3, 1, 1, 0, True),
        ("kernel 3 stride 2, uncut", (1, 2, 3, 3), 2, 3, 2, 0, 0, True),
        ("kernel 2 stride 3, gaps", (1, 2, 3, 3), 2, 2, 3, 0, 0, True),
        ("kernel 2 stride 3, gaps, output padding 1", (1, 2, 3, 2), 2, 2, 3, 0, 1, True),
        ("oblong", (1, 2, 3, 4), 2, (3, 4), (1, 2), (1, 0), (0, 1), True),
    ]:

        def compute(input, weight, bias=None):
            return F.conv_transpose2d(input, weight, bias, stride, padding, output_padding)

        weights = {"weight": eighths(shape[1], filters, *pair(kernel))} | ({"bias": eighths(filters)} if bias else {})
        spec = transposed_spec(filters, kernel, stride, padding, output_padding, bias)
        yield case(f"conv_transpose2d {name}", spec, eighths(*shape), compute, **weights)


def keras_transposed_cases():
    for name, shape, filters, kernel, stride in [
        ("kernel 4 stride 2", (2, 3, 3, 4), 2, 4, 2),
        ("kernel 3 stride 2", (2, 2, 4, 3), 2, 3, 2),
        ("kernel 5 stride 2", (1, 2, 3, 4), 2, 5, 2),
        ("kernel 2 stride 3, gaps", (1, 2, 3, 2), 2, 2, 3),
        ("kernel 1 stride 2, gaps", (1, 2, 3, 2), 2, 1, 2),
        ("kernel 3 stride 1", (1, 2, 4, 4), 2, 3, 1),
        ("kernel 4 stride 1", (1, 2, 4, 3), 2, 4, 1),
        ("kernel 5 stride 3", (1, 1, 2, 3), 2, 5, 3),
    ]:

        def compute(input, weight, bias):
            full = F.conv_transpose2d(input, weight, None, stride)
            return crop_same(full, input, pair(kernel), pair(stride)) + bias.reshape(1, -1, 1, 1)

        layer = keras.layers.Conv2DTranspose(filters, kernel, stride, "same")
        spec = transposed_spec(filters, kernel, stride, "same")
        yield keras_case(f"conv_transpose2d same: {name}", spec, eighths(*shape), layer, compute)

    for name, shape, kernel, stride in [("kernel 4 stride 2", (1, 2, 3, 2), 4, 2), ("kernel 2 stride 3, gaps", (1, 2, 3, 2), 2, 3)]:

        def compute(input, weight, bias):
            full = F.conv_transpose2d(input, weight, None, stride)
            missing = [max(input.shape[axis] * stride - full.shape[axis], 0) for axis in (2, 3)]
            return F.pad(full, (0, missing[1], 0, missing[0])) + bias.reshape(1, -1, 1, 1)

        layer = keras.layers.Conv2DTranspose(2, kernel, stride, "valid")
        spec = transposed_spec(2, kernel, stride, "valid")
        yield keras_case(f"conv_transpose2d valid: {name}", spec, eighths(*shape), layer, compute)


def pool_cases():
    for name, shape, size, stride, padding in [
        ("2 by 2", (2, 2, 4, 6), 2, 2, "valid"),
        ("rows left over", (1, 2, 5, 7), 2, 2, "valid"),
        ("overlapping", (1, 2, 5, 6), 3, 1, "valid"),
        ("padding 1", (1, 2, 5, 6), 3, 2, 1),
        ("oblong", (1, 2, 6, 5), (2, 3), (2, 1), (1, 0)),
    ]:
        amount = 0 if padding == "valid" else padding
        for kind, function in [("max_pool", F.max_pool2d), ("avg_pool", F.avg_pool2d)]:

            def compute(input):
                return function(input, size, stride, amount)

            yield case(f"{kind} {name}", pool_spec(kind, size, stride, padding), distinct(*shape), compute)

    def largest_same(input, size, stride):
        return F.max_pool2d(pad_same(input, pair(size), pair(stride), value=-float("inf")), size, stride)

    def mean_same(input, size, stride):
        padded = pad_same(input, pair(size), pair(stride))
        count = F.avg_pool2d(pad_same(torch.ones_like(input), pair(size), pair(stride)), size, stride)
        return F.avg_pool2d(padded, size, stride) / count

    kinds = [("max_pool", largest_same, keras.layers.MaxPooling2D), ("avg_pool", mean_same, keras.layers.AveragePooling2D)]
    for (kind, function, layer), (shape, size, stride) in itertools.product(
        kinds, [((1, 2, 4, 6), 2, 2), ((1, 2, 5, 7), 2, 2), ((1, 2, 5, 6), 3, 1), ((1, 2, 5, 6), 3, 2), ((1, 2, 7, 8), 2, 3)]
    ):
        name = f"{kind} same: size {size} stride {stride} on {shape[2]} by {shape[3]}"
        spec = pool_spec(kind, size, stride, "same")
        yield keras_case(name, spec, distinct(*shape), layer(size, stride, "same"), lambda input: function(input, size, stride))


def other_cases():
    def upsampled(mode):
        return lambda input: F.interpolate(input, scale_factor=(2, 3), mode=mode)

    for mode in ("nearest", "bilinear"):
        spec = {"kind": "upsample", "factor": [2, 3], "mode": mode}
        yield case(f"upsample {mode}", spec, eighths(2, 2, 3, 2), upsampled(mode))
        spec = {"kind": "upsample", "factor": [2, 2], "mode": mode}
        double = lambda input: F.interpolate(input, scale_factor=2, mode=mode)
        layer = keras.layers.UpSampling2D(2, interpolation=mode)
        yield keras_case(f"upsample {mode}, as Keras", spec, eighths(1, 2, 4, 3), layer, double)

    yield case("global_avg_pool", {"kind": "global_avg_pool"}, eighths(2, 3, 3, 4), lambda input: input.mean((2, 3), keepdim=True))
    flat = lambda input: input.flatten(1).reshape(2, -1, 1, 1)
    yield case("flatten", {"kind": "flatten"}, eighths(2, 2, 3, 2), flat)
    yield case("reshape", {"kind": "reshape", "shape": [3, 2, 2]}, eighths(2, 12, 1, 1), lambda input: input.reshape(2, 3, 2, 2))

    for shape in [(2, 3, 2, 2), (3, 5, 1, 1)]:
        weights = {"weight": eighths(*shape[1:]), "bias": eighths(*shape[1:])}
        norm = lambda input, weight, bias: F.layer_norm(input, shape[1:], weight, bias, 1e-5)
        yield case(f"layer_norm of {shape[1]} by {shape[2]} by {shape[3]}", {"kind": "layer_norm", "epsilon": 1e-5}, eighths(*shape), norm, **weights)


def activation_cases():
    points = [-100.0, -30.0, -10.0, -3.0, -1.5, -1.0, -0.5, -0.125, -0.0078125, 0.0078125, 0.125, 0.5, 1.0, 1.5, 3.0, 10.0, 30.0, 100.0]
    for name, spec, function in [
        ("relu", {"kind": "relu"}, F.relu),
        ("leaky_relu 0.2", {"kind": "leaky_relu", "slope": 0.2}, lambda x: F.leaky_relu(x, 0.2)),
        ("elu 1", {"kind": "elu", "alpha": 1.0}, F.elu),
        ("elu 0.5", {"kind": "elu", "alpha": 0.5}, lambda x: F.elu(x, 0.5)),
        ("gelu", {"kind": "gelu"}, F.gelu),
        ("silu", {"kind": "silu"}, F.silu),
        ("tanh", {"kind": "tanh"}, torch.tanh),
        ("sigmoid", {"kind": "sigmoid"}, torch.sigmoid),
        ("softplus", {"kind": "softplus"}, F.softplus),
    ]:
        yield case(name, spec, torch.tensor(points).reshape(3, 6, 1, 1), lambda input: function(input))


# ---------------------------------------------------------------------------------------------------------- batch normalisation


def batch_norm(name, shape, momentum, epsilon):
    """Two training batches, gradients at the second, running statistics after each, then the first batch in evaluation."""
    layer = nn.BatchNorm2d(shape[1], eps=epsilon, momentum=momentum)
    weight, bias = eighths(shape[1]), eighths(shape[1])
    layer.load_state_dict({"weight": weight, "bias": bias}, strict=False)
    steps = []
    for _ in range(2):
        x = eighths(*shape).requires_grad_()
        layer.zero_grad()
        y = layer(x)
        cotangent = eighths(*shape)
        (y * cotangent).sum().backward()
        gradients = {"input": x.grad, "weight": layer.weight.grad, "bias": layer.bias.grad}
        steps.append({
            "input": tensor(x), "output": tensor(y), "cotangent": tensor(cotangent),
            "gradients": {key: tensor(value) for key, value in gradients.items()},
            "running_mean": tensor(layer.running_mean), "running_var": tensor(layer.running_var),
        })  # fmt: skip
    layer.eval()
    x = torch.tensor(steps[0]["input"]["values"]).reshape(shape).double()
    spec = {"kind": "batch_norm", "momentum": momentum, "epsilon": epsilon}
    weights = {"weight": tensor(weight), "bias": tensor(bias)}
    return {"name": name, "layer": spec, "weights": weights, "steps": steps, "evaluated": tensor(layer(x))}


def batch_norms():
    return [
        batch_norm("pictures", (3, 2, 2, 3), 0.1, 1e-5),
        batch_norm("vectors", (4, 3, 1, 1), 0.1, 1e-5),
        batch_norm("Keras's defaults in our terms", (2, 3, 3, 2), 0.01, 1e-3),
    ]


# ------------------------------------------------------------------------------------------------------- the rest of the catalogue


def weights_spec(bias=True, spectral=False):
    return {"bias": bias, "init": "py_torch"} | ({"spectral_norm": True} if spectral else {})


def depthwise_spec(multiplier, kernel, stride=1, padding="same", dilation=1, bias=True, spectral=False):
    geometry = {"kernel": pair(kernel), "stride": pair(stride), "padding": border(padding), "dilation": pair(dilation)}
    return {"kind": "depthwise_conv2d", "multiplier": multiplier} | geometry | weights_spec(bias, spectral)


def separable_spec(filters, multiplier, kernel, stride=1, padding="same", dilation=1, bias=True, spectral=False):
    geometry = {"kernel": pair(kernel), "stride": pair(stride), "padding": border(padding), "dilation": pair(dilation)}
    return {"kind": "separable_conv2d", "filters": filters, "multiplier": multiplier} | geometry | weights_spec(bias, spectral)


def agrees_with_keras(result, layer, *weights):
    """A layer of Keras, with weights in its own layout, has to make the same of the input as `result` says."""
    numbers = lambda entry: np.reshape(entry["values"], entry["shape"])
    x = numbers(result["input"]).transpose(0, 2, 3, 1)
    layer.build((None, *x.shape[1:]))
    if weights:
        layer.set_weights([weight.detach().numpy() for weight in weights])
    y = np.asarray(layer(x))
    y = y[:, None, None, :] if y.ndim == 2 else y
    np.testing.assert_allclose(numbers(result["output"]), y.transpose(0, 3, 1, 2), rtol=1e-7, atol=1e-8, err_msg=result["name"])
    return result


def depthwise_cases():
    for name, shape, multiplier, kernel, stride, dilation in [
        ("one for each channel", (2, 3, 5, 4), 1, 3, 1, 1),
        ("two for each channel, stride 2", (2, 3, 6, 7), 2, 3, 2, 1),
        ("oblong, dilated", (1, 2, 6, 7), 2, (2, 3), 1, 2),
    ]:
        filters = shape[1] * multiplier

        def compute(input, weight, bias):
            padded = pad_same(input, pair(kernel), pair(stride), pair(dilation))
            return F.conv2d(padded, weight, bias, stride, 0, dilation, shape[1])

        weight, bias = eighths(filters, 1, *pair(kernel)), eighths(filters)
        spec = depthwise_spec(multiplier, kernel, stride, dilation=dilation)
        result = case(f"depthwise_conv2d {name}", spec, eighths(*shape), compute, weight=weight, bias=bias)
        layer = keras.layers.DepthwiseConv2D(kernel, stride, "same", multiplier, dilation_rate=dilation)
        # Keras keeps (rows, columns, in, multiplier); its channels come out in the same order.
        kernels = weight.reshape(shape[1], multiplier, *pair(kernel)).permute(2, 3, 0, 1)
        yield agrees_with_keras(result, layer, kernels, bias)


def separable_cases():
    for name, shape, filters, multiplier, kernel, stride, bias in [
        ("one for each channel", (2, 3, 5, 4), 4, 1, 3, 1, True),
        ("two for each channel, stride 2, no bias", (1, 2, 7, 6), 3, 2, 3, 2, False),
    ]:
        between = shape[1] * multiplier
        weights = {"depthwise.weight": eighths(between, 1, *pair(kernel)), "pointwise.weight": eighths(filters, between, 1, 1)}
        weights |= {"pointwise.bias": eighths(filters)} if bias else {}

        def compute(input, **weights):
            y = F.conv2d(pad_same(input, pair(kernel), pair(stride)), weights["depthwise.weight"], None, stride, groups=shape[1])
            return F.conv2d(y, weights["pointwise.weight"], weights.get("pointwise.bias"))

        spec = separable_spec(filters, multiplier, kernel, stride, bias=bias)
        result = case(f"separable_conv2d {name}", spec, eighths(*shape), compute, **weights)
        layer = keras.layers.SeparableConv2D(filters, kernel, stride, "same", depth_multiplier=multiplier, use_bias=bias)
        depthwise = weights["depthwise.weight"].reshape(shape[1], multiplier, *pair(kernel)).permute(2, 3, 0, 1)
        pointwise = weights["pointwise.weight"].permute(2, 3, 1, 0)
        yield agrees_with_keras(result, layer, depthwise, pointwise, *([weights["pointwise.bias"]] if bias else []))


def conv1d_cases():
    """A convolution of one row is PyTorch's Conv1d."""
    for name, shape, filters, kernel, stride, padding, dilation, groups in [
        ("kernel 3 padding 1", (2, 3, 7), 4, 3, 1, 1, 1, 1),
        ("kernel 4 stride 2 padding 1", (2, 2, 8), 3, 4, 2, 1, 1, 1),
        ("dilation 2, groups 2", (1, 4, 9), 4, 3, 1, 2, 2, 2),
    ]:

        def compute(input, weight, bias):
            return F.conv1d(input[:, :, 0], weight[:, :, 0], bias, stride, padding, dilation, groups).unsqueeze(2)

        weights = {"weight": eighths(filters, shape[1] // groups, 1, kernel), "bias": eighths(filters)}
        spec = convolution_spec(filters, (1, kernel), (1, stride), (0, padding), (1, dilation), groups)
        yield case(f"conv1d {name}", spec, eighths(shape[0], shape[1], 1, shape[2]), compute, **weights)
    for name, shape, filters, kernel, stride, padding in [("kernel 4 stride 2 padding 1", (2, 3, 5), 2, 4, 2, 1)]:

        def compute(input, weight, bias):
            return F.conv_transpose1d(input[:, :, 0], weight[:, :, 0], bias, stride, padding).unsqueeze(2)

        weights = {"weight": eighths(shape[1], filters, 1, kernel), "bias": eighths(filters)}
        spec = transposed_spec(filters, (1, kernel), (1, stride), (0, padding))
        yield case(f"conv_transpose1d {name}", spec, eighths(shape[0], shape[1], 1, shape[2]), compute, **weights)


def size_cases():
    for factor, shape in [(2, (2, 8, 2, 3)), (3, (1, 9, 2, 1))]:
        spec = {"kind": "pixel_shuffle", "factor": factor}
        yield case(f"pixel_shuffle {factor}", spec, eighths(*shape), lambda input: F.pixel_shuffle(input, factor))
    sides = {"top": 1, "bottom": 2, "left": 0, "right": 3}
    edges = ((1, 2), (0, 3))
    result = case("zero_padding2d", {"kind": "zero_padding2d"} | sides, eighths(2, 2, 3, 2), lambda input: F.pad(input, (0, 3, 1, 2)))
    yield agrees_with_keras(result, keras.layers.ZeroPadding2D(edges))
    result = case("cropping2d", {"kind": "cropping2d"} | sides, eighths(2, 2, 6, 5), lambda input: input[:, :, 1:4, 0:2])
    yield agrees_with_keras(result, keras.layers.Cropping2D(edges))
    result = case("global_max_pool", {"kind": "global_max_pool"}, distinct(2, 3, 3, 4), lambda input: input.amax((2, 3), keepdim=True))
    yield agrees_with_keras(result, keras.layers.GlobalMaxPooling2D())


def norm_cases():
    for affine, epsilon in [(False, 1e-5), (True, 1e-3)]:
        spec = {"kind": "instance_norm", "epsilon": epsilon, "affine": affine}
        weights = {"weight": eighths(3), "bias": eighths(3)} if affine else {}

        def instance_norm(input, weight=None, bias=None):
            return F.instance_norm(input, weight=weight, bias=bias, eps=epsilon)

        yield case(f"instance_norm{', affine' if affine else ''}", spec, eighths(2, 3, 3, 4), instance_norm, **weights)
    for groups, shape in [(2, (2, 4, 3, 2)), (1, (2, 3, 2, 2)), (4, (3, 4, 2, 2)), (2, (3, 6, 1, 1))]:
        spec = {"kind": "group_norm", "groups": groups, "epsilon": 1e-5}
        weights = {"weight": eighths(shape[1]), "bias": eighths(shape[1])}
        norm = lambda input, weight, bias: F.group_norm(input, groups, weight, bias, 1e-5)
        yield case(f"group_norm {groups} of {shape[1]}", spec, eighths(*shape), norm, **weights)
    # Karras et al. (2018), section 4.2, in the form of the authors' code.
    pixel_norm = lambda input: input * torch.rsqrt(input.square().mean(1, keepdim=True) + 1e-8)
    yield case("pixel_norm", {"kind": "pixel_norm", "epsilon": 1e-8}, eighths(2, 3, 2, 3), pixel_norm)

    def minibatch_std_dev(input, group):
        """The authors' code, which takes batches that `group` divides; groups are rounded down to what divides."""
        n, c, h, w = input.shape
        y = input.reshape(group, n // group, c, h, w)
        y = y - y.mean(0, keepdim=True)
        y = (y.square().mean(0) + 1e-8).sqrt().mean((1, 2, 3), keepdim=True)
        return torch.cat([input, y.repeat(group, 1, h, w)], 1)

    for n, asked, group in [(4, 4, 4), (8, 4, 4), (6, 4, 3), (3, 8, 3), (5, 4, 1)]:
        spec = {"kind": "minibatch_std_dev", "group": asked}
        compute = lambda input: minibatch_std_dev(input, group)
        # With a group of one every deviation is that of rounding: its root has a gradient of nothing.
        yield case(f"minibatch_std_dev {asked} of {n}", spec, eighths(n, 2, 2, 3), compute)


def more_activation_cases():
    points = torch.tensor([-100.0, -30.0, -10.0, -3.0, -1.5, -0.5, -0.125, 0.0078125, 0.125, 1.0, 3.0, 30.0]).reshape(2, 3, 2, 1)
    yield case("mish", {"kind": "mish"}, points.clone(), lambda input: F.mish(input))
    yield case("softmax", {"kind": "softmax"}, points.clone(), lambda input: F.softmax(input, 1))
    yield case("softmax of large values", {"kind": "softmax"}, 1000 + eighths(2, 3, 2, 2), lambda input: F.softmax(input, 1))
    for per_channel in (False, True):
        spec = {"kind": "prelu", "slope": 0.25, "per_channel": per_channel}
        weights = {"weight": eighths(3 if per_channel else 1)}
        name = "prelu, a slope for each channel" if per_channel else "prelu"
        yield case(name, spec, eighths(2, 3, 2, 2), lambda input, weight: F.prelu(input, weight), **weights)


def later_cases():
    """The kinds that came later, with numbers of their own, so that those of the others stay."""
    global rng
    before, rng = rng, np.random.default_rng(21)
    for cases in [depthwise_cases, separable_cases, conv1d_cases, size_cases, norm_cases, more_activation_cases]:
        yield from cases()
    rng = before


# --------------------------------------------------------------------------------------------------------- layers with a state


class Flat(nn.Module):
    """A map of vectors, for `[n, features, 1, 1]`."""

    def __init__(self, inputs, units):
        super().__init__()
        self.map = nn.Linear(inputs, units)

    def forward(self, x):
        return self.map(x.flatten(1))[:, :, None, None]


class Separable(nn.Module):
    def __init__(self, channels, filters, multiplier, kernel, padding):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels * multiplier, kernel, 1, padding, groups=channels, bias=False)
        self.pointwise = nn.Conv2d(channels * multiplier, filters, 1)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))


class Attention(nn.Module):
    """SAGAN (Zhang et al., 2018), equations 1 to 3, place by place as they are written."""

    def __init__(self, channels, reduction, bias=False):
        super().__init__()
        inner = channels // reduction
        self.query, self.key, self.value = (nn.Conv2d(channels, inner, 1, bias=bias) for _ in range(3))
        self.out = nn.Conv2d(inner, channels, 1, bias=bias)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        f, g, h = (conv(x).flatten(2) for conv in (self.key, self.query, self.value))
        scores = torch.einsum("nci,ncj->nji", f, g)
        shares = scores.exp() / scores.exp().sum(2, keepdim=True)
        seen = torch.einsum("nji,nci->ncj", shares, h).reshape(len(x), -1, *x.shape[2:])
        return self.gamma * self.out(seen) + x


class Residual(nn.Module):
    """The blocks of SNGAN's code: the generator's with normalisation and enlarging, the discriminator's with halving."""

    def __init__(self, channels, filters, resample, norm, kernel=3):
        super().__init__()
        hidden = channels if resample == "down" else filters
        self.resample = resample
        self.norm1, self.norm2 = (nn.BatchNorm2d(c) if norm == "batch" else nn.Identity() for c in (channels, hidden))
        self.conv1 = nn.Conv2d(channels, hidden, kernel, padding="same")
        self.conv2 = nn.Conv2d(hidden, filters, kernel, padding="same")
        self.shortcut = nn.Conv2d(channels, filters, 1) if channels != filters or resample != "none" else nn.Identity()

    def up(self, x):
        return F.interpolate(x, scale_factor=2, mode="nearest") if self.resample == "up" else x

    def down(self, x):
        return F.avg_pool2d(x, 2) if self.resample == "down" else x

    def forward(self, x):
        h = self.conv1(self.up(F.relu(self.norm1(x))))
        h = self.down(self.conv2(F.relu(self.norm2(h))))
        return h + self.down(self.shortcut(self.up(x)))


def with_spectral_norm(module):
    for part in module.modules():
        if isinstance(part, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            torch.nn.utils.spectral_norm(part)
    return module


RATE = 0.125


def stateful(name, spec, module, shape):
    """Three training steps of plain descent at `RATE`, with all weights and running statistics after each; the first batch once more, in
    evaluation."""
    state = lambda: {
        key.removeprefix("map."): tensor(value) for key, value in module.state_dict().items() if "num_batches" not in key
    }
    with torch.no_grad():
        for parameter in module.parameters():
            # Off the lattice of the inputs, on which units would lie on their kinks.
            parameter.copy_(eighths(*parameter.shape) / math.pi)
        for key, buffer in module.named_buffers():
            if key.endswith(("weight_u", "weight_v")):
                start = eighths(*buffer.shape)
                buffer.copy_(start / start.norm())
    initial, steps = state(), []
    for _ in range(3):
        x = eighths(*shape).requires_grad_()
        module.zero_grad()
        y = module(x)
        cotangent = eighths(*y.shape) / 8
        (y * cotangent).sum().backward()
        with torch.no_grad():
            for parameter in module.parameters():
                parameter -= RATE * parameter.grad
        steps.append({
            "input": tensor(x), "output": tensor(y), "cotangent": tensor(cotangent), "input_gradient": tensor(x.grad), "state": state(),
        })  # fmt: skip
    module.eval()
    x = torch.tensor(steps[0]["input"]["values"], dtype=torch.float64).reshape(shape)
    return {"name": name, "layer": spec, "rate": RATE, "initial": initial, "steps": steps, "evaluated": tensor(module(x))}


def statefuls():
    global rng
    before, rng = rng, np.random.default_rng(22)

    def residual_spec(filters, resample, norm, spectral=False):
        spec = {"kind": "residual", "filters": filters, "kernel": [3, 3], "resample": resample, "norm": norm}
        return spec | weights_spec(spectral=spectral)

    def attention_spec(reduction, bias=False, spectral=False):
        return {"kind": "self_attention", "reduction": reduction} | weights_spec(bias, spectral)

    dense = {"kind": "dense", "units": 5, **weights_spec(spectral=True)}
    normed = {"spectral_norm": True}
    conv, transposed = convolution_spec(4, 3, 2, 1) | normed, transposed_spec(3, 4, 2, 1) | normed
    depthwise, separable = depthwise_spec(2, 3, spectral=True), separable_spec(4, 2, 3, spectral=True)
    blocks = [(3, 3, "none", "none", (2, 3, 4, 3)), (2, 3, "none", "batch", (2, 2, 4, 3)), (3, 2, "up", "batch", (2, 3, 2, 3)),
              (2, 3, "up", "none", (2, 2, 2, 2)), (2, 4, "down", "none", (2, 2, 4, 5)), (3, 3, "down", "batch", (3, 3, 4, 4))]  # fmt: skip
    cases = [
        stateful(f"residual from {c} to {f}, {resample}, norm {norm}", residual_spec(f, resample, norm), Residual(c, f, resample, norm), shape)
        for c, f, resample, norm, shape in blocks
    ]
    cases += [
        stateful("self_attention", attention_spec(2), Attention(4, 2), (2, 4, 2, 3)),
        stateful("self_attention with biases", attention_spec(3, True), Attention(3, 3, True), (2, 3, 3, 2)),
        stateful("dense, spectral norm", dense, with_spectral_norm(Flat(4, 5)), (3, 4, 1, 1)),
        stateful("conv2d, spectral norm", conv, with_spectral_norm(nn.Conv2d(3, 4, 3, 2, 1)), (2, 3, 5, 4)),
        stateful("conv_transpose2d, spectral norm", transposed, with_spectral_norm(nn.ConvTranspose2d(2, 3, 4, 2, 1)), (2, 2, 3, 2)),
        stateful("depthwise_conv2d, spectral norm", depthwise, with_spectral_norm(nn.Conv2d(3, 6, 3, 1, 1, groups=3)), (2, 3, 4, 3)),
        stateful("separable_conv2d, spectral norm", separable, with_spectral_norm(Separable(3, 4, 2, 3, 1)), (2, 3, 4, 3)),
        stateful("residual, spectral norm", residual_spec(4, "down", "none", True), with_spectral_norm(Residual(2, 4, "down", "none")), (2, 2, 4, 4)),
        stateful("self_attention, spectral norm", attention_spec(2, False, True), with_spectral_norm(Attention(4, 2)), (2, 4, 2, 3)),
    ]  # fmt: skip
    rng = before
    return cases


# ------------------------------------------------------------------------------------------------------- losses, optimisers


def zeros(x):
    return torch.zeros_like(x)


def losses():
    bce = F.binary_cross_entropy_with_logits
    ones = torch.ones_like
    standard = lambda real, fake: bce(real, ones(real)) + bce(fake, zeros(fake))
    table = {
        "non_saturating": ("non_saturating", standard, lambda fake: bce(fake, ones(fake))),
        "minimax": ("minimax", standard, lambda fake: -bce(fake, zeros(fake))),
        "least_squares": (
            "least_squares",
            lambda real, fake: 0.5 * F.mse_loss(real, ones(real)) + 0.5 * F.mse_loss(fake, zeros(fake)),
            lambda fake: 0.5 * F.mse_loss(fake, ones(fake)),
        ),
        "hinge": ("hinge", lambda real, fake: F.relu(1 - real).mean() + F.relu(1 + fake).mean(), lambda fake: -fake.mean()),
        "wasserstein": ("wasserstein", lambda real, fake: fake.mean() - real.mean(), lambda fake: -fake.mean()),
        "relativistic_paired": (
            "relativistic_paired",
            lambda real, fake: bce(real - fake, ones(real)),
            lambda fake, real: bce(fake - real, ones(fake)),
        ),
        # Jolicoeur-Martineau (2018), algorithm 2.
        "relativistic_average": (
            "relativistic_average",
            lambda real, fake: bce(real - fake.mean(), ones(real)) + bce(fake - real.mean(), zeros(fake)),
            lambda fake, real: bce(fake - real.mean(), ones(fake)) + bce(real - fake.mean(), zeros(real)),
        ),
    }
    smoothed = {}
    for less, more in [(0.1, 0.0), (0.25, 0.125)]:
        targets = lambda of, value: torch.full_like(of, value)
        both = {"real": less, "fake": more}

        def entropy(real, fake, less=less, more=more):
            return bce(real, targets(real, 1 - less)) + bce(fake, targets(fake, more))

        def squares(real, fake, less=less, more=more):
            return 0.5 * (real - (1 - less)).square().mean() + 0.5 * (fake - more).square().mean()

        for name, loss in [("non_saturating", entropy), ("minimax", entropy), ("least_squares", squares)]:
            smoothed[f"{name}, smoothed by {less} and {more}"] = (name, loss, table[name][2], both)
    table |= smoothed
    ordinary = (torch.tensor([-1.25, 0.5, 2.0, 3.5, 0.125]), torch.tensor([-2.5, -0.5, 0.25, 1.5, -0.125]))
    extreme = (torch.tensor([-100.0, 30.0, 100.0, -30.0, 0.25]), torch.tensor([100.0, -30.0, -100.0, 30.0, -0.25]))
    cases = []
    for (name, (spec, d, g, *smoothing)), (kind, (real, fake)) in itertools.product(table.items(), [("ordinary", ordinary), ("extreme", extreme)]):
        real, fake = real.clone().requires_grad_(), fake.clone().requires_grad_()
        d_loss = d(real, fake)
        g_loss = g(fake, real) if spec.startswith("relativistic") else g(fake)
        d_real, d_fake = torch.autograd.grad(d_loss, [real, fake])
        (g_fake,) = torch.autograd.grad(g_loss, [fake])
        verdict = torch.sigmoid if spec in ("non_saturating", "minimax") else lambda x: x
        cases.append({
            "name": f"{name}, {kind} logits", "loss": spec, **({"smoothing": smoothing[0]} if smoothing else {}), "real": tensor(real), "fake": tensor(fake),
            "d_loss": short(d_loss), "d_grad_real": tensor(d_real), "d_grad_fake": tensor(d_fake),
            "g_loss": short(g_loss), "g_grad_fake": tensor(g_fake),
            "d_real": short(verdict(real).mean()), "d_fake": short(verdict(fake).mean()),
        })  # fmt: skip
    return cases


class Lion:
    """Chen et al. (2023), algorithm 2, line by line; PyTorch has none."""

    def __init__(self, weights, rate, beta1, beta2, decay):
        (self.weight,) = weights
        self.rate, self.beta1, self.beta2, self.decay = rate, beta1, beta2, decay
        self.mean = torch.zeros_like(self.weight)

    @torch.no_grad()
    def step(self):
        gradient = self.weight.grad
        update = self.beta1 * self.mean + (1 - self.beta1) * gradient
        self.weight -= self.rate * (torch.sign(update) + self.decay * self.weight)
        self.mean = self.beta2 * self.mean + (1 - self.beta2) * gradient


def optimisers():
    global rng
    adam = {"name": "adam", "beta1": 0.5, "beta2": 0.999, "epsilon": 1e-8}
    rules = [
        ("adam, as DCGAN uses it", 2e-4, adam, lambda p: torch.optim.Adam(p, 2e-4, (0.5, 0.999), 1e-8)),
        ("adam, defaults", 1e-3, adam | {"beta1": 0.9}, lambda p: torch.optim.Adam(p, 1e-3)),
        ("adam without momentum", 1e-3, adam | {"beta1": 0.0, "beta2": 0.9}, lambda p: torch.optim.Adam(p, 1e-3, (0.0, 0.9))),
        ("rmsprop", 1e-3, {"name": "rms_prop", "alpha": 0.99, "epsilon": 1e-8}, lambda p: torch.optim.RMSprop(p, 1e-3, 0.99, 1e-8)),
        ("sgd, momentum 0.9", 1e-2, {"name": "sgd", "momentum": 0.9}, lambda p: torch.optim.SGD(p, 1e-2, 0.9)),
        ("sgd", 1e-2, {"name": "sgd", "momentum": 0.0}, lambda p: torch.optim.SGD(p, 1e-2)),
    ]
    later = [
        ("adamw, defaults", 1e-3, adam | {"name": "adam_w", "beta1": 0.9, "decay": 0.01}, lambda p: torch.optim.AdamW(p, 1e-3)),
        ("adamw", 1e-2, adam | {"name": "adam_w", "decay": 0.3}, lambda p: torch.optim.AdamW(p, 1e-2, (0.5, 0.999), 1e-8, 0.3)),
        ("lion, as its paper has it", 1e-3, {"name": "lion", "beta1": 0.9, "beta2": 0.99, "decay": 0.0}, lambda p: Lion(p, 1e-3, 0.9, 0.99, 0.0)),
        ("lion with decay", 1e-2, {"name": "lion", "beta1": 0.95, "beta2": 0.98, "decay": 0.5}, lambda p: Lion(p, 1e-2, 0.95, 0.98, 0.5)),
    ]
    cases = []
    before = rng
    for name, rate, rule, build in rules + later:
        if (name, rate, rule, build) == later[0]:
            # With numbers of their own, so that those of what comes afterwards stay.
            before, rng = rng, np.random.default_rng(25)
        weight = eighths(6).requires_grad_()
        initial, optimiser, steps = tensor(weight), build([weight]), []
        for step in range(5):
            # From very small to large, with zeros: the places where epsilon matters.
            weight.grad = eighths(6) * torch.tensor([1.0, 1.0, 2.0**-20, 2.0**6, 0.0, 1.0 if step % 2 else 0.0])
            gradient = tensor(weight.grad)
            optimiser.step()
            steps.append({"gradient": gradient, "weight": tensor(weight)})
        spec = {"learning_rate": rate, "rule": rule}
        cases.append({"name": name, "optimiser": spec, "initial": initial, "steps": steps})
    rng = before
    return cases


# -------------------------------------------------------------------------------------------------------------- whole networks


def up(i, o, bias=True):
    return nn.ConvTranspose2d(i, o, 4, 2, 1, bias=bias)


def networks():
    """The four networks that are also used to measure speed: parameters of the generator and of the discriminator."""
    relu, leaky = nn.ReLU(), nn.LeakyReLU(0.2)

    def start28():
        return [nn.Linear(100, 6272), relu, nn.Unflatten(1, (128, 7, 7))]

    def block(layer, channels, activation):
        return [layer, nn.BatchNorm2d(channels), activation]

    pairs = {
        "mlp": (
            [nn.Linear(16, 128), relu, nn.Linear(128, 128), relu, nn.Linear(128, 2)],
            [nn.Linear(2, 128), leaky, nn.Linear(128, 128), leaky, nn.Linear(128, 1)],
        ),
        "dcgan28": (
            [*start28(), *block(up(128, 64), 64, relu), *block(up(64, 32), 32, relu), nn.Conv2d(32, 1, 3, 1, 1), nn.Tanh()],
            [nn.Conv2d(1, 32, 3, 2, 1), leaky, nn.Conv2d(32, 64, 3, 2, 1), leaky, nn.Flatten(), nn.Linear(64 * 49, 1)],
        ),
        "seed28": (
            [*start28(), up(128, 64), relu, up(64, 32), relu, nn.Conv2d(32, 1, 3, 1, 1), nn.Tanh()],
            [nn.Conv2d(1, 32, 3, 1, 1), relu, nn.Conv2d(32, 64, 3, 1, 1), relu, nn.Flatten(), nn.Linear(64 * 784, 1)],
        ),
        "dcgan64": (
            [*block(nn.ConvTranspose2d(100, 512, 4, 1, 0, bias=False), 512, relu),
             *[layer for i, o in [(512, 256), (256, 128), (128, 64)] for layer in block(up(i, o, False), o, relu)],
             up(64, 3, False), nn.Tanh()],
            [nn.Conv2d(3, 64, 4, 2, 1, bias=False), leaky,
             *[layer for i, o in [(64, 128), (128, 256), (256, 512)] for layer in block(nn.Conv2d(i, o, 4, 2, 1, bias=False), o, leaky)],
             nn.Conv2d(512, 1, 4, 1, 0, bias=False), nn.Flatten()],
        ),
    }  # fmt: skip
    count = lambda layers: sum(parameter.numel() for parameter in nn.Sequential(*layers).parameters())
    return {name: {"generator": count(g), "discriminator": count(d)} for name, (g, d) in pairs.items()}


def training(name, generator, discriminator, layers, latents, sample):
    """Five steps of a whole pair: D on a real and a generated batch, Adam; then G through the new D on the same latents, Adam.

    A layer without weights stands first in both networks, so that PyTorch's numbers of the others are ours, which begin at 1.
    """
    for parameter in [*generator.parameters(), *discriminator.parameters()]:
        with torch.no_grad():
            # Off the lattice of the inputs, on which units would lie on their kinks and rounding would choose the gradient.
            parameter.copy_(eighths(*parameter.shape) / (4 if parameter.dim() > 1 else 1.3 * math.pi))
    weights = lambda network: {key: tensor(value) for key, value in network.state_dict().items() if "num_batches" not in key}
    initial = {"generator": weights(generator), "discriminator": weights(discriminator)}
    adam = lambda network: torch.optim.Adam(network.parameters(), 2e-3, (0.5, 0.999))
    g_adam, d_adam, batch, steps = adam(generator), adam(discriminator), 4, []
    for _ in range(5):
        z, real = eighths(batch, *latents), eighths(batch, *sample) / 2
        fake = generator(z)
        d_adam.zero_grad()
        d_loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake.detach())).mean()
        d_loss.backward()
        d_adam.step()
        g_adam.zero_grad()
        g_loss = F.softplus(-discriminator(fake)).mean()
        g_loss.backward()
        g_adam.step()
        steps.append({"latents": tensor(z), "real": tensor(real), "d_loss": short(d_loss), "g_loss": short(g_loss)})
    final = {"generator": weights(generator), "discriminator": weights(discriminator)}
    return {"name": name, "layers": layers, "learning_rate": 2e-3, "initial": initial, "steps": steps, "final": final}


def trainings():
    dense = lambda units: {"kind": "dense", "units": units, "bias": True, "init": "py_torch"}
    leaky, relu = {"kind": "leaky_relu", "slope": 0.2}, {"kind": "relu"}
    points = training(
        "points",
        nn.Sequential(nn.Flatten(), nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 2), nn.Unflatten(1, (2, 1, 1))),
        nn.Sequential(nn.Flatten(), nn.Linear(2, 6), nn.LeakyReLU(0.2), nn.Linear(6, 1)),
        {"generator": [dense(6), relu, dense(2)], "discriminator": [dense(6), leaky, dense(1)]},
        (3, 1, 1),
        (2, 1, 1),
    )
    pictures = training(
        "pictures",
        nn.Sequential(nn.Identity(), nn.ConvTranspose2d(3, 4, 2, 1, 0), nn.ReLU(), nn.ConvTranspose2d(4, 1, 4, 2, 1), nn.Tanh()),
        nn.Sequential(nn.Identity(), nn.Conv2d(1, 4, 3, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(16, 1)),
        {
            "generator": [transposed_spec(4, 2, 1, 0), relu, transposed_spec(1, 4, 2, 1), {"kind": "tanh"}],
            "discriminator": [convolution_spec(4, 3, 2, 1), leaky, {"kind": "flatten"}, dense(1)],
        },
        (3, 1, 1),
        (1, 4, 4),
    )
    return [points, pictures]


# -------------------------------------------------------------------------------------------------------------------- files


def write(name, table):
    """One case on a line, so that a changed table can be read as a difference."""
    if isinstance(table, list):
        text = "[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in table) + "\n]\n"
    else:
        lines = (f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in table.items())
        text = "{\n" + ",\n".join(lines) + "\n}\n"
    path = HERE / name
    path.write_text(text)
    print(f"{name}: {len(table)} entries, {len(text):,} bytes")


def main():
    # They take their numbers from this module.
    import augment
    import penalties

    import distances

    layer_cases = [
        dense_cases, convolution_cases, keras_convolution_cases, transposed_cases, keras_transposed_cases, pool_cases, other_cases,
        activation_cases, later_cases,
    ]  # fmt: skip
    write("layers.json", [case for cases in layer_cases for case in cases()])
    write("batch_norm.json", batch_norms())
    write("stateful.json", statefuls())
    write("losses.json", losses())
    write("optimisers.json", optimisers())
    write("training.json", trainings())
    write("parameters.json", networks())
    write("augment.json", augment.cases())
    write("penalties.json", penalties.cases() + penalties.augmented_cases())
    write("penalty_training.json", penalties.trainings())
    write("shapes.json", shapes())
    write("sliced.json", distances.sliced_cases())
    distances.check_distances()


if __name__ == "__main__":
    main()
