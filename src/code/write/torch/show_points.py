    """Points in the plane, the data behind them in grey."""
    generator.eval()
    points = generator(torch.cat([z, latents(1024, z.device)])).cpu().numpy()
    generator.train()
    real = load_data()[:2000]
    picture = Image.new("RGB", (512, 512), "white")
    draw = ImageDraw.Draw(picture)
    reach = 1.2 * np.abs(real).max()
    for cloud, colour in ((real, "lightgrey"), (points, "darkorange")):
        for x, y in 256 + cloud / reach * (256, -256):
            draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=colour)
    picture.save(path)
