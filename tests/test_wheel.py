"""The built wheel, installed into a folder of its own and used from another one: everything it needs comes along."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.patience import ENOUGH

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installed wheel and nothing else; what it depends on comes from this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = ["wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    # from a copy: building leaves files in the folder that it builds from
    shutil.copytree(ROOT, folder / "source", ignore=shutil.ignore_patterns(".*", "data", "build", "*.egg-info", "runs"))
    subprocess.run([*pip, *build, str(folder / "source")], check=True, timeout=ENOUGH)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([*pip, "install", "-q", "--no-deps", "--target", str(folder / "site"), str(wheel)], check=True)
    return folder / "site"


@pytest.fixture
def melicon(site: Path, tmp_path: Path) -> Callable[..., list[str]]:
    """Return the command line of the installed program; it runs in an empty folder."""
    (tmp_path / "elsewhere").mkdir()
    code = (
        "import os, sys; sys.path.insert(0, os.environ['SITE']); import gan; from bot.__main__ import main;"
        "assert gan.__file__.startswith(os.environ['SITE']), gan.__file__; main()"
    )
    return lambda *arguments: [sys.executable, "-P", "-c", code, *arguments]


def run(command: list[str], site: Path, folder: Path) -> str:
    environment = os.environ | {"SITE": str(site), "PYTHONPATH": str(site)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=ENOUGH, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_it_draws(site: Path, melicon: Callable[..., list[str]], tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    run(melicon("draw", "1"), site, folder)
    command = [sys.executable, "-m", "bot", "draw", "1", "--out", str(tmp_path / "here.png")]
    subprocess.run(command, cwd=ROOT, check=True)
    assert (folder / "1.png").read_bytes() == (tmp_path / "here.png").read_bytes()


def test_it_trains_from_the_shipped_weights(site: Path, melicon: Callable[..., list[str]], tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    options = ("--from", "default", "--kimg", "0.032", "--batch", "8", "--out", "run")
    run(melicon("train", "artist:inkling:16", *options), site, folder)
    assert (folder / "run" / "generator.safetensors").exists()


def test_its_try_it_mode_has_a_page(site: Path, melicon: Callable[..., list[str]], tmp_path: Path) -> None:
    environment = os.environ | {"SITE": str(site), "PYTHONPATH": str(site), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        melicon("try", "--port", "0", "--no-open"),
        cwd=tmp_path / "elsewhere", env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = ""
        while "http" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        address = re.search(r"http://[^\s\x1b]+", said)
        assert address is not None
        fetch = (
            "import http.cookiejar, sys, urllib.request as u;"
            "o = u.build_opener(u.HTTPCookieProcessor(http.cookiejar.CookieJar()));"
            "print(o.open(sys.argv[1]).read().decode())"
        )
        page = subprocess.run(
            [sys.executable, "-c", fetch, address[0]], capture_output=True, text=True, check=True, timeout=ENOUGH
        )
        assert "js/app.js" in page.stdout
    finally:
        process.terminate()
        process.wait(ENOUGH)
