"""No module of any package imports itself by way of others; import-linter checks sibling packages only."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    graph = grimp.build_graph("bot", "gan", "discord_emulator", cache_dir=None)
    return {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}


def test_there_is_no_cycle(imports: dict[str, set[str]]) -> None:
    assert len(imports) > 300, "all modules are in the graph"
    TopologicalSorter(imports).prepare()


def test_a_cycle_would_be_found(imports: dict[str, set[str]]) -> None:
    with pytest.raises(CycleError, match=r"bot\.errors"):
        TopologicalSorter(imports | {"bot.errors": {"bot.app"}}).prepare()
