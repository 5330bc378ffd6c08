# Labels joined to vectors and, as a further channel, to pictures.
import torch
import torch.nn as nn
import torch.nn.functional as F

latent_size, num_classes, image_size, channels = 64, 10, 28, 1

class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(latent_size + num_classes, 256)
        self.fc2 = nn.Linear(256, 512)
        self.fc3 = nn.Linear(512, channels * image_size ** 2)
    def forward(self, z, y):
        x = torch.cat([z, y], 1)
        x = F.leaky_relu(self.fc1(x), 0.2)
        x = F.leaky_relu(self.fc2(x), 0.2)
        return torch.tanh(self.fc3(x)).view(-1, channels, image_size, image_size)

class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.label = nn.Embedding(num_classes, image_size * image_size)
        self.conv1 = nn.Conv2d(channels + 1, 32, 4, 2, 1)
        self.conv2 = nn.Conv2d(32, 64, 4, 2, 1)
        self.bn2 = nn.BatchNorm2d(64)
        self.fc = nn.Linear(64 * 7 * 7, 1)
    def forward(self, x, y):
        y = self.label(y).view(y.size(0), 1, image_size, image_size)
        x = torch.cat([x, y], dim=1)
        x = F.leaky_relu(self.conv1(x), 0.2)
        x = F.leaky_relu(self.bn2(self.conv2(x)), 0.2)
        x = x.flatten(1)
        return torch.sigmoid(self.fc(x))

G, D = Generator(), Discriminator()
optG = torch.optim.Adam(G.parameters(), 2e-4, (0.5, 0.999))
optD = torch.optim.Adam(D.parameters(), 2e-4, (0.5, 0.999))
bce = nn.BCELoss()
