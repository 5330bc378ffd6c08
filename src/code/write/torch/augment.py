def augment(samples, p):
    """Random changes of pictures, alone or in packs, each with the probability p (DiffAugment, Zhao et al., 2020)."""
    shape, device = samples.shape, samples.device
    samples = samples.reshape(-1, CHANNELS, HEIGHT, WIDTH)
    one = (len(samples), 1, 1, 1)
    rows = torch.arange(HEIGHT, device=device)[:, None]
    columns = torch.arange(WIDTH, device=device)

    def is_made():
        return (torch.rand(one, device=device) < p).to(samples.dtype)

# colour
    samples = samples + (torch.rand(one, device=device) - 0.5) * is_made()
    grey = samples.mean(1, keepdim=True)
    samples = grey + (samples - grey) * (1.0 + (2.0 * torch.rand(one, device=device) - 1.0) * is_made())
    mean = samples.mean((1, 2, 3), keepdim=True)
    samples = mean + (samples - mean) * (1.0 + (torch.rand(one, device=device) - 0.5) * is_made())
# translation
    here = is_made().long()
    most = [(side + 4) // 8 for side in (HEIGHT, WIDTH)]
    row, column = (torch.randint(-by, by + 1, one, device=device) * here for by in most)
    row, column = rows + row, columns + column
    is_there = (row >= 0) & (row < HEIGHT) & (column >= 0) & (column < WIDTH)
    index = torch.arange(len(samples), device=device)[:, None, None, None]
    channel = torch.arange(CHANNELS, device=device)[:, None, None]
    samples = samples[index, channel, row.clamp(0, HEIGHT - 1), column.clamp(0, WIDTH - 1)] * is_there
# cutout
    is_cut = is_made() > 0
    for places, side in ((rows, HEIGHT), (columns, WIDTH)):
        size = (side + 1) // 2
        first = torch.randint(0, side + 1 - size % 2, one, device=device) - size // 2
        is_cut = is_cut & (places >= first) & (places < first + size)
    samples = samples * ~is_cut
# end
    return samples.reshape(shape)
