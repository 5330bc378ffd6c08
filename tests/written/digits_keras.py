"""digits: a generative adversarial network in Keras, written by Ganvas.

    python gan.py DATA                        trains on a folder of pictures, or an IDX file such as MNIST's
    python gan.py DATA --weights weights.npz  goes on from trained weights; with --steps 0 it only writes samples
"""
import argparse
import gzip
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from PIL import Image, ImageOps

WIDTH, HEIGHT, CHANNELS = 28, 28, 1
LATENT_DIM = 32
BATCH_SIZE = 64
D_STEPS = 1  # of the discriminator for each of the generator
EMA_DECAY = 0.995  # how much of the averaged generator survives a step
TRAIN_STEPS = 10000
SEED = 1


def torch_uniform(channels=1):
    """Uniform weights in ±1 / sqrt(inputs), as PyTorch begins; `channels` for depthwise convolutions, which have one each."""
    return keras.initializers.VarianceScaling(channels / 3, mode="fan_in", distribution="uniform")


def make_generator():
    """From latent vectors, [n, 32], to pictures, [n, 28, 28, 1] in -1 to 1."""
    return keras.Sequential(
        [
            keras.Input((32,)),
            layers.Dense(3136, kernel_initializer=torch_uniform()),
            layers.Reshape((7, 7, 64)),
            layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
            layers.ReLU(),
            layers.UpSampling2D(2),
            layers.Conv2D(32, 3, padding="same", kernel_initializer=torch_uniform()),
            layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
            layers.ReLU(),
            layers.UpSampling2D(2),
            layers.Conv2D(1, 3, padding="same", kernel_initializer=torch_uniform()),
            layers.Activation("tanh"),
        ],
        name="generator",
    )


def make_discriminator():
    """From pictures, [n, 28, 28, 1] in -1 to 1, to scores, [n, 1]."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 4, strides=2, padding="same", kernel_initializer=torch_uniform()),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(64, 4, strides=2, padding="same", kernel_initializer=torch_uniform()),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(1, kernel_initializer=torch_uniform()),
        ],
        name="discriminator",
    )


cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)


def discriminator_loss(real, fake):
    """What the discriminator minimises: non-saturating (BCE)."""
    return cross_entropy(ops.ones_like(real), real) + cross_entropy(ops.zeros_like(fake), fake)


def generator_loss(fake):
    """What the generator minimises."""
    return cross_entropy(ops.ones_like(fake), fake)


def fitted(picture):
    """A picture in the size and colour of the networks, the largest part from its middle."""
    return np.asarray(ImageOps.fit(picture.convert("L"), (WIDTH, HEIGHT)))


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


def latents(count):
    """Where samples come from, [count, latent_dim]."""
    return tf.random.normal((count, LATENT_DIM))


def follow(average, generator, step):
    """Moves the averaged generator a step towards the one that is trained; the first steps are soon forgotten."""
    keep = min(EMA_DECAY, (1 + step) / (10 + step))
    for own, other in zip(average.weights, generator.weights):
        own.assign(keep * own + (1 - keep) * other)


def train(generator, average, discriminator, data, steps, out):
    """So many steps of the generator, each after one of the discriminator."""
    g_optimizer = keras.optimizers.Adam(0.001, beta_1=0.5, beta_2=0.999, epsilon=1e-8)
    d_optimizer = keras.optimizers.Adam(0.002, beta_1=0.5, beta_2=0.999, epsilon=1e-8)

    @tf.function
    def d_step(real):
        fake = generator(latents(BATCH_SIZE), training=True)
        with tf.GradientTape() as tape:
            loss = discriminator_loss(discriminator(real, training=True), discriminator(fake, training=True))
        gradients = tape.gradient(loss, discriminator.trainable_variables)
        d_optimizer.apply(gradients, discriminator.trainable_variables)
        return loss

    @tf.function
    def g_step():
        with tf.GradientTape() as tape:
            fake = generator(latents(BATCH_SIZE), training=True)
            loss = generator_loss(discriminator(fake, training=True))
        gradients = tape.gradient(loss, generator.trainable_variables)
        g_optimizer.apply(gradients, generator.trainable_variables)
        return loss

    batches = tf.data.Dataset.from_tensor_slices(data).repeat().shuffle(min(len(data), 20_000), seed=SEED).batch(BATCH_SIZE)
    real_batches = iter(batches)
    looked_at = latents(64)
    for step in range(1, steps + 1):
        for _ in range(D_STEPS):
            d_loss = d_step(next(real_batches))
        g_loss = g_step()
        follow(average, generator, step)
        if step % 100 == 0 or step == steps:
            print(f"step {step}: D {float(d_loss):.4f}, G {float(g_loss):.4f}", flush=True)
        if step % 500 == 0 or step == steps:
            write_samples(average, looked_at, out / f"samples-{step:06}.png")


def write_samples(generator, z, path):
    """Pictures beside each other, eight in a row."""
    pictures = np.clip(generator(z, training=False).numpy() * 127.5 + 127.5, 0, 255).astype("uint8")
    rows = [np.concatenate(list(pictures[start : start + 8]), axis=1) for start in range(0, len(pictures), 8)]
    Image.fromarray(np.concatenate(rows).squeeze()).save(path)


def load(path, **networks):
    """Takes over trained weights: `load(path, generator=generator)`."""
    arrays = np.load(path)
    for name, network in networks.items():
        for index, layer in enumerate(network.layers):
            for weight in layer.weights:
                # "generator/conv2d/kernel" is "kernel" of its layer; what wraps a layer has the same name.
                part = ".".join(list(dict.fromkeys(weight.path.split("/")))[2:])
                weight.assign(arrays[f"{name}.{index}.{part}"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="a folder of pictures, or an IDX file")
    parser.add_argument("--weights", help="trained weights, as Ganvas exports them (.npz)")
    parser.add_argument("--steps", type=int, default=TRAIN_STEPS, help="generator steps")
    parser.add_argument("--out", type=Path, default=Path("samples"), help="where sample pictures go")
    args = parser.parse_args()

    keras.utils.set_random_seed(SEED)
    args.out.mkdir(parents=True, exist_ok=True)
    generator, discriminator = make_generator(), make_discriminator()
    average = make_generator()
    average.set_weights(generator.get_weights())
    if args.weights:
        load(args.weights, generator=generator, average=average, discriminator=discriminator)
    if args.steps == 0:
        write_samples(average, latents(64), args.out / "samples.png")
        return
    data = load_data(args.data)
    train(generator, average, discriminator, data, args.steps, args.out)
    average.save_weights(args.out / "generator.weights.h5")
    discriminator.save_weights(args.out / "discriminator.weights.h5")


if __name__ == "__main__":
    main()
