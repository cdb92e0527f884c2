"""Followups and edits by interaction token."""

from __future__ import annotations

from discord_emulator.callbacks import delete, edit, find_message, follow_up
from discord_emulator.history import COMPONENTS_V2
from discord_emulator.interactions import Interaction
from discord_emulator.rest.call import Answer, Call, Route
from discord_emulator.rest.drafts import check_draft
from discord_emulator.validation.messages import read_message, start


def _interaction(call: Call) -> Interaction:
    return call.core.interactions.for_webhook(call.id("webhook_id"), call.text("token"))


async def _follow_up(call: Call) -> Answer:
    core = call.core
    interaction = _interaction(call)
    body = await call.read(core.upload_limit(interaction.channel))
    node = start(body.payload or {})
    draft = read_message(node, body.uploads, in_interaction=True)
    node.form.check()
    check_draft(draft)
    message = follow_up(core, interaction, draft)
    return message.json() if call.request.query.get("wait", "true") in ("1", "true") else None


async def _get(call: Call) -> Answer:
    return find_message(call.core, _interaction(call), call.text("message_id")).json()


async def _edit(call: Call) -> Answer:
    core = call.core
    interaction = _interaction(call)
    message = find_message(core, interaction, call.text("message_id"))
    body = await call.read(core.upload_limit(interaction.channel))
    node = start(body.payload or {})
    kept = tuple(file.id for file in message.files)
    laid_out = bool(message.flags & COMPONENTS_V2)
    draft = read_message(node, body.uploads, in_interaction=True, kept=kept, was_layout=laid_out)
    node.form.check()
    check_draft(draft, message)
    edit(core, interaction, message, draft)
    return message.json()


async def _delete(call: Call) -> Answer:
    interaction = _interaction(call)
    delete(call.core, interaction, find_message(call.core, interaction, call.text("message_id")))


_WEBHOOK = "/webhooks/{webhook_id}/{token}"

ROUTES = (
    Route("POST", _WEBHOOK, _follow_up, "webhook", open=True),
    Route("GET", _WEBHOOK + "/messages/{message_id}", _get, "webhook", open=True),
    Route("PATCH", _WEBHOOK + "/messages/{message_id}", _edit, "webhook", open=True),
    Route("DELETE", _WEBHOOK + "/messages/{message_id}", _delete, "webhook", open=True),
)
