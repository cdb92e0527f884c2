"""Starts a job's training process, finds it again after a bot restart, and restarts it after a crash.

The process outlives the bot; a later bot finds it by its lock in the job's folder. After a crash it resumes from its
checkpoint, unless memory or disk ran out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from bot.features.retrain.job_folder import JobFolder, Outcome, Spec
from bot.features.retrain.training import DISK_FULL, LEFT_EARLY, OUT_OF_MEMORY
from bot.store.retrain_jobs import RUNNING
from bot.system.memory import fitting_limit
from bot.system.subprocesses import ELSEWHERE, command, environment

if TYPE_CHECKING:
    from bot.features.styles import StyleKeeper
    from bot.settings import Settings
    from bot.store import RetrainJob
    from bot.store.retrain_jobs import RetrainJobs

log = logging.getLogger(__name__)

SAVES = 8  # checkpoints and sample sheets in a short training ...
SAVE_EVERY = 60.0  # ... and seconds between them in a long one
MOST_CRASHES = 10  # consecutive crashes without a new checkpoint
REASONS = {DISK_FULL: "disk", OUT_OF_MEMORY: "memory"}  # by exit code
GIVEN_UP = ("memory", "disk", "killed")  # reasons after which training is not resumed


class Trainers:
    """Manages the training processes; at most one runs at a time."""

    def __init__(self, settings: Settings, styles: StyleKeeper, jobs: RetrainJobs) -> None:
        self._settings = settings
        self._styles = styles
        self._jobs = jobs
        self._child: tuple[int, subprocess.Popen[bytes]] | None = None  # (job id, process), if started by this bot

    @staticmethod
    def signal(folder: JobFolder, number: int) -> None:
        """Send a signal to a job's training process, if it is running."""
        with contextlib.suppress(ProcessLookupError):
            if pid := folder.trainer():
                os.kill(pid, number)

    def forget(self) -> None:
        """Drop the process of a finished job."""
        self._child = None

    async def poll(self, job: RetrainJob, folder: JobFolder) -> Outcome | None:
        """Ensure that a job is being trained; return its outcome, or None while it runs."""
        if await asyncio.to_thread(folder.trainer) is not None or self._is_starting(job):
            return None
        outcome = folder.outcome() or await self._revive(job, folder)
        if outcome is not None and outcome.status == "stopped" and job.reason in GIVEN_UP:
            outcome = Outcome(**(outcome.__dict__ | {"status": "failed", "reason": job.reason}))
        return outcome

    def _is_starting(self, job: RetrainJob) -> bool:
        return self._child is not None and self._child[0] == job.id and self._child[1].poll() is None

    async def _revive(self, job: RetrainJob, folder: JobFolder) -> Outcome | None:
        """Start or restart the training process; return an outcome if that is pointless."""
        code = self._child[1].returncode if self._child is not None and self._child[0] == job.id else None
        begun = folder.path / "pid"
        if not begun.exists() and code is None:
            return await self._spawn(job, folder)
        if not folder.pictures.exists():
            return Outcome("failed", "other", "its pictures are gone")
        reason = REASONS.get(code or 0) or ("memory" if _killed_for_memory(folder) else None)
        checkpoint = folder.run / "checkpoint.safetensors"
        got_on = checkpoint.exists() and begun.exists() and checkpoint.stat().st_mtime > begun.stat().st_mtime
        crashes = job.crashes if code == LEFT_EARLY else 1 if got_on else job.crashes + 1
        if crashes >= MOST_CRASHES:
            reason = reason or "killed"
        log.warning("the training process of job %d has crashed (%s): crash %d, %s", job.id, code, crashes, reason)
        if reason is not None and (folder.cancelled or not folder.has_network):
            model = await asyncio.to_thread(folder.model)
            return Outcome("failed", job.reason if job.reason in GIVEN_UP else reason, model=model)
        if reason is not None:
            # evaluate the result without further training
            await asyncio.to_thread(folder.train_no_more)
            crashes = 0
        await self._jobs.change(job.id, was=(RUNNING,), crashes=crashes, reason=reason or job.reason or "resumed")
        return await self._spawn(job, folder)

    async def _spawn(self, job: RetrainJob, folder: JobFolder) -> Outcome | None:
        """Start the training process; return a failure if its initial weights are gone."""
        settings = self._settings
        threads = settings.retrain_threads
        if not (folder.path / "spec.json").exists():
            begin = None if job.start == "scratch" else self._weights(job.start)
            if begin is None and job.start != "scratch":
                return Outcome("failed", "start", job.start)
            save_every = min(SAVE_EVERY, max(1.0, job.minutes * 60 / SAVES))
            memory = await asyncio.to_thread(fitting_limit, settings.retrain_memory_mib * 2**20)
            spec = Spec(
                job.style,
                begin,
                job.minutes,
                threads,
                memory,
                save_every,
                settings.retrain_niceness,
                job.start == "auto",
            )
            await asyncio.to_thread(folder.describe, spec)
        (folder.path / "oom").write_text(str(_oom_kills()))
        variables = environment(threads) | {"OMP_WAIT_POLICY": "PASSIVE"}
        self._child = (job.id, await asyncio.to_thread(_popen, folder, variables))
        log.info("training job %d in process %d", job.id, self._child[1].pid)
        return None

    def _weights(self, start: str) -> str | None:
        """Return a job's initial weights; None if the model was deleted meanwhile."""
        style, _, model = start.partition("#")
        if style in {"auto", "default"}:
            return str(self._settings.weights.resolve())
        # by hash alone: the style may have been renamed
        return next((str(file.path.resolve()) for file in self._styles.files if file.model == model), None)


def _popen(folder: JobFolder, variables: dict[str, str]) -> subprocess.Popen[bytes]:
    # not asyncio's subprocess: that kills children when the loop ends
    with folder.log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own program
            command("bot.features.retrain.training", str(folder.path)),
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env=variables, cwd=ELSEWHERE, start_new_session=True,
        )  # fmt: skip


def _oom_kills() -> int:
    """Return the system's count of OOM kills since boot; 0 if unknown."""
    try:
        lines = Path("/proc/vmstat").read_text("ascii").splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
    except OSError:
        return 0


def _killed_for_memory(folder: JobFolder) -> bool:
    """Whether the OOM killer has run since the process was started."""
    try:
        return _oom_kills() > int((folder.path / "oom").read_text())
    except (OSError, ValueError):
        return False
