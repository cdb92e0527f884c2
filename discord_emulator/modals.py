"""Submitting modals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_emulator.errors import Json, UsageError
from discord_emulator.interactions import MODAL_SUBMIT, Interaction
from discord_emulator.invocation import launch
from discord_emulator.invoke import choose
from discord_emulator.resolving import Resolver
from discord_emulator.validation import modals
from discord_emulator.validation.components import TEXT_INPUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from discord_emulator.attachments import Upload
    from discord_emulator.core import Core
    from discord_emulator.model import User


def submit_modal(
    core: Core,
    opener: Interaction,
    user: User,
    answers: Mapping[str, Any],
    files: Mapping[str, Upload],
    *,
    nonce: str | None = None,
) -> Interaction:
    """Submit a modal with `answers` by custom_id; omitted fields keep their initial values."""
    modal = opener.modal
    if modal is None or opener.user is not user:
        raise UsageError("No modal is open.")
    known = [field["custom_id"] for field in modals.fields(modal["components"])]
    unknown = [key for key in [*answers, *files] if key not in known]
    if unknown:
        raise UsageError(f"The modal has no field {unknown[0]!r}; it has: {', '.join(known)}.")
    resolver = Resolver(core, user, opener.channel)
    components = []
    for item in modal["components"]:
        kept = {"type": item["type"], "id": item.get("id", 0)}
        if "component" in item:
            components.append(kept | {"component": _submit(resolver, item["component"], answers, files)})
        elif "components" in item:
            inner = [_submit(resolver, child, answers, files) for child in item["components"]]
            components.append(kept | {"components": inner})
        else:
            components.append(kept)
    data: Json = {"custom_id": modal["custom_id"], "components": components}
    if resolver.resolved:
        data["resolved"] = resolver.resolved
    opener.modal = None  # a modal can be submitted once
    return launch(core, MODAL_SUBMIT, user, opener.channel, data, source=opener.source, nonce=nonce, parent=opener)


def _submit(resolver: Resolver, field: Json, answers: Mapping[str, Any], files: Mapping[str, Upload]) -> Json:
    kind, custom_id = field["type"], field["custom_id"]
    sent: Json = {"type": kind, "id": field.get("id", 0), "custom_id": custom_id}
    required = field.get("required") is not False
    given = answers.get(custom_id)
    if kind == TEXT_INPUT:
        text = str(field.get("value") or "" if given is None else given)
        low, high = field.get("min_length") or 0, field.get("max_length") or 4000
        if (required and not text) or (text and not low <= len(text) <= high):
            raise UsageError(f"The field {custom_id!r} takes {max(low, int(required))} to {high} characters.")
        return sent | {"value": text}
    if kind == modals.CHECKBOX:
        return sent | {"value": bool(field.get("default") if given is None else given)}
    if kind == modals.FILE_UPLOAD:
        found = [resolver.attachment(files[custom_id])] if custom_id in files else []
        if required and not found:
            raise UsageError(f"The field {custom_id!r} needs a file.")
        return sent | {"values": found}
    values = given if isinstance(given, list) else [] if given is None else [given]
    if kind == modals.RADIO_GROUP:
        return sent | {"value": str(values[0]) if values else None}
    if kind == modals.CHECKBOX_GROUP:
        return sent | {"values": [str(value) for value in values]}
    return sent | {"values": choose(resolver, field, values) if values or required else []}


def modal_answers(components: Any) -> Json:
    """Return the answers in a modal submission, by custom_id."""
    answers: Json = {}
    for field in modals.fields(components):
        given = field.get("values", field.get("value"))
        if "custom_id" in field and given is not None and field.get("type") != modals.FILE_UPLOAD:
            answers[str(field["custom_id"])] = given
    return answers
