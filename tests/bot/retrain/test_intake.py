"""The door for pictures: a real process decodes, refuses and survives whatever is handed in."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from bot.features.retrain.intake import Reader, Taken, take_in
from gan.rendering import encode_plain_png
from tests.bot.retrain.hostile import REFUSED, TAKEN, two_of_one_name, zipped
from tests.gan.odd_pictures import GOOD, drawing, plain
from tests.patience import ENOUGH


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse nothing because the machine is busy; the test of the limit sets its own."""
    monkeypatch.setattr("bot.features.retrain.intake.PICTURE_SECONDS", 600.0)


async def handed(files: Mapping[str, bytes | str]) -> AsyncIterator[tuple[str, bytes | str]]:
    for name, data in files.items():
        yield name, data


async def take(files: Mapping[str, bytes | str], reader: Reader | None = None) -> Taken:
    return await take_in(handed(files), reader=reader)


def test_the_corpus_is_large_enough() -> None:
    assert len(REFUSED) >= 40


async def test_every_hostile_file_is_refused_with_its_line_by_one_process_that_lives_on() -> None:
    wrong = {}
    async with Reader() as reader:
        await reader.read("a.png", plain(1), 30)
        process = reader._process
        for name, (make, words) in REFUSED.items():
            taken, reason = await reader.read(name, make(), 600)
            lines = [line for _, line in taken.refused] + ([reason] if reason else [])
            sound = lines and all(words in line and len(line) <= 200 and "\n" not in line for line in lines)
            if taken.names or not sound:
                wrong[name] = (taken.names, lines)
        assert reader._process is process, "it has not crashed"
    assert not wrong


async def test_good_files_between_hostile_ones_are_all_taken() -> None:
    good = {name: make() for name, make in {**GOOD, **TAKEN}.items()}
    mixed: dict[str, bytes | str] = {}
    hostile = iter(REFUSED.items())
    for name, data in good.items():
        other, (make, _) = next(hostile)
        mixed |= {other: make(), name: data}
    taken = await take(mixed)
    assert len(taken.names) == len(good)
    assert taken.images.shape == (len(good), 64, 64, 3)
    assert len(taken.refused) == len(good)
    assert "\x1b" not in "".join(taken.names)


async def test_pictures_come_through_as_they_are_upright_and_of_the_first_frame() -> None:
    files = {name: GOOD[name]() for name in ("rgb.png", "turned.png", "animated.gif", "palette-see-through.png")}
    taken = await take(files)
    assert taken.names == list(files)
    assert np.array_equal(taken.pictures[0], drawing(1))
    assert np.array_equal(taken.pictures[1], drawing(29))
    assert np.abs(taken.pictures[2].astype(int) - drawing(17)).mean() < 8
    assert (taken.pictures[3] == 255).all(axis=2).any()


async def test_two_entries_of_one_name_are_judged_each_by_its_own_bytes() -> None:
    taken = await take({"twice.zip": two_of_one_name()})
    assert taken.names == ["a.png"]
    assert np.array_equal(taken.pictures[0], drawing(91))
    assert [name for name, _ in taken.refused] == ["a.png"]
    assert "not a picture" in taken.refused[0][1]


async def test_copies_and_look_alikes_are_refused_by_the_name_of_the_first() -> None:
    taken = await take({"a.png": plain(1), "b.png": plain(1, 640), "c.png": plain(1), "d.png": plain(2)})
    assert taken.names == ["a.png", "d.png"]
    assert dict(taken.refused) == {"c.png": "the same picture as a.png", "b.png": "the same picture as a.png"} or dict(
        taken.refused
    ) == {"c.png": "the same picture as a.png", "b.png": "almost the same as a.png"}


