"""Which model draws a code, and the shortest code that it still draws."""

from __future__ import annotations

from bot.inference.model_registry import ModelRegistry
from gan.codes import IconCode
from tests.bot.inference.test_studio import Model

BUILT_IN, OLD, NEW = (Model(style, digit * 64) for style, digit in (("mel", "0"), ("mine", "a"), ("mine", "b")))


def registry(in_use: Model) -> ModelRegistry:
    models = ModelRegistry(BUILT_IN)
    models.stock([OLD, NEW], {}, in_use)
    return models


def test_a_code_is_shortened_to_what_the_same_model_draws() -> None:
    for in_use, model, short in (
        (BUILT_IN, BUILT_IN, "1"),
        (BUILT_IN, NEW, "1/mine"),
        (BUILT_IN, OLD, "1/mine#aaaaaaaa"),
        (NEW, NEW, "1"),
        (NEW, OLD, "1/mine#aaaaaaaa"),
        (OLD, OLD, "1"),
        (OLD, NEW, "1/mine#bbbbbbbb"),
        (NEW, BUILT_IN, "1/mel"),
    ):
        models = registry(in_use)
        pinned = IconCode.from_seed(1).pinned(model.card.style, model.card.short_hash)
        assert str(models.unpin(pinned)) == models.shown(pinned) == short
        assert models.sampler_for(models.unpin(pinned)) is model


def test_a_code_whose_model_is_gone_is_shown_whole() -> None:
    for gone in ("1/mine#cccccccc", "1/nobody#aaaaaaaa"):
        assert registry(NEW).shown(IconCode.parse(gone)) == gone
