"""Turns a command into a proposal: validates the pictures and asks the owner to confirm."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import discord

from bot.errors import Refusal
from bot.features.retrain.intake import FEWEST, take_in
from bot.features.retrain.job_folder import SUPPORTED, Selection
from bot.features.retrain.job_queue import JobQueue
from bot.features.retrain.leaving_out import MOST_LISTED, proposal_view
from bot.features.retrain.messages import all_refusals, contact_sheet, picture, proposal
from bot.features.retrain.speed import SpeedMeter
from bot.features.styles import NAME, RESERVED, StyleKeeper
from bot.store import RetrainJob
from bot.store.retrain_jobs import OPEN, PROPOSED
from bot.ui.permissions import channel_permissions, missing_permissions
from bot.ui.posting import defer_ephemeral
from gan.codes import IconCode
from gan.dataset import printable

if TYPE_CHECKING:
    from bot.client import MeliconBot

MINUTES = 15.0  # default duration
AUTO = "auto"  # initial weights chosen by the training process
_LONGEST_STEM = 24  # characters of a proposed name, before a number
# words at the end of a file's name that do not name a style
_NOISE = {
    "all", "archive", "copy", "download", "drawings", "export", "final", "images", "imgs", "new", "pack", "photos",
    "pics", "pictures", "png", "pngs", "selection", "zip",
}  # fmt: skip


async def accept_job(interaction: discord.Interaction[MeliconBot], style: str | None, start: str) -> str:
    """Validate an order, defer the reply, and return the pinned initial weights."""
    await interaction.client.owners.check(interaction)
    if not SUPPORTED:
        raise Refusal("retrain.windows")
    if style is not None and not NAME.fullmatch(style):
        raise Refusal("style.name")
    if style in RESERVED:
        raise Refusal("style.taken", style=style)
    bot = interaction.client
    if style is not None and style == bot.studio.built_in.card.style:
        raise Refusal("style.built_in", style=style)
    begin = _pinned_start(bot, start)
    await _check_channel(interaction)
    await defer_ephemeral(interaction)
    return begin


async def propose(
    interaction: discord.Interaction[MeliconBot],
    files: AsyncIterator[tuple[str, bytes | str]],
    *,
    style: str | None,
    minutes: float,
    start: str,
    named: str = "",
) -> None:
    """Validate the files of an accepted order and post the proposal; `named` suggests the style's name."""
    bot = interaction.client
    words = bot.words(interaction)
    taken = await take_in(files)
    shown: list[discord.File | discord.Attachment] = []
    if taken.pictures:
        data = await asyncio.to_thread(contact_sheet, taken.pictures)
        shown.append(picture(data, "melicon-examples.png", words("retrain.sheet.alt", count=len(taken.names))))
    if refusals := await asyncio.to_thread(all_refusals, words, taken):
        shown.append(refusals)
    if len(taken.names) < FEWEST:
        await interaction.edit_original_response(content=proposal(words, taken, None, 0), attachments=shown)
        return
    assert interaction.channel_id is not None  # noqa: S101 - commands come from channels
    queue = bot.service(JobQueue)
    job = RetrainJob(
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id,
        user_id=interaction.user.id,
        locale=str(interaction.locale),
        style=style or await _free_name(bot, named),
        start=start,
        minutes=minutes,
        pictures=len(taken.names),
        folder=queue.new_folder(),
        state=PROPOSED,
    )
    # the folder first: a job without pictures could never be trained
    selection = Selection([printable(name) for name in taken.names[:MOST_LISTED]])
    try:
        await asyncio.to_thread(lambda: queue.folder(job).create(taken.largest()))
        await asyncio.to_thread(queue.folder(job).select, selection)
    except OSError as error:
        await asyncio.to_thread(queue.folder(job).remove)
        raise Refusal("retrain.unwritten", reason=error.strerror or type(error).__name__) from error
    job = await bot.store.retrain_jobs.add(job)
    waiting = await queue.waiting()
    view = proposal_view(job.id, selection, words)
    text = proposal(words, taken, job, waiting)
    await interaction.edit_original_response(content=text, view=view, attachments=shown)
    # measuring the speed takes a while, the first time
    speeds = await bot.service(SpeedMeter).get()
    async with queue.deciding:
        now = await bot.store.retrain_jobs.get(job.id)
        if speeds is not None and now is not None and now.state == PROPOSED:
            text = proposal(words, taken, job, waiting, speeds)
            selection = await asyncio.to_thread(queue.folder(job).selection)
            await interaction.edit_original_response(content=text, view=proposal_view(job.id, selection, words))


def _pinned_start(bot: MeliconBot, start: str) -> str:
    """Return `auto`, `default`, `scratch`, or a style with its model. Raises Refusal if the networks are missing."""
    from gan.checkpoint.weights import discriminator_beside  # noqa: PLC0415 - imports PyTorch

    if start == "scratch":
        return start
    pinned, path = start, bot.settings.weights
    if start == AUTO:
        return start if discriminator_beside(path) is not None else "scratch"
    if start not in {"default", bot.studio.built_in.card.style}:
        file = bot.service(StyleKeeper).find(start)
        if file is None:
            known = ", ".join(f"`{name}`" for name in [AUTO, "default", "scratch", *bot.service(StyleKeeper).names])
            raise Refusal("retrain.start.unknown", known=known)
        pinned, path = f"{file.style}#{file.model}", file.path
    else:
        pinned = "default"
    if discriminator_beside(path) is None:
        raise Refusal("retrain.start.half", start=pinned)
    return pinned


async def _check_channel(interaction: discord.Interaction[MeliconBot]) -> None:
    """Refuse if the progress message could not be posted."""
    if interaction.guild_id is None or interaction.channel_id is None:
        return
    try:
        held = await channel_permissions(interaction.client, interaction.guild_id, interaction.channel_id)
    except discord.HTTPException:
        raise Refusal("retrain.here") from None
    if missing := missing_permissions(held):
        words = interaction.client.words(interaction)
        names = ", ".join(f"**{words(f'permission.{name}')}**" for name in missing)
        raise Refusal("daily.permissions", channel=f"<#{interaction.channel_id}>", missing=names)


def proposed_name(file: str) -> str:
    """Return a style name for the file or channel `file`: `my-blobs` for `My_Blobs__final (2).zip`."""
    plain = unicodedata.normalize("NFKD", Path(file).stem).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    while len(words) > 1 and (words[-1] in _NOISE or re.fullmatch(r"v?[0-9]+", words[-1])):
        words.pop()
    name = "-".join(words)[:_LONGEST_STEM].strip("-")
    return name if name and name not in _NOISE else "style"


async def _free_name(bot: MeliconBot, named: str) -> str:
    """Return a style name that no style and no open job has."""
    stem = proposed_name(named)
    taken = {*RESERVED, *bot.studio.styles, *(job.style for job in await bot.store.retrain_jobs.in_states(*OPEN))}
    names = [stem, *(f"{stem}-{n}" for n in range(2, 10_000))]
    name = next(name for name in names if name not in taken)
    IconCode.from_seed(0).pinned(name, "0" * 8)  # valid in an icon code
    return name
