"""Penalties on a discriminator's gradients by PyTorch's double backward, and training steps with them; `make.py` writes the tables."""

import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import augment
import make
from make import Attention, Flat, Residual, Separable, convolution_spec, eighths, short, tensor, transposed_spec, with_spectral_norm


class Apply(nn.Module):
    """A function as a layer."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Dense(nn.Linear):
    """For `[n, features, 1, 1]`, with PyTorch's names."""

    def forward(self, x):
        return super().forward(x.flatten(1))[:, :, None, None]


class Bilinear(nn.Module):
    """Enlarging by two with matrices: PyTorch's own cannot be differentiated twice on every build."""

    def forward(self, x):
        rows, columns = (self.blend(size).to(x) for size in x.shape[2:])
        return torch.einsum("ncij,ik,jl->nckl", x, rows, columns)

    @staticmethod
    def blend(size):
        one = torch.eye(size)[None]
        return F.interpolate(one, scale_factor=2, mode="linear")[0]


def minibatch(x, group):
    n, c, h, w = x.shape
    y = x.reshape(group, n // group, c, h, w)
    y = y - y.mean(0, keepdim=True)
    y = (y.square().mean(0) + 1e-8).sqrt().mean((1, 2, 3), keepdim=True)
    return torch.cat([x, y.repeat(group, 1, h, w)], 1)


def fine(*shape):
    """Random numbers that are exact in any float format and so fine that no two sums of their products are the same: maxima are no ties."""
    return torch.tensor(make.rng.integers(1, 2048, shape) * make.rng.choice([-1, 1], shape) / 2048.0)


def dense(units, **more):
    return {"kind": "dense", "units": units, "bias": True, "init": "py_torch"} | more


def pool(kind, size, padding="valid"):
    return make.pool_spec(kind, size, size, padding)


FLAT = ({"kind": "flatten"}, Apply(lambda x: x.flatten(1)[:, :, None, None]))
LEAKY = lambda: ({"kind": "leaky_relu", "slope": 0.2}, nn.LeakyReLU(0.2))
SPECTRAL = {"spectral_norm": True}


def simple(kind, module, **more):
    return ({"kind": kind} | more, module)


def attention(channels, reduction):
    return ({"kind": "self_attention", "reduction": reduction} | make.weights_spec(False), Attention(channels, reduction))


def residual(channels, filters, resample, norm, spectral=False):
    spec = {"kind": "residual", "filters": filters, "kernel": [3, 3], "resample": resample, "norm": norm}
    return (spec | make.weights_spec(spectral=spectral), Residual(channels, filters, resample, norm))


def conv(i, o, kernel=3, stride=1, padding=1, groups=1, **more):
    spec = convolution_spec(o, kernel, stride, padding, 1, groups) | more
    return (spec, nn.Conv2d(i, o, kernel, stride, padding, groups=groups))


def discriminators():
    """Name, the shape of a sample, and the layers: how a project writes them, and PyTorch's."""
    points, picture = (2, 1, 1), (2, 6, 4)
    yield "dense and tanh", points, [(dense(5), Dense(2, 5)), simple("tanh", nn.Tanh()), (dense(1), Dense(5, 1))]
    smooth = [
        ("sigmoid", nn.Sigmoid(), {}), ("softplus", nn.Softplus(), {}), ("elu", nn.ELU(0.5), {"alpha": 0.5}), ("gelu", nn.GELU(), {}),
        ("silu", nn.SiLU(), {}), ("mish", nn.Mish(), {}), ("softmax", nn.Softmax(1), {}), ("relu", nn.ReLU(), {}),
    ]  # fmt: skip
    for kind, module, more in smooth:
        yield f"dense and {kind}", points, [(dense(5), Dense(2, 5)), simple(kind, module, **more), (dense(4), Dense(5, 4)), simple("tanh", nn.Tanh()), (dense(1), Dense(4, 1))]  # fmt: skip
    yield "a smooth function first", points, [simple("mish", nn.Mish()), (dense(1), Dense(2, 1))]
    yield "prelu", picture, [conv(2, 4), simple("prelu", nn.PReLU(4), slope=0.25, per_channel=True), simple("prelu", nn.PReLU(), slope=0.25, per_channel=False), FLAT, (dense(1), Dense(96, 1))]  # fmt: skip
    yield "convolutions with strides and groups", picture, [
        conv(2, 4, 4, 2), LEAKY(), conv(4, 6, groups=2), LEAKY(), conv(6, 6, 3, 2, groups=6), simple("tanh", nn.Tanh()), FLAT, (dense(1), Dense(12, 1)),
    ]  # fmt: skip
    spec = {"kind": "separable_conv2d", "filters": 3, "multiplier": 2, "kernel": [3, 3], "stride": [1, 1], "padding": "same", "dilation": [1, 1]}
    separable = (spec | make.weights_spec(), Separable(2, 3, 2, 3, 1))
    yield "separable convolution", picture, [separable, simple("tanh", nn.Tanh()), FLAT, (dense(1), Dense(72, 1))]
    transposed = (transposed_spec(3, 4, 2, 1), nn.ConvTranspose2d(2, 3, 4, 2, 1))
    yield "transposed convolution", (2, 2, 3), [transposed, LEAKY(), simple("tanh", nn.Tanh()), FLAT, (dense(1), Dense(72, 1))]
    norms = [
        ("instance norm", {"kind": "instance_norm", "epsilon": 1e-3, "affine": True}, lambda: nn.InstanceNorm2d(4, 1e-3, affine=True)),
        ("plain instance norm", {"kind": "instance_norm", "epsilon": 1e-3, "affine": False}, lambda: nn.InstanceNorm2d(4, 1e-3)),
        ("group norm", {"kind": "group_norm", "groups": 2, "epsilon": 1e-5}, lambda: nn.GroupNorm(2, 4)),
        ("layer norm", {"kind": "layer_norm", "epsilon": 1e-5}, lambda: nn.LayerNorm([4, 3, 2])),
        ("batch norm", {"kind": "batch_norm", "momentum": 0.1, "epsilon": 1e-5}, lambda: nn.BatchNorm2d(4)),
        ("pixel norm", {"kind": "pixel_norm", "epsilon": 1e-8}, lambda: Apply(lambda x: x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-8))),
    ]  # fmt: skip
    for name, spec, module in norms:
        for after, function in [("leaky_relu", nn.LeakyReLU(0.2)), ("sigmoid", nn.Sigmoid())]:
            bend = simple(after, function, **({"slope": 0.2} if after == "leaky_relu" else {}))
            yield f"{name} before {after}", picture, [conv(2, 4, 4, 2), (spec, module()), bend, FLAT, (dense(1), Dense(24, 1))]
    yield "batch norm of vectors", points, [
        (dense(5), Dense(2, 5)), ({"kind": "batch_norm", "momentum": 0.1, "epsilon": 1e-5}, nn.BatchNorm2d(5)), simple("tanh", nn.Tanh()), (dense(1), Dense(5, 1)),
    ]  # fmt: skip
    yield "minibatch deviation", picture, [
        conv(2, 3, 4, 2), simple("tanh", nn.Tanh()), simple("minibatch_std_dev", Apply(lambda x: minibatch(x, 2)), group=2), conv(4, 3), simple("tanh", nn.Tanh()), FLAT, (dense(1), Dense(18, 1)),
    ]  # fmt: skip
    yield "pools", picture, [
        conv(2, 4), simple("tanh", nn.Tanh()), (pool("max_pool", 2), nn.MaxPool2d(2)), conv(4, 4), simple("tanh", nn.Tanh()), ({"kind": "avg_pool", "size": [2, 2], "stride": [1, 1], "padding": "valid"}, nn.AvgPool2d(2, 1)),
        conv(4, 4), simple("global_avg_pool", nn.AdaptiveAvgPool2d(1)), (dense(1), Dense(4, 1)),
    ]  # fmt: skip
    yield "the largest of overlapping windows, and of all", picture, [
        conv(2, 4), ({"kind": "max_pool", "size": [3, 3], "stride": [2, 2], "padding": {"explicit": [1, 1]}}, nn.MaxPool2d(3, 2, 1)), simple("tanh", nn.Tanh()), conv(4, 5),
        simple("global_max_pool", Apply(lambda x: x.amax((2, 3), keepdim=True))), (dense(1), Dense(5, 1)),
    ]  # fmt: skip
    yield "sizes", (2, 2, 3), [
        simple("upsample", Bilinear(), factor=[2, 2], mode="bilinear"), conv(2, 4), simple("tanh", nn.Tanh()), simple("pixel_shuffle", nn.PixelShuffle(2), factor=2),
        simple("zero_padding2d", nn.ZeroPad2d((0, 1, 1, 0)), top=1, bottom=0, left=0, right=1), simple("cropping2d", Apply(lambda x: x[:, :, 2:-1, 1:-2]), top=2, bottom=1, left=1, right=2),
        conv(1, 2), simple("tanh", nn.Tanh()), simple("upsample", Apply(lambda x: F.interpolate(x, scale_factor=2, mode="nearest")), factor=[2, 2], mode="nearest"), conv(2, 2, 4, 2), FLAT, (dense(1), Dense(120, 1)),
    ]  # fmt: skip
    yield "self-attention", (4, 2, 3), [attention(4, 2), LEAKY(), FLAT, (dense(1), Dense(24, 1))]
    for resample, norm in [("down", "none"), ("none", "none"), ("up", "none"), ("down", "batch")]:
        size = {"down": 6, "none": 24, "up": 96}[resample]
        yield f"residual, {resample}, norm {norm}", picture, [residual(2, 3, resample, norm), simple("tanh", nn.Tanh()), FLAT, (dense(1), Dense(3 * size, 1))]
    spectral = [
        (convolution_spec(4, 4, 2, 1) | SPECTRAL, nn.Conv2d(2, 4, 4, 2, 1)), LEAKY(), (transposed_spec(3, 4, 2, 1) | SPECTRAL, nn.ConvTranspose2d(4, 3, 4, 2, 1)),
        simple("tanh", nn.Tanh()), FLAT, (dense(1, **SPECTRAL), Dense(72, 1)),
    ]  # fmt: skip
    yield "spectral norm", picture, [(spec, with_spectral_norm(module)) for spec, module in spectral]
    block = [residual(2, 3, "down", "none", True), attention(3, 1), FLAT, (dense(1), Dense(18, 1))]
    yield "spectral norm inside a block", picture, [(block[0][0], with_spectral_norm(block[0][1])), *block[1:]]
    yield "a final sigmoid under a loss without probabilities", points, [(dense(5), Dense(2, 5)), LEAKY(), (dense(1), Dense(5, 1)), simple("sigmoid", nn.Sigmoid())]  # fmt: skip


