"""The small parts: cooldown, quoting."""

from __future__ import annotations

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access.token_bucket import TokenBuckets
from bot.ui.text import in_a_row, quoted, same_code, shown_code
from gan.codes import CodeError, IconCode


def test_a_burst_passes_and_then_one_for_each_interval() -> None:
    now = 100.0
    cooldown = TokenBuckets(3, 2.0, clock=lambda: now)
    assert [cooldown.take("me") for _ in range(3)] == [0, 0, 0]
    assert cooldown.take("me") == pytest.approx(2.0)
    assert cooldown.take("you") == 0, "another user has a bucket of their own"
    now += 1.5
    assert cooldown.take("me") == pytest.approx(0.5)
    now += 0.5
    assert cooldown.take("me") == 0, "asking too early must not have cost anything"
    now += 100
    assert [cooldown.take("me") for _ in range(4)] == [0, 0, 0, pytest.approx(2.0)]


def test_a_small_thing_costs_a_part_of_a_token() -> None:
    cooldown = TokenBuckets(1, 4.0, clock=lambda: 0.0)
    assert [cooldown.take("a", 0.25) for _ in range(5)] == [0, 0, 0, 0, 1.0]
    assert cooldown.take("a") == 4.0


def test_full_buckets_are_forgotten() -> None:
    now = 0.0
    cooldown = TokenBuckets(1, 1.0, clock=lambda: now)
    for user in range(10_000):
        cooldown.take(user)
    now = 10.0
    cooldown.take("last")
    assert len(cooldown._full_at) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "@everyone",
        "<@123>",
        "**bold**",
        "`code`",
        "``` block",
        "https://example.org",
        "a\nb",
        "\u202eevil",
        "x" * 500,
        "\u200b",
    ],
)
def test_what_a_user_typed_is_repeated_as_code_that_cannot_be_left(typed: str) -> None:
    shown = quoted(typed)
    assert shown[0] == shown[-1] == "`"
    inside = shown[1:-1]
    assert inside
    assert "`" not in inside
    assert "\n" not in inside
    assert "\u202e" not in inside
    assert len(shown) <= 62


def test_ten_thousand_characters_are_refused_even_if_discord_let_them_through() -> None:
    with pytest.raises(CodeError, match="500"):
        IconCode.parse("9" * 10_000)
    assert len(quoted("9" * 10_000)) < 100


@given(st.text())
def test_anything_can_be_repeated_safely(typed: str) -> None:
    inside = quoted(typed)[1:-1]
    assert inside
    assert "`" not in inside
    assert len(inside.splitlines()) == 1
    assert len(discord.utils.escape_mentions(inside)) < 2000


def test_the_shown_code_names_the_style_only_where_it_is_not_the_default() -> None:
    code = IconCode.parse("123~4").pinned("house", "0a1b2c3d")
    assert shown_code(code, "house", "house") == "123~4"
    assert shown_code(code, "lorelei", "house") == "123~4/lorelei"
    assert same_code(" 123~4 ", code.bare)
    assert same_code("１２３~4", code.bare)
    assert not same_code("naru", IconCode.parse("naru"))


@given(st.lists(st.text("0123456789~", min_size=2, max_size=40), min_size=1, max_size=8), st.integers(0, 200))
def test_parts_in_a_row_fit_whole_or_not_at_all(parts: list[str], limit: int) -> None:
    row = in_a_row(parts, limit).split(" → ")
    assert len(row) == len(parts)
    assert all(shown in {part, "…"} for shown, part in zip(row, parts, strict=True))
    left_out = [part for shown, part in zip(row, parts, strict=True) if shown == "…"]
    assert len(" → ".join(row)) <= limit or len(left_out) == len(parts)
    if left_out:
        assert min(map(len, left_out)) >= max((len(shown) for shown in row if shown != "…"), default=0)
        assert len(" → ".join(parts)) > limit
