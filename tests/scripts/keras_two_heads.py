# A class that makes both networks with lists of layers: a label multiplied into the noise, a second answer for the class.
import numpy as np
from tensorflow.keras import Input, Model, Sequential
from tensorflow.keras.layers import (
    Activation, BatchNormalization, Conv2D, Dense, Dropout, Embedding, Flatten, LeakyReLU, Multiply, Reshape, UpSampling2D, ZeroPadding2D,
)
from tensorflow.keras.optimizers import Adam


class LabelledGAN:
    side, channels = 28, 1
    latent_dim = 96

    def __init__(self, classes: int = 10):
        self.classes = classes
        self.img_shape = (self.side, self.side, self.channels)
        self.generator = self.build_generator()
        self.discriminator = self.build_discriminator()
        self.discriminator.compile(loss=["binary_crossentropy", "sparse_categorical_crossentropy"], optimizer=Adam(2e-4, 0.5))
        z, label = Input(shape=(self.latent_dim,)), Input(shape=(1,), dtype="int32")
        self.discriminator.trainable = False
        answer, kind = self.discriminator(self.generator([z, label]))
        self.combined = Model([z, label], [answer, kind])
        self.combined.compile(loss=["binary_crossentropy", "sparse_categorical_crossentropy"], optimizer=Adam(1e-4, 0.5))

    def build_generator(self):
        quarter = self.side // 4
        net = Sequential()
        net.add(Dense(64 * quarter * quarter, activation="relu", input_dim=self.latent_dim))
        net.add(Reshape((quarter, quarter, 64)))
        for filters in (64, 32):
            net.add(UpSampling2D())
            net.add(Conv2D(filters, kernel_size=3, padding="same"))
            net.add(BatchNormalization(momentum=0.8))
            net.add(Activation("relu"))
        net.add(Conv2D(self.channels, kernel_size=3, padding="same", activation="tanh"))
        z, label = Input(shape=(self.latent_dim,)), Input(shape=(1,), dtype="int32")
        spread = Flatten()(Embedding(self.classes, self.latent_dim)(label))
        return Model([z, label], net(Multiply()([z, spread])))

    def build_discriminator(self):
        net = Sequential()
        net.add(Conv2D(16, kernel_size=3, strides=2, input_shape=self.img_shape, padding="same"))
        net.add(LeakyReLU(0.2))
        net.add(Conv2D(32, kernel_size=3, strides=2, padding="same"))
        net.add(ZeroPadding2D(padding=((0, 1), (0, 1))))
        net.add(LeakyReLU(0.2))
        net.add(Dropout(0.25))
        net.add(Flatten())
        picture = Input(shape=self.img_shape)
        features = net(picture)
        return Model(picture, [Dense(1, activation="sigmoid")(features), Dense(self.classes, activation="softmax")(features)])

    def train(self, epochs, batch_size=128):
        for epoch in range(epochs):
            noise = np.random.normal(0, 1, (batch_size, self.latent_dim))


if __name__ == "__main__":
    LabelledGAN().train(epochs=14000, batch_size=24)
