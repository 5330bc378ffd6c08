    """Pictures beside each other, eight in a row."""
    pictures = np.clip(generator(z, training=False).numpy() * 127.5 + 127.5, 0, 255).astype("uint8")
    rows = [np.concatenate(list(pictures[start : start + 8]), axis=1) for start in range(0, len(pictures), 8)]
    Image.fromarray(np.concatenate(rows).squeeze()).save(path)
