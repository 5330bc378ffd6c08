class PixelNorm(nn.Module):
    """Brings the channels at each place to the same length (Karras et al., 2018)."""

    def __init__(self, eps=1e-8):
        super().__init__()
        self.eps = eps

    def forward(self, x):
        return x / (x.square().mean(1, keepdim=True) + self.eps).sqrt()
