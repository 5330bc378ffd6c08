def torch_uniform(channels=1):
    """Uniform weights in ±1 / sqrt(inputs), as PyTorch begins; `channels` for depthwise convolutions, which have one each."""
    return keras.initializers.VarianceScaling(channels / 3, mode="fan_in", distribution="uniform")
