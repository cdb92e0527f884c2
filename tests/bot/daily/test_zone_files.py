"""Of the system's time zone files and the package's, the newer count: countries change their clocks at short notice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
import tzdata

from bot.localtime.zone_files import choose

RULES = files("tzdata") / "zoneinfo"
# when icons at 9:00 in Vancouver and in Tokyo are due, by the files that a new process chooses
ASK = """
import json
from datetime import date
from bot.localtime.due_dates import Schedule
from bot.localtime.zone_files import use_newest
due = [str(Schedule(540, zone).due(date(2026, 12, 1))) for zone in ("America/Vancouver", "Asia/Tokyo")]
print(json.dumps([due, str(use_newest())]))
"""


def system_files(folder: Path, version: str, name: str = "tzdata.zi") -> Path:
    """Make a system's folder in which Vancouver lives by the clocks of Paris, and Tokyo is missing."""
    (folder / "America").mkdir(parents=True)
    (folder / "America" / "Vancouver").write_bytes((RULES / "Europe" / "Paris").read_bytes())
    (folder / "UTC").write_bytes((RULES / "UTC").read_bytes())
    if version:
        (folder / name).write_text(f"# version {version}\n" if name == "tzdata.zi" else f"{version}\n", "utf-8")
    return folder


def ask(*folders: Path) -> tuple[list[str], str]:
    environment = os.environ | {"PYTHONTZPATH": os.pathsep.join(map(str, folders))}
    done = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True)
    due, used = json.loads(done.stdout)
    return due, used


@pytest.mark.parametrize("version", ["2015a", tzdata.IANA_VERSION, ""])
def test_a_system_whose_files_are_not_newer_does_not_count(version: str, tmp_path: Path) -> None:
    folder = system_files(tmp_path / "zoneinfo", version)
    (vancouver, tokyo), used = ask(folder)
    # British Columbia stays on UTC-7 from November 2026
    assert (vancouver, tokyo) == ("2026-12-01 16:00:00+00:00", "2026-12-01 00:00:00+00:00")
    assert used.startswith(f"the Python package tzdata ({tzdata.IANA_VERSION})")
    assert str(folder) in used
    assert (version or "unknown version") in used


@pytest.mark.parametrize("name", ["tzdata.zi", "+VERSION"])
def test_a_system_whose_files_are_newer_counts(name: str, tmp_path: Path) -> None:
    old = system_files(tmp_path / "old", "2015a")
    new = system_files(tmp_path / "new", "2099b", name)
    (vancouver, tokyo), used = ask(old, new)
    assert (vancouver, tokyo) == ("2026-12-01 08:00:00+00:00", "2026-12-01 00:00:00+00:00")
    assert used.startswith(f"{new} (2099b), at least as new as {old} (2015a)")


def test_without_system_files_the_package_is_used(tmp_path: Path) -> None:
    (vancouver, _), used = ask(tmp_path)
    assert vancouver == "2026-12-01 16:00:00+00:00"
    assert used == f"the Python package tzdata ({tzdata.IANA_VERSION})"


@pytest.mark.parametrize(
    ("system", "package", "version"),
    [
        ("2025b", "2025c", "2025c"),
        ("2025c", "2025b", "2025c"),
        ("2016za", "2016z", "2016za"),
        ("2026a-3-gabc", "2025z", "2026a"),
        ("2024z", "2025a", "2025a"),
    ],
)
def test_releases_are_ordered_by_year_and_letters(system: str, package: str, version: str, tmp_path: Path) -> None:
    folder = system_files(tmp_path / "zoneinfo", system)
    assert choose([str(folder)], package).version == version
