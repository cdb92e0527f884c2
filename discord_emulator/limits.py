"""All limits of Discord that the emulator enforces, adjustable by tests."""

from __future__ import annotations

from dataclasses import dataclass, field

MIB = 1024 * 1024

PATIENCE = 900.0  # seconds a script waits for the bot: a safeguard, not a performance limit


@dataclass(frozen=True)
class Rate:
    """A rate limit: `limit` requests in `window` seconds for one major parameter (a channel, a webhook token…)."""

    limit: int
    window: float


# Discord does not publish its rate limits; these are the values its servers have sent for years.
DEFAULT_RATES: dict[str, Rate] = {
    "message.create": Rate(5, 5.0),
    "message.edit": Rate(5, 5.0),
    "message.delete": Rate(5, 1.0),
    "message.bulk_delete": Rate(1, 1.0),
    "message.get": Rate(50, 1.0),
    "reaction": Rate(1, 0.25),
    "typing": Rate(5, 5.0),
    "dm.create": Rate(10, 10.0),
    "command.bulk": Rate(20, 20.0),
    "command.one": Rate(5, 20.0),
    "webhook": Rate(5, 2.0),
    "guild.edit": Rate(2, 60.0),
    "global": Rate(50, 1.0),
}


@dataclass
class Limits:
    """The limits on requests and stored data."""

    ack_seconds: float = 3.0  # deadline of the first callback
    token_seconds: float = 900.0  # lifetime of an interaction token
    user_app_followups: int = 5  # for an interaction in a server without the application
    nonce_seconds: float = 300.0  # how long enforce_nonce deduplicates
    upload_bytes: int = 10 * MIB  # of a file, in direct messages and guilds without their own limit
    request_bytes: int = 64 * MIB  # a whole request, files included
    json_bytes: int = MIB  # a JSON body or payload_json
    messages_per_channel: int = 500  # per channel; older ones are evicted
    attachment_bytes: int = 256 * MIB  # of all attachments; the oldest are evicted
    head_seconds: float = 30.0  # timeout for the next request's head, and keep-alive
    body_seconds: float = 300.0  # for a request body
    identify_seconds: float = 30.0  # for the bot's IDENTIFY
    requests_logged: int = 5000
    interactions_kept: int = 1000
    command_creates_per_day: int = 200
    heartbeat_seconds: float = 41.25
    resume_seconds: float = 120.0  # how long a disconnected session can be resumed
    gateway_events_kept: int = 1000  # for a resume
    page_sockets: int = 64  # open tabs
    rates: dict[str, Rate] = field(default_factory=lambda: dict(DEFAULT_RATES))
