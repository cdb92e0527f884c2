"""Data sets: pictures of any format to checked 64×64 RGB uint8, with a report of the refused ones.

`load_images` takes a folder, a zip, a list of files or the house artist (`artist:128`). All pictures pass the same
pipeline: header checks before decoding, first frame, EXIF orientation, sRGB, alpha on white, centre crop, Lanczos.
Unusable pictures are listed with a reason and skipped; nothing is unpacked to disk.
"""

from gan.dataset.intake import load_images
from gan.dataset.large import load_large
from gan.dataset.limits import DatasetError, Limits
from gan.dataset.report import Report, printable
from gan.dataset.sources import unseen

__all__ = ["DatasetError", "Limits", "Report", "load_images", "load_large", "printable", "unseen"]
