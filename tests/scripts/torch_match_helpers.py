# Type hints, match, partial, classes that extend Sequential, generators within calls.
from functools import partial
from typing import Callable, Literal
import torch
from torch import Tensor, nn

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "lrelu": partial(nn.LeakyReLU, 0.2),
    "silu": nn.SiLU,
}


def make_norm(kind: str | None, channels: int) -> nn.Module:
    match kind:
        case "batch":
            return nn.BatchNorm2d(channels)
        case "instance":
            return nn.InstanceNorm2d(channels, affine=True)
        case "group":
            return nn.GroupNorm(8, channels)
        case None | "none":
            return nn.Identity()
        case _:
            raise ValueError(f"unknown norm {kind!r}")


class View(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.view(x.size(0), *self.shape)


class Lambda(nn.Module):
    def __init__(self, fn):
        super().__init__()
        self.fn = fn

    def forward(self, x):
        return self.fn(x)


class UpBlock(nn.Sequential):
    def __init__(self, cin: int, cout: int, *, norm: str | None = "batch", act: str = "relu"):
        super().__init__(
            nn.Upsample(scale_factor=2, mode="nearest"),
            nn.Conv2d(cin, cout, 3, padding="same", bias=norm is None),
            make_norm(norm, cout),
            ACTIVATIONS[act](),
        )


class DownBlock(nn.Sequential):
    def __init__(self, cin, cout, norm=None, act="lrelu"):
        layers = [nn.utils.spectral_norm(nn.Conv2d(cin, cout, 4, 2, 1))]
        if norm is not None:
            layers.append(make_norm(norm, cout))
        layers.append(ACTIVATIONS[act]())
        super().__init__(*layers)


class Generator(nn.Module):
    def __init__(self, nz: int = 64, base: int = 32, size: int = 32, channels: int = 3):
        super().__init__()
        assert size % 8 == 0, "size must be a multiple of 8"
        if (n_up := {32: 3, 64: 4}[size]) < 3:
            raise RuntimeError
        widths = [base * 2 ** i for i in reversed(range(n_up + 1))]
        self.net = nn.Sequential(
            nn.Linear(nz, widths[0] * (size // 2 ** n_up) ** 2),
            View(widths[0], size // 2 ** n_up, size // 2 ** n_up),
            *(UpBlock(a, b) for a, b in zip(widths, widths[1:])),
            nn.Conv2d(widths[-1], channels, kernel_size=1),
            nn.Tanh(),
        )

    def forward(self, z: Tensor) -> Tensor:
        return self.net(z)


class Discriminator(nn.Module):
    def __init__(self, base: int = 32, channels: int = 3, norm: Literal["batch", "group"] | None = "group"):
        super().__init__()
        blocks = []
        cin = channels
        for i, cout in enumerate([base, base * 2, base * 4]):
            blocks.append(DownBlock(cin, cout, norm=None if i == 0 else norm))
            cin = cout
        self.features = nn.Sequential(*blocks, nn.AdaptiveAvgPool2d((1, 1)), Lambda(lambda x: x.flatten(start_dim=1)))
        self.head = nn.utils.spectral_norm(nn.Linear(cin, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))


@torch.no_grad()
def init_weights(module: nn.Module) -> None:
    if isinstance(module, (nn.Conv2d, nn.Linear)):
        nn.init.kaiming_normal_(module.weight, nonlinearity="leaky_relu", a=0.2)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


generator = Generator().apply(init_weights)
discriminator = Discriminator().apply(init_weights)
bce = nn.BCEWithLogitsLoss()
opt_g = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
opt_d = torch.optim.RMSprop(discriminator.parameters(), lr=1e-4, alpha=0.9)
