"""Why a picture or an archive is refused: a code with parameters, for translation, and its English text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

TEXTS = {
    "none": "not a picture that can be read (PNG, JPEG, GIF, WebP, BMP, TIFF… can)",
    "kind": "{kind}: not a picture that can be read; save it as PNG or JPEG",
    "heic": "HEIC: not a picture that can be read here without pillow-heif; save it as PNG or JPEG",
    "archive": "a {kind} archive, not a picture; make it a zip",
    "blank": "blank once it is cropped to a square: one colour and nothing else",
    "folder": "a link to a folder, which is not followed",
    "unreadable": "cannot be read: {detail}",
    "empty": "empty: zero bytes",
    "damaged": "cut off or damaged ({detail})",
    "memory": "does not fit into memory",
    "large": "{size} is larger than {most} megapixels",
    "huge": "larger than {most} megapixels",
    "small": "{size} is smaller than {least} pixels",
    "same": "the same picture as {other}",
    "alike": "almost the same as {other}",
    "heavy": "larger than {most} MiB",
    "lost": "could not be downloaded ({detail})",
    "slow": "took longer than {seconds} seconds to read",
    "crash": "crashed the reading process",
    "many": "holds more than {most} pictures",
    "link": "a link, not a file",
    "special": "not a regular file",
    "path": "its path leads out of the archive",
    "encrypted": "encrypted; pack it again without a password",
    "nested": "an archive in the archive; unpack it first",
    "bomb": "packed more than {ratio} times smaller, which no picture is",
    "method": "packed by an uncommon method; pack it again as an ordinary zip",
    "torn": "damaged in the archive",
    "unpacked": "unpacks to {size} MiB; a picture may have {most} MiB",
    "crowd": "lists {count} files; a zip may hold {most}",
    "flood": "would unpack to {size} MiB; a zip may unpack to {most} MiB",
    "hidden": "unpacks to more than {most} MiB, though it says less",
    "zip": "is not a zip that can be read ({detail}); pack or download it again",
}
_LONGEST = 200  # characters of a parameter


class Reason(str):
    """The English text of a reason; `code` is a key of `TEXTS`, and `values` fill its placeholders."""

    __slots__ = ("code", "values")

    code: str
    values: dict[str, str]

    def __new__(cls, code: str, **values: object) -> Self:
        """Make a reason. Raises KeyError for an unknown code or a missing parameter."""
        shown = {name: str(value) for name, value in values.items()}
        self = super().__new__(cls, TEXTS[code].format(**shown))
        self.code, self.values = code, shown
        return self


def to_json(reason: object) -> Any:
    """Return a reason for another process: an object, or the text of one without a code."""
    return {"code": reason.code, "values": reason.values} if isinstance(reason, Reason) else str(reason)


def from_json(data: Any, clean: Callable[[str], str]) -> str:
    """Read what `to_json` made. Each text goes through `clean`; anything else becomes a text, too."""
    try:
        return Reason(data["code"], **{str(k): clean(str(v))[:_LONGEST] for k, v in data["values"].items()})
    except (TypeError, KeyError, AttributeError, IndexError, ValueError):
        return clean(str(data))
