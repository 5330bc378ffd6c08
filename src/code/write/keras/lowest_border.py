class LowestBorder(layers.Layer):
    """Adds rows and columns that are never the largest of a window."""

    def __init__(self, border):
        super().__init__()
        rows, columns = border if isinstance(border, tuple) else (border, border)
        self.border = [pair if isinstance(pair, tuple) else (pair, pair) for pair in (0, rows, columns, 0)]

    def call(self, x):
        return ops.pad(x, self.border, constant_values=float("-inf"))
