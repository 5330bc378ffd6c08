def load_data(count=20_000):
    """Eight clusters on the unit circle, [count, 2]."""
    angle = np.arange(count) % 8 * (2 * np.pi / 8)
    centre = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    noise = np.random.default_rng(SEED).normal(0.0, 0.01, (count, 2))
    return (centre + noise).astype("float32")
