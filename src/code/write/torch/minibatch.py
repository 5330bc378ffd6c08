class MinibatchStdDev(nn.Module):
    """Adds a channel that says how much the samples of a batch differ (Karras et al., 2018)."""

    def __init__(self, group=4):
        super().__init__()
        self.group = group

    def forward(self, x):
        n = len(x)
        size = max(size for size in range(1, min(self.group, n) + 1) if n % size == 0)
        groups = x.reshape(size, n // size, -1)
        deviation = (groups.var(0, unbiased=False) + 1e-8).sqrt().mean(1)
        channel = deviation.repeat(size).view(n, 1, *[1] * (x.dim() - 2)).expand(n, 1, *x.shape[2:])
        return torch.cat([x, channel], 1)
