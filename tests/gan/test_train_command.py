"""`melicon train`: error messages, progress, and signals."""

from __future__ import annotations

import json
import os
import pty
import random
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gan.__main__ import app, run
from gan.checkpoint.weights import load_card
from gan.cli.progress import show_rich
from gan.cli.train import _style_name
from gan.sampling.sampler import Sampler
from gan.training import CONTINUING, PRESETS, Progress, RunFolder, Session
from gan.training import trainer as trainer_module
from tests.gan.disks import small_disk
from tests.gan.tiny_runs import folder_of
from tests.patience import ENOUGH

TINY = ("--width", "0.125", "--batch", "4")


@pytest.fixture(autouse=True)
def in_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(trainer_module, "RECALIBRATION_LATENTS", 32)
    folder_of(tmp_path / "data")


class Said:
    """What a command printed, and how it left."""

    def __init__(self, code: object, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def events(self) -> list[dict[str, Any]]:
        """The JSON objects on standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def train(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run `melicon train` in this process."""

    def command(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["melicon", "train", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            run(app)
        said = capsys.readouterr()
        return Said(left.value.code, said.out, said.err)

    return command


# ---- what is refused


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "run"], "say what to learn from: melicon train DATA --out RUN"),
        (["nowhere", "--out", "run"], "there is no nowhere; give a folder, a zip or artist:128"),
        (["artist:many", "--out", "run"], "artist:many is not understood"),
        (["few", "--out", "run"], "few: 7 usable pictures, at least 8 are needed"),
        (["data", "--out", "run", "--preset", "best"], "no preset 'best': choose from fast, article, house"),
        (["data", "--out", "run", "--style", "A b"], "--style 'A b' is not a valid style name"),
        (["data", "--out", "run", "--from", "no.safetensors"], "cannot read weights from no.safetensors: No such file"),
        (["data", "--out", "run", "--from", "default", "--width", "0.5"], "--from keeps the width of the weights"),
        (["data", "--out", "run", "--minutes", "inf"], "take numbers, not nan or inf"),
        (["data", "--out", "run", "--kimg", "inf"], "take numbers, not nan or inf"),
        (["data", "--out", "run", "--save-every", "inf"], "take numbers, not nan or inf"),
        (["data", "--out", "file"], "file is a file: name a folder for the run"),
        (["data", "--out", "file/run"], "cannot write the run to file/run: Not a directory"),
        (["data", "--out", "made"], "made holds a run already: add --resume to go on with it"),
        (["--out", "run", "--resume"], "no run to resume in run: it has no options.json"),
        (["--out", "made", "--resume", "--dry-run"], "--dry-run forecasts a new run: leave --resume out"),
        (["--out", "made", "--resume", "--preset", "article"], "was begun with --preset fast: leave --preset out"),
        (["--out", "made", "--resume", "--seed", "1"], "was begun with --seed 0: leave --seed out"),
        (["--out", "made", "--resume", "--batch", "8"], "was begun with --batch 4: leave --batch out"),
        (["--out", "made", "--resume", "--width", "1"], "was begun with --width 0.125: leave --width out"),
        (["--out", "made", "--resume", "--style", "other"], "was begun with --style data: leave --style out"),
        (["few", "--out", "made", "--resume"], "learns from data: leave few out to go on with it"),
        (["--out", "made", "--resume", "--from", "default"], "--from begins a run, --resume goes on with one"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_line_and_exit_code_2_and_nothing_is_written(
    train: Any, tmp_path: Path, arguments: list[str], said: str
) -> None:
    folder_of(tmp_path / "few", 7)
    (tmp_path / "file").touch()
    if "made" in arguments:
        assert train("data", "--out", "made", "--kimg", 0.004, *TINY).code == 0
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    answer = train(*arguments)
    assert answer.code == 2
    (line,) = answer.err.splitlines()
    assert line.startswith("melicon: ")
    assert said in line
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize("option", [("--kimg", "0"), ("--minutes", "-1"), ("--batch", "1"), ("--width", "9")])
def test_numbers_out_of_range_are_refused_with_exit_code_2(train: Any, option: tuple[str, str]) -> None:
    answer = train("data", "--out", "run", *option)
    assert answer.code == 2
    assert option[0] in answer.err


def test_a_full_disk_is_one_line_and_exit_code_2(train: Any, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        answer = train("data", "--out", disk / "run", "--kimg", 0.004, *TINY)
        assert answer.code == 2
        last = answer.err.splitlines()[-1]
        assert last == f"melicon: cannot save the run in {disk}/run: No space left on device; nothing was saved yet"
        assert not list(disk.rglob("*.part"))
    with small_disk(tmp_path / "smaller", "16k") as disk:
        answer = train("data", "--out", disk / "run", "--kimg", 0.004, *TINY)
        assert answer.code == 2
        assert answer.err.splitlines()[-1] == f"melicon: cannot write the run to {disk}/run: No space left on device"
        assert answer.err.count("\n") == 1


# ---- what is done


def test_a_run_of_so_many_kimg_tells_a_program_how_it_goes(train: Any, tmp_path: Path) -> None:
    answer = train("data", "--out", "run", "--kimg", 0.012, "--json", *TINY)
    assert answer.code == 0
    assert answer.events[-1]["event"] == "done"
    assert (answer.events[-1]["kimg"], answer.events[-1]["share"]) == (0.012, 1.0)
    card = load_card(tmp_path / "run" / "generator.safetensors")
    assert (card.style, card.kimg, card.options["batch"]) == ("data", 0.012, 4)


def test_what_cannot_be_used_is_listed_with_its_reason(train: Any, tmp_path: Path) -> None:
    (tmp_path / "data" / "notes.txt").write_text("hello")
    (tmp_path / "data" / "copy.png").write_bytes((tmp_path / "data" / "03.png").read_bytes())
    answer = train("data", "--out", "run", "--kimg", 0.004, *TINY)
    assert answer.code == 0
    assert "data: 12 pictures accepted, 2 refused" in answer.err
    assert "refused notes.txt: not a picture that can be read" in answer.err
    assert "refused copy.png: the same picture as 03.png" in answer.err


def test_resuming_needs_nothing_but_the_run_and_understands_the_whole_command_again(train: Any) -> None:
    assert train("data", "--out", "run", "--kimg", 0.004, *TINY).code == 0
    assert train("--out", "run", "--resume", "--kimg", 0.008).events[-1]["kimg"] == 0.008
    whole = ("data", "--out", "run", "--style", "data", "--preset", "fast", "--seed", 0, *TINY)
    assert train(*whole, "--resume", "--kimg", 0.012).events[-1]["kimg"] == 0.012


@pytest.mark.parametrize("preset", ["fast", "article", "house"])
def test_every_preset_trains(train: Any, tmp_path: Path, preset: str) -> None:
    assert train("data", "--out", "run", "--preset", preset, "--kimg", 0.008, *TINY).code == 0
    Sampler.load(tmp_path / "run" / "generator.safetensors")


def test_learned_weights_are_continued(train: Any, tmp_path: Path) -> None:
    assert train("data", "--out", "one", "--kimg", 0.004, *TINY).code == 0
    more = ("--from", "one/generator.safetensors", "--kimg", 0.004)
    for name, batch in (("two", 4), ("three", CONTINUING.batch)):
        given = () if batch == CONTINUING.batch else ("--batch", batch)
        assert train("data", "--out", name, *more, *given).code == 0
        card = load_card(tmp_path / name / "generator.safetensors")
        assert card.notes.startswith("continued from data ")
        assert card.options["batch"] == batch != PRESETS["fast"].batch


def test_a_dry_run_forecasts_and_writes_nothing(train: Any, tmp_path: Path) -> None:
    answer = train("data", "--out", "run", "--dry-run", "--kimg", 10, *TINY)
    assert answer.code == 0
    assert "preset fast: generator of " in answer.out
    assert re.search(
        r"images/s here and now: [\d.]+ in the supervised phase, [\d.]+ in the adversarial phase\n"
        r"that makes 10\.0 kimg in [\d.]+ minutes",
        answer.out,
    )
    (numbers,) = train("data", "--out", "run", "--dry-run", "--minutes", 3, "--json", *TINY).events
    assert numbers["minutes"] == pytest.approx(3)
    speed, share = numbers["images_per_s"], PRESETS["fast"].warm_up_share
    assert numbers["kimg"] == pytest.approx(0.18 * (share * speed["supervised"] + (1 - share) * speed["adversarial"]))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("My Drawings.zip", "my-drawings"),
        ("a/b/ink_2/", "ink_2"),
        ("artist:24", "house"),
        ("artist:inkling:24", "inkling"),
        ("画", "style"),
    ],
)
def test_a_style_is_named_after_its_data(data: str, name: str) -> None:
    assert _style_name(data) == name


# ---- the real program, and what signals do to it


def launch(*arguments: object, **more: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "gan", "train", *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
    return subprocess.Popen(command, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}, **pipes)


def wait_for(process: subprocess.Popen[str], event: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == event:
            return
    raise AssertionError(f"ended without {event}: {process.communicate()[1]}")


def test_sigterm_saves_and_leaves_with_0_and_resume_goes_on(train: Any, tmp_path: Path) -> None:
    process = launch("data", "--out", "run", "--minutes", 5, *TINY)
    wait_for(process, "step")
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=ENOUGH)
    assert process.returncode == 0, err
    last = json.loads(out.splitlines()[-1])
    assert last["event"] == "stopped"
    session = Session.resume(tmp_path / "run")
    assert session.trainer.seen / 1000 == last["kimg"]
    assert train("--out", "run", "--resume", "--kimg", last["kimg"] + 0.008).events[-1]["event"] == "done"


def test_a_person_sees_the_run_go_on_and_ctrl_c_saves_it(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    # the adversarial phase, with its losses, begins after a third of the time
    process = launch("data", "--out", "run", "--minutes", 0.5, *TINY, stderr=theirs, stdout=theirs)
    os.close(theirs)
    seen = b""
    while b"d_loss" not in seen or b" left" not in seen:
        seen += os.read(ours, 4096)
    process.send_signal(signal.SIGINT)
    while True:
        try:
            seen += os.read(ours, 4096)
        except OSError:  # Linux's way to say that the other side was closed
            break
    assert process.wait(timeout=ENOUGH) == 0
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())
    assert "data: 12 pictures accepted" in text
    assert re.search(r"\d pictures seen .* \d+% \d+ a second d_loss \d\.\d\d g_loss \d\.\d\d", text)
    assert re.search(r"^Stopped and saved. To go on:\r?\nmelicon train --resume --out run\r?$", text, re.MULTILINE)
    assert "Traceback" not in text
    assert Session.resume(tmp_path / "run").trainer.seen > 0


def test_a_run_killed_at_any_moment_can_be_resumed(train: Any, tmp_path: Path) -> None:
    moments = random.Random(1)
    seen = 0
    for arguments in (["data", *TINY], ["--resume"], ["--resume"]):
        process = launch(*arguments, "--out", "run", "--minutes", 5, "--save-every", 1)
        wait_for(process, "saved")
        time.sleep(moments.uniform(0, 1.5))  # saving takes about a fifth of the time
        process.kill()
        process.communicate()
        session = Session.resume(tmp_path / "run")
        assert session.trainer.seen > seen
        seen = session.trainer.seen
    kimg = seen / 1000 + 0.008
    assert train("--out", "run", "--resume", "--kimg", kimg).events[-1]["event"] == "done"
    points = [json.loads(line)["kimg"] for line in RunFolder(tmp_path / "run").stats.read_text().splitlines()]
    assert points == sorted(set(points))
    assert not list((tmp_path / "run").rglob("*.part"))
    assert Sampler.load(tmp_path / "run" / "generator.safetensors").card.kimg == pytest.approx(kimg)


def test_a_closed_terminal_saves_the_run(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = launch("data", "--out", "my run", "--minutes", 5, *TINY, stderr=theirs, stdout=theirs)
    os.close(theirs)
    seen = b""
    while b"pictures seen" not in seen:
        seen += os.read(ours, 4096)
    os.close(ours)  # whatever is printed from now on fails
    process.send_signal(signal.SIGHUP)
    assert process.wait(ENOUGH) == 0
    assert Session.resume(tmp_path / "my run").trainer.seen > 0


def test_after_nohup_a_closed_terminal_ends_nothing() -> None:
    ask = "from gan.process_priority import stop_signals; print(*(s.name for s in stop_signals()))"
    signals = {
        before: subprocess.run(
            [sys.executable, "-c", f"import signal; signal.signal(signal.SIGHUP, signal.{before}); {ask}"],
            capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
        ).stdout.split()
        for before in ("SIG_DFL", "SIG_IGN")
    }  # fmt: skip
    assert signals == {"SIG_DFL": ["SIGINT", "SIGTERM", "SIGHUP"], "SIG_IGN": ["SIGINT", "SIGTERM"]}


def test_the_next_command_stands_on_a_line_to_itself_and_can_be_copied(capfd: pytest.CaptureFixture[str]) -> None:
    folder = Path("/my drawings") / ("x" * 100)
    for event, begins in (("done", "melicon sheet --weights "), ("stopped", "melicon train --resume --out ")):
        show_rich(iter([Progress(kimg=12.345, seconds=1, images_per_s=2, share=0.5, event=event)]), folder)
        (command,) = (line for line in capfd.readouterr().err.splitlines() if line.startswith("melicon "))
        assert command.startswith(begins)
        assert any(part.startswith(str(folder)) for part in shlex.split(command))
