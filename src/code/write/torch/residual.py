class ResidualBlock(nn.Module):
    """Norm, ReLU, convolution, twice, plus a shortcut, as in SNGAN (Miyato et al., 2018)."""

    def __init__(self, channels, filters, kernel=3, resample=None, norm=False, bias=True, wrap=lambda layer: layer):
        super().__init__()
        hidden = channels if resample == "down" else filters
        self.norm1 = nn.BatchNorm2d(channels) if norm else nn.Identity()
        self.conv1 = wrap(nn.Conv2d(channels, hidden, kernel, padding="same", bias=bias))
        self.norm2 = nn.BatchNorm2d(hidden) if norm else nn.Identity()
        self.conv2 = wrap(nn.Conv2d(hidden, filters, kernel, padding="same", bias=bias))
        changes = channels != filters or resample is not None
        self.shortcut = wrap(nn.Conv2d(channels, filters, 1, bias=bias)) if changes else nn.Identity()
        self.up = nn.Upsample(scale_factor=2) if resample == "up" else nn.Identity()
        self.down = nn.AvgPool2d(2) if resample == "down" else nn.Identity()

    def forward(self, x):
        h = self.conv1(self.up(F.relu(self.norm1(x))))
        h = self.down(self.conv2(F.relu(self.norm2(h))))
        return h + self.up(self.shortcut(self.down(x)))
