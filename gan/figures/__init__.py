"""Charts and pictures of a training run or a model."""
