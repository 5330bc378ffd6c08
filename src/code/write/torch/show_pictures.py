    """Pictures beside each other, eight in a row."""
    generator.eval()
    pictures = generator(z).mul(127.5).add(127.5).clamp(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy()
    generator.train()
    rows = [np.concatenate(list(pictures[start : start + 8]), axis=1) for start in range(0, len(pictures), 8)]
    Image.fromarray(np.concatenate(rows).squeeze()).save(path)
