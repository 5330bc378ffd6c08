"""Loads what Ganvas wrote for Keras and compares what it makes with what Ganvas made.

    python keras_agrees.py FOLDER...

Each folder holds gan.py, weights.npz, inputs, outputs (.npy, channels first) and the numbers of weights.
"""
import importlib.util
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np

TOLERANCE = 1e-4


def written(folder):
    spec = importlib.util.spec_from_file_location("gan", folder / "gan.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def differences(folder):
    gan = written(folder)
    generator, average, discriminator = gan.make_generator(), gan.make_generator(), gan.make_discriminator()
    gan.load(folder / "weights.npz", generator=generator, average=average, discriminator=discriminator)
    counts = [int(count) for count in (folder / "parameters.txt").read_text().split()]
    for name, network, count in (("generator", generator, counts[0]), ("discriminator", discriminator, counts[1])):
        assert sum(int(np.prod(weight.shape)) for weight in network.trainable_weights) == count, name
        given = np.load(folder / f"{name}-input.npy")
        wanted = np.load(folder / f"{name}-output.npy")
        flat = given.shape[2:] == (1, 1)
        found = network(given[:, :, 0, 0] if flat else given.transpose(0, 2, 3, 1), training=False).numpy()
        if found.ndim == 4:
            found = found.transpose(0, 3, 1, 2)
        assert found.shape == wanted.shape[: found.ndim] and found.size == wanted.size, (found.shape, wanted.shape)
        yield name, np.abs(found.reshape(wanted.shape) - wanted).max(), np.abs(wanted).max()
    arrays = np.load(folder / "weights.npz")
    loaded = sum(len(network.weights) for network in (generator, average, discriminator))
    assert len(arrays.files) == loaded, f"{len(arrays.files)} arrays for {loaded} weights"


def main():
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
