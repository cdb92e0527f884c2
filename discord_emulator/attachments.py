"""Uploaded files, in memory up to a total size; the oldest are evicted first."""

from __future__ import annotations

import io
import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from PIL import Image

from discord_emulator.security import sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from discord_emulator.errors import Json

# The types a browser may render. Everything else is served as application/octet-stream: an uploaded page or SVG with a
# script must never run on the emulator's origin.
_SAFE_TYPES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_TYPES_BY_SUFFIX = {
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".zip": "application/zip",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".pdf": "application/pdf",
}
_MAX_PIXELS = 64_000_000


@dataclass(frozen=True)
class Upload:
    """An upload: a part of a multipart request or an argument of the Python API."""

    filename: str
    data: bytes
    description: str | None = None


@dataclass(eq=False)
class Attachment:
    """A stored file."""

    id: int
    channel_id: int
    filename: str
    data: bytes
    url: str
    content_type: str | None
    width: int | None = None
    height: int | None = None
    description: str | None = None
    ephemeral: bool = False

    def json(self) -> Json:
        """Return an attachment object."""
        payload: Json = {
            "id": str(self.id),
            "filename": self.filename,
            "size": len(self.data),
            "url": self.url,
            "proxy_url": self.url,
        }
        if self.content_type:
            payload["content_type"] = self.content_type
        if self.width is not None:
            payload |= {"width": self.width, "height": self.height}
        if self.description is not None:
            payload["description"] = self.description
        if self.ephemeral:
            payload["ephemeral"] = True
        return payload


def clean_filename(name: str) -> str:
    """Return a name safe in a URL path and a header: no directories, control characters or leading dot."""
    tail = re.split(r"[/\\]", name)[-1]
    safe = re.sub(r"[^\w.\-]", "_", tail).lstrip(".")
    return safe[-200:] or "unknown"


def safe_type(data: bytes) -> str | None:
    """Return a picture's type, by its bytes alone; None for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _SAFE_TYPES.items() if data.startswith(magic)), None)


def _dimensions(data: bytes) -> tuple[int | None, int | None]:
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None, None
    return (width, height) if width * height <= _MAX_PIXELS else (None, None)


class AttachmentStore:
    """All files by id, with a limit on their total size."""

    def __init__(self, origin: str, max_bytes: int, key: str, dropped: Callable[[int], None]) -> None:
        """`key` signs the files' URLs, so that they cannot be guessed. `dropped` is called with evicted files."""
        self._dropped = dropped
        self.origin = origin
        self._key = key
        self.max_bytes = max_bytes
        self.total = 0
        self._files: OrderedDict[int, Attachment] = OrderedDict()

    def add(self, attachment_id: int, channel_id: int, upload: Upload, *, ephemeral: bool = False) -> Attachment:
        """Store a file under an id and return its record, evicting the oldest files if needed."""
        filename = clean_filename(upload.filename)
        picture = safe_type(upload.data)
        width, height = _dimensions(upload.data) if picture else (None, None)
        suffix = filename[filename.rfind(".") :].lower() if "." in filename else ""
        url = self.address(channel_id, attachment_id, filename)
        attachment = Attachment(
            attachment_id,
            channel_id,
            filename,
            upload.data,
            url,
            picture or _TYPES_BY_SUFFIX.get(suffix),
            width,
            height,
            upload.description,
            ephemeral,
        )
        self._files[attachment_id] = attachment
        self.total += len(upload.data)
        while self.total > self.max_bytes and len(self._files) > 1:
            oldest = next(iter(self._files))
            self.remove(oldest)
            self._dropped(oldest)
        return attachment

    def address(self, channel_id: int, attachment_id: int, filename: str) -> str:
        """Return a file's signed URL."""
        path = f"/attachments/{channel_id}/{attachment_id}/{quote(filename)}"
        return f"{self.origin}{path}?hm={sign(self._key, path)}"

    def get(self, attachment_id: int) -> Attachment | None:
        """Return a file's record; None if it is unknown or evicted."""
        return self._files.get(attachment_id)

    def remove(self, attachment_id: int) -> None:
        """Delete a file, if it exists."""
        gone = self._files.pop(attachment_id, None)
        if gone:
            self.total -= len(gone.data)

    def by_url(self, url: str) -> Attachment | None:
        """Return the file of one of our own URLs."""
        return next((file for file in self._files.values() if file.url == url), None)
