class MinibatchStdDev(layers.Layer):
    """Adds a channel that says how much the samples of a batch differ (Karras et al., 2018)."""

    def __init__(self, group=4):
        super().__init__()
        self.group = group

    def call(self, x):
        n = ops.shape(x)[0]
        sizes = ops.arange(1, self.group + 1)
        fits = ops.logical_and(sizes <= n, n % ops.minimum(sizes, n) == 0)
        size = ops.max(ops.where(fits, sizes, 1))
        groups = ops.reshape(x, (size, n // size, -1))
        deviation = ops.mean(ops.sqrt(ops.var(groups, axis=0) + 1e-8), axis=1)
        channel = ops.reshape(ops.tile(deviation, (size,)), (n, *[1] * (x.ndim - 1)))
        return ops.concatenate([x, channel * ops.ones_like(x[..., :1])], axis=-1)

    def compute_output_shape(self, shape):
        return (*shape[:-1], shape[-1] + 1)
