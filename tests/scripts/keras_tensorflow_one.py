# TensorFlow 1: networks are functions with their variables, called twice.
import tensorflow as tf
import numpy as np

z_dim = 100
def generator(z, reuse=False, is_training=True):
    with tf.variable_scope("generator", reuse=reuse):
        x = tf.layers.dense(z, 7 * 7 * 128)
        x = tf.reshape(x, [-1, 7, 7, 128])
        x = tf.layers.batch_normalization(x, training=is_training)
        x = tf.nn.relu(x)
        x = tf.layers.conv2d_transpose(x, 64, 5, strides=2, padding='same')
        x = tf.nn.leaky_relu(tf.layers.batch_normalization(x, training=is_training), alpha=0.1)
        logits = tf.layers.conv2d_transpose(x, 1, 5, strides=2, padding='same')
        out = tf.tanh(logits)
        return out

def discriminator(x, reuse=False):
    with tf.variable_scope("discriminator", reuse=reuse):
        h = tf.layers.conv2d(x, 64, 5, strides=2, padding='same', activation=tf.nn.leaky_relu)
        h = tf.layers.conv2d(h, filters=128, kernel_size=[5, 5], strides=(2, 2), padding='SAME')
        h = tf.maximum(0.2 * h, h)
        h = tf.layers.flatten(h)
        h = tf.layers.dropout(h, rate=0.4)
        logits = tf.layers.dense(h, 1)
        return tf.nn.sigmoid(logits), logits

X = tf.placeholder(tf.float32, shape=[None, 28, 28, 1])
Z = tf.placeholder(tf.float32, shape=[None, z_dim])
G_sample = generator(Z)
D_real, D_logit_real = discriminator(X)
D_fake, D_logit_fake = discriminator(G_sample, reuse=True)
D_loss_real = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=D_logit_real, labels=tf.ones_like(D_logit_real)))
D_loss_fake = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=D_logit_fake, labels=tf.zeros_like(D_logit_fake)))
D_loss = D_loss_real + D_loss_fake
G_loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=D_logit_fake, labels=tf.ones_like(D_logit_fake)))
D_solver = tf.train.AdamOptimizer(2e-4, beta1=0.5).minimize(D_loss, var_list=theta_D)
G_solver = tf.train.AdamOptimizer(learning_rate=2e-4, beta1=0.5).minimize(G_loss, var_list=theta_G)
mb_size = 128
for it in range(100000):
    _, d = sess.run([D_solver, D_loss], feed_dict={X: X_mb, Z: np.random.uniform(-1., 1., size=[mb_size, z_dim])})
