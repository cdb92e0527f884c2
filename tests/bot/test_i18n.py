"""Every language says everything, with the same placeholders, and nothing that nobody asks for."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import discord
import pytest
from discord import app_commands

import bot as bot_package
from bot.app import COGS, build_bot
from bot.i18n import DEFAULT, LANGUAGES, Catalogues, placeholders
from bot.i18n.alt_text import in_words
from bot.settings import Settings
from bot.ui.command_translator import CommandTranslator
from gan.artist import ATTRIBUTES

CATALOGUES = Catalogues.load()
OTHERS = [language for language in LANGUAGES if language != DEFAULT]
SOURCES = [p for p in Path(bot_package.__file__).parent.rglob("*.py") if "emulator" not in p.parts]


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_the_same_phrases_and_placeholders_as_english(language: str) -> None:
    english, other = CATALOGUES.phrases[DEFAULT], CATALOGUES.phrases[language]
    assert set(other) == set(english)
    for key, phrase in english.items():
        assert placeholders(other[key]) == placeholders(phrase), key
        forms = [other[key]] if isinstance(other[key], str) else other[key].values()
        assert all(form.strip() for form in forms), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phrase_has_the_plural_forms_of_its_language(language: str) -> None:
    forms = {"en": {"one", "other"}, "fr": {"one", "other"}, "ja": {"other"}}[language]
    plural = {key: phrase for key, phrase in CATALOGUES.phrases[language].items() if not isinstance(phrase, str)}
    assert plural or language == "ja", "Japanese has one form, so a plain phrase will do"
    assert {key: set(phrase) for key, phrase in plural.items()} == dict.fromkeys(plural, forms)


@pytest.mark.parametrize(
    ("locale", "count", "says"),
    [
        ("en-US", 1, "one model"),
        ("en-US", 0, "0 models"),
        ("en-US", 2, "2 models"),
        ("fr", 0, "0 modèle"),
        ("fr", 1, "1 modèle"),
        ("fr", 2, "2 modèles"),
        ("ja", 1, "モデル 1"),
        ("xx", 1, "one model"),
    ],
)
def test_the_plural_follows_the_language(locale: str, count: int, says: str) -> None:
    told = CATALOGUES.words(locale)("style.line", style="mel", model="0123abcd", count=count)
    assert told.rpartition(" · ")[2] == says


def used_keys() -> tuple[set[str], set[str]]:
    """The keys that the source names, and the beginnings of those it puts together."""
    whole, beginnings = set(), set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.add(node.values[0].value)
    return whole, {b for b in beginnings if b.endswith(".")}


def test_no_phrase_is_unused() -> None:
    whole, beginnings = used_keys()
    unused = {key for key in CATALOGUES.phrases[DEFAULT] if key not in whole and not key.startswith(tuple(beginnings))}
    assert not unused


def test_no_phrase_is_missing() -> None:
    missing = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in {"words", "Refusal"} and isinstance(node.args[0].value, str):
                    missing.add(node.args[0].value)
    assert len(missing) > 10, "the search finds no phrases any more"
    assert missing <= set(CATALOGUES.phrases[DEFAULT])


def test_every_reason_a_code_is_refused_for_has_its_phrase() -> None:
    folder = Path(bot_package.__file__).parents[1] / "gan" / "codes"
    reasons = {
        node.args[1].value
        for source in folder.glob("*.py")
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "CodeError"
        if isinstance(node.args[1], ast.Constant)
    }
    assert reasons
    assert {f"code.{reason}" for reason in reasons} <= set(CATALOGUES.phrases[DEFAULT])


async def test_every_command_is_described_in_every_language(tmp_path: Path) -> None:
    bot = build_bot(Settings(data_dir=tmp_path))
    for cog in COGS:
        await bot.add_cog(cog(bot))
    translator = CommandTranslator(CATALOGUES)
    texts = []
    for command in bot.tree.get_commands():
        if isinstance(command, app_commands.ContextMenu):
            payload = await command.get_translated_payload(bot.tree, translator)
            assert {"fr", "ja"} <= payload["name_localizations"].keys()
            assert command.name in CATALOGUES.phrases[DEFAULT].values()
            continue
        texts.append(await command.get_translated_payload(bot.tree, translator))
    for text in texts:  # grows: the sub-commands of groups and the options of commands
        texts += text.get("options", [])
    assert len(texts) >= 10
    for text in texts:
        for locale in ("fr", "ja"):
            translated = text["description_localizations"].get(locale)
            assert translated, f"{text['name']} is not described in {locale}"
            assert len(translated) <= 100
            assert text["description"] in CATALOGUES.phrases[DEFAULT].values()
        for name in [text["name"], *text.get("name_localizations", {}).values()]:
            assert re.fullmatch(r"[-_\w]{1,32}", name), name
            assert name == name.lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_attribute_of_the_house_artist_has_its_words(language: str) -> None:
    words = CATALOGUES.words(language).attributes
    assert set(words.attributes) == set(ATTRIBUTES)
    for name, values in ATTRIBUTES.items():
        assert set(words.values[name]) == set(values), name
        assert len(set(words.values[name].values())) == len(values), "two values of one name cannot be told apart"
        for value in values:
            said = words.phrase(name, {key: kinds[-1] for key, kinds in ATTRIBUTES.items()} | {name: value})
            assert "{" not in said


def test_an_icon_is_told_in_the_users_language_as_far_as_it_is_known() -> None:
    icon = {"hair": "twin_tails", "hair_colour": "pink", "eyes": "wink", "eye_colour": "green", "headwear": "none"}
    told = {language: in_words(icon, CATALOGUES.words(language).attributes) for language in LANGUAGES}
    assert told == {
        "en": "pink twin tails, winking, green eye",
        "fr": "cheveux roses en couettes, clin d’œil",
        "ja": "ピンクのツインテール、ウインク",
    }
    assert in_words({"hair": "jelly_fish", "wings": "two"}, CATALOGUES.words("en").attributes) == "jelly fish"
    assert in_words({}, CATALOGUES.words("en").attributes) == ""


def test_a_locale_nobody_speaks_gets_english() -> None:
    assert CATALOGUES.words(discord.Locale.finnish)("button.another") == "Another"
    assert CATALOGUES.words(None)("button.another") == "Another"
    assert CATALOGUES.words(discord.Locale.british_english)("button.another") == "Another"
    assert CATALOGUES.words(discord.Locale.french)("button.another") == "Une autre"


def test_what_a_user_typed_cannot_fill_other_placeholders() -> None:
    said = CATALOGUES.words("en")("code.form", asked="{asked} {0.__class__}")
    assert "{asked} {0.__class__}" in said
