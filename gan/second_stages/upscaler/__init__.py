"""Upscalers: integer networks that draw an icon at 256 pixels, identically on every machine.

`network` is the upscaler in training (`train`, on pairs from `pairs` and `sources`), `exact` the same one for
inference, `spec` their architecture. `palette_snapping` replaces nearly exact colours by those of the drawing, listed
by `palette`.
"""
