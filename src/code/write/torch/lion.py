class Lion(torch.optim.Optimizer):
    """Moves each weight by the learning rate, in the direction of its gradients' mean (Chen et al., 2023)."""

    def __init__(self, weights, lr, betas, weight_decay):
        super().__init__(weights, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for weight in group["params"]:
                if weight.grad is not None:
                    mean = self.state[weight].setdefault("mean", torch.zeros_like(weight))
                    weight.mul_(1.0 - group["lr"] * group["weight_decay"])
                    weight.sub_(group["lr"] * mean.lerp(weight.grad, 1.0 - beta1).sign())
                    mean.lerp_(weight.grad, 1.0 - beta2)
