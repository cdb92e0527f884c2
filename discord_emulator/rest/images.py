"""Pictures in JSON bodies, as data URIs (https://discord.com/developers/docs/reference#image-data)."""

from __future__ import annotations

import base64
import binascii
import re

from discord_emulator import errors

_DATA_URI = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,(.+)", re.DOTALL)


def read_image(key: str, value: object, most_bytes: int) -> bytes:
    """Return the bytes of a data URI in the field `key`; 50035 if it is invalid or too large."""
    match = _DATA_URI.fullmatch(value) if isinstance(value, str) else None
    try:
        image = base64.b64decode(match[1], validate=True) if match else b""
    except binascii.Error:
        image = b""
    if not image:
        raise invalid(key, "IMAGE_INVALID", "Invalid image data")
    if len(image) > most_bytes:
        raise invalid(key, "BINARY_TYPE_MAX_SIZE", f"File cannot be larger than {most_bytes / 1024:.1f} kb.")
    return image


def invalid(key: str, code: str, message: str) -> errors.ApiError:
    """Return 50035 for one field."""
    return errors.form_error({key: {"_errors": [{"code": code, "message": message}]}})
