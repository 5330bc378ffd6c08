class AvgPoolSame(nn.Module):
    """The mean of each window, without what lies beyond the border, as Keras pads."""

    def __init__(self, size, stride, border):
        super().__init__()
        self.size, self.stride, self.border = size, stride, border

    def forward(self, x):
        sums = F.avg_pool2d(F.pad(x, self.border), self.size, self.stride)
        shares = F.avg_pool2d(F.pad(torch.ones_like(x), self.border), self.size, self.stride)
        return sums / shares
