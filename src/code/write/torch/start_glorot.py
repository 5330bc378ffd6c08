def glorot(layer):
    """Glorot's uniform weights, as Keras begins; biases at zero."""
    nn.init.xavier_uniform_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
