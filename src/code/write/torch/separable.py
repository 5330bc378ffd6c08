class SeparableConv2d(nn.Module):
    """A convolution of each channel alone, then a mix of all (Chollet, 2016)."""

    def __init__(self, channels, filters, kernel, stride=1, padding=0, dilation=1, multiplier=1, bias=True, wrap=lambda layer: layer):
        super().__init__()
        between = channels * multiplier
        each = nn.Conv2d(channels, between, kernel, stride, padding, dilation, groups=channels, bias=False)
        self.depthwise = wrap(each)
        self.pointwise = wrap(nn.Conv2d(between, filters, 1, bias=bias))

    def forward(self, x):
        return self.pointwise(self.depthwise(x))
