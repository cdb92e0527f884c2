"""The messages of training jobs: proposal, progress and result."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import discord

from bot.features.retrain.evaluation import BAD, ENOUGH_SEEN
from bot.features.retrain.intake import FEW, FEWEST, Taken
from bot.features.retrain.verdict_text import verdict_in_words
from bot.system.memory import MEMORY_NEEDED, free_memory
from bot.ui.reasons import reason_in
from bot.ui.text import quoted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bot.features.retrain.job_folder import Outcome
    from bot.features.retrain.speed import Speeds
    from bot.i18n import Words
    from bot.store import RetrainJob

BAR = 12  # cells
PLENTY_SEEN = 10_000  # pictures after which icons are close to the examples; see docs/retraining.md
_SHOWN, _IN_A_ROW, _GAP = 100, 10, 4  # pictures on a contact sheet, and pixels between them
_REFUSALS, _ROOM = 12, 1_100  # limits on the refusals shown in a message; a file has all of them
_LONGEST = 1_900  # characters of a message


def bar(share: float) -> str:
    """Return a progress bar."""
    done = round(BAR * min(1.0, max(0.0, share)))
    return "▰" * done + "▱" * (BAR - done)


def duration(words: Words, seconds: float) -> str:
    """Return how long something takes, in minutes or seconds."""
    if seconds < 90:
        return words("retrain.seconds", count=max(1, round(seconds)))
    return words("retrain.minutes", count=round(seconds / 60))


def contact_sheet(images: Sequence[NDArray[np.uint8]]) -> bytes:
    """Return a PNG of at most 100 pictures (64, 64, 3), numbered from 1."""
    import numpy as np  # noqa: PLC0415 - the bot's start does not wait for it
    from PIL import Image, ImageDraw  # noqa: PLC0415

    from gan.rendering import contact_sheet as lay_out  # noqa: PLC0415
    from gan.rendering import encode_plain_png  # noqa: PLC0415

    shown = images[:_SHOWN]
    sheet = Image.fromarray(lay_out(list(shown), _IN_A_ROW, gap=_GAP, transparent=True))
    pen = ImageDraw.Draw(sheet)
    for number in range(len(shown)):
        row, column = divmod(number, _IN_A_ROW)
        corner = (_GAP + column * (64 + _GAP) + 1, _GAP + row * (64 + _GAP) + 1)
        box = pen.textbbox(corner, str(number + 1))
        pen.rectangle((corner[0] - 1, corner[1] - 1, box[2] + 1, box[3] + 2), fill=(32, 34, 37, 255))
        pen.text(corner, str(number + 1), fill=(255, 255, 255, 255))
    return encode_plain_png(np.asarray(sheet))


def picture(data: bytes, name: str, description: str) -> discord.File:
    """Return a picture to attach."""
    return discord.File(io.BytesIO(data), name, description=description)


def proposal(words: Words, taken: Taken, job: RetrainJob | None, waiting: float, speeds: Speeds | None = None) -> str:
    """Return the proposal; `job` None: too few pictures; `waiting`: seconds until it could start."""
    count = len(taken.names)
    lines = [words("retrain.understood", count=count, refused=len(taken.refused))]
    if job is None:
        lines.append(words("retrain.too_few", fewest=FEWEST))
    else:
        if count < FEW:
            lines.append(words("retrain.few", few=FEW))
        time = duration(words, job.minutes * 60)
        if job.start == "auto":
            lines.append(words("retrain.plan.auto", style=job.style, time=time))
        else:
            start = words(f"retrain.start.{job.start}") if job.start in {"default", "scratch"} else f"`{job.start}`"
            lines.append(words("retrain.plan", style=job.style, start=start, time=time))
        if speeds is not None:
            lines.append(_forecast(words, job, speeds))
        if free_memory() < MEMORY_NEEDED:
            mib = {"free": free_memory() >> 20, "needed": MEMORY_NEEDED >> 20}
            lines.append(words("retrain.memory", **mib))
        if waiting > 0:
            lines.append(words("retrain.wait", time=duration(words, waiting)))
    if taken.refused:
        lines += [words("retrain.refused"), *_shown(words, taken)]
        if left := len(taken.refused) - len(_shown(words, taken)):
            lines.append(words("retrain.refused.more", count=left))
    return cut(lines)


def _forecast(words: Words, job: RetrainJob, speeds: Speeds) -> str:
    """Return how many pictures the job will see, and what to expect of that number."""
    least, most = speeds.seen(job.start, job.minutes)
    seen = f"{least:,}" if least == most else f"{least:,}–{most:,}"
    if least < ENOUGH_SEEN:
        minutes = math.ceil(ENOUGH_SEEN / max(least, 1) * job.minutes)
        return words("retrain.forecast.few", seen=seen, enough=f"{ENOUGH_SEEN:,}", minutes=minutes)
    return words("retrain.forecast.rough" if least < PLENTY_SEEN else "retrain.forecast.good", seen=seen)


def all_refusals(words: Words, taken: Taken) -> discord.File | None:
    """Return a text file of all refusals, if they do not fit into the message."""
    if len(_shown(words, taken)) == len(taken.refused):
        return None
    lines = [f"{name}: {reason_in(words, reason)}" for name, reason in taken.refused]
    return discord.File(io.BytesIO("\n".join([*lines, ""]).encode()), "melicon-refused.txt")


def _shown(words: Words, taken: Taken) -> list[str]:
    """Return the refusals that fit into a message, as lines."""
    lines = [f"- {quoted(name)}: {reason_in(words, reason)}" for name, reason in taken.refused[:_REFUSALS]]
    while sum(map(len, lines)) > _ROOM:
        lines.pop()
    return lines


def progress_text(words: Words, job: RetrainJob, progress: dict[str, Any]) -> str:
    """Return a running job's progress message, as lines."""
    if not progress:
        return words("retrain.beginning", style=job.style, count=job.pictures)
    share = float(progress["share"])
    lines = [words("retrain.running", style=job.style, count=job.pictures), f"{bar(share)} {share:.0%}"]
    if progress["event"] in {"done", "stopped"}:
        lines.append(words("retrain.evaluating"))
    else:
        left = max(0.0, job.minutes * 60 - float(progress["seconds"]))
        seen = f"{round(1000 * float(progress['kimg'])):,}"
        rate = f"{float(progress['images_per_s']):.0f}"
        lines.append(words("retrain.speed", seen=seen, rate=rate, left=duration(words, left)))
    if chosen := progress.get("start"):
        lines.append(words(f"retrain.chose.{chosen}"))
    if job.reason:
        lines.append(words("retrain.resumed"))
    return cut(lines)


