"""Projection (GAN inversion): find the icon of a model most similar to a picture, among those that have a code.

`descriptors` measures picture similarity; `encoder` embeds pictures and latents in a common space, without drawing;
`train` trains it on icons of the model; `index` caches candidates; `steps` generates neighbouring codes; `search` is
the search itself.
"""
