"""Imports foreign styles: a confined subprocess validates them, and the bot takes the weights and card."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Sequence
from typing import Any

from bot.features.styles.files import LARGEST, StyleProblem
from bot.system.subprocesses import hear_missing, start_confined
from bot.ui.text import visible
from gan.checkpoint.model_card import ModelCard
from gan.dataset import reasons

log = logging.getLogger(__name__)

MEMORY = 2**30  # bytes beyond PyTorch's own; the largest accepted network needs half of it
SECONDS = 600.0  # an interaction can be answered for 15 minutes; CPU time is limited in the child
_LARGEST_CARD = 2**20
_LONGEST = 300  # characters of a reason
_PROBLEMS = ("style.import.parts", "style.import.broken")  # problems the subprocess may report


async def check_style(
    files: Sequence[tuple[str, bytes]], *, memory: int = MEMORY, seconds: float = SECONDS
) -> tuple[bytes, ModelCard]:
    """Return the weights and the card of the style in `files` (names and bytes).

    Raises StyleProblem if there is no usable style, and OSError if the subprocess cannot be started.
    """
    if any(len(data) > LARGEST for _, data in files):
        raise StyleProblem("style.import.big", most=LARGEST // 2**20)
    process = await start_confined("bot.features.styles.checker", str(memory))
    try:
        async with asyncio.timeout(seconds):
            await hear_missing(process)
            return await _ask(process, files)
    except TimeoutError as error:
        raise _broken(f"took longer than {seconds:g} seconds to read") from error
    except (EOFError, OSError, ValueError, KeyError, TypeError) as error:
        log.warning("the style checker crashed on %s: %r", [name for name, _ in files], error)
        raise _broken("crashed the reading process") from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _ask(process: asyncio.subprocess.Process, files: Sequence[tuple[str, bytes]]) -> tuple[bytes, ModelCard]:
    assert process.stdin is not None  # noqa: S101 - for the type checker: they are pipes
    assert process.stdout is not None  # noqa: S101
    header = json.dumps({"files": [[name, len(data)] for name, data in files]})
    process.stdin.write(header.encode() + b"\n" + b"".join(data for _, data in files))
    await process.stdin.drain()
    answer: dict[str, Any] = json.loads(await process.stdout.readline() or b"null")
    if "problem" in answer:
        if answer["problem"] not in _PROBLEMS:
            raise ValueError("an unknown problem")
        reason = reasons.from_json(answer["values"].get("reason", ""), _one_line)
        raise StyleProblem(answer["problem"], reason=reason)
    weights_size, card_size = answer["sizes"]
    if not (0 < weights_size <= LARGEST and 0 < card_size <= _LARGEST_CARD):
        raise ValueError("an answer that is too large")
    weights = await process.stdout.readexactly(weights_size)
    return weights, ModelCard.from_json((await process.stdout.readexactly(card_size)).decode())


def _one_line(text: str) -> str:
    return visible(" ".join(text.split()))[:_LONGEST]


def _broken(reason: str) -> StyleProblem:
    return StyleProblem("style.import.broken", reason=reason)
