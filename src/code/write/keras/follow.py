def follow(average, generator, step):
    """Moves the averaged generator a step towards the one that is trained; the first steps are soon forgotten."""
    keep = min(EMA_DECAY, (1 + step) / (10 + step))
    for own, other in zip(average.weights, generator.weights):
        own.assign(keep * own + (1 - keep) * other)
