@torch.no_grad()
def follow(average, generator, step):
    """Moves the averaged generator a step towards the one that is trained; the first steps are soon forgotten."""
    keep = min(EMA_DECAY, (1 + step) / (10 + step))
    for own, other in zip(average.state_dict().values(), generator.state_dict().values()):
        if own.is_floating_point():
            own.lerp_(other, 1 - keep)
        else:
            own.copy_(other)
