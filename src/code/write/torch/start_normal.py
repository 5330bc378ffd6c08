def normal(layer):
    """Weights from N(0, 0.02), as DCGAN has it; biases at zero."""
    nn.init.normal_(layer.weight, 0.0, 0.02)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