def network(layers):
    """Numbered from 1, as the layers of a project."""
    return nn.Sequential(nn.Identity(), *(module for _, module in layers))


def start(module):
    with torch.no_grad():
        for parameter in module.parameters():
            # Off the lattice of the inputs, on which units would lie on their kinks.
            parameter.copy_(eighths(*parameter.shape) / (2 if parameter.dim() > 1 else math.pi) / 1.3)
        for key, buffer in module.named_buffers():
            if key.endswith(("weight_u", "weight_v")):
                first = eighths(*buffer.shape)
                buffer.copy_(first / first.norm())


def state(module):
    return {key: tensor(value) for key, value in module.state_dict().items() if "num_batches" not in key}


def punished(discriminator, x, penalty):
    """The penalty on the gradients at `x`."""
    x = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)
    return penalty(gradient.flatten(1).norm(dim=1))


def one(weight):
    return lambda length: weight * (length - 1).square().mean()


def zero(weight):
    return lambda length: weight / 2 * length.square().mean()


def cases():
    make.rng = np.random.default_rng(23)
    found = []
    for name, shape, layers in discriminators():
        discriminator = network(layers)
        start(discriminator)
        samples = fine(4, *shape)
        initial, before = state(discriminator), {key: value.clone() for key, value in discriminator.state_dict().items()}
        penalties = {}
        for kind, weight, penalty in [("one", 10.0, one(10.0)), ("zero", 0.75, zero(0.75))]:
            discriminator.load_state_dict(before)
            value = punished(discriminator, samples, penalty)
            names, weights = zip(*discriminator.named_parameters())
            gradients = torch.autograd.grad(value, weights, allow_unused=True)
            gradients = {key: tensor(torch.zeros_like(own) if part is None else part) for key, own, part in zip(names, weights, gradients)}
            penalties[kind] = {"weight": weight, "value": short(value), "gradients": gradients}
        found.append({"name": name, "layers": [spec for spec, _ in layers], "initial": initial, "samples": tensor(samples), "penalties": penalties})
    return found


