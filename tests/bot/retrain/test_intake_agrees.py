"""The chat takes what the command line takes: the same files, the same pixels, the same reasons."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from bot.features.retrain.intake import Reader
from gan.dataset import DatasetError, Limits, load_images
from tests.bot.retrain.hostile import REFUSED, zipped
from tests.gan.odd_pictures import GOOD, drawing, encoded, plain
from tests.gan.pngs import chunk, png
from tests.gan.profiles import rgb_profile
from tests.gan.test_dataset_ground import bmp, shape
from tests.gan.test_dataset_kinds import ARCHIVES, KINDS, PHONE
from tests.gan.test_dataset_zip_tools import UTF8, pack

FILES = {
    **{f"odd-{number}": make() for number, make in enumerate(GOOD.values())},
    "checksum.png": png(drawing(50), front=[chunk(b"tEXt", b"Software\0old tool", checksum=1)]),
    "long.png": png(drawing(51), front=[chunk(b"tEXt", b"Comment\0" + bytes(2 << 20))]),
    "no-end.jpg": encoded(Image.fromarray(drawing(52, 256, 256)), "JPEG")[:-2],
    "p3.png": encoded(Image.fromarray(drawing(53)), icc_profile=rgb_profile("Display P3")),
    "light.png": png(drawing(54), {b"gAMA": b"\0\1\x86\xa0"}),
    "12-bit.png": png((drawing(55)[..., 0].astype(np.uint16)) << 4),
    "opaque.bmp": bmp(np.zeros((64, 64)), masks=True),
    "white.png": encoded(Image.fromarray(shape((255, 255, 255)))),
    "blank.png": encoded(Image.new("RGB", (64, 64))),
    "phone.heic": PHONE.read_bytes(),
    "eadir.zip": zipped({"56.png": plain(56), "@eaDir/56.png/SYNOPHOTO_THUMB_M.png": plain(57)}),
    "names.zip": pack([f"絵{n}.png".encode("cp932") for n in range(60, 64)], flags=UTF8),
    "drive.zip": zipped({"A: portrait.png": plain(64)}),
    **{f"archive{kind}": data for kind, data in ARCHIVES.items()},
    **{f"{kind}-{n}": data for kind, files in KINDS.items() for n, data in enumerate(files)},
    **{f"hostile-{name}": make() for name, (make, _) in REFUSED.items() if name != "empty.png"},
}  # fmt: skip


async def test_both_take_the_same_and_refuse_the_same(tmp_path: Path) -> None:
    one = Limits(min_pictures=1)
    path = tmp_path / "file"
    async with Reader() as reader:
        for name, data in FILES.items():
            path.write_bytes(data)
            chat, reason = await reader.read(path.name, data, 600)
            told = [why for _, why in chat.refused] + ([reason] if reason else [])
            try:
                pixels, report = load_images([path], limits=one)
            except DatasetError as error:
                assert chat.names == [], name
                assert told, name
                assert told[0] in str(error), name  # noqa: PT017
                continue
            assert chat.names == report.accepted, name
            assert np.array_equal(chat.images, pixels), name
            assert told == [why for _, why in report.refused], name


def test_the_sample_holds_every_kind() -> None:
    assert io.BytesIO(FILES["phone.heic"]).read(12).endswith(b"ftypheic")
    assert len(FILES) > 120
