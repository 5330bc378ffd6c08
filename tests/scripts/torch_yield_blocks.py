# Blocks by functions that yield, names on import, a view as a module, weights set in a loop, arguments of the command line.
import argparse

import torch
from torch import nn
from torch.nn import BatchNorm1d as BN, LeakyReLU as LReLU, Linear as Lin, Sequential as Seq


class View(nn.Module):
    def __init__(self, *sizes):
        super(View, self).__init__()
        self.sizes = sizes

    def forward(self, x):
        return x.view((x.size(0),) + self.sizes)


def up(inside, outside, norm=True):
    layers = [nn.ConvTranspose2d(inside, outside, kernel_size=4, stride=2, padding=1, bias=not norm)]
    return layers + ([nn.BatchNorm2d(outside), nn.ReLU(inplace=True)] if norm else [])


def down(inside, outside, norm="bn"):
    yield nn.Conv2d(inside, outside, 4, 2, 1)
    if norm == "bn":
        yield nn.BatchNorm2d(outside)
    yield nn.LeakyReLU(.2)


class Generator(nn.Module):
    def __init__(self, latent=100, channels=1, side=28):
        super(Generator, self).__init__()
        quarter = side // 4
        self.dense = Seq(Lin(latent, 256), BN(256), nn.ReLU(), Lin(256, 64 * quarter ** 2), nn.ReLU(), View(64, quarter, quarter))
        self.rise = Seq(*up(64, 32), *up(32, channels, norm=False), nn.Tanh())
        start_weights(self)

    def forward(self, z):
        return self.rise(self.dense(z))


class Discriminator(nn.Module):
    def __init__(self, channels=1, side=28):
        super().__init__()
        self.fall = Seq(*down(channels, 32, norm=None), *down(32, 64))
        self.verdict = Seq(nn.Flatten(), Lin(64 * (side // 4) ** 2, 128), LReLU(0.2), Lin(128, 1), nn.Sigmoid())
        start_weights(self)

    def forward(self, x):
        return self.verdict(self.fall(x))


def start_weights(net):
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            module.weight.data.normal_(0, 0.02)
            module.bias.data.zero_()
        elif isinstance(module, nn.ConvTranspose2d):
            module.weight.data.normal_(0, 0.02)
        elif isinstance(module, nn.Linear):
            module.weight.data.normal_(0, 0.02)


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epoch", type=int, default=50)
    parser.add_argument("--batch_size", type=int, default=48)
    parser.add_argument("--lrG", type=float, default=0.0002)
    parser.add_argument("--lrD", type=float, default=0.0001)
    parser.add_argument("--beta1", type=float, default=0.5)
    parser.add_argument("--beta2", type=float, default=0.999)
    parser.add_argument("--z_dim", type=int, default=62)
    return parser.parse_args()


args = read_arguments()
generator = Generator(latent=args.z_dim)
discriminator = Discriminator()
optimiser_g = torch.optim.Adam(generator.parameters(), lr=args.lrG, betas=(args.beta1, args.beta2))
optimiser_d = torch.optim.Adam(discriminator.parameters(), lr=args.lrD, betas=(args.beta1, args.beta2))
bce = nn.BCELoss()
for epoch in range(args.epoch):
    for step, real in enumerate(batches):
        optimiser_d.step()
        if step % 3 == 0:
            optimiser_g.step()
