# An old script: arguments of the first Keras, everything from a star, two classes at the end of the discriminator.
from keras.models import *
from keras.layers import *
from keras.optimizers import Adam

width = 64
noise = Input(shape=[50])
H = Dense(width * 7 * 7, init="glorot_normal")(noise)
H = BatchNormalization()(H)
H = Activation("relu")(H)
H = Reshape([7, 7, width])(H)
H = UpSampling2D(size=(2, 2))(H)
H = Convolution2D(width // 2, 3, 3, border_mode="same", init="glorot_uniform", activation="relu")(H)
H = UpSampling2D(size=(2, 2))(H)
H = Convolution2D(1, 5, 5, border_mode="same")(H)
generator = Model(input=noise, output=Activation("sigmoid")(H))
generator.compile(loss="binary_crossentropy", optimizer=Adam(lr=1e-4))

picture = Input(shape=(28, 28, 1))
H = Convolution2D(32, 5, 5, subsample=(2, 2), border_mode="same", activation="relu")(picture)
H = Dropout(0.25)(H)
H = Convolution2D(64, 5, 5, subsample=(2, 2), border_mode="same")(H)
H = LeakyReLU(0.2)(H)
H = Flatten()(H)
H = Dense(128)(H)
H = LeakyReLU(0.2)(H)
discriminator = Model(input=picture, output=Dense(2, activation="softmax")(H))
discriminator.compile(loss="categorical_crossentropy", optimizer=Adam(lr=1e-3))


def train_for_n(nb_epoch=5000, batch_size=32):
    for e in range(nb_epoch):
        pass


train_for_n(nb_epoch=250, batch_size=40)