def result_text(words: Words, job: RetrainJob, outcome: Outcome, *, pictured: bool) -> str:
    """Return the result message with verdict and figures; `pictured`: the sheet is attached."""
    reason = words(f"retrain.reason.{outcome.reason}", detail=quoted(outcome.detail)) if outcome.reason else ""
    if outcome.model is None:
        failed = outcome.status == "failed"
        return cut([words("retrain.failed" if failed else "retrain.cancelled", style=job.style, reason=reason)])
    lines = [
        words(
            "retrain.done",
            style=job.style,
            model=outcome.model[:8],
            seen=f"{round(1000 * outcome.kimg):,}",
            time=duration(words, outcome.seconds),
        )
    ]
    if outcome.start:
        lines.append(words(f"retrain.chose.{outcome.start}"))
    if outcome.status == "failed":
        lines.append(words("retrain.cut_short", reason=reason))
    elif outcome.status == "stopped":
        lines.append(words("retrain.stopped"))
    lines += verdict_in_words(words, outcome.figures)
    if pictured:
        from_scratch = "scratch" in {job.start, outcome.start}
        lines.append(words("retrain.rows.scratch" if from_scratch else "retrain.rows"))
    return cut(lines)


def is_doubtful(outcome: Outcome) -> bool:
    """Whether using the result needs a warning."""
    return bool(outcome.figures.get("verdict", BAD) == BAD)


def cut(lines: Sequence[str]) -> str:
    """Join lines, truncated to Discord's limit."""
    text = "\n".join(line for line in lines if line)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
