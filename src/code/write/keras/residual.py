class ResidualBlock(layers.Layer):
    """Norm, ReLU, convolution, twice, plus a shortcut, as in SNGAN (Miyato et al., 2018)."""

    def __init__(
        self, channels, filters, kernel=3, resample=None, norm=False, bias=True,
        start=keras.initializers.GlorotUniform, wrap=lambda layer: layer,
    ):
        super().__init__()

        def conv(filters, kernel, name):
            return wrap(layers.Conv2D(filters, kernel, padding="same", use_bias=bias, kernel_initializer=start(), name=name))

        def batch_norm(name):
            return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name) if norm else layers.Identity(name=name)

        self.norm1 = batch_norm("norm1")
        self.conv1 = conv(channels if resample == "down" else filters, kernel, "conv1")
        self.norm2 = batch_norm("norm2")
        self.conv2 = conv(filters, kernel, "conv2")
        changes = channels != filters or resample is not None
        self.shortcut = conv(filters, 1, "shortcut") if changes else layers.Identity(name="shortcut")
        self.up = layers.UpSampling2D(2) if resample == "up" else layers.Identity(name="up")
        self.down = layers.AveragePooling2D(2) if resample == "down" else layers.Identity(name="down")

    def call(self, x):
        h = self.up(ops.relu(self.norm1(x)))
        h = self.conv1(h)
        h = self.conv2(ops.relu(self.norm2(h)))
        return self.down(h) + self.up(self.shortcut(self.down(x)))
