"""The body of a message: created, edited or sent through an interaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from discord_emulator.errors import Json
from discord_emulator.history import COMPONENTS_V2, EPHEMERAL, SUPPRESS_EMBEDS
from discord_emulator.validation.components import check_rows
from discord_emulator.validation.embeds import read_embeds
from discord_emulator.validation.form import Form, Node
from discord_emulator.validation.layout import check_layout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from discord_emulator.attachments import Upload

MAX_CONTENT = 2000
MAX_FILES = 10
_SUPPRESS_NOTIFICATIONS = 1 << 12
_SENDABLE = SUPPRESS_EMBEDS | _SUPPRESS_NOTIFICATIONS | COMPONENTS_V2
_MENTION_KINDS = ("roles", "users", "everyone")


@dataclass
class FileRef:
    """An entry of ``attachments``: a new file of this request (by index) or an existing one (by id)."""

    id: int
    filename: str | None
    description: str | None


@dataclass
class Draft:
    """A validated body. None means absent, which matters when editing."""

    content: str | None = None
    embeds: list[Json] | None = None
    components: list[Json] | None = None
    flags: int | None = None
    attachments: list[FileRef] | None = None
    uploads: Mapping[int, Upload] = field(default_factory=dict)
    mentions: Json | None = None
    nonce: str | None = None
    enforce_nonce: bool = False
    tts: bool = False
    reply_to: int | None = None
    reply_must_exist: bool = True

    @property
    def is_layout(self) -> bool:
        """Whether the message uses IS_COMPONENTS_V2."""
        return bool((self.flags or 0) & COMPONENTS_V2)

    @property
    def has_something(self) -> bool:
        """Whether the message would have visible content."""
        return bool((self.content or "").strip() or self.embeds or self.components or self.uploads)


def read_message(
    body: Node,
    uploads: Mapping[int, Upload],
    *,
    in_interaction: bool = False,
    kept: tuple[int, ...] = (),
    was_layout: bool = False,
) -> Draft:
    """Validate a message's body.

    Errors are recorded in the body's form; the caller raises them. `kept` are the ids of existing files, which an edit
    may retain; `was_layout`: the edited message uses IS_COMPONENTS_V2.
    """
    given = body.data.keys()
    draft = Draft(uploads=uploads)
    if "content" in given:
        draft.content = body.string("content", high=MAX_CONTENT) or ""
    if "embeds" in given:
        draft.embeds = read_embeds(body)
    flags = body.integer("flags", low=0)
    if flags is not None:
        draft.flags = flags & (_SENDABLE | (EPHEMERAL if in_interaction else 0))
    if "components" in given:
        laid_out = was_layout or draft.is_layout
        (check_layout if laid_out else check_rows)(body)
        draft.components = list(body.array("components"))
        if laid_out:
            _refuse_old_fields(body, draft)
    if "allowed_mentions" in body:
        draft.mentions = _read_mentions(body)
    draft.attachments = _read_attachments(body, uploads, kept) if "attachments" in body else None
    if len(uploads) > MAX_FILES:
        body.error("BASE_TYPE_MAX_LENGTH", f"Must be {MAX_FILES} or fewer in length.", "attachments")
    draft.nonce = body.string("nonce", high=25)
    draft.enforce_nonce = body.flag("enforce_nonce")
    draft.tts = body.flag("tts")
    reference = body.child("message_reference")
    if reference:
        draft.reply_to = reference.snowflake("message_id", required=True)
        draft.reply_must_exist = reference.data.get("fail_if_not_exists") is not False
    return draft


def start(payload: object, *path: str) -> Node:
    """Open a body for validation; `path` is its location in the request, e.g. ``"data"`` in a callback."""
    return Node(payload, Form(), path)


def _refuse_old_fields(body: Node, draft: Draft) -> None:
    message = "The '{}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
    for key, value in (("content", draft.content), ("embeds", draft.embeds)):
        if value:
            body.error("MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message.format(key), key)


def _read_mentions(body: Node) -> Json:
    node = body.child("allowed_mentions")
    if node is None:
        return {}
    parse = node.array("parse")
    for index, kind in enumerate(parse):
        if kind not in _MENTION_KINDS:
            message = "Value must be one of {'everyone', 'roles', 'users'}."
            node.error("BASE_TYPE_CHOICES", message, "parse", index)
    for key in ("users", "roles"):
        if node.array(key, high=100) and key in parse:
            message = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            node.error("MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message, "parse")
    return node.data


def _read_attachments(body: Node, uploads: Mapping[int, Upload], kept: tuple[int, ...]) -> list[FileRef]:
    refs = []
    for node in body.nodes("attachments", high=MAX_FILES):
        ref_id = node.snowflake("id", required=True)
        filename = node.string("filename", high=1024)
        description = node.string("description", high=1024)
        if ref_id is None:
            continue
        if ref_id not in uploads and ref_id not in kept:
            node.error("MESSAGE_ATTACHMENT_NOT_FOUND", "Attachment data not found", "id")
            continue
        refs.append(FileRef(ref_id, filename, description))
    return refs
