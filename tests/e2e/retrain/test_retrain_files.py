"""What is handed in, however hostile, is answered line by line, and leaves nothing on the disk."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from bot.client import MeliconBot
from discord_emulator import Emulator
from tests.bot.retrain.hostile import REFUSED, TAKEN, zipped
from tests.e2e.retrain.jobs import ENOUGH, buttons, propose
from tests.gan.odd_pictures import GOOD


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the bot and its processes would put temporary files."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def files(folder: Path) -> set[str]:
    """Return every file below a folder, without the database's."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {name for name in found if not name.startswith("melicon.db")}


async def test_every_hostile_file_has_its_line_in_the_answer_and_none_is_left_on_the_disk(
    scratch: Path, emulator: Emulator, bot: MeliconBot
) -> None:
    before = files(bot.settings.data_dir)
    handed = {name: make() for name, (make, _) in REFUSED.items() if name != "flood.png"}
    zips = [(name, data) for name, data in handed.items() if data.startswith(b"PK")]
    single = {name: data for name, data in handed.items() if not data.startswith(b"PK")}
    odd = {name: make() for name, make in {**GOOD, **TAKEN}.items() if name != "almost-too-large.png"}

    reply = await propose(emulator, zip_=zipped(single | odd))
    assert f"**{len(odd)}** pictures and refused {len(single)}." in reply.message["content"]
    assert [a["filename"] for a in reply.message["attachments"]] == ["melicon-examples.png", "melicon-refused.txt"]
    told = (await emulator.attachment_bytes(reply.message, 1)).decode().splitlines()
    assert sorted(line.partition(": ")[0] for line in told) == sorted(single)
    await emulator.press(emulator.owner, reply.message, buttons(reply.message)["drop"], timeout=ENOUGH)

    for start in range(0, len(zips), 9):
        some = zips[start : start + 9]
        more = {f"images{n}": given for n, given in enumerate(some, 2)}
        reply = await propose(emulator, **more)
        lines = len(some) + any(name == "overlap.zip" for name, _ in some)  # it has one for each of its two pictures
        assert f"**12** pictures and refused {lines}." in reply.message["content"]
        await emulator.press(emulator.owner, reply.message, buttons(reply.message)["drop"], timeout=ENOUGH)

    assert files(bot.settings.data_dir) == before
    assert not files(scratch)
    drawn = await emulator.slash(emulator.member, "melicon", {"seed": "1"})
    assert drawn.message["attachments"]
