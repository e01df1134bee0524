"""Learning: prediction tasks, training, evaluation, registry, scoring. Takes and returns frames; opens no warehouse."""
