def spectral_norm(layer):
    """The layer with its weights divided by their largest singular value (Miyato et al., 2018)."""
    return layers.SpectralNormalization(layer, name=layer.name)
