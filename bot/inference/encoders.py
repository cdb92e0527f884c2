"""Image encoders for projection: the shipped one, and those of trained styles.

    DATA_DIR/likeness/<hash>.safetensors, <hash>.json

A style's encoder is trained at the first projection into that style, in a low-priority subprocess, and stored. Until it
is ready, projection works without one.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from bot.system.subprocesses import ELSEWHERE, command, environment, kill_child

if TYPE_CHECKING:
    from gan.checkpoint.model_card import ModelCard
    from gan.search.projection.encoder import Encoder

log = logging.getLogger(__name__)

ICONS, STEPS = 3_000, 500  # a minute or two of one core
_MOST_STORED = 16  # a megabyte each


class Encoders:
    """The encoders of one bot; call `close` at the end."""

    def __init__(self, folder: Path, *, icons: int = ICONS, steps: int = STEPS) -> None:
        """`folder`: for encoders of trained styles; `icons` and `steps`: their training set and duration."""
        self._folder = folder
        self._options = [f"--icons={icons}", f"--steps={steps}"]
        self._known: dict[str, Encoder] = {}  # by model hash; each takes 2 MB
        self._out_of_domain: set[str] = set()  # models outside the shipped encoder's domain
        self._hopeless: set[str] = set()  # models whose encoder could not be trained
        self._training: asyncio.Task[None] | None = None

    async def get(self, card: ModelCard, weights: Path) -> Encoder | None:
        """Return the encoder for the model at `weights`; None while it is being trained."""
        found = self._known.get(card.hash) or await asyncio.to_thread(self._find, card)
        if found is not None:
            self._known[card.hash] = found
        elif card.hash not in self._hopeless and (self._training is None or self._training.done()):
            self._training = asyncio.create_task(self._train(card, weights), name="encoder")
        return found

    async def close(self) -> None:
        """Stop a running training; it starts over the next time."""
        if self._training is not None:
            self._training.cancel()
            await asyncio.gather(self._training, return_exceptions=True)

    def _find(self, card: ModelCard) -> Encoder | None:
        from gan.search.projection.encoder import SHIPPED, load_encoder  # noqa: PLC0415 - imports PyTorch

        found = load_encoder(self._path(card), card)
        if found is None and card.hash not in self._out_of_domain:
            found = load_encoder(SHIPPED, card)
            if found is None:
                self._out_of_domain.add(card.hash)  # logged once
        return found

    def _path(self, card: ModelCard) -> Path:
        return self._folder / f"{card.hash}.safetensors"

    async def _train(self, card: ModelCard, weights: Path) -> None:
        """Train an encoder; on failure, log it and go on without."""
        log.info("training an encoder for %s#%s", card.style, card.short_hash)
        process = None
        try:
            await asyncio.to_thread(self._tidy)
            process = await asyncio.create_subprocess_exec(
                *self._command(card, weights),
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
                env=environment(), cwd=ELSEWHERE, start_new_session=True,
            )  # fmt: skip
            _, errors = await process.communicate()
        except OSError as error:
            log.error("cannot train an encoder for %s: %s", card.style, error)  # noqa: TRY400 - one line says it
            self._hopeless.add(card.hash)
            return
        finally:
            if process is not None and process.returncode is None:
                await kill_child(process)
        if process.returncode or await asyncio.to_thread(self._find, card) is None:
            last = errors.decode(errors="replace").strip().rpartition("\n")[2][:500]
            log.error("training an encoder for %s ended with %s: %s", card.style, process.returncode, last)
            self._hopeless.add(card.hash)
        else:
            log.info("trained an encoder for %s#%s", card.style, card.short_hash)

    def _command(self, card: ModelCard, weights: Path) -> list[str]:
        out = self._path(card).absolute()
        paths = [str(weights.absolute()), "--out", str(out)]
        return command("gan.search.projection.train", *paths, *self._options, "--nice")

    def _tidy(self) -> None:
        """Delete all but the newest encoders."""
        self._folder.mkdir(parents=True, exist_ok=True)
        stored = sorted(self._folder.glob("*.safetensors"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in stored[_MOST_STORED - 1 :]:
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)
