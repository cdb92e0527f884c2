"""The verdict on a training: what each aspect notices, and that the worst of them words it, in every language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.features.retrain.evaluation import ASPECTS, ENOUGH_SEEN, evaluate
from bot.features.retrain.job_folder import Outcome
from bot.features.retrain.messages import is_doubtful
from bot.features.retrain.verdict_text import verdict_in_words
from bot.i18n import LANGUAGES, Catalogues
from gan import artist
from gan.checkpoint.weights import load_generator
from gan.metrics.degradations import blurred, ghosted, memorised, noisy, recoloured
from gan.training.loop import draw_seeds

CATALOGUES = Catalogues.load()
WEIGHTS = Path(__file__).parents[3] / "weights" / "default.safetensors"
COUNT = 128


@pytest.fixture(scope="module")
def examples() -> np.ndarray:
    return artist.icons(0, COUNT, style="inkling")


@pytest.fixture(scope="module")
def fresh() -> np.ndarray:
    return artist.icons(20_000_000, COUNT, style="inkling")


@pytest.fixture(scope="module")
def house() -> np.ndarray:
    """What the shipped weights draw."""
    network, card = load_generator(WEIGHTS)
    return draw_seeds(network.float(), card, COUNT)


def grades(drawn: np.ndarray, examples: np.ndarray, before: np.ndarray | None = None) -> dict[str, str]:
    return evaluate(drawn, examples, before, seen=ENOUGH_SEEN)["grades"]


@pytest.mark.parametrize("given", [8, 24, 64, COUNT])
def test_fresh_pictures_of_the_style_are_good_however_few_the_examples(
    fresh: np.ndarray, examples: np.ndarray, house: np.ndarray, given: int
) -> None:
    figures = evaluate(fresh, examples[:given], house, seen=ENOUGH_SEEN)
    assert figures["grades"] == dict.fromkeys(ASPECTS, "good")
    assert figures["verdict"] == "good"
    assert not figures["unchanged"]


@pytest.mark.parametrize("given", [8, COUNT])
def test_what_was_drawn_before_is_never_like_the_examples(examples: np.ndarray, house: np.ndarray, given: int) -> None:
    figures = evaluate(house, examples[:given], house, seen=ENOUGH_SEEN)
    assert figures["unchanged"]
    assert (figures["verdict"], figures["worst"]) == ("bad", "similarity")


def test_each_kind_of_harm_is_told_by_its_own_aspect(fresh: np.ndarray, examples: np.ndarray) -> None:
    assert grades(noisy(fresh, 8.0), examples)["cleanness"] == "bad"
    assert grades(blurred(fresh, 1.5), examples)["cleanness"] == "bad"
    assert grades(blurred(fresh, 1.5), examples)["similarity"] == "bad"
    assert "fair" in grades(ghosted(fresh, 1.0), examples).values()
    assert grades(recoloured(fresh, 1.0), examples)["similarity"] != "good"
    assert grades(np.repeat(fresh[:1], COUNT, axis=0), examples)["variety"] == "bad"
    assert grades(np.concatenate([fresh[:100], fresh[:28]]), examples)["variety"] == "bad"
    assert grades(np.concatenate([fresh[:120], fresh[:8]]), examples)["variety"] == "fair"
    assert grades(memorised(fresh, examples, 1.0), examples)["newness"] == "bad"
    assert grades(memorised(fresh, examples, 0.3), examples)["newness"] == "fair"
    blank = grades(np.full_like(fresh, 127), examples)
    assert (blank["cleanness"], blank["similarity"], blank["variety"]) == ("bad", "bad", "bad")


def test_equal_examples_are_judged_without_failing(fresh: np.ndarray) -> None:
    assert grades(fresh, np.repeat(fresh[:1], 12, axis=0))["similarity"] == "bad"


@pytest.fixture(scope="module")
def evaluated(fresh: np.ndarray, examples: np.ndarray, house: np.ndarray) -> dict[str, dict[str, Any]]:
    drawn = {"fresh": fresh, "house": house, "copies": memorised(fresh, examples, 1.0)}
    return {name: evaluate(icons, examples, house, seen=ENOUGH_SEEN) for name, icons in drawn.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_worst_aspect_words_the_verdict(evaluated: dict[str, dict[str, Any]], language: str) -> None:
    words = CATALOGUES.words(language)

    def verdict(name: str, **changed: Any) -> tuple[list[str], bool]:
        figures = evaluated[name] | changed
        return verdict_in_words(words, figures), is_doubtful(Outcome("done", model="0" * 64, figures=figures))

    lines, doubtful = verdict("fresh")
    assert lines[0] == words("retrain.verdict.good.all")
    assert len(lines) == 1 + len(ASPECTS)
    assert not doubtful

    lines, doubtful = verdict("house")
    assert lines[0] == words("retrain.verdict.bad.similarity")
    assert lines[-1] == words("retrain.figures.unchanged")
    assert doubtful

    lines, doubtful = verdict("copies")
    assert lines[0] == words("retrain.verdict.bad.newness")
    assert doubtful

    early = words("retrain.verdict.early", seen="832", enough=f"{ENOUGH_SEEN:,}")
    lines, doubtful = verdict("fresh", seen=832, early=True)
    assert lines[0] == early
    assert words("retrain.verdict.good.all") not in lines
    assert not doubtful
    assert verdict("house", seen=832, early=True)[0][:2] == [words("retrain.verdict.bad.similarity"), early]


def test_a_training_that_saw_too_few_pictures_is_early(fresh: np.ndarray, examples: np.ndarray) -> None:
    assert evaluate(fresh[:32], examples[:32], None, seen=ENOUGH_SEEN - 1)["early"]
    assert not evaluate(fresh[:32], examples[:32], None, seen=ENOUGH_SEEN)["early"]


def test_what_was_not_judged_is_doubtful_and_so_is_what_an_earlier_version_judged() -> None:
    words = CATALOGUES.words("en")
    for figures in ({}, {"warnings": [], "near_duplicates": 0.0, "copied": 0.0, "nearness": 0.99, "count": 192}):
        assert verdict_in_words(words, figures) == [words("retrain.verdict.none")]
        assert is_doubtful(Outcome("done", model="0" * 64, figures=figures))


def test_an_outcome_with_the_old_name_of_an_aspect_has_the_same_verdict(evaluated: dict[str, dict[str, Any]]) -> None:
    words, figures = CATALOGUES.words("en"), evaluated["house"]
    assert figures["worst"] == "similarity"
    grades = {{"similarity": "likeness"}.get(aspect, aspect): grade for aspect, grade in figures["grades"].items()}
    old = figures | {"grades": grades, "worst": "likeness"}
    assert verdict_in_words(words, old) == verdict_in_words(words, figures)


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("grade", ["fair", "bad"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_has_its_words(language: str, grade: str, aspect: str) -> None:
    assert f"retrain.verdict.{grade}.{aspect}" in CATALOGUES.phrases[language]
