# Both networks made by methods of one model, with a slice at the end and the loss written out in its step.
import tensorflow as tf
from tensorflow.keras.layers import *
from tensorflow.keras import Sequential, Model, layers
import tensorflow.keras.backend as K

NOISE_DIM, BATCH = 100, 256
class DCGAN(Model):
    def __init__(self, noise_dim=NOISE_DIM, n_critic=3):
        super().__init__()
        self.noise_dim = noise_dim
        self.G = self.make_generator()
        self.D = self.make_discriminator()
        self.n_critic = n_critic

    def make_generator(self):
        seed = Input(shape=((self.noise_dim,)))
        x = Dense(3 * 3 * 256)(seed)
        x = Reshape((3, 3, 256))(x)
        for n_filters, use_dropout in zip([128, 64, 32], [True, False, False]):
            x = self._up(x, n_filters, dropout=use_dropout)
        x = Conv2DTranspose(3, 4, strides=1, padding='same', activation='tanh', dtype='float32')(x)
        x = x[:, :20, 2:22, :]
        return Model(seed, x, name='generator')

    @staticmethod
    def _up(x, n, dropout=False):
        x = Conv2DTranspose(n, (4, 4), (2, 2), 'same', use_bias=False)(x)
        x = BatchNormalization()(x)
        if dropout:
            x = Dropout(0.3)(x)
        return Activation('elu')(x)

    def make_discriminator(self):
        m = Sequential(name='discriminator')
        m.add(InputLayer((20, 20, 3)))
        [m.add(l) for l in (Conv2D(64, 4, 2, padding='same'), LeakyReLU(), Conv2D(128, 4, 2, padding='same'), LeakyReLU())]
        m.add(AveragePooling2D((2, 2), padding='same'))
        m.add(Flatten())
        m.add(Dense(1))
        return m

    def compile(self, g_opt, d_opt):
        super().compile()
        self.g_opt, self.d_opt = g_opt, d_opt

    @tf.function
    def train_step(self, real):
        z = tf.random.uniform((BATCH, self.noise_dim), -1, 1)
        for _ in range(self.n_critic):
            with tf.GradientTape() as t:
                d_loss = tf.reduce_mean((self.D(real) - 1) ** 2) + tf.reduce_mean(self.D(self.G(z)) ** 2)
            self.d_opt.apply_gradients(zip(t.gradient(d_loss, self.D.trainable_weights), self.D.trainable_weights))
        with tf.GradientTape() as t:
            g_loss = tf.reduce_mean(tf.square(self.D(self.G(z)) - 1))
        self.g_opt.apply_gradients(zip(t.gradient(g_loss, self.G.trainable_weights), self.G.trainable_weights))

ds = tf.data.Dataset.from_tensor_slices(x).shuffle(1000).batch(BATCH)
gan = DCGAN()
gan.compile(tf.keras.optimizers.Adam(1e-4, .5), tf.keras.optimizers.RMSprop(2e-4))
gan.fit(ds, epochs=12)
