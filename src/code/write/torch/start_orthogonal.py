def orthogonal(layer):
    """Orthogonal weights; biases at zero."""
    nn.init.orthogonal_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
