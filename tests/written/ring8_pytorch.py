"""ring8: a generative adversarial network in PyTorch, written by Ganvas.

    python gan.py                                trains on points drawn in code
    python gan.py --weights weights.safetensors  goes on from trained weights; with --steps 0 it only writes samples
"""
import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from torch import nn

LATENT_DIM = 16
BATCH_SIZE = 128
D_STEPS = 1  # of the discriminator for each of the generator
EMA_DECAY = 0.99  # how much of the averaged generator survives a step
TRAIN_STEPS = 10000
SEED = 1


class Generator(nn.Module):
    """From latent vectors, [n, 16], to points, [n, 2]."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(16, 128),
            nn.ReLU(),
            nn.Linear(128, 128),
            nn.ReLU(),
            nn.Linear(128, 2),
        )

    def forward(self, z):
        return self.layers(z)


class Discriminator(nn.Module):
    """From points, [n, 2], to scores, [n, 1]."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2, 128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 1),
        )

    def forward(self, x):
        return self.layers(x)


def discriminator_loss(real, fake):
    """What the discriminator minimises: non-saturating (BCE)."""
    return F.binary_cross_entropy_with_logits(real, torch.ones_like(real)) + F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))


def generator_loss(fake):
    """What the generator minimises."""
    return F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))


def load_data(count=20_000):
    """Eight clusters on the unit circle, [count, 2]."""
    angle = np.arange(count) % 8 * (2 * np.pi / 8)
    centre = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    noise = np.random.default_rng(SEED).normal(0.0, 0.01, (count, 2))
    return (centre + noise).astype("float32")


def latents(count, device):
    """Where samples come from, [count, latent_dim]."""
    return torch.randn(count, LATENT_DIM, device=device)


def batches(data, device):
    """Batches of real samples without end, in a new order at each pass."""
    while True:
        order = torch.randperm(len(data))
        for start in range(0, max(1, len(data) - BATCH_SIZE + 1), BATCH_SIZE):
            yield data[order[start : start + BATCH_SIZE]].to(device)


@torch.no_grad()
def follow(average, generator, step):
    """Moves the averaged generator a step towards the one that is trained; the first steps are soon forgotten."""
    keep = min(EMA_DECAY, (1 + step) / (10 + step))
    for own, other in zip(average.state_dict().values(), generator.state_dict().values()):
        if own.is_floating_point():
            own.lerp_(other, 1 - keep)
        else:
            own.copy_(other)


def train(generator, average, discriminator, data, steps, device, out):
    """So many steps of the generator, each after one of the discriminator."""
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=0.001, betas=(0.5, 0.999), eps=1e-8)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=0.001, betas=(0.5, 0.999), eps=1e-8)
    real_batches = batches(data, device)
    looked_at = latents(64, device)
    for step in range(1, steps + 1):
        for _ in range(D_STEPS):
            real = next(real_batches)
            fake = generator(latents(len(real), device))
            d_loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))
            d_optimizer.zero_grad()
            d_loss.backward()
            d_optimizer.step()
        g_loss = generator_loss(discriminator(fake))
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()
        follow(average, generator, step)
        if step % 100 == 0 or step == steps:
            print(f"step {step}: D {d_loss.item():.4f}, G {g_loss.item():.4f}", flush=True)
        if step % 500 == 0 or step == steps:
            write_samples(average, looked_at, out / f"samples-{step:06}.png")


@torch.no_grad()
def write_samples(generator, z, path):
    """Points in the plane, the data behind them in grey."""
    generator.eval()
    points = generator(torch.cat([z, latents(1024, z.device)])).cpu().numpy()
    generator.train()
    real = load_data()[:2000]
    picture = Image.new("RGB", (512, 512), "white")
    draw = ImageDraw.Draw(picture)
    reach = 1.2 * np.abs(real).max()
    for cloud, colour in ((real, "lightgrey"), (points, "darkorange")):
        for x, y in 256 + cloud / reach * (256, -256):
            draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=colour)
    picture.save(path)


def load(path, **networks):
    """Takes over trained weights: `load(path, generator=generator)`."""
    from safetensors.torch import load_file

    tensors = load_file(path)
    for name, network in networks.items():
        start = name + "."
        network.load_state_dict({key.removeprefix(start): value for key, value in tensors.items() if key.startswith(start)})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", help="trained weights, as Ganvas exports them (.safetensors)")
    parser.add_argument("--steps", type=int, default=TRAIN_STEPS, help="generator steps")
    parser.add_argument("--out", type=Path, default=Path("samples"), help="where sample pictures go")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()

    torch.manual_seed(SEED)
    args.out.mkdir(parents=True, exist_ok=True)
    generator, discriminator = Generator().to(args.device), Discriminator().to(args.device)
    average = Generator().to(args.device)
    average.load_state_dict(generator.state_dict())
    if args.weights:
        load(args.weights, generator=generator, average=average, discriminator=discriminator)
    if args.steps == 0:
        write_samples(average, latents(64, args.device), args.out / "samples.png")
        return
    data = torch.from_numpy(load_data())
    train(generator, average, discriminator, data, args.steps, args.device, args.out)
    torch.save({"generator": average.state_dict(), "discriminator": discriminator.state_dict()}, args.out / "trained.pt")


if __name__ == "__main__":
    main()
