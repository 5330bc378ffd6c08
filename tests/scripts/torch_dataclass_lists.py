# Settings that cannot change, lists of modules, functions between them; the logistic loss written out.
from dataclasses import dataclass
from typing import Optional, Sequence, Tuple
import torch
import torch.nn as nn
import torch.nn.functional as F

@dataclass(frozen=True)
class Config:
    z_dim: int = 128
    widths: Tuple[int, ...] = (256, 128, 64)
    img_channels: int = 3
    img_size: int = 32
    lr: float = 2e-4
    betas: Tuple[float, float] = (0.5, 0.999)
    batch_size: int = 64
    epochs: int = 50
    slope: float = 0.2

config = Config()

class Generator(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        w = config.widths
        self.start = config.img_size // 2 ** len(w)
        self.fc = nn.Linear(config.z_dim, w[0] * self.start * self.start)
        self.convs = nn.ModuleList()
        self.norms = nn.ModuleList()
        for c_in, c_out in zip(w, w[1:] + (w[-1] // 2,)):
            self.convs.append(nn.Conv2d(c_in, c_out, 3, padding=1))
            self.norms.append(nn.BatchNorm2d(c_out))
        self.out = nn.Conv2d(w[-1] // 2, config.img_channels, 1)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        x = self.fc(z).reshape(-1, self.config.widths[0], self.start, self.start)
        for conv, norm in zip(self.convs, self.norms):
            x = F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
            x = F.leaky_relu(norm(conv(x)), self.config.slope)
        return torch.tanh(self.out(x))

class Discriminator(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        ws = [config.img_channels, *reversed(config.widths)]
        self.layers = nn.ModuleList([nn.Conv2d(a, b, 4, 2, 1) for a, b in zip(ws[:-1], ws[1:])])
        self.drop = nn.Dropout(0.3)
        self.head = nn.LazyLinear(1)

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = layer(x)
            x = F.leaky_relu(x, negative_slope=0.2)
            if i > 0:
                x = self.drop(x)
        x = torch.flatten(x, start_dim=1)
        return self.head(x)

device = "cuda" if torch.cuda.is_available() else "cpu"
G = Generator(config).to(device)
D = Discriminator(config).to(device)
for m in G.modules():
    if isinstance(m, (nn.Conv2d, nn.Linear)):
        nn.init.orthogonal_(m.weight)
opt_g = torch.optim.AdamW(G.parameters(), lr=config.lr, betas=config.betas)
opt_d = torch.optim.AdamW(D.parameters(), lr=config.lr, betas=config.betas)

def d_loss(real, fake):
    return F.softplus(-real).mean() + F.softplus(fake).mean()

def g_loss(fake):
    return F.softplus(-fake).mean()
