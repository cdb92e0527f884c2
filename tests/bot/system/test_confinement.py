"""What a process that reads strangers' files can reach, tried from the inside."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.features.retrain import intake
from bot.features.retrain.intake import Reader
from bot.system import subprocesses
from bot.system.subprocesses import ELSEWHERE, ROOT, hear_missing, start_confined
from tests.gan.odd_pictures import plain

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can confine a process")

SPY = """
import ctypes, os, sys
from pathlib import Path
from bot.system.confinement import hide_memory, is_hidden

def become_somebody():
    if os.getuid() == 0:  # nothing is hidden from root
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # as a program is that was started by that user

ready, tell = os.pipe()
if (victim := os.fork()) == 0:
    become_somebody()
    if sys.argv[1] == "hidden":
        hide_memory()
        assert is_hidden()
    os.write(tell, b"x")
    import signal
    signal.pause()
os.read(ready, 1)
become_somebody()
for name in ("environ", "mem"):
    try:
        with Path(f"/proc/{victim}/{name}").open("rb"):
            print(name, "open")
    except PermissionError:
        print(name, "refused")
os.kill(victim, 9)
os.waitpid(victim, 0)
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with what the bot keeps."""
    for name in (".env", "melicon.sqlite3", "style", "gone"):
        (tmp_path / name).write_text("DISCORD_TOKEN=a-secret")
    return tmp_path


def kept(data: Path) -> dict[str, tuple[str, int]]:
    return {path.name: (path.read_text(), path.stat().st_mode) for path in data.iterdir()}


async def attempted(data: Path, place: str) -> dict[str, str]:
    """Let the intruder try everything in some place; returns the outcomes, with how many connections came."""
    connections: list[object] = []

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        writer.close()  # from Python 3.12 on, a server that is closed waits for its connections

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        task = json.dumps({"data": str(data), "project": str(ROOT), "port": port}).encode()
        if place != "free":
            reads = place == "reader"
            bounds = ("50000000",) if reads else ()
            process = await start_confined("tests.bot.system.intruder", str(2**31), *bounds)
            await hear_missing(process)
            assert process.stdin is not None
            assert process.stdout is not None
            header = {"name": "a.png", "size": len(task)} if reads else {"files": [["a.json", len(task)]]}
            process.stdin.write(json.dumps(header).encode() + b"\n" + task)
            answer = json.loads(await process.stdout.readline())
            found = answer if reads else answer["values"]
            process.stdin.close()
            assert await process.wait() == 0
        else:
            command = [sys.executable, "-m", "tests.bot.system.intruder", "free"]
            run = await asyncio.to_thread(
                subprocess.run, command, input=task, cwd=ROOT, stdout=subprocess.PIPE, check=True
            )
            found = json.loads(run.stdout)
    return {**found, "connections": str(len(connections))}


@pytest.mark.parametrize("place", ["reader", "checker"])
async def test_from_the_inside_nothing_can_be_read_written_or_reached(
    place: str, data: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocesses, "_logged", set())
    before = kept(data)
    found = await attempted(data, place)
    if caplog.text:
        pytest.skip(caplog.text)
    assert found.pop("connections") == "0"
    assert {name for name, outcome in found.items() if outcome == "done"} == set()
    assert kept(data) == before


async def test_each_attempt_succeeds_where_nothing_is_confined(data: Path) -> None:
    found = await attempted(data, "free")
    assert found.pop("connections") == "1"
    assert {name: outcome for name, outcome in found.items() if outcome != "done"} == {}


async def test_what_a_kernel_lacks_is_logged_in_one_line_and_pictures_are_read_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(subprocesses, "_logged", set())
    real = intake.start_confined

    async def start(_module: str, *arguments: str, longest_line: int) -> asyncio.subprocess.Process:
        return await real("tests.bot.system.old_kernel", *arguments, longest_line=longest_line)

    monkeypatch.setattr(intake, "start_confined", start)
    for _ in range(2):
        async with Reader() as reader:
            taken, reason = await reader.read("a.png", plain(1), 60)
            assert (taken.names, reason) == (["a.png"], None)
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    line = record.getMessage()
    assert "\n" not in line
    assert "an empty network namespace (Operation not permitted)" in line
    assert "Landlock (Landlock syscalls not available" in line
    assert "seccomp (" in line


async def test_a_reader_works_in_a_folder_without_env() -> None:
    async with Reader() as reader:
        await reader.read("a.png", plain(1), 60)
        assert reader._process is not None
        at = await asyncio.to_thread(Path(f"/proc/{reader._process.pid}/cwd").readlink)
    assert at == ELSEWHERE
    assert not (ELSEWHERE / ".env").exists()


@pytest.mark.parametrize(("how", "outcome"), [("hidden", "refused"), ("as-it-was", "open")])
def test_the_bots_memory_and_environment_are_hidden_from_other_processes_of_its_user(how: str, outcome: str) -> None:
    run = subprocess.run([sys.executable, "-c", SPY, how], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stdout.split() == ["environ", outcome, "mem", outcome], run.stderr


def test_a_bot_that_starts_hides_its_memory(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from bot import run
from bot.system.confinement import is_hidden
from bot.settings import Settings
before = is_hidden()
run.prepare(Settings(_env_file=None, data_dir=Path({str(tmp_path)!r})), quiet=True)
print(before, is_hidden())
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stdout == "False True\n", run.stderr
