# Two subclasses of tf.keras.Model whose call runs its parts.
import tensorflow as tf
from tensorflow.keras.layers import *
from tensorflow.keras import Model

Z_DIM = 64


class Generator(Model):
    def __init__(self, channels=1):
        super(Generator, self).__init__()
        self.fc = Dense(7 * 7 * 64)
        self.bn0 = BatchNormalization(momentum=0.9, epsilon=1e-5)
        self.blocks = []
        for filters in [64, 32]:
            self.blocks.append(Conv2DTranspose(filters, 4, strides=2, padding='same', use_bias=False))
            self.blocks.append(BatchNormalization(momentum=0.9, epsilon=1e-5))
            self.blocks.append(ReLU())
        self.out = Conv2D(channels, 3, padding='same')

    def call(self, z, training=None):
        x = self.fc(z)
        x = tf.nn.relu(self.bn0(x, training=training))
        x = tf.reshape(x, (-1, 7, 7, 64))
        for layer in self.blocks:
            x = layer(x)
        return tf.nn.tanh(self.out(x))


class Discriminator(Model):
    def __init__(self):
        super(Discriminator, self).__init__()
        self.conv1 = Conv2D(32, 4, strides=2, padding='same')
        self.conv2 = Conv2D(64, 4, strides=2, padding='same')
        self.flatten = Flatten()
        self.fc = Dense(1)

    def call(self, x, training=None):
        x = tf.nn.leaky_relu(self.conv1(x), alpha=0.2)
        x = tf.nn.leaky_relu(self.conv2(x))
        return self.fc(self.flatten(x))


G, D = Generator(), Discriminator()
G.build(input_shape=(None, Z_DIM))
g_opt = tf.keras.optimizers.Adam(2e-4, beta_1=0.5)
d_opt = tf.keras.optimizers.Adam(4e-4, beta_1=0.5)


def d_loss_fn(real, fake):
    return tf.reduce_mean(tf.nn.relu(1. - real)) + tf.reduce_mean(tf.nn.relu(1. + fake))
