def fitted(picture):
    """A picture in the size and colour of the networks, {{what}}."""
    return np.asarray(ImageOps.{{fit}}(picture.convert("{{mode}}"), (WIDTH, HEIGHT)))


def read_idx(path):
    """The pictures of an IDX file, plain or packed."""
    raw = Path(path).read_bytes()
    raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    if raw[:3] != b"\0\0\x08" or raw[3] not in (3, 4):
        raise SystemExit(f"this is no IDX file of pictures: {path}")
    sizes = np.frombuffer(raw, ">u4", raw[3], 4)
    return [Image.fromarray(values) for values in np.frombuffer(raw, "u1", offset=4 + 4 * raw[3]).reshape(sizes)]


def load_data(path):
    """The pictures of a folder or an IDX file, [count, height, width, channels] in -1 to 1."""
    if Path(path).is_dir():
        endings = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"}
        files = sorted(file for file in Path(path).rglob("*") if file.suffix.lower() in endings)
        pictures = [fitted(Image.open(file)) for file in files]
    else:
        pictures = [fitted(picture) for picture in read_idx(path)]
    if not pictures:
        raise SystemExit(f"there are no pictures in {path}")
    values = np.stack(pictures).reshape(len(pictures), HEIGHT, WIDTH, CHANNELS)
    return values.astype("float32") / 127.5 - 1.0
