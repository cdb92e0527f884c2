"""The encoders that tell what icons look like: the one that Melicon comes with, and those of the styles it learnt.

    DATA_DIR/likeness/<hash>.safetensors, <hash>.json

A style's encoder is trained the first time that a likeness is asked for in it, in a process of its own that gives way
to everything else, and kept for the next start. Until it is there, searches do without.
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
_KEPT = 16  # a megabyte each


class Encoders:
    """The encoders of one bot; call `close` at the end."""

    def __init__(self, folder: Path, *, icons: int = ICONS, steps: int = STEPS) -> None:
        """`folder`: where those of learnt styles are kept; they learn from so many `icons` in so many `steps`."""
        self._folder = folder
        self._options = [f"--icons={icons}", f"--steps={steps}"]
        self._known: dict[str, Encoder] = {}  # by the model's hash; each takes 2 MB
        self._strange: set[str] = set()  # models that the shipped encoder does not know
        self._hopeless: set[str] = set()  # models of which none came
        self._training: asyncio.Task[None] | None = None

    async def get(self, card: ModelCard, weights: Path) -> Encoder | None:
        """Return the encoder of a model whose weights are at `weights`; None: there is none yet, and it is seen to."""
        found = self._known.get(card.hash) or await asyncio.to_thread(self._find, card)
        if found is not None:
            self._known[card.hash] = found
        elif card.hash not in self._hopeless and (self._training is None or self._training.done()):
            self._training = asyncio.create_task(self._train(card, weights), name="encoder")
        return found

    async def close(self) -> None:
        """End a training that is under way; it begins anew the next time."""
        if self._training is not None:
            self._training.cancel()
            await asyncio.gather(self._training, return_exceptions=True)

    def _find(self, card: ModelCard) -> Encoder | None:
        from gan.search.projection.encoder import SHIPPED, load_encoder  # noqa: PLC0415 - imports PyTorch

        found = load_encoder(self._path(card), card)
        if found is None and card.hash not in self._strange:
            found = load_encoder(SHIPPED, card)
            if found is None:
                self._strange.add(card.hash)  # it is said in the log once
        return found

    def _path(self, card: ModelCard) -> Path:
        return self._folder / f"{card.hash}.safetensors"

    async def _train(self, card: ModelCard, weights: Path) -> None:
        """Train an encoder; what goes wrong goes to the log, and searches go on without."""
        log.info("learning what the icons of %s#%s look like", card.style, card.short_hash)
        process = None
        try:
            await asyncio.to_thread(self._tidy)
            process = await asyncio.create_subprocess_exec(
                *self._command(card, weights),
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
                env=environment(), cwd=ELSEWHERE, start_new_session=True,
            )  # fmt: skip
            _, told = await process.communicate()
        except OSError as error:
            log.error("the encoder of %s cannot be trained: %s", card.style, error)  # noqa: TRY400 - one line says it
            self._hopeless.add(card.hash)
            return
        finally:
            if process is not None and process.returncode is None:
                await kill_child(process)
        if process.returncode or await asyncio.to_thread(self._find, card) is None:
            last = told.decode(errors="replace").strip().rpartition("\n")[2][:500]
            log.error("training the encoder of %s ended with %s: %s", card.style, process.returncode, last)
            self._hopeless.add(card.hash)
        else:
            log.info("the icons of %s#%s are known by their looks now", card.style, card.short_hash)

    def _command(self, card: ModelCard, weights: Path) -> list[str]:
        out = self._path(card).absolute()
        paths = [str(weights.absolute()), "--out", str(out)]
        return command("gan.search.projection.train", *paths, *self._options, "--nice")

    def _tidy(self) -> None:
        """Make room: of the encoders of many models, the latest stay."""
        self._folder.mkdir(parents=True, exist_ok=True)
        kept = sorted(self._folder.glob("*.safetensors"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in kept[_KEPT - 1 :]:
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)
