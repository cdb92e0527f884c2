"""HTML to text, and text in which nothing links by accident."""

from __future__ import annotations

import pytest

from bot.fediverse.text import fitted, plain, question_of, text_of, wants_no_bots

LINK = '<a href="https://here.example/@melicon" class="u-url mention">@<span>melicon</span></a>'
MENTION = f'<span class="h-card">{LINK}</span>'
HASHTAG = '<a href="https://here.example/tags/cats" class="mention hashtag" rel="tag">#<span>cats</span></a>'


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f"<p>{MENTION}</p>", ""),
        (f"<p>{MENTION} 123</p>", "123"),
        (f"<p>{MENTION}: naru,</p>", "naru"),
        (f"<p>{MENTION}<br />pink hair,<br>cat &amp; ears</p><p>please</p>", "pink hair, cat & ears please"),
        (f"<p>{MENTION} {HASHTAG}</p>", "#cats"),
        ("@melicon 123x456@25 @ann@there.example", "123x456@25"),
        ("<p>@melicon@127.0.0.1:8000 123~4</p>", "123~4"),
        (f"{MENTION} 1 &lt;b&gt;bold&lt;/b&gt; <script>alert(1)</script>", "1 <b>bold</b>"),
        ("<p>unclosed <a class='mention' href='x'>@melicon", "unclosed"),
        ("", ""),
    ],
)
def test_a_question_is_what_is_said_besides_the_names(html: str, text: str) -> None:
    assert question_of(html) == text


def test_a_profile_may_want_no_bots() -> None:
    assert wants_no_bots('<p>Me. <a href="/tags/nobot" class="mention hashtag">#<span>nobot</span></a></p>')
    assert wants_no_bots("<p>#NoBots please</p>")
    assert not wants_no_bots("<p>I am nobot, or nobody. #nobottles</p>")


def test_nothing_that_is_repeated_mentions_or_links() -> None:
    said = plain("“@ann #tag https://evil.example” → `123x4@25`/`mel#0a1b2c3d` **bold**")
    assert said == "“@\u200bann #\u200btag https:\u200b//evil.example” → 123x4@25/mel#0a1b2c3d bold"


def test_the_last_lines_have_room_first() -> None:
    assert fitted(["a" * 10, "b" * 5, "c" * 5], 12) == "bbbbb\nccccc"
    assert fitted(["a" * 10], 5) == "aaaa…"


def test_long_html_is_read_in_part() -> None:
    assert len(text_of("<p>word</p>" * 100_000)) < 20_000
