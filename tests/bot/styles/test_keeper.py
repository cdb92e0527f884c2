"""Two processes with one database and one folder of styles draw in the same style."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from bot.features.styles import Library, StyleKeeper
from bot.inference import Studio
from bot.inference.rendering import read_pixels
from bot.store import Store
from gan.codes import IconCode
from tests.e2e.conftest import write_weights


@pytest.fixture
async def keepers(tmp_path: Path) -> AsyncIterator[list[StyleKeeper]]:
    """What two processes would have."""
    weights = write_weights(tmp_path / "tiny.safetensors")
    made, stores = [], []
    for _ in range(2):
        store = await Store.open(None, tmp_path)
        studio = await Studio.open(weights, size=64)
        keeper = StyleKeeper(store, studio, tmp_path)
        await keeper.refresh()
        made.append(keeper)
        stores.append((store, studio))
    yield made
    for store, studio in stores:
        await studio.close()
        await store.close()


async def test_a_style_used_in_one_process_is_drawn_in_by_the_other(keepers: list[StyleKeeper], tmp_path: Path) -> None:
    one, other = keepers
    file = one.library.install("fan", write_weights(tmp_path / "fan.safetensors", seed=3), None)
    await one.refresh()
    assert one._studio.style == "tiny"
    await one.use(file)
    await other.refresh()
    icons = [(await keeper._studio.draw(IconCode.from_seed(1))).png for keeper in keepers]
    assert icons[0] == icons[1]
    assert other._studio.style == "fan"
    await other.use(None)
    await one.refresh()
    assert one._studio.style == other._studio.style == "tiny"


async def test_killed_between_the_two_steps_of_a_renaming_the_style_is_found_under_both_names(
    keepers: list[StyleKeeper], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = keepers[0]
    file = keeper.library.install("fan", write_weights(tmp_path / "fan.safetensors", seed=3), None)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", die)
        with pytest.raises(KeyboardInterrupt):
            keeper.library.rename("fan", "lorelei")
    await keeper.refresh()
    code = IconCode.from_seed(5).pinned("fan", file.model)
    before = (await keeper._studio.draw(code)).png
    Library(keeper.library.folder).rename("fan", "lorelei")
    await keeper.refresh()
    assert keeper._studio.styles == ["lorelei", "tiny"]
    after = await keeper._studio.draw(code)
    assert after.style == "lorelei"
    assert np.array_equal(read_pixels(before), read_pixels(after.png))


async def test_where_the_built_in_model_cannot_be_copied_the_bot_starts_all_the_same(
    keepers: list[StyleKeeper], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "built-in").touch()
    await keepers[0].start(tmp_path / "tiny.safetensors")
    assert "could not copy" in caplog.text
    assert keepers[0]._studio.styles == ["tiny"]
    await keepers[0].close()
