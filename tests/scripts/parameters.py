"""Builds the networks of every script with the library that it is written for, and prints their weights and shapes.

Scripts are run statement by statement; what fails, such as loading data, is passed over.
"""

import ast
import contextlib
import inspect
import io
import os
import subprocess
import sys
import types

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

HERE = os.path.dirname(os.path.abspath(__file__))
GENERATORS = ["generator", "netG", "G", "g_model", "gen", "g"]
DISCRIMINATORS = ["discriminator", "critic", "netD", "D", "d_model", "disc", "d"]


def old_keras():
    """What Keras 3 has done away with, and scripts of its time use."""
    import keras
    import tensorflow as tf

    for name in ["advanced_activations", "convolutional"]:
        sys.modules[f"keras.layers.{name}"] = keras.layers
    for name in ["Adam", "RMSprop"]:
        real = getattr(keras.optimizers, name)

        def make(*places, real=real, lr=None, **named):
            return real(*places, **({"learning_rate": lr} if lr is not None else {}), **named)

        setattr(keras.optimizers, name, make)
    dense = keras.layers.Dense.__init__
    # It took NumPy's numbers once.
    keras.layers.Dense.__init__ = lambda self, units, *places, **named: dense(self, int(units), *places, **named)
    refuse = types.SimpleNamespace(load_data=lambda *_: (_ for _ in ()).throw(OSError("no data")))
    for module in [keras.datasets, tf.keras.datasets]:
        for name in ["mnist", "fashion_mnist", "cifar10"]:
            setattr(module, name, refuse)


def lightning():
    """As much of Lightning as building the networks needs."""
    import torch

    class LightningModule(torch.nn.Module):
        def save_hyperparameters(self):
            around = inspect.currentframe().f_back.f_locals
            self.hparams = types.SimpleNamespace(**{name: value for name, value in around.items() if name != "self"})

    sys.modules["pytorch_lightning"] = types.SimpleNamespace(LightningModule=LightningModule)


def run(path):
    names = {"__name__": "script"}
    with open(path) as file:
        tree = ast.parse(file.read())
    sys.argv = ["script", "--dataset", "folder"] if "example" in path else ["script"]
    for statement in tree.body:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception, SystemExit):
            exec(compile(ast.Module([statement], []), path, "exec"), names)
    return names


def is_network(value):
    return not isinstance(value, type) and (hasattr(value, "parameters") or hasattr(value, "count_params"))


def find(names, wanted):
    """The network of one of these names; none where the script has only a function that computes what it would."""
    for name in wanted:
        if is_network(names.get(name)):
            return names[name]
    for value in list(names.values()):
        # A class that builds both in its constructor.
        if isinstance(value, type) and value.__module__ == "script" and "GAN" in value.__name__:
            with contextlib.redirect_stdout(io.StringIO()):
                made = value(1, 28, 28) if hasattr(value, "training_step") else value()
            for name in wanted:
                if hasattr(made, name):
                    return getattr(made, name)
    return None


def describe(network, inputs):
    if hasattr(network, "parameters"):
        import torch

        network.eval()
        output = None
        labels = [[], [torch.zeros(2, dtype=int)], [torch.zeros(2, 10)]]
        for shape, label in ((shape, label) for label in labels for shape in inputs):
            with contextlib.suppress(Exception), torch.no_grad():
                output = list(network(torch.zeros(2, *shape), *label).shape[1:])
                break
        # What is lazy knows its weights only now.
        return sum(weights.numel() for weights in network.parameters()), output
    import numpy as np

    if not getattr(network, "inputs", None):
        for shape in inputs:
            with contextlib.suppress(Exception):
                network(np.zeros((2, *shape), "float32"))
                inputs = [shape]
                break
    count = sum(int(np.prod(weights.shape)) for weights in network.trainable_weights)
    if count == 0:
        # A discriminator that was frozen for the combined network.
        network.trainable = True
        count = sum(int(np.prod(weights.shape)) for weights in network.trainable_weights)
    shape = network.input_shape[1:] if getattr(network, "inputs", None) else inputs[0]
    if isinstance(shape, list) or (shape and isinstance(shape[0], tuple)):
        return count, list(network.output_shape[1:])
    output = network(np.zeros((2, *shape), "float32"))
    # Of several answers the first one counts.
    return count, list((output[0] if isinstance(output, list) else output).shape[1:])


def main(library):
    (old_keras if library == "keras" else lightning)()
    for name in sorted(os.listdir(HERE)):
        if not (name.startswith(library) and name.endswith(".py")):
            continue
        names = run(os.path.join(HERE, name))
        is_torch = library == "torch"
        latents = [(100,), (64,), (128,), (100, 1, 1), (62,), (32,)] if is_torch else [(64,)]
        pictures = [(1, 28, 28), (3, 32, 32), (1, 32, 32), (3, 64, 64), (784,)] if is_torch else [(28, 28, 1), (32, 32, 3)]
        for wanted, inputs in [(GENERATORS, latents), (DISCRIMINATORS, pictures)]:
            if network := find(names, wanted):
                print(name, wanted[0], *describe(network, inputs))


if len(sys.argv) > 1:
    main(sys.argv[1])
else:
    # The two libraries do not get on in one process.
    for library in ["keras", "torch"]:
        subprocess.run([sys.executable, "-W", "ignore", os.path.abspath(__file__), library], check=True)
