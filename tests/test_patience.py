"""No test asks how fast the machine is: waits have one generous bound, and deadlines a clock of the test's own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.patience import ENOUGH

ROOT = Path(__file__).parent
RUNS_OUT = 0.05  # seconds; a limit up to that is meant to be over before anything happens
WAITS = {"timeout", "wait_for", "wait", "join", "result", "communicate"}


def impatient(source: str) -> list[str]:
    """Return the lines of a test that fail on a busy machine, with what they do."""
    found = []
    for node in ast.walk(ast.parse(source)):
        text = ast.unparse(node) if isinstance(node, ast.Call | ast.Compare | ast.Attribute) else ""
        if isinstance(node, ast.Call) and not text.startswith("pytest.mark."):
            found += [f"{node.lineno}: {text} gives up after {limit} s" for limit in _limits(node)]
        elif (isinstance(node, ast.Compare) and "monotonic() -" in text and "<" in text) or text == "time.perf_counter":
            found.append(f"{node.lineno}: {text} measures the machine")
    return found


def _limits(call: ast.Call) -> list[float]:
    """Return the numbers that a call waits for, where they are short but meant to be enough."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    given = [keyword.value for keyword in call.keywords if keyword.arg == "timeout"]
    given += call.args[-1:] if name in WAITS else []
    values = [node.value for node in given if isinstance(node, ast.Constant)]
    return [value for value in values if isinstance(value, int | float) and RUNS_OUT < value < ENOUGH]


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_test_is_impatient(path: Path) -> None:
    assert impatient(path.read_text("utf-8")) == [], "use tests.patience.ENOUGH, or a clock of tests.clocks"


@pytest.mark.parametrize(
    "line",
    [
        "await asyncio.wait_for(event.wait(), 5)",
        "async with asyncio.timeout(10): pass",
        "process.communicate(timeout=60)",
        "assert time.monotonic() - begun < 20",
        "lag = time.perf_counter() - before",
    ],
)
def test_an_impatient_test_is_found(line: str) -> None:
    assert len(impatient(f"async def test():\n    {line}")) == 1
