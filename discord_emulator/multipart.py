"""Reads request bodies, JSON or multipart, within the memory limits."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from discord_emulator import errors
from discord_emulator.attachments import Upload

if TYPE_CHECKING:
    from discord_emulator.limits import Limits

_FILE_FIELD = re.compile(r"files\[(\d{1,3})\]|file")
_CHUNK = 64 * 1024
_MAX_PARTS = 64


@dataclass
class Body:
    """A request's JSON and its files: ``files[n]`` by n, every other file by its field's name."""

    payload: Any = None
    uploads: dict[int, Upload] = field(default_factory=dict)
    named: dict[str, Upload] = field(default_factory=dict)


async def read_body(request: web.Request, limits: Limits, upload_bytes: int) -> Body:
    """Read a body: 413 (40005) for a file over `upload_bytes` or a request over the limit, 50109 for bad JSON.

    408 on timeout.
    """
    try:
        async with asyncio.timeout(limits.body_seconds):
            return await _read(request, limits, upload_bytes)
    except TimeoutError:
        raise errors.timed_out() from None
    except (web.RequestPayloadError, HttpProcessingError):  # invalid chunks, encoding or part headers
        raise errors.bad_json() from None


async def _read(request: web.Request, limits: Limits, upload_bytes: int) -> Body:
    if not request.body_exists:
        return Body()
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request, limits, upload_bytes)
    data = await _read_all(request, limits.json_bytes)
    if not data:
        return Body()
    if request.content_type != "application/json":
        message = f"Expected \"Content-Type\" header to be one of {{'application/json'}}, got {request.content_type!r}"
        raise errors.form_error({"_errors": [{"code": "CONTENT_TYPE_INVALID", "message": message}]})
    return Body(parse_json(data))


def parse_json(data: bytes | str) -> Any:
    """Parse JSON, or raise 50109. NaN and Infinity are not JSON."""
    try:
        return json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise errors.bad_json() from None


def _refuse(constant: str) -> float:
    raise ValueError(constant)


async def _read_all(request: web.Request, most: int) -> bytes:
    data = bytearray()
    too_much = False
    async for chunk in request.content.iter_chunked(_CHUNK):
        too_much = too_much or len(data) + len(chunk) > most
        if not too_much:
            data += chunk
        elif request.content.total_bytes > 8 * most:
            break
    if too_much:
        raise errors.too_large()
    return bytes(data)


async def _read_multipart(request: web.Request, limits: Limits, upload_bytes: int) -> Body:
    try:
        reader = await request.multipart()
        return await _read_parts(reader, limits, upload_bytes)
    except (ValueError, AssertionError):
        raise errors.bad_json() from None


async def _read_parts(reader: MultipartReader, limits: Limits, upload_bytes: int) -> Body:
    """Read all parts. An oversized part is drained, so that the client receives its 413."""
    body = Body()
    total = parts = 0
    too_large = False
    while (part := await reader.next()) is not None:
        parts += 1
        if not isinstance(part, BodyPartReader) or parts > _MAX_PARTS:
            raise errors.bad_json()
        most = limits.json_bytes if part.name == "payload_json" else upload_bytes
        data, size = await _read_part(part, most, limits.request_bytes - total)
        total += size
        too_large = too_large or size > most
        if part.name == "payload_json":
            body.payload = None if size > most else parse_json(data)
        else:
            _add_file(body, part, data)
    if too_large:
        raise errors.too_large()
    return body


async def _read_part(part: BodyPartReader, most: int, whole: int) -> tuple[bytes, int]:
    """Return a part's first `most` bytes and its size; raise 413 beyond `whole`."""
    data = bytearray()
    size = 0
    while chunk := await part.read_chunk(_CHUNK):
        size += len(chunk)
        if size > whole:
            raise errors.too_large()
        data += chunk[: max(most - len(data), 0)]
    return bytes(data), size


def _add_file(body: Body, part: BodyPartReader, data: bytes) -> None:
    upload = Upload(part.filename or "unknown", data)
    match = _FILE_FIELD.fullmatch(part.name or "")
    if match:
        body.uploads[int(match[1] or 0)] = upload
    if part.name:
        body.named[part.name] = upload
