class SelfAttention(nn.Module):
    """Every place looks at all others, as in SAGAN (Zhang et al., 2018)."""

    def __init__(self, channels, reduction=8, bias=False, wrap=lambda layer: layer):
        super().__init__()
        inner = channels // reduction
        self.query = wrap(nn.Conv2d(channels, inner, 1, bias=bias))
        self.key = wrap(nn.Conv2d(channels, inner, 1, bias=bias))
        self.value = wrap(nn.Conv2d(channels, inner, 1, bias=bias))
        self.out = wrap(nn.Conv2d(inner, channels, 1, bias=bias))
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        query, key, value = (conv(x).flatten(2) for conv in (self.query, self.key, self.value))
        shares = torch.softmax(query.transpose(1, 2) @ key, dim=2)  # [n, places that ask, places asked]
        seen = (value @ shares.transpose(1, 2)).unflatten(2, x.shape[2:])
        return x + self.gamma * self.out(seen)
