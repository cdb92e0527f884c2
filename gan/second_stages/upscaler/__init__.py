"""Upscalers: integer networks that draw an icon at 256 or 512 pixels, identically on every machine.

`spec` is their architecture, `network` the upscaler in training and `exact` the same one for inference. The learned
upscaler predicts a label map, which `label_map` paints in the colours of `palette`. Earlier ones predict RGB, and
`rgb_palette_snapping` replaces nearly exact colours. `train` takes its data from `pair_source` or `plain_source`.
`attach` adds the result to a model.
"""
