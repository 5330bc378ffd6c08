#!/usr/bin/env python3
"""Draws icon.png and icon.ico: the generator, orange, and the discriminator, blue, face each other over the grid of the data.

    pip install pillow
    assets/make_icon.py
"""

import pathlib

from PIL import Image, ImageChops, ImageDraw, ImageFilter

HERE = pathlib.Path(__file__).parent
SIDE, SCALE = 512, 4
FULL = SIDE * SCALE
GROUND_TOP, GROUND_BOTTOM = (0x26, 0x2A, 0x36), (0x11, 0x13, 0x1A)
LINE = (0xFF, 0xFF, 0xFF, 22)
ORANGE = ((0xF7, 0xB7, 0x33), (0xE0, 0x7B, 0x00))
BLUE = ((0x6C, 0xC4, 0xF5), (0x1F, 0x7F, 0xC4))


def blend(a, b, t):
    return tuple(round(x * (1 - t) + y * t) for x, y in zip(a, b))


def gradient(colours, top, bottom):
    """From the first colour at `top` to the second at `bottom`."""
    column = Image.new("RGB", (1, FULL))
    for y in range(FULL):
        t = min(max((y / SCALE - top) / (bottom - top), 0), 1)
        column.putpixel((0, y), blend(*colours, t))
    return column.resize((FULL, FULL)).convert("RGBA")


def mask(draw_shape):
    image = Image.new("L", (FULL, FULL), 0)
    draw_shape(ImageDraw.Draw(image))
    return image


def box(*corners):
    return [corner * SCALE for corner in corners]


def half_disc(x, y, radius, gap, right):
    """Half of a disc, its flat side towards the middle."""

    def draw(pen):
        if right:
            pen.pieslice(box(x - radius + gap, y - radius, x + radius + gap, y + radius), -90, 90, fill=255)
        else:
            pen.pieslice(box(x - radius - gap, y - radius, x + radius - gap, y + radius), 90, 270, fill=255)

    return mask(draw)


def main():
    tile = mask(lambda pen: pen.rounded_rectangle(box(16, 16, 496, 496), 108 * SCALE, fill=255))
    icon = Image.new("RGBA", (FULL, FULL))
    icon.paste(gradient((GROUND_TOP, GROUND_BOTTOM), 16, 496), mask=tile)

    grid = Image.new("RGBA", (FULL, FULL))
    pen = ImageDraw.Draw(grid)
    for at in range(16 + 60, 496, 60):
        pen.line(box(at, 16, at, 496), LINE, 2 * SCALE)
        pen.line(box(16, at, 496, at), LINE, 2 * SCALE)
    grid.putalpha(ImageChops.multiply(grid.getchannel("A"), tile))
    icon.alpha_composite(grid)

    for colours, shape, top, bottom in [
        (ORANGE, half_disc(256, 226, 150, 11, right=False), 76, 376),
        (BLUE, half_disc(256, 286, 150, 11, right=True), 136, 436),
    ]:
        shadow = Image.new("RGBA", (FULL, FULL))
        shadow.putalpha(shape.filter(ImageFilter.GaussianBlur(14 * SCALE)).point(lambda value: value * 0.55))
        icon.alpha_composite(shadow, (0, 0), (0, 0))
        icon.paste(gradient(colours, top, bottom), mask=shape)
    icon.putalpha(ImageChops.multiply(icon.getchannel("A"), tile))

    icon.resize((SIDE, SIDE), Image.LANCZOS).save(HERE / "icon.png", optimize=True)
    sizes = [16, 24, 32, 48, 64, 128, 256]
    images = [icon.resize((size, size), Image.LANCZOS) for size in sizes]
    images[-1].save(HERE / "icon.ico", sizes=[(size, size) for size in sizes], append_images=images[:-1])


if __name__ == "__main__":
    main()
