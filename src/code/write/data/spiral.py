def load_data(count=20_000):
    """Two turns of a spiral from the middle to radius 1, evenly along it, [count, 2]."""
    rng = np.random.default_rng(SEED)
    along = np.sqrt(rng.uniform(0.0, 1.0, (count, 1)))
    angle = along * 4 * np.pi
    points = along * np.concatenate([np.cos(angle), np.sin(angle)], axis=1)
    return (points + rng.normal(0.0, 0.02, (count, 2))).astype("float32")
