"""Finding the icon of a model that looks most like a given picture, among those that have a code.

`descriptors` measures how alike two pictures are; `encoder` knows where pictures and points of latent space belong,
without drawing; `train` teaches it on icons that the model drew; `bank` remembers what was looked at; `steps` are the
ways from one code to others; `finding` puts it together.
"""
