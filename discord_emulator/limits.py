"""Every number Discord enforces and the emulator keeps to, in one place so that a test can change one."""

from __future__ import annotations

from dataclasses import dataclass, field

MIB = 1024 * 1024

PATIENCE = 900.0  # seconds that a script waits for the bot: a guard against waiting for ever, no measure of speed


@dataclass(frozen=True)
class Rate:
    """A bucket: `limit` requests in `window` seconds for one major parameter (a channel, a webhook token…)."""

    limit: int
    window: float


# Discord does not publish its buckets and may change them; these are the ones its servers have announced for years.
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
    "global": Rate(50, 1.0),
}


@dataclass
class Limits:
    """What the emulator refuses and what it forgets."""

    ack_seconds: float = 3.0  # time to the first callback
    token_seconds: float = 900.0  # life of an interaction token
    user_app_followups: int = 5  # to an interaction in a server where the application is not installed
    nonce_seconds: float = 300.0  # how long enforce_nonce remembers
    upload_bytes: int = 10 * MIB  # a file, in DMs and in guilds that say nothing else
    request_bytes: int = 64 * MIB  # a whole request, files included
    json_bytes: int = MIB  # a JSON body or payload_json
    messages_per_channel: int = 500  # older ones are dropped
    attachment_bytes: int = 256 * MIB  # all attachments together; the oldest are dropped
    head_seconds: float = 30.0  # until a connection's next request has come, and how long an idle one is kept
    body_seconds: float = 300.0  # for the body of a request
    identify_seconds: float = 30.0  # for the bot to say who it is
    requests_logged: int = 5000
    interactions_kept: int = 1000
    command_creates_per_day: int = 200
    heartbeat_seconds: float = 41.25
    resume_seconds: float = 120.0  # how long a lost session can be resumed
    gateway_events_kept: int = 1000  # for a resume
    page_sockets: int = 64  # open tabs
    rates: dict[str, Rate] = field(default_factory=lambda: dict(DEFAULT_RATES))
