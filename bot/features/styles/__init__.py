"""Trained or imported styles, stored in DATA_DIR and loaded on demand.

    styles/<name>/<hash8>.safetensors, <hash8>.json, <hash8>-discriminator.safetensors
    styles/aliases.json        former names of renamed styles
    styles/deleted.json        deleted models with a version 1 hash (see gan.checkpoint.model_hash)

    built-in/<name>/…          copies of built-in models, so that codes survive an update of the weights

A style may have several models: retraining keeps the earlier ones, so that their codes stay valid. The folder's name is
the style's name, whatever the card says, which makes renaming atomic.

`library` is the folder and `files` its models; `lazy` loads them, `packing` zips them, `importing` validates foreign
files in the confined subprocess `checker`, and `keeper` synchronises the studio with the folder and the owner's choice.
"""

from bot.features.styles.files import StyleFile, StyleProblem
from bot.features.styles.keeper import StyleKeeper
from bot.features.styles.lazy import LazySampler
from bot.features.styles.library import NAME, RESERVED, Library

__all__ = ["NAME", "RESERVED", "LazySampler", "Library", "StyleFile", "StyleKeeper", "StyleProblem"]
