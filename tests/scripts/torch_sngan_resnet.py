# An SNGAN for 32 x 32 pictures with residual blocks and spectral normalisation.
import torch
from torch import nn
import torch.nn.functional as F
from torch.nn.utils import spectral_norm

nz = 128


class GenBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, 1, 1)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1)
        self.bn1 = nn.BatchNorm2d(in_channels)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x):
        h = F.relu(self.bn1(x))
        h = F.interpolate(h, scale_factor=2)
        h = self.conv1(h)
        h = self.conv2(F.relu(self.bn2(h)))
        return h + self.shortcut(F.interpolate(x, scale_factor=2))


class Generator(nn.Module):
    def __init__(self, nz=nz, ch=256):
        super().__init__()
        self.ch = ch
        self.l1 = nn.Linear(nz, 4 * 4 * ch)
        self.block2 = GenBlock(ch, ch)
        self.block3 = GenBlock(ch, ch)
        self.block4 = GenBlock(ch, ch)
        self.b5 = nn.BatchNorm2d(ch)
        self.c5 = nn.Conv2d(ch, 3, 3, padding=1)
        nn.init.xavier_uniform_(self.l1.weight.data, 1.0)
        nn.init.xavier_uniform_(self.c5.weight.data, 1.0)

    def forward(self, z):
        h = self.l1(z).view(-1, self.ch, 4, 4)
        h = self.block2(h)
        h = self.block3(h)
        h = self.block4(h)
        h = F.relu(self.b5(h))
        return torch.tanh(self.c5(h))


class DisBlock(nn.Module):
    def __init__(self, in_channels, out_channels, downsample=False):
        super().__init__()
        self.downsample = downsample
        self.conv1 = spectral_norm(nn.Conv2d(in_channels, out_channels, 3, padding=1))
        self.conv2 = spectral_norm(nn.Conv2d(out_channels, out_channels, 3, padding=1))
        self.learned = in_channels != out_channels or downsample
        if self.learned:
            self.c_sc = spectral_norm(nn.Conv2d(in_channels, out_channels, 1))

    def residual(self, x):
        h = self.conv1(F.relu(x))
        h = self.conv2(F.relu(h))
        if self.downsample:
            h = F.avg_pool2d(h, 2)
        return h

    def shortcut(self, x):
        if self.learned:
            x = self.c_sc(x)
            return F.avg_pool2d(x, 2) if self.downsample else x
        return x

    def forward(self, x):
        return self.residual(x) + self.shortcut(x)


class Discriminator(nn.Module):
    def __init__(self, ch=128):
        super().__init__()
        self.block1 = DisBlock(3, ch, downsample=True)
        self.block2 = DisBlock(ch, ch, downsample=True)
        self.block3 = DisBlock(ch, ch)
        self.block4 = DisBlock(ch, ch)
        self.l5 = spectral_norm(nn.Linear(ch, 1, bias=False))

    def forward(self, x):
        h = self.block1(x)
        h = self.block2(h)
        h = self.block3(h)
        h = self.block4(h)
        h = F.relu(h)
        h = torch.sum(h, dim=(2, 3))
        return self.l5(h)


netG = Generator()
netD = Discriminator()
optimG = torch.optim.Adam(netG.parameters(), lr=2e-4, betas=(0.0, 0.9))
optimD = torch.optim.Adam(netD.parameters(), lr=2e-4, betas=(0.0, 0.9))
n_dis = 5
loss_D = torch.mean(F.relu(1. - netD(real))) + torch.mean(F.relu(1. + netD(fake)))
