"""The account's API calls. Mastodon.py blocks, so each call runs in a thread, one at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeVar

import requests
from mastodon import Mastodon
from mastodon.errors import MastodonAPIError, MastodonError, MastodonNetworkError, MastodonRatelimitError

from bot.fediverse.text import text_of

log = logging.getLogger(__name__)

T = TypeVar("T")

TIMEOUT = 30.0  # seconds per request
PAGE = 40  # entries per response; Mastodon's limit
_LONGEST_WAIT = 3600.0  # seconds; upper bound for a rate limit's reset
_PASSING = {408, 425}  # temporary errors among the status codes 4xx
_PROCESSING, _PROCESSING_PAUSE = 30.0, 1.0  # seconds for the server to process a picture, and between polls
_VISIBILITIES = {"public", "unlisted", "private", "direct"}


class Refused(Exception):  # noqa: N818 - not an error of the program
    """A permanent error: a retry would fail, too."""


class Unavailable(Exception):  # noqa: N818
    """A temporary error; retry after `wait` seconds, if the server says when."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class NotLoggedIn(Unavailable):
    """The access token is invalid."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A post that mentions the account, and its author."""

    id: str  # of the notification
    at: datetime
    status_id: str
    html: str
    visibility: str  # public, unlisted, private or direct
    language: str | None
    spoiler: str
    sensitive: bool
    author_id: str
    author: str  # name, with the host of a remote account
    author_is_bot: bool
    author_profile: str  # HTML
    author_avatar: str  # URL


@dataclass(frozen=True, slots=True)
class Post:
    """A post to publish."""

    text: str
    key: str  # idempotency key
    visibility: str
    language: str
    media_ids: tuple[str, ...] = ()
    reply_to: str | None = None
    spoiler: str = ""
    sensitive: bool = False


def fresh_connections() -> requests.Session:
    """Return a session without keep-alive: small servers close idle connections, which loses the next request."""
    session = requests.Session()
    session.headers["Connection"] = "close"
    return session


class Account:
    """The account of an access token."""

    def __init__(self, client: Mastodon, url: str) -> None:
        self.url = url
        self.id = ""
        self.name = ""
        self.is_bot = False
        self._client: Any = client
        self._lock = asyncio.Lock()

    @classmethod
    def of(cls, url: str, token: str, *, request_timeout: float = TIMEOUT) -> Self:
        """Create the client; sends no request."""
        client = Mastodon(
            access_token=token, api_base_url=url, request_timeout=request_timeout, ratelimit_method="throw",
            user_agent="melicon", session=fresh_connections(),
        )  # fmt: skip
        return cls(client, url)

    async def introduce(self) -> None:
        """Fetch the account's identity. Raises `Refused` and `Unavailable`, as all methods do."""
        me = await self._call(self._client.account_verify_credentials)
        self.id, self.name, self.is_bot = str(me.id), str(me.acct), bool(me.bot)

    async def become_bot(self) -> None:
        """Set the account's bot flag."""
        await self._call(lambda: self._client.account_update_credentials(bot=True))
        self.is_bot = True

    async def mentions(self, before: str | None = None) -> list[Mention]:
        """Return a page of mentions, newest first, older than the id `before` if given."""
        found = await self._call(lambda: self._client.notifications(types=["mention"], limit=PAGE, max_id=before))
        return [_mention(entry) for entry in found if entry.type == "mention" and entry.status is not None]

    async def has_replied(self, status_id: str) -> bool:
        """Return whether this account has replied to a post."""
        thread = await self._call(lambda: self._client.status_context(status_id))
        return any(
            str(reply.account.id) == self.id and str(reply.in_reply_to_id) == status_id
            for reply in thread.descendants
        )  # fmt: skip

    async def own_posts(self) -> list[str]:
        """Return the texts of the account's latest posts, without replies."""
        found = await self._call(
            lambda: self._client.account_statuses(self.id, exclude_replies=True, exclude_reblogs=True, limit=PAGE)
        )
        return [text_of(post.content or "") for post in found if post.in_reply_to_id is None]

    async def upload(self, png: bytes, name: str, alt: str) -> str:
        """Upload a picture with its description, wait until it is processed, and return its id."""
        media = await self._call(
            lambda: self._client.media_post(png, mime_type="image/png", description=alt, file_name=name)
        )
        end = time.monotonic() + _PROCESSING
        media_id = str(media.id)
        while media.url is None:
            if time.monotonic() > end:
                raise Unavailable("the server does not finish processing a picture")
            await asyncio.sleep(_PROCESSING_PAUSE)
            media = await self._call(lambda: self._client.media(media_id))
        return media_id

    async def post(self, post: Post) -> str:
        """Publish a post and return its id; idempotent by its key, if the server supports keys."""
        made = await self._call(
            lambda: self._client.status_post(
                post.text,
                in_reply_to_id=post.reply_to,
                media_ids=list(post.media_ids) or None,
                sensitive=post.sensitive,
                visibility=post.visibility,
                spoiler_text=post.spoiler or None,
                language=post.language,
                idempotency_key=post.key,
            )
        )
        return str(made.id)

    async def _call(self, call: Callable[[], T]) -> T:
        async with self._lock:
            try:
                return await asyncio.to_thread(call)
            except MastodonError as error:
                raise self._explained(error) from error

    def _explained(self, error: MastodonError) -> Exception:
        said = " ".join(" ".join(map(str, error.args)).split())[:300]
        match error:
            case MastodonRatelimitError():
                reset = self._client.ratelimit_reset
                wait = None if reset is None else min(max(reset - time.time(), 1.0), _LONGEST_WAIT)
                return Unavailable("too many requests", wait)
            case MastodonNetworkError():
                return Unavailable(said)
            case MastodonAPIError():
                status = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], int) else 500
                if status == 401:
                    return NotLoggedIn("the access token is not valid")
                permanent = 400 <= status < 500 and status not in _PASSING
                return Refused(said) if permanent else Unavailable(said)
        return Refused(said)


def _mention(entry: Any) -> Mention:
    status, author = entry.status, entry.account
    return Mention(
        id=str(entry.id),
        at=entry.created_at,
        status_id=str(status.id),
        html=status.content or "",
        # unknown values: the most private
        visibility=status.visibility if status.visibility in _VISIBILITIES else "direct",
        language=status.language,
        spoiler=status.spoiler_text or "",
        sensitive=bool(status.sensitive),
        author_id=str(author.id),
        author=author.acct,
        author_is_bot=bool(author.bot),
        author_profile="\n".join([author.note or "", *(_field(field) for field in author.fields or ())]),
        author_avatar=author.avatar_static or author.avatar or "",
    )


def _field(field: Any) -> str:
    return f"<p>{field.name} {field.value}</p>"
