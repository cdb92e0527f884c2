"""Upscalers: networks that draw an icon at 256 pixels, in whole numbers and so alike on every machine.

`network` is an upscaler while it is trained (`train`, on pairs from `pairs` and `sources`), `exact` is the same one at
work, `spec` the shape of both. `settling` gives areas the colours that the drawing has, which `palette` lists.
"""
