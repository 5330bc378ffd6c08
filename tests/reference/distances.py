"""Distances between sets of samples as their papers define them, in NumPy's double precision; nothing else is needed to run it.

    python3 tests/reference/distances.py

makes `sliced.json` anew, as `make.py` does with all tables, and holds `distances.json` against the definitions, whose samples it reads
from there.

The sliced Wasserstein distance is that of Karras et al. (2018, "Progressive growing of GANs", section 5): a Laplacian pyramid with the
kernel [1, 4, 6, 4, 1] / 16 in both directions, descriptors of 7 x 7 pixels with mean 0 and deviation 1 in each channel, and the mean over
random directions of the Wasserstein distance of the projections. Ganvas differs from the authors' program, and so does this, in that

- the smaller picture is enlarged bilinearly before it is taken off the larger one, where they enlarge with the kernel times 4;
- sizes that are odd are halved upwards, where theirs are powers of two;
- a channel without contrast stays zero, where theirs is divided by zero;
- no level is smaller than 14 pixels, where theirs end at 16, and there are 256 directions, where they take 512.

Borders are mirrored without repeating the edge, as theirs are (OpenCV's default), and the result is times 1000, as in the paper's tables.
"""

import itertools
import json
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent
KERNEL = np.array([1, 4, 6, 4, 1]) / 16
PATCH = 7
SMALLEST = 14


# ------------------------------------------------------------------------------------------------------ the sliced distance


def pictures(first, count, channels, height, width):
    """Pictures that the tests make in the same way, so that tables stay small: eighths in -1..1."""
    n, c, y, x = np.ogrid[first : first + count, :channels, :height, :width]
    mixed = 3 * x * x + x * y + 2 * y * y + (4 * c + 3 * n) * (x + 2 * y) + 5 * c + 7 * n * n
    return (mixed % 17 - 8) / 8


def halved(picture):
    """Every other pixel of the blurred picture, `[channels, height, width]`."""
    height, width = picture.shape[1:]
    padded = np.pad(picture, ((0, 0), (2, 2), (2, 2)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (5, 5), axis=(1, 2))
    assert windows.shape[1:3] == (height, width)
    return np.einsum("chwij,i,j->chw", windows, KERNEL, KERNEL)[:, ::2, ::2]


def enlarged(small, height, width):
    """Linear between pixels, which lie on every other one of the result; beyond the last one it stays."""
    rows, columns = np.arange(small.shape[1]), np.arange(small.shape[2])
    tall = np.apply_along_axis(lambda line: np.interp(np.arange(height) / 2, rows, line), 1, small)
    return np.apply_along_axis(lambda line: np.interp(np.arange(width) / 2, columns, line), 2, tall)


def laplacian(picture):
    """The levels of the pyramid, the finest first."""
    if min(picture.shape[1:]) // 2 < SMALLEST:
        return [picture]
    small = halved(picture)
    return [picture - enlarged(small, *picture.shape[1:]), *laplacian(small)]


def normalised(patches):
    """`[patches, channels, 7, 7]`, each channel with mean 0 and deviation 1."""
    deviation = patches.std(axis=(0, 2, 3), keepdims=True)
    centred = patches - patches.mean(axis=(0, 2, 3), keepdims=True)
    return np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > 0)


def transport(a, b):
    """The Wasserstein distance of as many numbers by its definition: the cheapest of all ways to move one set to the other."""
    ways = itertools.permutations(range(len(b)))
    return min(np.abs(a - b[list(way)]).mean() for way in ways)


def sliced(a, b, directions):
    """The distance along each direction of `[directions, dims]`, of sets `[samples, dims]`."""
    return np.abs(np.sort(a @ directions.T, axis=0) - np.sort(b @ directions.T, axis=0)).mean(axis=0)


def halvings():
    found = []
    for shape in [(1, 6, 7), (3, 5, 4)]:
        picture = pictures(2, 1, *shape)[0]
        small = halved(picture)
        found.append({"shape": shape, "first": 2, "smaller": numbers(small), "level": numbers(picture - enlarged(small, *shape[1:]))})
    return found


def pyramids():
    """Of each level its shape, some of its values, and the sum and the sum of squares of all."""
    found = []
    for shape in [(1, 28, 31), (3, 64, 57), (1, 27, 40)]:
        levels = [
            {"shape": level.shape, "some": numbers(level.ravel()[::STRIDE]), "sum": number(level.sum()), "squares": number((level**2).sum())}
            for level in laplacian(pictures(5, 1, *shape)[0])
        ]
        found.append({"shape": shape, "first": 5, "levels": levels})
    return found


