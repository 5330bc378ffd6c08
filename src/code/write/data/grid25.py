def load_data(count=20_000):
    """Five by five clusters, two apart, [count, 2]."""
    mode = np.arange(count) % 25
    centre = np.stack([mode % 5, mode // 5], axis=1) * 2.0 - 4.0
    noise = np.random.default_rng(SEED).normal(0.0, 0.05, (count, 2))
    return (centre + noise).astype("float32")
