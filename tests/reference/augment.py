"""Augmentation as DiffAugment's paper defines it (Zhao et al., 2020), given its random numbers; `make.py` writes the table."""

import numpy as np
import torch
import torch.nn.functional as F

import make
from make import eighths, short, tensor

GROUPS = ("brightness", "saturation", "contrast", "translation", "cutout")


def draws(count, height, width):
    """What is random, exact in any float format; every place that can be drawn comes up early or late."""
    rng = make.rng
    shift = [int(side * 0.125 + 0.5) for side in (height, width)]
    cut = [int(side * 0.5 + 0.5) for side in (height, width)]
    return {
        "brightness": rng.integers(-16, 16, count) / 32.0,
        "saturation": rng.integers(0, 64, count) / 32.0,
        "contrast": rng.integers(16, 48, count) / 32.0,
        "translation": [rng.integers(-most, most + 1, count) for most in shift],
        "cutout": [rng.integers(0, side + 1 - size % 2, count) for side, size in zip((height, width), cut)],
        "chances": rng.integers(0, 32, (len(GROUPS), count)) / 32.0,
    }


def moved(x, rows, columns):
    """Every value comes from so many rows and columns further on, or is zero."""
    n, _, height, width = x.shape
    padded = F.pad(x, (1, 1, 1, 1)).permute(0, 2, 3, 1)
    row = (torch.arange(height)[None, :, None] + rows[:, None, None] + 1).clamp(0, height + 1)
    column = (torch.arange(width)[None, None, :] + columns[:, None, None] + 1).clamp(0, width + 1)
    return padded[torch.arange(n)[:, None, None], row, column].permute(0, 3, 1, 2)


def cut_out(x, rows, columns):
    """A window of half the size around a place is zero."""
    _, _, height, width = x.shape
    mask = torch.ones(len(x), 1, height, width)
    sizes = [int(side * 0.5 + 0.5) for side in (height, width)]
    for index, (row, column) in enumerate(zip(rows.tolist(), columns.tolist())):
        top, left = row - sizes[0] // 2, column - sizes[1] // 2
        mask[index, :, max(top, 0) : top + sizes[0], max(left, 0) : left + sizes[1]] = 0
    return x * mask


def augment(x, drawn, p, on):
    """Each change of a group that is `on`, to each sample whose chance is below `p`."""
    one = lambda values: torch.as_tensor(np.asarray(values))[:, None, None, None]
    for index, group in enumerate(GROUPS):
        if not on["colour" if index < 3 else group]:
            continue
        if group == "brightness":
            changed = x + one(drawn[group])
        elif group == "saturation":
            grey = x.mean(1, keepdim=True)
            changed = (x - grey) * one(drawn[group]) + grey
        elif group == "contrast":
            mean = x.mean((1, 2, 3), keepdim=True)
            changed = (x - mean) * one(drawn[group]) + mean
        else:
            rows, columns = (torch.as_tensor(values) for values in drawn[group])
            changed = (moved if group == "translation" else cut_out)(x, rows, columns)
        x = torch.where(one(drawn["chances"][index] < p), changed, x)
    return x


def unpacked(x, shape):
    """As many samples of `shape` as `x` holds, each by itself."""
    return x.reshape(-1, *shape)


def record(drawn, p, on, shape):
    """What was drawn, as a table has it."""
    lists = {key: np.asarray(value).tolist() for key, value in drawn.items()}
    return {"rules": on | {"probability": p}, "one": list(shape), "draws": lists}


def switches(*names):
    return {name: name in names for name in ("colour", "translation", "cutout")}


def cases():
    make.rng = np.random.default_rng(31)
    found = []
    everything = ("colour", "translation", "cutout")
    for name, shape, packing, p, on in [
        ("colour of grey pictures", (1, 5, 4), 1, 1.0, switches("colour")),
        ("colour", (3, 4, 5), 1, 1.0, switches("colour")),
        ("translation", (2, 12, 9), 1, 1.0, switches("translation")),
        ("cutout of odd and even sides", (1, 7, 8), 1, 1.0, switches("cutout")),
        ("cutout of sides that halve to odd ones", (1, 6, 10), 1, 1.0, switches("cutout")),
        ("everything", (3, 9, 12), 1, 1.0, switches(*everything)),
        ("everything, half of the time", (3, 8, 6), 1, 0.5, switches(*everything)),
        ("everything, in packs of two", (3, 4, 8), 2, 0.75, switches(*everything)),
        ("never", (3, 4, 4), 1, 0.0, switches(*everything)),
    ]:
        drawn = draws(6, *shape[1:])
        packed = (6 // packing, packing * shape[0], *shape[1:])
        samples, cotangent = eighths(*packed).requires_grad_(), eighths(*packed)
        output = augment(unpacked(samples, shape), drawn, p, on).reshape(packed)
        (gradient,) = torch.autograd.grad((output * cotangent).sum(), samples)
        found.append({
            "name": name, **record(drawn, p, on, shape), "samples": tensor(samples), "cotangent": tensor(cotangent),
            "output": tensor(output), "gradient": tensor(gradient),
        })  # fmt: skip
    return found
