"""Names of kept icons: what they may be, how they are shown, and the files called by them; in both databases."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Refusal
from bot.features.gallery.names import MOST_CHARACTERS, file_stems, read_name
from bot.store import Favourite, Store
from bot.ui.text import plain
from tests.bot import older_database

READ = {
    "Grandma": "Grandma",
    "  two \u3000 words ": "two words",
    "ｆｕｌｌ　ｗｉｄｔｈ": "full width",
    "e\u0301": "é",
    "\u202eevil\u202c\u2066": "evil",
    "zero\u200bwidth\ufeff": "zerowidth",
    "👩\u200d🚀": "👩\u200d🚀",
    "z" + "\u0334" * 20 + "a": "z" + "\u0334" * 3 + "a",
    "": None,
    " \u3000 ": None,
    "x" * MOST_CHARACTERS: "x" * MOST_CHARACTERS,
}

REFUSED = {
    "x" * (MOST_CHARACTERS + 1): "gallery.name.long",
    "\ufdfa" * 10: "gallery.name.long",  # 18 letters each, by NFKC
    "x" * 10_000: "gallery.name.long",
    "a\nb": "gallery.name.control",
    "a\x00": "gallery.name.control",
    "a\ud800": "gallery.name.control",
    "a\u2028b": "gallery.name.control",
    "\u200d\u200b": "gallery.name.control",
    "\u0301\u0302": "gallery.name.control",
}


@pytest.mark.parametrize(("typed", "name"), READ.items())
def test_a_name_is_normalised_and_trimmed(typed: str, name: str | None) -> None:
    assert read_name(typed) == (None if name is None else unicodedata.normalize("NFKC", name))


@pytest.mark.parametrize(("typed", "reason"), REFUSED.items())
def test_what_is_no_name_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read_name(typed)
    assert refusal.value.key == reason


@given(st.text(max_size=300))
def test_a_name_can_be_stored_and_shown_whatever_was_typed(typed: str) -> None:
    try:
        name = read_name(typed)
    except Refusal:
        return
    if name is not None:
        assert 1 <= len(name) <= MOST_CHARACTERS
        assert name.encode().strip() == name.encode()
        assert not {unicodedata.category(c) for c in name} & {"Cc", "Cs", "Co", "Zl", "Zp"}


def test_nothing_in_a_name_is_a_mention_or_markdown() -> None:
    assert plain("@everyone <@1> **a** [b](https://c.d) `e` ||f||") == (
        r"\@everyone \<\@1\> \*\*a\*\* \[b\]\(https\://c.d\) \`e\` \|\|f\|\|"
    )


def test_files_are_called_by_their_names_safely_and_each_by_another() -> None:
    named = [
        "Grandma",
        "grandma",
        "GRANDMA",
        None,
        "../../etc/passwd",
        "con",
        "🎈",
        "おばあちゃん",
        "a:b*c?",
        ". .",
        "123_tiny",
    ]
    stems = file_stems((name, "123_tiny") for name in named)
    assert stems == [
        "Grandma", "grandma-2", "GRANDMA-3", "123_tiny", "etc-passwd", "con-icon", "123_tiny-2", "おばあちゃん",
        "a-b-c", "123_tiny-3", "123-tiny",
    ]  # fmt: skip


@given(st.lists(st.text(min_size=1, max_size=MOST_CHARACTERS) | st.none(), max_size=12))
def test_a_file_name_is_safe_on_any_file_system_and_unique(typed: list[str | None]) -> None:
    stems = file_stems((name, "7_tiny_0a1b2c3d") for name in typed)
    assert len({stem.casefold() for stem in stems}) == len(typed)
    for stem in stems:
        assert stem
        assert len(stem.encode()) <= 120
        assert not set(stem) & set('<>:"/\\|?*.\x00\n '), "Windows takes none of these"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for stem in stems:
            archive.writestr(f"{stem}.png", b"")
    assert [Path(name).stem for name in zipfile.ZipFile(packed).namelist()] == stems


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A database of either kind."""
    url = await request.getfixturevalue("postgres_database")() if request.param == "postgresql" else None
    store = await Store.open(url, tmp_path)
    yield store
    await store.close()


async def keep(store: Store, user: int, code: str) -> Favourite:
    await store.favourites.add(user_id=user, guild_id=7, code=code, style="house", model="0a1b2c3d", picture=b"png")
    return next(icon for icon in await store.favourites.of_user(user) if icon.code == code)


async def test_a_name_belongs_to_its_owner_and_is_stored_told_and_forgotten(store: Store) -> None:
    mine, other = await keep(store, 1, "5"), await keep(store, 2, "5")
    name = "🎈" * MOST_CHARACTERS
    assert await store.favourites.rename(1, mine.id, name)
    assert not await store.favourites.rename(1, other.id, "mine now")
    assert not await store.favourites.rename(1, 2**63 - 1, "nobody's")
    await keep(store, 1, "5")
    assert [icon.name for icon in await store.favourites.of_user(1)] == [name], "kept again, it keeps its name"
    assert [icon.name for icon in await store.favourites.of_user(2)] == [None]
    (told,) = (await store.personal_data.of_user(1))["kept_icons"]
    assert told["name"] == name
    assert await store.favourites.rename(1, mine.id, None)
    assert [icon.name for icon in await store.favourites.of_user(1)] == [None]
    await store.favourites.rename(1, mine.id, "again")
    await store.personal_data.delete(1)
    assert await store.favourites.of_user(1) == []
    await keep(store, 1, "5")
    assert [icon.name for icon in await store.favourites.of_user(1)] == [None]


async def test_icons_kept_before_there_were_names_are_there_and_have_none(tmp_path: Path) -> None:
    written = """
        INSERT INTO kept_icons (user_id, code, style, model, picture, kept_at)
        VALUES (1, '5', 'house', '0a1b2c3d', X'00', '2026-01-01 00:00:00')
    """
    await older_database.make(None, tmp_path, "0004", written)
    store = await Store.open(None, tmp_path)
    assert [(icon.code, icon.name) for icon in await store.favourites.of_user(1)] == [("5", None)]
    await store.close()
