"""The styles that were learnt or imported: files in DATA_DIR, found again after a restart, drawn when needed.

    styles/<name>/<hash8>.safetensors, <hash8>.json, <hash8>-discriminator.safetensors
    styles/aliases.json        names that styles had before they were renamed
    styles/deleted.json        what models were deleted that hashes of version 1 named (see gan.checkpoint.model_hash)

    built-in/<name>/…          the models that the bot came with so far: an update of the shipped weights leaves their
                               codes as they were

A style may have several models: learning it anew keeps the earlier ones, so that their codes go on drawing the same.
A folder's name is the style's name, whatever the card says; so renaming is one step, which cannot be half done.

`library` is the folder, and `files` the models in it; `lazy` loads them, `packing` puts them into a zip, `importing`
and the confined process `checker` look at what comes from elsewhere, and `keeper` keeps the studio as the folder and
the owner's choice say.
"""

from bot.features.styles.files import StyleFile, StyleProblem
from bot.features.styles.keeper import StyleKeeper
from bot.features.styles.lazy import LazySampler
from bot.features.styles.library import NAME, RESERVED, Library

__all__ = ["NAME", "RESERVED", "LazySampler", "Library", "StyleFile", "StyleKeeper", "StyleProblem"]