# Every so many values of a level are in the table.
STRIDE = 173


def descriptors():
    """Pictures that are one patch each; the last channel has no contrast."""
    patches = pictures(1, 2, 3, PATCH, PATCH)
    patches[:, 2] = 0.25
    return {"first": 1, "count": 2, "flat": 0.25, "values": numbers(normalised(patches))}


def directions(rng, count, dims):
    drawn = rng.normal(size=(count, dims))
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def along(rng):
    """Two sets of descriptors, and their distance along given directions."""
    a, b = rng.integers(-16, 17, (2, 6, 5)) / 8
    chosen = directions(rng, 4, 5)
    found = sliced(a, b, chosen)
    for direction, distance in zip(chosen, found):
        assert np.isclose(distance, transport(a @ direction, b @ direction), rtol=1e-12)
    return {"a": a.tolist(), "b": b.tolist(), "directions": [numbers(direction) for direction in chosen], "distances": numbers(found)}


def whole(rng):
    """The distance of two sets of pictures that are one patch each: the mean over very many directions, and the spread over them."""
    count, firsts = 8, (0, 8)
    a, b = (normalised(pictures(first, count, 3, PATCH, PATCH)).reshape(count, -1) for first in firsts)
    found = 1000 * sliced(a, b, directions(rng, 50_000, a.shape[1]))
    return {"firsts": firsts, "count": count, "mean": number(found.mean()), "spread": number(found.std())}


def sliced_cases():
    rng = np.random.default_rng(47)
    return {"halvings": halvings(), "pyramids": pyramids(), "descriptors": descriptors(), "along": along(rng), "whole": whole(rng)}


def number(value):
    """With eight significant digits, as many as a 32-bit float may have."""
    value = float(f"{value:.8g}")
    return int(value) if value.is_integer() else value


def numbers(values):
    return [number(value) for value in np.ravel(values)]


# -------------------------------------------------------------------------------------- distances over features, and their check


def frechet(a, b):
    """Dowson and Landau (1982); the eigenvalues of the product of two covariances are real and not below zero."""
    means, covariances = [x.mean(axis=0) for x in (a, b)], [np.cov(x, rowvar=False) for x in (a, b)]
    roots = np.sqrt(np.linalg.eigvals(covariances[0] @ covariances[1]).real.clip(0))
    return ((means[0] - means[1]) ** 2).sum() + sum(map(np.trace, covariances)) - 2 * roots.sum()


def kernel(a, b):
    """Bińkowski et al. (2018): the unbiased estimate under a polynomial of degree 3."""
    values = lambda x, y: (x @ y.T / x.shape[1] + 1) ** 3
    among = lambda x: (values(x, x).sum() - np.trace(values(x, x))) / (len(x) * (len(x) - 1))
    return among(a) + among(b) - 2 * values(a, b).mean()


def prdc(real, fake, neighbours=5):
    """Kynkäänniemi et al. (2019) and Naeem et al. (2020)."""
    distances = lambda x, y: np.linalg.norm(x[:, None] - y[None], axis=2)
    radii = lambda x: np.sort(distances(x, x), axis=1)[:, neighbours]
    between, real_radii, fake_radii = distances(real, fake), radii(real)[:, None], radii(fake)[None]
    within = between < real_radii
    return [
        within.any(axis=0).mean(),
        (between < fake_radii).any(axis=1).mean(),
        within.sum(axis=0).mean() / neighbours,
        (between.min(axis=1) < real_radii[:, 0]).mean(),
    ]


def check_distances():
    for entry in json.loads((HERE / "distances.json").read_text()):
        # As the tests read them: in 32 bits.
        a, b = (np.array(entry[name], dtype=np.float32).astype(float) for name in ("a", "b"))
        assert np.isclose(frechet(a, b), entry["frechet"], rtol=1e-9)
        assert np.isclose(kernel(a, b), entry["kernel"], rtol=1e-9)
        assert np.allclose(prdc(a, b), entry["prdc"], rtol=1e-9)


if __name__ == "__main__":
    check_distances()
    # As make.py writes a table.
    lines = (f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in sliced_cases().items())
    (HERE / "sliced.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
