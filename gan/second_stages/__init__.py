"""The second stages: from the 64×64 output of a generator to the picture that people see."""
