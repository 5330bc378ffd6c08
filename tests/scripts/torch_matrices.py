# Networks as functions of matrices that the script holds itself, points in the plane.
import torch
import torch.nn.functional as F

latent, hidden = 8, 32


def matrix(rows, columns):
    return torch.nn.Parameter(torch.randn(rows, columns) / rows ** 0.5)


g_w1, g_b1 = matrix(latent, hidden), torch.nn.Parameter(torch.zeros(hidden))
g_w2, g_b2 = matrix(hidden, 2), torch.nn.Parameter(torch.zeros(2))
d_w1, d_b1 = matrix(2, hidden), torch.nn.Parameter(torch.zeros(hidden))
d_w2, d_b2 = matrix(hidden, 1), torch.nn.Parameter(torch.zeros(1))


def generator(z):
    h = F.relu(z @ g_w1 + g_b1.repeat(z.size(0), 1))
    return h @ g_w2 + g_b2


def discriminator(x):
    h = F.relu(torch.mm(x, d_w1) + d_b1)
    return torch.sigmoid(torch.matmul(h, d_w2) + d_b2)


g_solver = torch.optim.Adam([g_w1, g_b1, g_w2, g_b2], lr=1e-3)
d_solver = torch.optim.Adam([d_w1, d_b1, d_w2, d_b2], lr=1e-3)
for it in range(20000):
    z = torch.randn(128, latent)
    d_loss = -torch.mean(torch.log(discriminator(real)) + torch.log(1 - discriminator(generator(z))))
    g_loss = -torch.mean(torch.log(discriminator(generator(z))))