def augmented_cases():
    """Penalties on the gradients at samples before they are augmented, one by one or in packs."""
    make.rng = np.random.default_rng(32)
    found = []
    for name, shape, packing, p, switches in [
        ("colour", (3, 4, 4), 1, 1.0, ("colour",)),
        ("everything, half of the time", (2, 8, 8), 1, 0.5, ("colour", "translation", "cutout")),
        ("everything, in packs of two", (1, 8, 9), 2, 0.75, ("colour", "translation", "cutout")),
    ]:
        channels = packing * shape[0]
        values = 4 * ((shape[1] + 1) // 2) * ((shape[2] + 1) // 2)
        layers = [conv(channels, 4), simple("tanh", nn.Tanh()), conv(4, 4, 3, 2), LEAKY(), FLAT, (dense(1), Dense(values, 1))]
        discriminator = network(layers)
        start(discriminator)
        on, drawn = augment.switches(*switches), augment.draws(4 * packing, *shape[1:])
        samples = fine(4, channels, *shape[1:])
        seen = lambda x: augment.augment(augment.unpacked(x, shape), drawn, p, on).reshape(x.shape)
        names, weights = zip(*discriminator.named_parameters())
        penalties = {}
        for kind, weight, penalty in [("one", 10.0, one(10.0)), ("zero", 0.75, zero(0.75))]:
            value = punished(lambda x: discriminator(seen(x)), samples, penalty)
            gradients = torch.autograd.grad(value, weights, allow_unused=True)
            gradients = {key: tensor(torch.zeros_like(own) if part is None else part) for key, own, part in zip(names, weights, gradients)}
            penalties[kind] = {"weight": weight, "value": short(value), "gradients": gradients}
        found.append({
            "name": f"augmented: {name}", "layers": [spec for spec, _ in layers], "initial": state(discriminator), "samples": tensor(samples),
            "augment": augment.record(drawn, p, on, shape), "penalties": penalties,
        })  # fmt: skip
    return found


OFF = {"clip": 0.0, "gradient_penalty": 0.0, "r1": 0.0, "r2": 0.0, "lecam": 0.0, "every": 1}


def training(name, loss, rules, layers, sample, optimiser, build, longest=0.0, smoothing=(0.0, 0.0), packing=1):
    """Six steps of a pair as `make.training` takes them, with penalties. `shares` say where gradients are punished. The discriminator
    judges `packing` samples at once, one after the other along channels."""
    generator, discriminator = network(layers["generator"]), network(layers["discriminator"])
    start(generator), start(discriminator)
    initial = {"generator": state(generator), "discriminator": state(discriminator)}
    (g_optimiser, d_optimiser), batch, steps, means = [build(n.parameters()) for n in (generator, discriminator)], 4 * packing, [], None
    rules = OFF | rules
    for step in range(6):
        z, real, shares = eighths(batch, 3, 1, 1), eighths(batch, *sample) / 2, (eighths(batch // packing, 1, 1, 1) + 2) / 4
        fake = generator(z)
        real, fake = (samples.reshape(batch // packing, packing * sample[0], *sample[1:]) for samples in (real, fake))
        d_optimiser.zero_grad()
        on_real, on_fake = discriminator(real), discriminator(fake.detach())
        d_loss, penalty, last = discriminator_loss(loss, smoothing, on_real, on_fake), 0.0, None
        if step % rules["every"] == 0:
            between = shares * real + (1 - shares) * fake.detach()
            last = sum(
                punished(discriminator, x, p)
                for x, p, w in [(real, zero(rules["r1"]), rules["r1"]), (fake, zero(rules["r2"]), rules["r2"]), (between, one(rules["gradient_penalty"]), rules["gradient_penalty"])]
                if w > 0
            )  # fmt: skip
            penalty, shown = last * rules["every"], short(torch.as_tensor(last))
        lecam = 0.0
        if rules["lecam"] > 0:
            now = (on_real.mean().detach(), on_fake.mean().detach())
            means = now if means is None else tuple(0.99 * old + 0.01 * new for old, new in zip(means, now))
            lecam = rules["lecam"] * ((on_real - means[1]).square().mean() + (on_fake - means[0]).square().mean())
        (d_loss + penalty + lecam).backward()
        if longest > 0:
            nn.utils.clip_grad_norm_(discriminator.parameters(), longest)
        d_optimiser.step()
        g_optimiser.zero_grad()
        g_loss = generator_loss(loss, discriminator(fake), discriminator(real).detach())
        g_loss.backward()
        if longest > 0:
            nn.utils.clip_grad_norm_(generator.parameters(), longest)
        g_optimiser.step()
        steps.append({
            "latents": tensor(z), "real": tensor(real), "shares": tensor(shares), "d_loss": short(d_loss), "g_loss": short(g_loss),
            "penalty": short(torch.as_tensor(shown + lecam)),
        })  # fmt: skip
    final = {"generator": state(generator), "discriminator": state(discriminator)}
    return {
        "name": name, "layers": {role: [spec for spec, _ in layers[role]] for role in layers}, "loss": loss, "regularisation": rules,
        "smoothing": {"real": smoothing[0], "fake": smoothing[1]}, **({"packing": packing} if packing > 1 else {}), "optimiser": optimiser, "longest": longest,
        "initial": initial, "steps": steps, "final": final,
    }  # fmt: skip


def discriminator_loss(loss, smoothing, real, fake):
    bce = F.binary_cross_entropy_with_logits
    match loss:
        case "wasserstein":
            return fake.mean() - real.mean()
        case "relativistic_paired":
            return F.softplus(-(real - fake)).mean()
        case "hinge":
            return F.relu(1 - real).mean() + F.relu(1 + fake).mean()
        case "non_saturating":
            return bce(real, torch.full_like(real, 1 - smoothing[0])) + bce(fake, torch.full_like(fake, smoothing[1]))


def generator_loss(loss, fake, real):
    match loss:
        case "relativistic_paired":
            return F.softplus(-(fake - real)).mean()
        case "non_saturating":
            return F.softplus(-fake).mean()
        case _:
            return -fake.mean()


def pictures(packing=1):
    generator = [
        (transposed_spec(4, 2, 1, 0), nn.ConvTranspose2d(3, 4, 2, 1, 0)), simple("relu", nn.ReLU()), (transposed_spec(1, 4, 2, 1), nn.ConvTranspose2d(4, 1, 4, 2, 1)), simple("tanh", nn.Tanh()),
    ]  # fmt: skip
    norm = ({"kind": "instance_norm", "epsilon": 1e-5, "affine": True}, nn.InstanceNorm2d(4, 1e-5, affine=True))
    # A bias before the norm would have no gradient but that of rounding, which Adam makes large.
    first = (convolution_spec(4, 3, 1, 1, bias=False), nn.Conv2d(packing, 4, 3, 1, 1, bias=False))
    discriminator = [first, norm, LEAKY(), conv(4, 4, 3, 2), LEAKY(), FLAT, (dense(1), Dense(16, 1))]
    return {"generator": generator, "discriminator": discriminator}


def points(packing=1):
    leaky = simple("leaky_relu", nn.LeakyReLU(0.2), slope=0.2)
    return {
        "generator": [(dense(6), Dense(3, 6)), simple("relu", nn.ReLU()), (dense(2), Dense(6, 2))],
        "discriminator": [(dense(6), Dense(2 * packing, 6)), leaky, (dense(1), Dense(6, 1))],
    }


def trainings():
    make.rng = np.random.default_rng(24)
    adam = lambda beta1, beta2: {"learning_rate": 2e-3, "rule": {"name": "adam", "beta1": beta1, "beta2": beta2, "epsilon": 1e-8}}
    by_adam = lambda beta1, beta2: lambda p: torch.optim.Adam(p, 2e-3, (beta1, beta2))
    descent = {"learning_rate": 2e-2, "rule": {"name": "sgd", "momentum": 0.5}}
    adamw = {"learning_rate": 2e-3, "rule": {"name": "adam_w", "beta1": 0.5, "beta2": 0.9, "epsilon": 1e-8, "decay": 0.1}}
    return [
        training("WGAN-GP, pictures", "wasserstein", {"gradient_penalty": 10.0}, pictures(), (1, 4, 4), adam(0.0, 0.9), by_adam(0.0, 0.9)),
        training("WGAN-GP, points", "wasserstein", {"gradient_penalty": 10.0}, points(), (2, 1, 1), adam(0.5, 0.9), by_adam(0.5, 0.9)),
        training("RpGAN with R1 and R2", "relativistic_paired", {"r1": 0.5, "r2": 0.25}, pictures(), (1, 4, 4), adam(0.0, 0.99), by_adam(0.0, 0.99)),
        # By descent: the last bias has no gradient at first but that of rounding, which Adam would make large.
        training(
            "hinge with LeCam and R1 at every second step", "hinge", {"lecam": 0.3, "r1": 1.0, "every": 2}, points(), (2, 1, 1), descent,
            lambda p: torch.optim.SGD(p, 2e-2, 0.5),
        ),
        training(
            "smoothed labels, short gradients, AdamW", "non_saturating", {"r1": 0.1}, points(), (2, 1, 1), adamw,
            lambda p: torch.optim.AdamW(p, 2e-3, (0.5, 0.9), 1e-8, weight_decay=0.1), longest=0.2, smoothing=(0.1, 0.05),
        ),
        training("WGAN-GP, packs of two pictures", "wasserstein", {"gradient_penalty": 10.0}, pictures(2), (1, 4, 4), adam(0.0, 0.9), by_adam(0.0, 0.9), packing=2),
        training("R1, packs of three points", "non_saturating", {"r1": 0.5, "r2": 0.25}, points(3), (2, 1, 1), adam(0.5, 0.9), by_adam(0.5, 0.9), packing=3),
    ]  # fmt: skip
