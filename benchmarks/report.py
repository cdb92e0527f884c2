"""Shared by all benchmarks: options, machine description, table and JSON output."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


def options(name: str, description: str | None) -> argparse.ArgumentParser:
    """The options common to all benchmarks."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=description)
    parser.add_argument("--quick", action="store_true", help="check that it runs; the figures are rough")
    parser.add_argument("--out", type=Path, default=RESULTS / f"{name}.json", help="JSON file to write")
    return parser


def machine() -> dict[str, Any]:
    """Description of the machine. ``load`` is the load average of the last minute."""
    import torch  # noqa: PLC0415

    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        cpu = models[0] if models else cpu
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "date": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "") -> None:
    """Print a table."""
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left")
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i else "left")
    for row in rows:
        table.add_row(*(f"{cell:,.1f}" if isinstance(cell, float) else str(cell) for cell in row))
    Console(width=max(120, Console().width)).print(table)


def publish(out: Path, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], **more: Any) -> None:
    """Print a table and write the same figures, with ``more`` and the machine, to ``out``."""
    about = machine()
    caption = f"{about['cpu']}, {about['cores']} cores, {about['threads']} torch threads, load {about['load']}"
    show(title, columns, rows, caption)
    out.parent.mkdir(parents=True, exist_ok=True)
    figures = [dict(zip(columns, row, strict=True)) for row in rows]
    out.write_text(json.dumps({"title": title, "figures": figures, "machine": about} | more, indent=2) + "\n")
