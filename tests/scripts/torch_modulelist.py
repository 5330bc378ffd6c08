# Loops over lists of channels, OrderedDict, ModuleList, Unflatten, latent vectors from -1 to 1.
from collections import OrderedDict
import torch
from torch import nn, optim


class Config:
    z_dim: int = 64
    channels = [256, 128, 64]
    image_channels = 3
    lr = 1e-4


cfg = Config()


def up_block(cin, cout):
    return nn.Sequential(OrderedDict([
        ("up", nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)),
        ("conv", nn.Conv2d(cin, cout, kernel_size=3, padding="same", bias=False)),
        ("norm", nn.BatchNorm2d(cout)),
        ("act", nn.SiLU()),
    ]))


class G(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.project = nn.Sequential(nn.Linear(cfg.z_dim, 256 * 16), nn.Unflatten(1, (256, 4, 4)))
        self.ups = nn.ModuleList()
        for cin, cout in zip(cfg.channels[:-1], cfg.channels[1:]):
            self.ups.append(up_block(cin, cout))
        self.last = up_block(cfg.channels[-1], 32)
        self.to_rgb = nn.Conv2d(32, cfg.image_channels, 1)

    def forward(self, z):
        x = self.project(z)
        for up in self.ups:
            x = up(x)
        return torch.tanh(self.to_rgb(self.last(x)))


class D(nn.Module):
    def __init__(self, widths=(64, 128, 256)):
        super().__init__()
        layers, previous = [], 3
        for i, width in enumerate(widths):
            layers += [nn.Conv2d(previous, width, 4, stride=2, padding=1, bias=i == 0)]
            if i > 0:
                layers.append(nn.BatchNorm2d(width))
            layers.append(nn.GELU())
            previous = width
        self.features = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(p=0.1), nn.Linear(previous, 1))

    def forward(self, x):
        return self.head(self.features(x))


generator, discriminator = G(cfg), D()
g_optim = optim.Adam(generator.parameters(), lr=cfg.lr, betas=(0.5, 0.9))
d_optim = optim.SGD(discriminator.parameters(), lr=cfg.lr * 4, momentum=0.9)
mse = nn.MSELoss()
z = torch.empty(16, cfg.z_dim).uniform_(-1, 1)
num_epochs = 30
batch_size = 32
