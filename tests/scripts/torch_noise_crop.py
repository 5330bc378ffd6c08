# Noise, separable convolutions, slices, arithmetic, two classes at the end.
import torch
import torch.nn as nn
import torch.nn.functional as F

class GaussianNoise(nn.Module):
    def __init__(self, sigma=0.1):
        super().__init__()
        self.sigma = sigma
    def forward(self, x):
        if self.training and self.sigma != 0:
            return x + torch.randn_like(x) * self.sigma
        return x

class DepthwiseSeparableConv(nn.Module):
    def __init__(self, nin, nout, k=3, s=1, p=1):
        super().__init__()
        self.depthwise = nn.Conv2d(nin, nin, kernel_size=k, stride=s, padding=p, groups=nin, bias=False)
        self.pointwise = nn.Conv2d(nin, nout, kernel_size=1)
    def forward(self, x):
        return self.pointwise(self.depthwise(x))

class Generator(nn.Module):
    def __init__(self, latent=32):
        super().__init__()
        self.fc = nn.Linear(latent, 64 * 8 * 8)
        self.up = nn.Sequential(
            nn.BatchNorm2d(64), nn.ReLU(),
            nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.InstanceNorm2d(32), nn.ELU(0.5),
            nn.ConvTranspose2d(32, 16, 4, 2, 1), nn.PReLU(16),
        )
        self.out = nn.Conv2d(16, 1, 3, padding=1)
    def forward(self, z):
        x = self.fc(z).view(-1, 64, 8, 8)
        x = self.up(x)
        x = x[:, :, 2:-2, 2:-2]
        return (torch.tanh(self.out(x)) + 1) / 2

class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.noise = GaussianNoise(0.05)
        self.c1 = DepthwiseSeparableConv(1, 16, s=2)
        self.c2 = DepthwiseSeparableConv(16, 32, 5, 2, 2)
        self.pool = nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False)
        self.ap = nn.AdaptiveAvgPool2d(2)
        self.fc = nn.Linear(32 * 2 * 2, 2)
    def forward(self, x):
        x = x * 2 - 1
        x = self.noise(x)
        x = F.mish(self.c1(x))
        x = x * torch.sigmoid(x)
        x = F.pad(self.c2(x), (0, 1, 0, 1))
        x = torch.max(x, 0.2 * x)
        x = self.ap(self.pool(x))
        return F.softmax(self.fc(x.flatten(1)), dim=1)

generator, discriminator = Generator(), Discriminator()
loss = nn.CrossEntropyLoss()
