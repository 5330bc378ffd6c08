@torch.no_grad()
def follow(average, generator, step):
    """Moves the averaged generator a step towards the one that is trained; the first steps are soon forgotten."""
    keep = min(EMA_DECAY, (1 + step) / (10 + step))
    for (name, own), other in zip(average.state_dict().items(), generator.state_dict().values()):
        # The mean of two directions is shorter than they are: those of spectral norm are taken over.
        if own.is_floating_point() and not name.endswith(("weight_u", "weight_v")):
            own.lerp_(other, 1 - keep)
        else:
            own.copy_(other)
