"""The nonces by which Discord knows the messages of a training job."""

from __future__ import annotations

from bot.features.retrain.job_queue import JobQueue
from bot.features.retrain.notifier import _nonce
from bot.store import RetrainJob

LONGEST = 25  # characters; Discord's limit


def test_jobs_with_the_same_number_in_two_data_folders_have_different_nonces() -> None:
    jobs = [RetrainJob(id=1, folder=JobQueue.new_folder(), minutes=15.0) for _ in range(2)]
    whats = ("progress None", "progress 5", "end")
    nonces = [_nonce(job, what) for job in jobs for what in whats]
    assert len(set(nonces)) == len(nonces)
    assert all(len(nonce) <= LONGEST for nonce in nonces)
    again = RetrainJob(id=1, folder=jobs[0].folder, minutes=15.0)
    assert nonces[0] == _nonce(again, whats[0]), "the same after a restart"
    again.minutes = 30.0
    assert nonces[0] != _nonce(again, whats[0]), "another one when the job is continued"
