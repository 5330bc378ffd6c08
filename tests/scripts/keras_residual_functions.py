# A residual GAN in Keras with spectral normalisation from the library and functional blocks.
import tensorflow as tf
from tensorflow.keras import layers, Model, Input
from tensorflow.keras.layers import SpectralNormalization as SN

def up_block(x, filters, name):
    shortcut = layers.UpSampling2D()(x)
    shortcut = layers.Conv2D(filters, 1, padding='same', name=f'{name}_sc')(shortcut)
    h = layers.BatchNormalization(name=f'{name}_bn1')(x)
    h = layers.ReLU()(h)
    h = layers.UpSampling2D()(h)
    h = layers.Conv2D(filters, 3, padding='same')(h)
    h = layers.BatchNormalization(name=f'{name}_bn2')(h)
    h = layers.ReLU()(h)
    h = layers.Conv2D(filters, 3, padding='same')(h)
    return layers.Add(name=f'{name}_add')([h, shortcut])

def down_block(x, filters, first=False):
    h = x if first else layers.ReLU()(x)
    h = SN(layers.Conv2D(filters, 3, padding='same'))(h)
    h = layers.ReLU()(h)
    h = SN(layers.Conv2D(filters, 3, padding='same'))(h)
    h = layers.AveragePooling2D()(h)
    s = SN(layers.Conv2D(filters, 1))(x)
    s = layers.AveragePooling2D()(s)
    return h + s

z = Input((128,), name='noise')
h = layers.Dense(4 * 4 * 256)(z)
h = layers.Reshape((4, 4, 256))(h)
for i, f in enumerate([256, 256, 256]):
    h = up_block(h, f, f'up{i}')
h = layers.BatchNormalization()(h)
h = layers.ReLU()(h)
out = layers.Conv2D(3, 3, padding='same', activation='tanh')(h)
generator = Model(z, out, name='G')

x = Input((32, 32, 3))
h = down_block(x, 128, first=True)
h = down_block(h, 128)
h = layers.ReLU()(h)
h = tf.reduce_sum(h, axis=[1, 2])
discriminator = Model(x, SN(layers.Dense(1))(h), name='D')
