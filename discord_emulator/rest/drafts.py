"""Validation of whole messages: not empty, and all files present."""

from __future__ import annotations

from discord_emulator import errors
from discord_emulator.attachments import clean_filename
from discord_emulator.history import Message
from discord_emulator.posting import unresolved_files
from discord_emulator.validation.messages import MAX_FILES, Draft


def check_draft(draft: Draft, message: Message | None = None) -> None:
    """Raise 50006 for an empty message, 50035 for too many or missing files.

    `message`: the one being edited, None for a new one.
    """
    kept = message.files if message and draft.attachments is None and not draft.uploads else []
    if message and draft.attachments is not None:
        wanted = {ref.id for ref in draft.attachments}
        kept = [file for file in message.files if file.id in wanted]
    new = [ref.filename or draft.uploads[ref.id].filename for ref in draft.attachments or [] if ref.id in draft.uploads]
    if draft.attachments is None:
        new = [upload.filename for upload in draft.uploads.values()]
    names = {file.filename for file in kept} | {clean_filename(name) for name in new}
    if len(kept) + len(new) > MAX_FILES:
        error = {"code": "BASE_TYPE_MAX_LENGTH", "message": f"Must be {MAX_FILES} or fewer in length."}
        raise errors.form_error({"attachments": {"_errors": [error]}})
    old = message.payload if message else {}
    embeds = old.get("embeds") if draft.embeds is None else draft.embeds
    components = old.get("components") if draft.components is None else draft.components
    content = old.get("content", "") if draft.content is None else draft.content
    if not (content.strip() or embeds or components or names):
        raise errors.empty_message()
    lost = unresolved_files(draft.components, names)
    if lost:
        message_text = f"The referenced attachment '{lost[0]}' was not found"
        error = {"code": "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", "message": message_text}
        raise errors.form_error({"components": {"_errors": [error]}})
