class SelfAttention(layers.Layer):
    """Every place looks at all others, as in SAGAN (Zhang et al., 2018)."""

    def __init__(self, channels, reduction=8, bias=False, start=keras.initializers.GlorotUniform, wrap=lambda layer: layer):
        super().__init__()

        def conv(filters, name):
            return wrap(layers.Conv2D(filters, 1, use_bias=bias, kernel_initializer=start(), name=name))

        inner = channels // reduction
        self.query, self.key, self.value = conv(inner, "query"), conv(inner, "key"), conv(inner, "value")
        self.out = conv(channels, "out")

    def build(self, shape):
        self.gamma = self.add_weight(shape=(1,), initializer="zeros", name="gamma")

    def call(self, x):
        _, height, width, _ = x.shape
        query, key, value = (ops.reshape(y, (-1, height * width, y.shape[-1])) for y in (self.query(x), self.key(x), self.value(x)))
        shares = ops.softmax(query @ ops.transpose(key, (0, 2, 1)))  # [n, places that ask, places asked]
        seen = ops.reshape(shares @ value, (-1, height, width, value.shape[-1]))
        return x + self.gamma * self.out(seen)
