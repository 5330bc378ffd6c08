# Weights that a class holds itself and scales as it uses them, pixel norm in numbers, statistics of the batch, growing by a loop.
import math

import torch
import torch.nn.functional as F
from torch import nn


class ScaledDense(nn.Module):
    def __init__(self, inside, outside, gain=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outside, inside))
        self.bias = nn.Parameter(torch.zeros(outside))
        self.scale = gain / math.sqrt(inside)

    def forward(self, x):
        return F.linear(x, self.weight * self.scale, self.bias)


class ScaledConv2d(nn.Module):
    def __init__(self, inside, outside, size, stride=1, padding=0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outside, inside, size, size))
        self.bias = nn.Parameter(torch.zeros(outside))
        self.scale = math.sqrt(2 / (inside * size ** 2))
        self.stride, self.padding = stride, padding

    def forward(self, x):
        return F.conv2d(x, self.weight * self.scale, bias=self.bias, stride=self.stride, padding=self.padding)


class OwnNorm(nn.Module):
    def forward(self, x):
        return x * torch.rsqrt(torch.mean(x ** 2, dim=1, keepdim=True) + 1e-6)


class Generator(nn.Module):
    def __init__(self, nz=64, widths=(64, 64, 32, 16)):
        super().__init__()
        self.norm = OwnNorm()
        self.begin = ScaledDense(nz, widths[0] * 4 * 4)
        self.steps = nn.ModuleList([ScaledConv2d(a, b, 3, padding=1) for a, b in zip(widths, widths[1:])])
        self.colours = ScaledConv2d(widths[-1], 3, 1)

    def forward(self, z):
        x = self.begin(self.norm(z)).view(z.shape[0], -1, 4, 4)
        for conv in self.steps:
            x = F.interpolate(x, size=(x.shape[2] * 2, x.shape[3] * 2), mode="bilinear", align_corners=False)
            x = self.norm(F.leaky_relu(conv(x), 0.2) * math.sqrt(2))
        return torch.tanh(self.colours(x))


class Discriminator(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.body = nn.Sequential(
            ScaledConv2d(3, width, 3, 2, 1), nn.LeakyReLU(0.2),
            ScaledConv2d(width, width * 2, 3, 2, 1), nn.LeakyReLU(0.2),
            ScaledConv2d(width * 2, width * 2, 3, 2, 1), nn.LeakyReLU(0.2),
        )
        self.last = ScaledConv2d(width * 2 + 1, width * 2, 3, padding=1)
        self.verdict = ScaledDense(width * 2 * 4 * 4, 1)

    def statistics(self, x):
        spread = torch.std(x, dim=0).mean().repeat(x.shape[0], 1, x.shape[2], x.shape[3])
        return torch.cat([x, spread], dim=1)

    def forward(self, x):
        x = self.statistics(self.body(x))
        x = F.leaky_relu(self.last(x), 0.2)
        return self.verdict(x.reshape(x.shape[0], -1))


generator, discriminator = Generator(), Discriminator()


def discriminator_loss(real, fake):
    return F.softplus(-real).mean() + F.softplus(fake).mean()


g_optim = torch.optim.Adam(generator.parameters(), lr=2e-3, betas=(0.0, 0.99))
d_optim = torch.optim.Adam(discriminator.parameters(), lr=2e-3, betas=(0.0, 0.99))
