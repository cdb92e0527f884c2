"""From pictures of any kind to a training set: checked 64×64 RGB uint8, and a report of the refused.

`load_images` takes a folder, a zip, a list of files or the house artist (`artist:128`). Every picture
passes through the same intake: header checks before anything is decoded, first frame, upright, in sRGB, alpha
on white, centre crop, Lanczos. Whatever cannot be used is listed with its reason while the rest goes on;
nothing is ever unpacked to disk.
"""

from gan.dataset.intake import load_images
from gan.dataset.large import load_large
from gan.dataset.limits import DatasetError, Limits
from gan.dataset.report import Report, printable
from gan.dataset.sources import unseen

__all__ = ["DatasetError", "Limits", "Report", "load_images", "load_large", "printable", "unseen"]
