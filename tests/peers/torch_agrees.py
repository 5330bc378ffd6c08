"""Loads what Ganvas wrote for PyTorch and compares what it makes with what Ganvas made.

    python torch_agrees.py FOLDER...

Each folder holds gan.py, weights.safetensors, inputs, outputs (.npy) and the numbers of weights.
"""
import importlib.util
import json
import sys
import types
import warnings
from pathlib import Path

import numpy as np
import torch

TOLERANCE = 1e-4


def load_file(path):
    """A .safetensors file: a header of JSON, then the values. Stands in where the package is missing."""
    raw = Path(path).read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    about = header.pop("__metadata__")
    assert about["sample_from"] in about["networks"], about
    tensors = {}
    for name, entry in header.items():
        start, end = (8 + size + at for at in entry["data_offsets"])
        tensors[name] = torch.from_numpy(np.frombuffer(raw[start:end], "<f4").reshape(entry["shape"]).copy())
    return tensors


def stand_in():
    package = types.ModuleType("safetensors")
    package.torch = types.ModuleType("safetensors.torch")
    package.torch.load_file = load_file
    sys.modules["safetensors"], sys.modules["safetensors.torch"] = package, package.torch


def written(folder):
    spec = importlib.util.spec_from_file_location("gan", folder / "gan.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@torch.no_grad()
def differences(folder):
    gan = written(folder)
    generator, average, discriminator = gan.Generator(), gan.Generator(), gan.Discriminator()
    gan.load(folder / "weights.safetensors", generator=generator, average=average, discriminator=discriminator)
    counts = [int(count) for count in (folder / "parameters.txt").read_text().split()]
    for name, network, count in (("generator", generator, counts[0]), ("discriminator", discriminator, counts[1])):
        assert sum(weight.numel() for weight in network.parameters()) == count, name
        network.eval()
        given = torch.from_numpy(np.load(folder / f"{name}-input.npy"))
        wanted = np.load(folder / f"{name}-output.npy")
        flat = given.shape[2:] == (1, 1)
        found = network(given.flatten(1) if flat else given).numpy()
        # Vectors have no rows and columns there.
        assert found.shape == wanted.shape[: found.ndim] and found.size == wanted.size, (found.shape, wanted.shape)
        yield name, np.abs(found.reshape(wanted.shape) - wanted).max(), np.abs(wanted).max()
        # A step back has to go through everything.
    for network in (generator, discriminator):
        network.train()


def main():
    warnings.simplefilter("ignore")
    try:
        import safetensors.torch  # noqa: F401
    except ImportError:
        stand_in()
    bad = False
    for folder in map(Path, sys.argv[1:]):
        found = list(differences(folder))
        words = ", ".join(f"{name} {difference:.1e} of {largest:.2g}" for name, difference, largest in found)
        fits = all(difference < TOLERANCE * max(1.0, largest) for _, difference, largest in found)
        bad |= not fits
        print(f"{folder.name}: {words}: {'agrees' if fits else 'differs'}")
    sys.exit(bad)


if __name__ == "__main__":
    main()
