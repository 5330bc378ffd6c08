# Model subclassing, Lambda layers, depth_to_space, Rescaling.
import tensorflow as tf
from tensorflow.keras import Model, layers, Sequential

class Upscale(layers.Layer):
    def __init__(self, filters, scale=2, **kwargs):
        super(Upscale, self).__init__(**kwargs)
        self.conv = layers.Conv2D(filters * scale ** 2, 3, padding='same', use_bias=False)
        self.bn = layers.BatchNormalization()
        self.scale = scale

    def call(self, inputs, training=None):
        x = self.conv(inputs)
        x = tf.nn.depth_to_space(x, self.scale)
        x = self.bn(x, training=training)
        return tf.nn.leaky_relu(x, alpha=0.1)

class Generator(Model):
    def __init__(self, latent_dim=64, name='generator', **kwargs):
        super().__init__(name=name, **kwargs)
        self.latent_dim = latent_dim
        self.fc = layers.Dense(4 * 4 * 128, use_bias=False)
        self.bn = layers.BatchNormalization()
        self.reshape = layers.Reshape([4, 4, 128])
        self.ups = [Upscale(f) for f in (64, 32, 16)]
        self.to_rgb = layers.Conv2D(3, 1)
        self.act = layers.Lambda(lambda t: tf.tanh(t))

    def call(self, z, training=False):
        x = tf.nn.relu(self.bn(self.fc(z), training=training))
        x = self.reshape(x)
        for up in self.ups:
            x = up(x, training=training)
        return self.act(self.to_rgb(x))

class Discriminator(Model):
    def __init__(self):
        super().__init__()
        self.rescale = layers.Rescaling(1./127.5, offset=-1)
        self.net = Sequential([
            layers.Conv2D(32, 3, 2, 'same', activation=tf.nn.leaky_relu),
            layers.Conv2D(64, 3, 2, 'same', activation=lambda x: tf.nn.leaky_relu(x, 0.1)),
            layers.Conv2D(128, 3, 2, 'same'),
            layers.Activation(tf.nn.swish),
            layers.Lambda(lambda x: tf.reduce_mean(x, axis=[1, 2])),
        ])
        self.out = layers.Dense(1)

    def call(self, x, training=False):
        x = self.rescale(x)
        return self.out(self.net(x, training=training))

generator = Generator(latent_dim=64)
discriminator = Discriminator()
generator.build(input_shape=(None, 64))
discriminator(tf.zeros((1, 32, 32, 3)))
generator_optimizer = tf.optimizers.Adam(1e-4, beta_1=0.0, beta_2=0.9)
discriminator_optimizer = tf.optimizers.Adam(4e-4, beta_1=0.0, beta_2=0.9)

def d_loss_fn(real, fake):
    return tf.reduce_mean(tf.nn.relu(1. - real)) + tf.reduce_mean(tf.nn.relu(1. + fake))
def g_loss_fn(fake):
    return -tf.reduce_mean(fake)
