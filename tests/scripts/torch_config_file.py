# Settings from a file with defaults, blocks as lists, a class that extends Sequential.
import torch
from torch import nn

try:
    import yaml
    with open("config.yaml") as f:
        config = yaml.safe_load(f)
except (ImportError, FileNotFoundError):
    config = {}
nz = config.get("nz", 100)
ngf = config.get("ngf", 32)

def init_weights(net, init_type='normal', gain=0.02):
    def init_func(m):
        classname = m.__class__.__name__
        if hasattr(m, 'weight') and (classname.find('Conv') != -1 or classname.find('Linear') != -1):
            if init_type == 'normal':
                nn.init.normal_(m.weight.data, 0.0, gain)
            elif init_type == 'xavier':
                nn.init.xavier_normal_(m.weight.data, gain=gain)
            else:
                raise NotImplementedError('initialization method [%s] is not implemented' % init_type)
            if hasattr(m, 'bias') and m.bias is not None:
                nn.init.constant_(m.bias.data, 0.0)
    net.apply(init_func)
    return net

def make_generator(nz, ngf, nc=1):
    def block(i, o, k=4, s=2, p=1):
        return [nn.ConvTranspose2d(i, o, k, s, p, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True)]
    layers = block(nz, ngf * 4, 7, 1, 0)
    layers += block(ngf * 4, ngf * 2)
    layers.extend([nn.ConvTranspose2d(ngf * 2, nc, 4, 2, 1), nn.Tanh()])
    return nn.Sequential(nn.Unflatten(1, (nz, 1, 1)), *layers)

class Discriminator(nn.Sequential):
    def __init__(self, ndf=32, nc=1):
        super().__init__(
            nn.Conv2d(nc, ndf, 4, 2, 1), nn.LeakyReLU(0.2, True),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1), nn.BatchNorm2d(ndf * 2), nn.LeakyReLU(0.2, True),
            nn.Flatten(), nn.Linear(ndf * 2 * 49, 1),
        )

G = torch.compile(init_weights(make_generator(nz, ngf)))
D = init_weights(Discriminator())
criterion = nn.BCEWithLogitsLoss()
optim_g = torch.optim.Adam(G.parameters(), lr=float(config.get("lr", 2e-4)), betas=(0.5, 0.999))
optim_d = torch.optim.Adam(D.parameters(), lr=float(config.get("lr", 2e-4)), betas=(0.5, 0.999))
loader = torch.utils.data.DataLoader(ds, 96, shuffle=True)
for epoch in range(35):
    for i, (x, _) in enumerate(loader):
        noise = torch.rand(x.size(0), nz) * 2 - 1
