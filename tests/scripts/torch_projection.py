# Residual blocks with conditional normalisation, and a projection of the label in the discriminator.
import torch, torch.nn as nn, torch.nn.functional as F
from torch.nn.utils import spectral_norm as sn

class ConditionalBatchNorm2d(nn.Module):
    def __init__(self, num_features, num_classes):
        super().__init__()
        self.num_features = num_features
        self.bn = nn.BatchNorm2d(num_features, affine=False)
        self.embed = nn.Embedding(num_classes, num_features * 2)
        self.embed.weight.data[:, :num_features].normal_(1, 0.02)
        self.embed.weight.data[:, num_features:].zero_()

    def forward(self, x, y):
        out = self.bn(x)
        gamma, beta = self.embed(y).chunk(2, 1)
        out = gamma.view(-1, self.num_features, 1, 1) * out + beta.view(-1, self.num_features, 1, 1)
        return out

class GBlock(nn.Module):
    def __init__(self, ci, co, n_classes):
        super().__init__()
        self.cbn1 = ConditionalBatchNorm2d(ci, n_classes)
        self.conv1 = sn(nn.Conv2d(ci, co, 3, padding=1))
        self.cbn2 = ConditionalBatchNorm2d(co, n_classes)
        self.conv2 = sn(nn.Conv2d(co, co, 3, padding=1))
        self.conv_sc = sn(nn.Conv2d(ci, co, 1))
    def forward(self, x, y):
        h = self.conv1(F.interpolate(F.relu(self.cbn1(x, y)), scale_factor=2))
        h = self.conv2(F.relu(self.cbn2(h, y)))
        return h + self.conv_sc(F.interpolate(x, scale_factor=2))

class Generator(nn.Module):
    def __init__(self, z_dim=128, ch=64, n_classes=10):
        super().__init__()
        self.fc = sn(nn.Linear(z_dim, 4 * 4 * ch * 4))
        self.ch = ch
        self.blocks = nn.ModuleList([GBlock(ch * 4, ch * 4, n_classes), GBlock(ch * 4, ch * 2, n_classes), GBlock(ch * 2, ch, n_classes)])
        self.bn = nn.BatchNorm2d(ch)
        self.out = sn(nn.Conv2d(ch, 3, 3, padding=1))
    def forward(self, z, y):
        h = self.fc(z).view(z.size(0), self.ch * 4, 4, 4)
        for block in self.blocks:
            h = block(h, y)
        return torch.tanh(self.out(F.relu(self.bn(h))))

class DBlock(nn.Module):
    def __init__(self, ci, co, down=True, first=False):
        super().__init__()
        self.down, self.first = down, first
        self.c1 = sn(nn.Conv2d(ci, co, 3, 1, 1))
        self.c2 = sn(nn.Conv2d(co, co, 3, 1, 1))
        self.sc = sn(nn.Conv2d(ci, co, 1, 1, 0)) if ci != co or down else None
    def forward(self, x):
        h = x if self.first else F.relu(x)
        h = self.c2(F.relu(self.c1(h)))
        if self.down: h = F.avg_pool2d(h, 2)
        s = x
        if self.sc is not None:
            s = self.sc(x)
            if self.down: s = F.avg_pool2d(s, 2)
        return h + s

class Discriminator(nn.Module):
    def __init__(self, ch=64, n_classes=10):
        super().__init__()
        self.blocks = nn.Sequential(DBlock(3, ch, first=True), DBlock(ch, ch * 2), DBlock(ch * 2, ch * 4), DBlock(ch * 4, ch * 4, down=False))
        self.fc = sn(nn.Linear(ch * 4, 1))
        self.embed = sn(nn.Embedding(n_classes, ch * 4))
    def forward(self, x, y=None):
        h = F.relu(self.blocks(x)).sum([2, 3])
        out = self.fc(h)
        if y is not None:
            out = out + torch.sum(self.embed(y) * h, dim=1, keepdim=True)
        return out

netG, netD = Generator(), Discriminator()
opt_g = torch.optim.Adam(netG.parameters(), 2e-4, betas=(0., .9))
opt_d = torch.optim.Adam(netD.parameters(), 2e-4, betas=(0., .9))
for step in range(50000):
    for _ in range(5):
        opt_d.zero_grad()
        loss_d = F.relu(1. - netD(x, y)).mean() + F.relu(1. + netD(netG(z, yf).detach(), yf)).mean()
        loss_d.backward()
        opt_d.step()
    opt_g.zero_grad()
    (-netD(netG(z, yf), yf).mean()).backward()
    opt_g.step()