async def test_a_film_is_compared_in_the_other_process_and_in_no_time_that_grows_with_the_square(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frames = np.stack([np.clip(drawing(seed // 500).astype(int) + seed % 3, 0, 255) for seed in range(2_000)])
    async with Reader() as reader:
        twins = await reader.twins(frames.astype(np.uint8), 600)
    assert set(range(2_000)) - set(twins) == {0, 500, 1_000, 1_500}
    assert {other for other, same in twins.values() if not same} == {0, 500, 1_000, 1_500}
    assert all(other % 500 < 3 for other, same in twins.values() if same)
    # None of it happens here.
    monkeypatch.setattr("gan.dataset.lookalikes.find_lookalikes", None)
    taken = await take({"a.png": plain(1), "b.png": plain(1), "c.png": plain(2)})
    assert taken.names == ["a.png", "c.png"]


async def test_pictures_that_cannot_be_compared_are_all_kept(caplog: pytest.LogCaptureFixture) -> None:
    images = np.stack([drawing(1), drawing(1)])
    async with Reader() as reader:
        await reader.read("a.png", plain(1), 600)
        assert reader._process is not None
        reader._process.send_signal(19)  # stopped, it answers nothing any more
        assert await reader.twins(images, 0.1) == {}
        assert "could not compare 2 pictures" in caplog.text
        assert await reader.twins(images, 600) == {1: (0, True)}


async def test_an_answer_of_a_reader_that_was_taken_over_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lie(*_: object) -> AsyncIterator[dict[str, object]]:
        yield {"twin": 0, "of": 99, "same": True}
        yield {"end": None}

    reader = Reader()
    monkeypatch.setattr(reader, "_ask", lie)
    assert await reader.twins(np.stack([drawing(1), drawing(2)]), 600) == {}


async def test_what_could_not_be_fetched_is_refused_by_what_went_wrong() -> None:
    taken = await take({"gone.png": "could not be downloaded", "a.png": plain(1)})
    assert taken.refused == [("gone.png", "could not be downloaded")]
    assert taken.names == ["a.png"]


async def test_a_crash_costs_one_file_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader()
    original = reader._read

    async def read(name: str, data: bytes, taken: Taken) -> str | None:
        if name == "evil.png":
            await original("x.png", plain(9), Taken())
            assert reader._process is not None
            reader._process.kill()
        return await original(name, data, taken)

    monkeypatch.setattr(reader, "_read", read)
    taken = await take({"a.png": plain(1), "evil.png": plain(2), "b.png": plain(3)}, reader)
    assert taken.names == ["a.png", "b.png"]
    assert taken.refused == [("evil.png", "crashed the reading process")]


async def test_a_file_that_takes_for_ever_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader()
    async with reader:
        await reader.read("a.png", plain(1), 30)
        assert reader._process is not None
        reader._process.send_signal(19)  # stopped, it answers nothing any more
        taken, reason = await reader.read("b.png", plain(2), 0.5)
        assert not taken.names
        assert reason is not None
        assert "took longer than 0.5 seconds" in reason
        taken, reason = await reader.read("c.png", plain(3), 30)
        assert (taken.names, reason) == (["c.png"], None)


async def test_little_memory_is_a_reason_and_no_accident() -> None:
    reader = Reader(memory=280 * 2**20)
    taken = await take({"large.png": TAKEN["almost-too-large.png"](), "a.png": plain(1)}, reader)
    assert taken.names == ["a.png"]
    assert [name for name, _ in taken.refused] == ["large.png"]
    assert "memory" in taken.refused[0][1]


async def test_the_reader_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a-secret")
    async with Reader() as reader:
        await reader.read("a.png", plain(1), 30)
        assert reader._process is not None
        environment = await asyncio.to_thread(Path(f"/proc/{reader._process.pid}/environ").read_bytes)
    assert b"a-secret" not in environment


async def test_the_reader_gives_way_and_is_the_first_to_go_when_memory_is_short() -> None:
    async with Reader() as reader:
        await reader.read("a.png", plain(1), 30)
        assert reader._process is not None
        pid = reader._process.pid
        assert os.getpriority(os.PRIO_PROCESS, pid) == os.getpriority(os.PRIO_PROCESS, 0) + 5
        score = await asyncio.to_thread(Path(f"/proc/{pid}/oom_score_adj").read_text)
    assert score.strip() == "1000"


async def test_a_zip_of_good_pictures_is_taken_with_its_names() -> None:
    taken = await take({"fan.zip": zipped({f"名前/{n} ☃.png": plain(n) for n in range(5)})})
    assert taken.names == [f"名前/{n} ☃.png" for n in range(5)]
    assert not taken.refused


async def test_a_reader_that_is_ahead_of_the_bot_is_ended_all_the_same() -> None:
    # noise hardly compresses: each picture's record has some 500 kB, and the bot has room for 4 MiB
    noise = np.random.RandomState(0).randint(0, 256, (40, 350, 350, 3)).astype(np.uint8)
    archive = zipped({f"{n}.png": encode_plain_png(picture) for n, picture in enumerate(noise)})
    reader = Reader()
    process = reader._process = await reader._start()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"name": "many.zip", "size": len(archive)}).encode() + b"\n" + archive)
    # as under load: the process has sent more than the bot has got round to reading
    while not process.stdout._paused:  # type: ignore[attr-defined]  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.01)
    async with asyncio.timeout(ENOUGH):
        await reader.stop()
    assert process.returncode == -9
