"""What child processes of the bot are given."""

from __future__ import annotations

import pytest

from bot.children import ROOT, environment


def test_they_get_what_finds_the_packages_and_no_variable_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:a-secret@host/melicon")
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    given = environment(3)
    assert "a-secret" not in " ".join(given.values())
    assert (given["TMPDIR"], given["OMP_NUM_THREADS"], given["PYTHONPATH"]) == ("/elsewhere", "3", str(ROOT))
    assert (ROOT / "bot" / "children.py").exists()
