# Spectral normalisation everywhere and self-attention of its own; critics with instance norm beside.
import torch
from torch import nn
from torch.nn.utils import spectral_norm as SN

z_dim, conv_dim = 100, 32


class Self_Attn(nn.Module):
    """Self attention layer"""
    def __init__(self, in_dim):
        super(Self_Attn, self).__init__()
        self.query_conv = nn.Conv2d(in_dim, in_dim // 8, kernel_size=1)
        self.key_conv = nn.Conv2d(in_dim, in_dim // 8, kernel_size=1)
        self.value_conv = nn.Conv2d(in_dim, in_dim, kernel_size=1)
        self.gamma = nn.Parameter(torch.zeros(1))
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, x):
        m_batchsize, C, width, height = x.size()
        proj_query = self.query_conv(x).view(m_batchsize, -1, width * height).permute(0, 2, 1)
        proj_key = self.key_conv(x).view(m_batchsize, -1, width * height)
        energy = torch.bmm(proj_query, proj_key)
        attention = self.softmax(energy)
        proj_value = self.value_conv(x).view(m_batchsize, -1, width * height)
        out = torch.bmm(proj_value, attention.permute(0, 2, 1)).view(m_batchsize, C, width, height)
        return self.gamma * out + x


class Generator(nn.Module):
    def __init__(self, image_size=32):
        super().__init__()
        layer1 = [SN(nn.ConvTranspose2d(z_dim, conv_dim * 4, 4)), nn.BatchNorm2d(conv_dim * 4), nn.ReLU()]
        layer2 = [SN(nn.ConvTranspose2d(conv_dim * 4, conv_dim * 2, 4, 2, 1)), nn.BatchNorm2d(conv_dim * 2), nn.ReLU()]
        layer3 = [SN(nn.ConvTranspose2d(conv_dim * 2, conv_dim, 4, 2, 1)), nn.BatchNorm2d(conv_dim), nn.ReLU()]
        self.l1 = nn.Sequential(*layer1)
        self.l2 = nn.Sequential(*layer2)
        self.l3 = nn.Sequential(*layer3)
        self.attn = Self_Attn(conv_dim)
        self.last = nn.Sequential(nn.ConvTranspose2d(conv_dim, 3, 4, 2, 1), nn.Tanh())

    def forward(self, z):
        z = z.view(z.size(0), z.size(1), 1, 1)
        out = self.l1(z)
        out = self.l2(out)
        out = self.l3(out)
        out = self.attn(out)
        return self.last(out)


class Critic(nn.Module):
    def __init__(self, channels=3, widths=[32, 64, 128]):
        super().__init__()
        self.net = nn.Sequential()
        for i, width in enumerate(widths):
            self.net.add_module(f"conv{i}", SN(nn.Conv2d(channels, width, kernel_size=4, stride=2, padding=1)))
            if i != 0:
                self.net.add_module(f"norm{i}", nn.InstanceNorm2d(width, affine=True))
            self.net.add_module(f"act{i}", nn.LeakyReLU(0.1))
            channels = width
        self.out = nn.Conv2d(channels, 1, 4)

    def forward(self, x):
        return self.out(self.net(x)).squeeze()


G = Generator()
D = Critic()
g_optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, G.parameters()), 1e-4, [0.0, 0.9])
d_optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, D.parameters()), 4e-4, [0.0, 0.9])


def train(real, z, lambda_gp=10, n_critic=5):
    d_loss = -D(real).mean() + D(G(z)).mean()
    gradient_penalty = ((torch.ones(1).norm(2, dim=1) - 1) ** 2).mean()
    return d_loss + lambda_gp * gradient_penalty
