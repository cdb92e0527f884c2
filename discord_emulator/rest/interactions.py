"""``POST /interactions/{id}/{token}/callback``: the first response to an interaction."""

from __future__ import annotations

from discord_emulator.callbacks import acknowledge, allowed_callbacks, respond
from discord_emulator.errors import Json
from discord_emulator.history import COMPONENTS_V2, LOADING, Message
from discord_emulator.interactions import CHOICES, DEFER, MODAL, REPLY, UPDATE, Interaction
from discord_emulator.rest.call import Answer, Call, Route
from discord_emulator.rest.drafts import check_draft
from discord_emulator.validation import modals, options
from discord_emulator.validation.form import Form, Node
from discord_emulator.validation.messages import Draft, read_message


async def _callback(call: Call) -> Answer:
    core = call.core
    interaction = core.interactions.for_callback(call.id("interaction_id"), call.text("token"))
    body = await call.read(core.upload_limit(interaction.channel))
    node = Node(body.payload, Form())
    kind = node.choice("type", allowed_callbacks(interaction), required=True)
    node.form.check()
    data = node.child("data") if kind is not None and "data" in node else None
    # Reading a large file takes time; another callback may have arrived meanwhile.
    core.interactions.for_callback(interaction.id, interaction.token)
    message = None
    if kind == CHOICES:
        interaction.choices = _read_choices(interaction, node)
        acknowledge(core, interaction, CHOICES, None)
    elif kind == MODAL:
        _open_modal(call, interaction, node)
    else:
        draft = _read_draft(interaction, kind or REPLY, data or Node({}, node.form, ("data",)), call)
        message = respond(core, interaction, kind or REPLY, draft)
    if call.request.query.get("with_response") in ("1", "true"):
        return _response_json(interaction, kind or REPLY, message)
    return None


def _read_draft(interaction: Interaction, kind: int, data: Node, call: Call) -> Draft:
    source = interaction.source if kind == UPDATE else None
    kept = tuple(file.id for file in source.files) if source else ()
    laid_out = bool(source and source.flags & COMPONENTS_V2)
    draft = read_message(data, call.body.uploads, in_interaction=True, kept=kept, was_layout=laid_out)
    data.form.check()
    if kind in (REPLY, UPDATE):
        check_draft(draft, source)
    elif kind == DEFER:
        draft = Draft(flags=draft.flags)  # a deferral has flags only
    return draft


def _read_choices(interaction: Interaction, node: Node) -> list[Json]:
    data = node.child("data", required=True)
    focused = _focused_type(interaction.data.get("options", []))
    choices = data.nodes("choices", high=25, required=True) if data else []
    for choice in choices:
        choice.string("name", low=1, high=100, required=True)
        options.check_choice_value(choice, focused)
    node.form.check()
    return [choice.data for choice in choices]


def _focused_type(given: list[Json]) -> int | None:
    for option in given:
        found = option["type"] if option.get("focused") else _focused_type(option.get("options", []))
        if found is not None:
            return int(found)
    return None


def _open_modal(call: Call, interaction: Interaction, node: Node) -> None:
    data = node.child("data", required=True)
    if data:
        modals.check_modal(data)
    node.form.check()
    interaction.modal = data.data if data else {}
    acknowledge(call.core, interaction, MODAL, None)
    shown = {key: interaction.modal.get(key) for key in ("title", "custom_id", "components")}
    event = {"interaction_id": str(interaction.id), "nonce": interaction.nonce} | shown
    call.core.pages.send("MODAL", event, lambda user: user is interaction.user)


def _response_json(interaction: Interaction, kind: int, message: Message | None) -> Json:
    inner: Json = {"id": str(interaction.id), "type": interaction.type}
    resource: Json = {"type": kind}
    if message is not None:
        inner |= {
            "response_message_id": str(message.id),
            "response_message_loading": bool(message.flags & LOADING),
            "response_message_ephemeral": message.visible_to is not None,
            "channel_id": str(message.channel.id),
        }
        resource["message"] = message.json()
    return {"interaction": inner, "resource": resource}


_CALLBACK = "/interactions/{interaction_id}/{token}/callback"

ROUTES = (Route("POST", _CALLBACK, _callback, "callback", open=True),)
