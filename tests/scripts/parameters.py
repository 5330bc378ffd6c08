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
GENERATORS = ["generator", "netG", "G", "g_model"]
DISCRIMINATORS = ["discriminator", "critic", "netD", "D", "d_model"]


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


def find(names, wanted):
    for name in wanted:
        if hasattr(names.get(name), "parameters") or hasattr(names.get(name), "count_params"):
            return names[name]
    for value in list(names.values()):
        # A class that builds both in its constructor.
        if isinstance(value, type) and value.__module__ == "script" and "GAN" in value.__name__:
            with contextlib.redirect_stdout(io.StringIO()):
                made = value(1, 28, 28) if hasattr(value, "training_step") else value()
            for name in wanted:
                if hasattr(made, name):
                    return getattr(made, name)
    raise SystemExit(f"no {wanted}")


def describe(network, inputs):
    if hasattr(network, "parameters"):
        import torch

        count = sum(weights.numel() for weights in network.parameters())
        network.eval()
        for shape in inputs:
            arguments = [torch.zeros(2, *shape)]
            with contextlib.suppress(Exception), torch.no_grad():
                return count, list(network(*arguments).shape[1:])
        return count, None
    import numpy as np

    if not getattr(network, "inputs", None):
        network(np.zeros((2, *inputs[0]), "float32"))
    count = sum(int(np.prod(weights.shape)) for weights in network.trainable_weights)
    if count == 0:
        # A discriminator that was frozen for the combined network.
        network.trainable = True
        count = sum(int(np.prod(weights.shape)) for weights in network.trainable_weights)
    shape = network.input_shape[1:] if getattr(network, "inputs", None) else inputs[0]
    if isinstance(shape, list) or (shape and isinstance(shape[0], tuple)):
        return count, list(network.output_shape[1:])
    return count, list(network(np.zeros((2, *shape), "float32")).shape[1:])


def main(library):
    (old_keras if library == "keras" else lightning)()
    for name in sorted(os.listdir(HERE)):
        if not name.startswith(library):
            continue
        names = run(os.path.join(HERE, name))
        is_torch = library == "torch"
        latents = [(100,), (64,), (128,), (100, 1, 1)] if is_torch else [(64,)]
        pictures = [(1, 28, 28), (3, 32, 32), (1, 32, 32), (3, 64, 64), (784,)] if is_torch else [(28, 28, 1)]
        for wanted, inputs in [(GENERATORS, latents), (DISCRIMINATORS, pictures)]:
            print(name, wanted[0], *describe(find(names, wanted), inputs))


if len(sys.argv) > 1:
    main(sys.argv[1])
else:
    # The two libraries do not get on in one process.
    for library in ["keras", "torch"]:
        subprocess.run([sys.executable, "-W", "ignore", os.path.abspath(__file__), library], check=True)
