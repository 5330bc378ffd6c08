# Axes that change their places, sub-pixel convolutions, wrappers and functions as layers.
import keras
import tensorflow as tf
from keras import layers, ops
from keras.layers import Activation

@keras.saving.register_keras_serializable()
class PixelShuffle(layers.Layer):
    def __init__(self, scale=2, **kw):
        super().__init__(**kw)
        self.scale = scale
    def call(self, x):
        return tf.nn.depth_to_space(x, self.scale)

def sn(layer):
    return layers.SpectralNormalization(layer)

def make_generator(nz=48, *, widths=(128, 64), act="relu"):
    inp = keras.Input((nz,))
    x = layers.Dense(7 * 7 * widths[0])(inp)
    x = layers.Reshape((widths[0], 7, 7))(x)
    x = layers.Permute((2, 3, 1))(x)
    for w in widths:
        x = layers.Conv2D(w * 4, 3, padding="same", kernel_initializer=keras.initializers.HeNormal())(x)
        x = PixelShuffle(2)(x)
        x = layers.GroupNormalization(groups=8)(x)
        x = Activation(act)(x)
    x = layers.Conv2D(1, 3, padding="same")(x)
    x = layers.Lambda(lambda t: ops.tanh(t), name="out")(x)
    return keras.Model(inp, x)

def make_discriminator(shape=(28, 28, 1)):
    return keras.Sequential([
        keras.Input(shape=shape),
        layers.GaussianNoise(0.1),
        sn(layers.Conv2D(32, 5, strides=2, padding="same")), layers.PReLU(alpha_initializer=keras.initializers.Constant(0.25), shared_axes=[1, 2]),
        layers.Resizing(28, 28),
        sn(layers.Conv2D(64, 5, strides=2, padding="same")), layers.Activation(lambda x: ops.leaky_relu(x, 0.1)),
        layers.SpatialDropout2D(0.2),
        layers.GlobalMaxPooling2D(),
        layers.Dense(1, activation=None),
    ], name="disc")

g, d = make_generator(), make_discriminator()
d_opt = keras.optimizers.Adam(learning_rate=keras.optimizers.schedules.ExponentialDecay(3e-4, 1000, 0.9), beta_1=0.5)
g_opt = keras.optimizers.AdamW(1e-4)
bce = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1)
