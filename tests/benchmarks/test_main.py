"""`python -m benchmarks`: each benchmark is a process, and one alone may be given options of its own."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as together
from benchmarks.retrain import times


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The options with which benchmarks are started."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        commands.append(command[2:])
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def test_the_options_of_one_benchmark_are_handed_on(monkeypatch: pytest.MonkeyPatch, started: list[list[str]]) -> None:
    monkeypatch.setattr("sys.argv", ["x", "retrain", "--minutes", "20"])
    assert together.main() == 0
    assert [(command[0], command[-2:]) for command in started] == [("benchmarks.retrain", ["--minutes", "20"])]


def test_an_option_that_not_all_know_is_refused_where_several_run(
    monkeypatch: pytest.MonkeyPatch, started: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["x", "--minutes=20"])
    with pytest.raises(SystemExit):
        together.main()
    assert "--minutes=20 is no option of all of them" in capsys.readouterr().err
    assert not started


def test_times_are_told_by_their_percentiles_in_milliseconds() -> None:
    rows = dict(times("during", [n / 1000 for n in range(101)]))
    assert [round(float(value)) for value in rows.values()] == [50, 95, 99, 100]  # type: ignore[arg-type]
    assert times("before", []) == []
