class PixelShuffle(layers.Layer):
    """Turns channels into rows and columns, in PyTorch's order (Shi et al., 2016)."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, x):
        _, height, width, channels = x.shape
        factor, filters = self.factor, channels // self.factor**2
        x = ops.reshape(x, (-1, height, width, filters, factor, factor))
        x = ops.transpose(x, (0, 1, 4, 2, 5, 3))
        return ops.reshape(x, (-1, height * factor, width * factor, filters))
