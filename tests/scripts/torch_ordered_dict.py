# Names for every module, settings in nested dictionaries, hinge loss by a function.
from collections import OrderedDict
import torch
from torch import nn, optim

cfg = {
    'nz': 100,
    'ngf': 32,
    'ndf': 32,
    'nc': 1,
    'lr': {'g': 1e-4, 'd': 4e-4},
    'beta1': 0.0, 'beta2': 0.9,
    'batch_size': 128,
    'num_epochs': 25,
    'n_critic': 2,
}

class GNet(nn.Module):
    def __init__(self, cfg):
        super(GNet, self).__init__()
        ngf = cfg['ngf']
        self.main = nn.Sequential(OrderedDict([
            ('fc', nn.Linear(cfg['nz'], ngf * 4 * 7 * 7)),
            ('unflatten', nn.Unflatten(1, (ngf * 4, 7, 7))),
            ('bn0', nn.BatchNorm2d(ngf * 4)),
            ('relu0', nn.ReLU()),
            ('up1', nn.ConvTranspose2d(ngf * 4, ngf * 2, kernel_size=4, stride=2, padding=1)),
            ('bn1', nn.BatchNorm2d(ngf * 2)),
            ('relu1', nn.ReLU()),
            ('shuffle_conv', nn.Conv2d(ngf * 2, 4 * cfg['nc'], 3, padding=1)),
            ('shuffle', nn.PixelShuffle(2)),
        ]))
        self.main.add_module('tanh', nn.Tanh())

    def forward(self, z):
        return self.main(z)

class DNet(nn.Module):
    def __init__(self, cfg):
        super(DNet, self).__init__()
        self.net = nn.Sequential()
        c = cfg['nc']
        for i in range(3):
            out = cfg['ndf'] * 2 ** i
            self.net.add_module(f'conv{i}', nn.utils.spectral_norm(nn.Conv2d(c, out, 3, 2, 1)))
            self.net.add_module('act%d' % i, nn.LeakyReLU(0.2))
            c = out
        self.net.add_module('flatten', nn.Flatten())
        self.net.add_module('fc', nn.utils.spectral_norm(nn.Linear(c * 4 * 4, 1)))

    def forward(self, x):
        return self.net(x).squeeze(1)

gen, disc = GNet(cfg), DNet(cfg)
optG = optim.Adam(gen.parameters(), lr=cfg['lr']['g'], betas=(cfg['beta1'], cfg['beta2']))
optD = optim.Adam(disc.parameters(), lr=cfg['lr']['d'], betas=(cfg['beta1'], cfg['beta2']))

def hinge_d(real, fake):
    return torch.relu(1 - real).mean() + torch.relu(1 + fake).mean()

for epoch in range(cfg['num_epochs']):
    for i, (real, _) in enumerate(loader):
        for _ in range(cfg['n_critic']):
            z = torch.randn(cfg['batch_size'], cfg['nz'])
