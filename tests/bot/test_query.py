"""Attribute queries are read in three languages, and the parts that are not recognised are returned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import LANGUAGES, Catalogues
from bot.i18n.query import read_option, read_text
from gan.artist import ATTRIBUTES

WORDS = {language: Catalogues.load().words(language).attributes for language in LANGUAGES}
GLASSES = ["round_glasses", "square_glasses", "gold_glasses"]
CLOSED = ["happy", "calm", "squeezed"]


@pytest.mark.parametrize(
    ("language", "text", "query"),
    [
        ("en", "pink hair, cat ears, wink", {"headwear": ["cat_ears"], "eyes": ["wink"], "hair_colour": ["pink"]}),
        ("en", "PINK twin tails; eyes closed", {"hair": ["twin_tails"], "hair_colour": ["pink"], "eyes": CLOSED}),
        ("en", "round blue eyes and glasses", {"facewear": GLASSES, "eyes": ["round"], "eye_colour": ["blue"]}),
        ("en", "red shirt and tie", {"clothes": ["tie"], "clothes_colour": ["red"]}),
        ("fr", "cheveux roses en couettes", {"hair": ["twin_tails"], "hair_colour": ["pink"]}),
        ("fr", "Yeux FERMÉS et oreilles de chat", {"headwear": ["cat_ears"], "eyes": CLOSED}),
        ("fr", "clin d'oeil, pink background", {"eyes": ["wink"], "background": ["pink"]}),
        ("ja", "ピンクの髪、猫耳、ウインク", {"eyes": ["wink"], "headwear": ["cat_ears"], "hair_colour": ["pink"]}),
        ("ja", "眼鏡と赤い服", {"facewear": GLASSES, "clothes_colour": ["red"]}),
    ],
)
def test_a_text_is_understood(language: str, text: str, query: dict[str, list[str]]) -> None:
    assert read_text(text, [WORDS[language], WORDS["en"]], ATTRIBUTES) == (query, [])


def test_what_is_not_understood_is_named() -> None:
    query, unread = read_text("crown, seven wings, round, pink", [WORDS["en"]], ATTRIBUTES)
    assert query == {"headwear": ["crown"]}
    assert unread == ["seven wings", "round", "pink"], "round what, pink what?"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_is_understood_as_an_option_by_the_name_it_is_offered_under(language: str) -> None:
    words = WORDS[language]
    for name, values in ATTRIBUTES.items():
        for value in set(values) - {"none", "hidden"}:
            read = read_option(name, words.value(name, value), [words, WORDS["en"]], ATTRIBUTES)
            assert read is not None
            assert value in read[name], (name, value)


def test_groups_and_colours_are_understood_as_options() -> None:
    assert read_option("hair", "pink", [WORDS["en"]], ATTRIBUTES) == {"hair_colour": ["pink"]}
    assert read_option("eyes", "closed", [WORDS["en"]], ATTRIBUTES) == {"eyes": CLOSED}
    assert read_option("hair", "jelly", [WORDS["en"]], ATTRIBUTES) is None


def test_a_model_that_knows_less_is_asked_for_less() -> None:
    assert read_text("pink hair, crown", [WORDS["en"]], {"headwear": ["none", "crown"]}) == (
        {"headwear": ["crown"]},
        ["pink hair"],
    )


@given(st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    query, unread = read_text(text, list(WORDS.values()), ATTRIBUTES)
    assert all(set(values) <= set(ATTRIBUTES[name]) for name, values in query.items())
    assert all(part.strip() for part in unread)
