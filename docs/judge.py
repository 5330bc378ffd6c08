"""Judges samples by what is no part of Ganvas: the numbers of quality.md.

    python judge.py ring8|grid25 SAMPLES.npy...
    python judge.py digits FOLDER-OF-MNIST SAMPLES.npy...
    python judge.py colour PICTURES.zip SAMPLES.npy...

SAMPLES.npy is what `ganvas sample run/project.ganvas --count N --out SAMPLES.npy` writes. Points are judged as PacGAN and VEEGAN do. For
pictures a small classifier is trained on the real ones, always with the same seed, and Frechet's distance is taken over its features; what
two halves of the real pictures reach is said first. Needs NumPy, and for pictures PyTorch and Pillow.
"""
import gzip
import io
import sys
import zipfile
from pathlib import Path

import numpy as np


def modes(name):
    """The centres of a mixture and the deviation of each of its modes."""
    if name == "ring8":
        angles = np.arange(8) * np.pi / 4
        return np.stack([np.cos(angles), np.sin(angles)], 1), 0.01
    side = np.arange(-4, 5, 2.0)
    return np.array([(x, y) for x in side for y in side]), 0.05


def judge_points(name, path):
    centres, sigma = modes(name)
    samples = np.load(path)
    distances = np.linalg.norm(samples[:, None] - centres, axis=2)
    near = distances.min(1) < 3 * sigma
    found = np.bincount(distances.argmin(1)[near], minlength=len(centres))
    print(f"{path}: {(found > 0).sum()} of {len(centres)} modes, {100 * near.mean():.1f} % of high quality")


def frechet(a, b):
    def root(matrix):
        values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
        return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T

    of_a, of_b = np.cov(a.T), np.cov(b.T)
    half = root(of_a)
    return ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(of_a + of_b - 2 * root(half @ of_b @ half))


def read_idx(path):
    raw = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read()
    dims = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(dims).copy()


def digits(folder):
    files = sorted(Path(folder).iterdir())
    pictures, labels = (next(file for file in files if what in file.name) for what in ("image", "label"))
    return read_idx(pictures)[..., None], read_idx(labels)


def colour(path):
    from PIL import Image

    archive = zipfile.ZipFile(path)
    names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
    classes = sorted({name.split("/")[-2] for name in names})
    pictures = [np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("RGB")) for name in names]
    return np.stack(pictures), np.array([classes.index(name.split("/")[-2]) for name in names])


def lenet():
    """LeNet, whose last hidden layer has 84 units."""
    from torch import nn

    layers = [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU()), nn.Linear(84, 10)


def convnet():
    """Three convolutions with batch normalisation, and a hidden layer of 128 units."""
    from torch import nn

    def block(before, after):
        return [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2)]

    layers = [*block(3, 32), *block(32, 64), *block(64, 128), nn.Flatten(), nn.Linear(2048, 128), nn.ReLU()]
    return nn.Sequential(*layers), nn.Linear(128, 10)


def batch(pictures):
    import torch

    return torch.tensor(pictures).float().permute(0, 3, 1, 2) / 127.5 - 1


def train(body, head, pictures, labels, grey):
    import torch

    torch.manual_seed(0)
    pictures, labels = batch(pictures), torch.tensor(labels).long()
    parameters = [*body.parameters(), *head.parameters()]
    if grey:
        epochs, optimiser = 12, torch.optim.Adam(parameters, 1e-3)
    else:
        order = torch.randperm(len(pictures))
        pictures, labels = pictures[order], labels[order]
        epochs, optimiser = 25, torch.optim.AdamW(parameters, 1e-3, weight_decay=0.05)
    count = len(pictures) * 9 // 10
    for _ in range(epochs):
        for chosen in torch.randperm(count).split(64):
            seen = pictures[chosen]
            if not grey:
                # A batch is mirrored or not, and shifted, as one.
                seen = torch.flip(seen, [3]) if torch.rand(1) < 0.5 else seen
                seen = torch.roll(seen, [int(by) for by in torch.randint(-3, 4, (2,))], (2, 3))
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(head(body(seen)), labels[chosen]).backward()
            optimiser.step()
    body.eval()
    with torch.no_grad():
        right = (head(body(pictures[count:])).argmax(1) == labels[count:]).float().mean()
    print(f"classifier: {100 * right:.1f} % of {len(pictures) - count} held-out pictures named rightly")


def sized(samples, shape):
    """Samples in the shape of the real pictures; larger ones are made smaller by the means of squares of pixels."""
    height, width, channels = shape
    factor = round((samples[0].size / (height * width * channels)) ** 0.5)
    blocks = samples.reshape(len(samples), height, factor, width, factor, channels)
    return blocks.mean((2, 4)).round().astype(np.uint8)


def judge_pictures(kind, real, paths):
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    grey = kind == "digits"
    pictures, labels = digits(real) if grey else colour(real)
    body, head = lenet() if grey else convnet()
    train(body, head, pictures, labels, grey)

    @torch.no_grad()
    def see(pictures):
        features = torch.cat([body(part) for part in batch(pictures).split(500)])
        return features.double().numpy(), head(features).argmax(1).numpy()

    features, classes = see(pictures)
    print(f"real: rarest class {100 * np.bincount(classes, minlength=10).min() / len(classes):.1f} %")
    order = np.random.default_rng(0).permutation(len(features))
    half = len(features) // 2
    print(f"real against real: {frechet(features[order[:half]], features[order[half:]]):.1f}")
    for path in paths:
        made, classes = see(sized(np.load(path), pictures.shape[1:]))
        rarest = 100 * np.bincount(classes, minlength=10).min() / len(classes)
        print(f"{path}: distance {frechet(features, made):.1f}, rarest class {rarest:.1f} %")


def main(words):
    if len(words) > 1 and words[0] in ("ring8", "grid25"):
        for path in words[1:]:
            judge_points(words[0], path)
    elif len(words) > 1 and words[0] in ("digits", "colour"):
        judge_pictures(words[0], words[1], words[2:])
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
