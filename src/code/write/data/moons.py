def load_data(count=20_000):
    """Two interlocking half circles of radius 1, [count, 2]."""
    rng = np.random.default_rng(SEED)
    angle = rng.uniform(0.0, np.pi, count)
    upper = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], axis=1)
    lower = np.stack([0.5 - np.cos(angle), 0.25 - np.sin(angle)], axis=1)
    points = np.where(np.arange(count)[:, None] % 2 == 0, upper, lower)
    return (points + rng.normal(0.0, 0.05, (count, 2))).astype("float32")
