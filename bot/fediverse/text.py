"""HTML to plain text, and plain text in which nothing becomes a link."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_LONGEST = 20_000  # characters of HTML
_BLOCKS = {"br", "p", "div", "li", "blockquote", "pre"}
_UNREAD = {"script", "style"}
# `@name` or `@name@host`, where it begins a word
_MENTION = re.compile(r"(?<![\w/])[@＠][\w.-]+(?:@[\w.:-]+)?")
_LINKING = re.compile(r"(?<![\w/])([@#＠＃])(?=\w)")
_BREAK = "\u200b"  # zero-width space
_NO_BOT = re.compile(r"#\s?nobots?\b", re.IGNORECASE)


class _Reader(HTMLParser):
    """Collects text, without links to accounts unless `mentions`."""

    def __init__(self, *, mentions: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._mentions = mentions
        self._skipped: str | None = None  # the element whose content is left out

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")
        classes = (dict(attrs).get("class") or "").split()
        is_mention = tag == "a" and "mention" in classes and "hashtag" not in classes
        if self._skipped is None and (tag in _UNREAD or (is_mention and not self._mentions)):
            self._skipped = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._skipped:
            self._skipped = None
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self._skipped is None:
            self.parts.append(data)


def _read(html: str, *, mentions: bool) -> str:
    reader = _Reader(mentions=mentions)
    reader.feed(html[:_LONGEST])
    reader.close()
    return " ".join("".join(reader.parts).split())


def text_of(html: str) -> str:
    """Return the text of a post or a profile on one line."""
    return _read(html, mentions=True)


def question_of(html: str) -> str:
    """Return the text of a post without its mentions, on one line."""
    return " ".join(_MENTION.sub(" ", _read(html, mentions=False)).split()).strip(" ,:;")


def wants_no_bots(profile: str) -> bool:
    """Return whether a profile (HTML) contains #nobot."""
    return bool(_NO_BOT.search(text_of(profile)))


def plain(phrase: str) -> str:
    """Return a message without Markdown, mentions and links."""
    phrase = phrase.replace("**", "").replace("`", "").replace("://", f":{_BREAK}//")
    return _LINKING.sub(rf"\1{_BREAK}", phrase)


def fitted(lines: list[str], room: int) -> str:
    """Return the last lines that fit; the last ones are the most important."""
    kept: list[str] = []
    for line in reversed(lines):
        left = room - sum(len(other) + 1 for other in kept)
        if kept and len(line) > left:
            break
        kept.insert(0, line if len(line) <= left else line[: left - 1] + "…")
    return "\n".join(kept)
