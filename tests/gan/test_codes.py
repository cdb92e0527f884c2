"""Icon codes: syntax, meaning, and stability."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan.codes import MAX_SEED, MAX_STEPS, MAX_TEXT, CodeError, IconCode, Term, Tweak
from gan.errors import MeliconError

seeds = st.integers(0, MAX_SEED)
steps = st.lists(st.integers(1, 9999), max_size=8).map(tuple)
terms = st.builds(Term, seeds, steps)
styles = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,31}", fullmatch=True)
models = st.from_regex(r"[0-9a-f]{8}", fullmatch=True)
names = st.from_regex(r"[a-z][a-z0-9_]{0,23}", fullmatch=True)
amounts = st.integers(-MAX_STEPS, MAX_STEPS).filter(bool)


@st.composite
def codes(draw: st.DrawFn) -> IconCode:
    """Any code the grammar has."""
    first, second = draw(terms), draw(st.none() | terms)
    style = draw(st.none() | styles)
    of_first, of_second, of_all = (draw(st.dictionaries(names, amounts, max_size=n)) for n in (3, 3, 2))
    if second is None:
        of_all |= of_first
    else:
        first, second = replace(first, tweaks=_tweaks(of_first)), replace(second, tweaks=_tweaks(of_second))
    return IconCode(
        first=first,
        second=second,
        percent=50 if second is None else draw(st.integers(0, 100)),
        steps=() if second is None else draw(steps),
        style=style,
        model=None if style is None else draw(st.none() | models),
        tweaks=_tweaks(of_all),
    )


def _tweaks(amounts: dict[str, int]) -> tuple[Tweak, ...]:
    return tuple(Tweak(*item) for item in amounts.items())


@given(codes())
def test_a_printed_code_reads_back_as_itself(code: IconCode) -> None:
    assert IconCode.parse(str(code)) == code
    assert len(str(code)) <= MAX_TEXT


# Text made of the grammar's own pieces reaches further into the parser than random characters do.
near_codes = st.lists(
    st.sampled_from(
        ["0", "7", "123", "99999999999", "x", "×", "~", "@", "/", "#", "+", "+hat:", "+", ":", "-", "−", " ", "a", "é"]
    )
)


@given(st.text() | near_codes.map("".join))
def test_hostile_text_gives_a_code_or_a_code_error_and_nothing_else(text: str) -> None:
    try:
        code = IconCode.parse(text)
    except CodeError as error:
        message = str(error)
        assert message
        assert "\n" not in message
    else:
        assert IconCode.parse(str(code)) == code


@given(codes(), codes())
def test_different_codes_print_differently(a: IconCode, b: IconCode) -> None:
    assert (str(a) == str(b)) == (a == b)


@given(codes())
def test_file_names_hold_only_characters_every_file_system_and_chat_keeps(code: IconCode) -> None:
    assert re.fullmatch(r"[a-z0-9_-]+", code.filename)
    assert len(f"melicon-{code.filename}-round.png") <= 255


@pytest.mark.parametrize(
    ("word", "seed"),
    [
        ("naru", 1659264469),
        ("hello world", 3108841401),
        ("メリコン", 2545242633),
        ("50% off", 2743445135),
    ],
)
def test_a_word_means_the_same_seed_for_ever(word: str, seed: int) -> None:
    assert IconCode.parse(word) == IconCode.from_seed(seed)


@pytest.mark.parametrize("text", ["Naru", " naru ", "ＮＡＲＵ", "naru\u3000", "NARU\n"])
def test_words_that_look_alike_are_one_word(text: str) -> None:
    assert IconCode.parse(text) == IconCode.parse("naru")


def test_runs_of_spaces_count_as_one() -> None:
    assert IconCode.parse("hello \u00a0  World") == IconCode.parse("hello world")


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("007", "7"),
        ("１２３", "123"),
        (" 123X456 ", "123x456"),
        ("123×456", "123x456"),
        ("123x456@50", "123x456"),
        ("123x456@050~3", "123x456@50~3"),
        ("123x456~3", "123x456~3"),
        ("123~4~2x5~1@0/Lorelei#0A1B2C3D", "123~4~2x5~1@0/lorelei#0a1b2c3d"),
        ("naru/lorelei", "1659264469/lorelei"),
        ("4294967295", "4294967295"),
        ("123+mouth:2+hat:-1", "123+hat:-1+mouth:2"),
        ("１２３＋Hair_Colour：＋2", "123+hair_colour:2"),
        ("123~4x5@9~1+d1:−3/Mel#0A1B2C3D", "123~4x5@9~1+d1:-3/mel#0a1b2c3d"),
        ("123+hat:0+mouth:01", "123+mouth:1"),
    ],
)
def test_what_is_typed_has_one_canonical_form(text: str, canonical: str) -> None:
    assert str(IconCode.parse(text)) == canonical


def test_a_variation_after_the_second_seed_belongs_to_that_seed() -> None:
    assert IconCode.parse("1x2~3") == IconCode(Term(1), Term(2, (3,)))
    assert IconCode.parse("1x2@50~3") == IconCode(Term(1), Term(2), steps=(3,))


@pytest.mark.parametrize(
    "text",
    [
        *("x1", "~4", "@25", "-5", "1.5", "3 cats", "1,5", "w/ love", "https://a.b/c", "ⅷ"),
        *("a+b", "1+1", "1+1:2", "9+smile:)", "7+x: yes", "+hat:1", "naru+hat:1", "123+hat"),
        *("1+a:2 is nice", "1 + a: 23 + b", "1+a:2+b:33 or 4"),
    ],
)
def test_what_does_not_begin_as_a_code_is_a_phrase(text: str) -> None:
    code = IconCode.parse(text)
    assert code.second is None
    assert code.style is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \t\n", "empty"),
        ("a" * (MAX_TEXT + 1), "long"),
        ("a\nb", "control"),
        ("a\x00b", "control"),
        ("\ud800", "control"),
        ("4294967296", "seed"),
        ("1x99999999999999999999", "seed"),
        ("123~", "form"),
        ("123x", "form"),
        ("123@25", "form"),
        ("123xnaru", "form"),
        ("123 x 456", "form"),
        ("1x2x3", "form"),
        ("123x456@25%", "form"),
        ("123#0a1b2c3d", "form"),
        ("123~0", "variation"),
        ("123~10000", "variation"),
        ("1" + "~1" * 9, "chain"),
        ("123x456@101", "percent"),
        ("123/", "style"),
        ("123/-a", "style"),
        ("123/" + "a" * 33, "style"),
        ("123/a/b", "style"),
        ("123+hat:100", "tweak"),
        ("123+hat:1+hat:1", "tweak"),
        (f"123+{'a' * 25}:1", "tweak"),
        ("123" + "".join(f"+d{n}:1" for n in range(9)), "tweaks"),
        ("123 + hat: 1", "form"),
        ("123+hat:1 +mouth:2", "form"),
        ("123~4+hat", "form"),
        ("123+hat:1~4", "form"),
        ("123+hat:1x", "form"),
        ("123+hat:1 x 456", "form"),
        ("123+hat:1 × 456+hat:1 @ 50", "form"),
        ("123+hat:1+hat:2x456", "tweak"),
        ("123x456+hat:1+hat:2@50", "tweak"),
        ("123+a:1+b:1+c:1x456+a:1+b:1+c:1@50+a:1+b:1+c:1", "tweaks"),
        ("123/mel+hat:1", "style"),
        ("123/a#", "model"),
        ("123/a#0a1b2c3", "model"),
        ("123/a#0a1b2c3g", "model"),
    ],
)
def test_a_bad_code_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(CodeError) as caught:
        IconCode.parse(text)
    assert caught.value.reason == reason
    assert isinstance(caught.value, MeliconError)
    assert isinstance(caught.value, ValueError)


def test_a_malformed_code_is_answered_with_examples() -> None:
    with pytest.raises(CodeError, match=r"“123~” is not an icon code\. Examples: 123, naru"):
        IconCode.parse("123~")


def test_varying_steps_on_from_an_icon_or_from_a_mix_and_keeps_the_style() -> None:
    assert str(IconCode.parse("123/lorelei").vary(4).vary(2)) == "123~4~2/lorelei"
    assert str(IconCode.parse("1x2").vary(3)) == "1x2@50~3"
    with pytest.raises(CodeError, match="8 variations"):
        IconCode.parse("1" + "~1" * 8).vary(1)


def test_mixing_joins_two_single_icons_of_one_style() -> None:
    a, b = IconCode.parse("1~2/ink#00000000"), IconCode.parse("3")
    assert str(IconCode.mix(a, b, 25)) == "1~2x3@25/ink"
    assert str(IconCode.mix(a, a)) == "1~2x1~2/ink#00000000"
    with pytest.raises(CodeError, match="cannot be mixed again"):
        IconCode.mix(IconCode.mix(a, b), b)
    with pytest.raises(CodeError, match="use one style"):
        IconCode.mix(a, b.pinned("oil", "11111111"))


def test_pinning_is_undone_by_bare() -> None:
    code = IconCode.parse("123~4")
    assert str(code.pinned("ink", "0a1b2c3d")) == "123~4/ink#0a1b2c3d"
    assert code.pinned("ink", "0a1b2c3d").bare == code


def test_random_codes_are_plain_seeds_and_differ() -> None:
    drawn = {IconCode.random() for _ in range(8)}
    assert len(drawn) > 1
    assert all(code == IconCode.from_seed(code.first.seed) for code in drawn)


def test_a_phrase_is_never_taken_for_a_code() -> None:
    assert IconCode.from_phrase(" Naru ") == IconCode.parse("naru")
    assert IconCode.from_phrase("42") != IconCode.parse("42")
    assert IconCode.from_phrase("a/b").style is None
    with pytest.raises(CodeError):
        IconCode.from_phrase("x" * (MAX_TEXT + 1))


def test_a_tweak_is_taken_back_without_a_trace() -> None:
    code = IconCode.parse("123~4x5+hat:2/ink#0a1b2c3d")
    assert str(code.tweak("mouth", 3)) == "123~4x5+hat:2+mouth:3/ink#0a1b2c3d"
    assert code.tweak("mouth", 3).tweak("mouth", -3) == code
    assert str(code.tweak("hat", -2)) == "123~4x5/ink#0a1b2c3d" == str(code.untweaked)
    assert (code.steps_of("hat"), code.steps_of("mouth")) == (2, 0)


def test_a_variation_keeps_the_tweaks() -> None:
    assert str(IconCode.parse("123+hat:2").vary(4)) == "123~4+hat:2"
    assert str(IconCode.parse("123+hat:2x5").vary(4)) == "123+hat:2x5@50~4"


@pytest.mark.parametrize(
    ("a", "b", "percent", "mix"),
    [
        ("123+hat:2", "5", 50, "123+hat:2x5"),
        ("5", "123+hat:2", 50, "5x123+hat:2@50"),
        ("1~2+hat:2", "3+mouth:-1+eyes:1", 25, "1~2+hat:2x3+eyes:1+mouth:-1@25"),
    ],
)
def test_a_mix_keeps_the_tweaks_of_either(a: str, b: str, percent: int, mix: str) -> None:
    code = IconCode.mix(IconCode.parse(a), IconCode.parse(b), percent)
    assert str(code) == mix
    assert IconCode.parse(mix) == code
    assert not code.tweaks, "those are of what comes out"
    assert str(code.tweak("hat", 1)).endswith("+hat:1")
    assert code.tweak("hat", 1).untweaked == code
    assert not code.plain.all_tweaks


def test_tweaks_after_a_mix_are_those_of_the_mix() -> None:
    """As they were before an icon of a mix could have its own: a code means the same for ever."""
    for text in ("1x2+hat:1", "1x2@25+hat:1"):
        code = IconCode.parse(text)
        assert (code.steps_of("hat"), code.first.tweaks, str(code)) == (1, (), text)


def test_a_mix_has_no_more_tweaks_than_any_icon() -> None:
    many = "".join(f"+t{n}:1" for n in range(5))
    with pytest.raises(CodeError) as caught:
        IconCode.mix(IconCode.parse(f"1{many}"), IconCode.parse(f"2{many}"))
    assert caught.value.reason == "tweaks"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("❤️", "❤"),
        ("❤︎", "❤"),
        ("I ❤️ naru", "i ❤ naru"),
        ("1️⃣", "1⃣"),
        ("☕️/mel", "☕/mel"),
        ("🏳️‍🌈", "🏳‍🌈"),
        ("葛\U000e0100", "葛"),
        ("ᠠ᠋", "ᠠ"),
        ("12️3~4", "123~4"),
    ],
)
def test_how_a_character_is_to_look_makes_no_other_icon(one: str, other: str) -> None:
    assert one != other
    assert IconCode.parse(one) == IconCode.parse(other)
    assert IconCode.from_phrase(one) == IconCode.from_phrase(other)


def test_the_seeds_of_phrases_are_what_they_were() -> None:
    phrases = {"❤": 3423858287, "naru": 1659264469, "❤ love": 2532289720}
    assert {phrase: IconCode.parse(phrase).first.seed for phrase in phrases} == phrases
    assert str(IconCode.parse("3423858287/mel#0a1b2c3d")) == "3423858287/mel#0a1b2c3d"


@pytest.mark.parametrize("text", ["\ufe0f", " \ufe0f\ufe0e "])
def test_nothing_but_variation_selectors_is_nothing(text: str) -> None:
    with pytest.raises(CodeError):
        IconCode.parse(text)
