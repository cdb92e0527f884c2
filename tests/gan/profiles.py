"""ICC profiles built from published colorants, and the expected sRGB values of their colours."""

from __future__ import annotations

import struct
from itertools import product

import numpy as np

# XYZ of red, green and blue relative to D50, and the exponent of the tone curve
RGB_SPACES = {
    "Display P3": ([(0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407)], 2.2),
    "Adobe RGB": ([(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)], 2.2),
    "ProPhoto RGB": ([(0.79767, 0.28804, 0.0), (0.13519, 0.71188, 0.0), (0.03134, 0.00009, 0.82491)], 1.8),
    "linear sRGB": ([(0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.7141)], 1.0),
}
_WHITE = (0.9642, 1.0, 0.82491)


def _fixed(*numbers: float) -> bytes:
    return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    tags = {b"desc": b"desc" + struct.pack(">II", 0, 5) + b"test\0" + bytes(80), **tags}
    directory, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        directory += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = start + len(body)
    head = struct.pack(">I4sI", size, b"lcms", 0x02400000) + kind + space + connection + bytes(12) + b"acsp"
    return (head.ljust(68, b"\0") + _fixed(*_WHITE)).ljust(128, b"\0") + directory + body


def _curve(gamma: float) -> bytes:
    return b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256))


def rgb_profile(name: str, *, padding: int = 0) -> bytes:
    """Return the profile of one of RGB_SPACES, with so many bytes more than it needs."""
    colorants, gamma = RGB_SPACES[name]
    tags = {b"wtpt": b"XYZ " + bytes(4) + _fixed(*_WHITE)}
    for letter, xyz in zip((b"r", b"g", b"b"), colorants, strict=True):
        tags |= {letter + b"XYZ": b"XYZ " + bytes(4) + _fixed(*xyz), letter + b"TRC": _curve(gamma)}
    if padding:
        tags[b"priv"] = b"data" + bytes(padding)
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags)


def grey_profile(gamma: float) -> bytes:
    """Return the profile of a grey with a tone curve."""
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"wtpt": b"XYZ " + bytes(4) + _fixed(*_WHITE), b"kTRC": _curve(gamma)})


def cmyk_profile(lightness: dict[tuple[int, int, int, int], float]) -> bytes:
    """Return the profile of a press whose inks are all grey: L* (0…100) for each corner of CMYK; others are white."""
    ramp = bytes(range(256))
    corners = b"".join(bytes([round(lightness.get(ink, 100) * 2.55), 128, 128]) for ink in product((0, 1), repeat=4))
    matrix = _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + ramp * 4 + corners + ramp * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"wtpt": b"XYZ " + bytes(4) + _fixed(*_WHITE), b"A2B0": table})


def encode(light: np.ndarray) -> np.ndarray:
    """Return light, 0…1, as sRGB, 0…255."""
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def expected_srgb(pixels: np.ndarray, name: str) -> np.ndarray:
    """Return pixels (…, 3), 0…255, of one of RGB_SPACES as sRGB, 0…255."""
    colorants, gamma = RGB_SPACES[name]
    to_xyz, from_xyz = np.array(colorants).T, np.linalg.inv(np.array(RGB_SPACES["linear sRGB"][0]).T)
    return encode((pixels / 255.0) ** gamma @ to_xyz.T @ from_xyz.T)
