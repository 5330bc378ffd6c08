# Settings in a data class, layers in loops over its lists, names with numbers in them.
import tensorflow as tf
from tensorflow.keras import layers as L, Model, Input
from tensorflow.keras.initializers import RandomNormal
from dataclasses import dataclass, field
from typing import List

@dataclass
class Config:
    latent_dim: int = 100
    image_size: int = 32
    channels: int = 3
    base: int = 64
    lr: float = 2e-4
    beta_1: float = 0.5
    batch_size: int = 128
    epochs: int = 60
    use_bn: bool = True
    spectral: bool = False
    gen_filters: List[int] = field(default_factory=lambda: [256, 128, 64])

cfg = Config()
init = RandomNormal(mean=0.0, stddev=0.02)

def build_generator(config: Config) -> Model:
    """Builds G."""
    z = Input(shape=(config.latent_dim,), name="z")
    side = config.image_size // 2 ** len(config.gen_filters)
    x = L.Dense(side * side * 512, kernel_initializer=init, name="project")(z)
    x = L.Reshape((side, side, 512))(x)
    for i, filters in enumerate(config.gen_filters):
        x = L.Conv2DTranspose(filters, 4, 2, padding="same", kernel_initializer=init,
                              use_bias=not config.use_bn, name=f"deconv_{i}_{filters}")(x)
        if config.use_bn:
            x = L.BatchNormalization(momentum=0.9, name=f"bn_{i}")(x)
        x = L.ReLU(name=f"relu_{i}")(x)
    out = L.Conv2D(config.channels, 3, padding="same", activation="tanh", kernel_initializer=init)(x)
    return Model(z, out, name="generator")

def build_discriminator(config: Config) -> Model:
    img = Input(shape=(config.image_size, config.image_size, config.channels))
    x = img
    filters = config.base
    while filters <= 256:
        x = L.Conv2D(filters, 4, strides=2, padding="same", kernel_initializer=init)(x)
        if config.use_bn and filters != config.base:
            x = L.BatchNormalization()(x)
        x = L.LeakyReLU(alpha=0.2)(x)
        filters *= 2
    if config.spectral:
        x = L.GlobalAveragePooling2D()(x)
    else:
        x = L.Flatten()(x)
        x = L.Dropout(0.3)(x)
    logits = L.Dense(1, kernel_initializer=init)(x)
    return Model(img, logits, name="discriminator")

generator = build_generator(cfg)
discriminator = build_discriminator(cfg)
cross_entropy = tf.keras.losses.BinaryCrossentropy(from_logits=True)
g_opt = tf.keras.optimizers.Adam(cfg.lr, beta_1=cfg.beta_1)
d_opt = tf.keras.optimizers.Adam(cfg.lr * 2, beta_1=cfg.beta_1)

def discriminator_loss(real, fake):
    return cross_entropy(tf.ones_like(real) * 0.9, real) + cross_entropy(tf.zeros_like(fake), fake)

def generator_loss(fake):
    return cross_entropy(tf.ones_like(fake), fake)

@tf.function
def train_step(images):
    noise = tf.random.normal([cfg.batch_size, cfg.latent_dim])
    with tf.GradientTape() as gt, tf.GradientTape() as dt:
        fake = generator(noise, training=True)
        r = discriminator(images, training=True)
        f = discriminator(fake, training=True)
        gl, dl = generator_loss(f), discriminator_loss(r, f)
    g_opt.apply_gradients(zip(gt.gradient(gl, generator.trainable_variables), generator.trainable_variables))
    d_opt.apply_gradients(zip(dt.gradient(dl, discriminator.trainable_variables), discriminator.trainable_variables))
