"""The benchmark of a GPU, as far as a machine without one can run it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from benchmarks import gpu
from gan.training.device import CPU, choose_device
from tests.gan.tiny_runs import ARTICLE, PAIRED, folder_of, pictures


@pytest.mark.skipif(choose_device("auto") != CPU, reason="this machine has a GPU")
def test_without_a_gpu_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["gpu"])
    with pytest.raises(SystemExit, match="no GPU here"):
        gpu.main()


def test_each_phase_is_measured_with_the_recipes_batch_and_a_larger_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "SECONDS", 0.05)
    monkeypatch.setattr(gpu, "LARGER_BATCH", 2)
    rows = gpu.compared("fast", replace(PAIRED, warm_up_share=0.5), pictures(), CPU)
    assert [row[:3] for row in rows] == [
        ("fast", 4, "supervised"),
        ("fast", 8, "supervised"),
        ("fast", 4, "adversarial"),
        ("fast", 8, "adversarial"),
    ]
    assert all(float(row[3]) > 0 and float(row[4]) > 0 for row in rows)
    assert [row[2] for row in gpu.compared("article", ARTICLE, pictures(), CPU)] == ["adversarial", "adversarial"]


def test_the_remaining_time_trains_a_run_and_continues_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, data = tmp_path / "run", str(folder_of(tmp_path / "data"))
    cpu = torch.device("cpu")
    gpu.train(out, data, "fast", cpu, 0.0)
    assert "no time is left" in capsys.readouterr().out
    for _ in range(2):
        gpu.train(out, data, "fast", cpu, 0.001)
        told = json.loads(capsys.readouterr().out)
        assert told["event"] == "stopped"
    first, *_, last = [json.loads(line) for line in (out / "stats.jsonl").read_text().splitlines()]
    assert last["kimg"] > first["kimg"]
