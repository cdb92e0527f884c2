"""What the processes of a team do for their leader: take over its run, then step when it says so."""

from __future__ import annotations

import signal
from contextlib import suppress

from safetensors.torch import load as load_tensors
from safetensors.torch import save as dump_tensors

from gan.process_priority import stop_signals
from gan.training.launcher import followed
from gan.training.options import TrainingOptions
from gan.training.process_group import AVERAGE, END, ProcessGroup, ProcessLostError
from gan.training.trainer import Trainer, TrainingError
from gan.training.training_set import TrainingSet


def broadcast_run(trainer: Trainer, group: ProcessGroup) -> None:
    """Give the others all that they need to train as ``trainer`` does."""
    if group.count > 1:
        group.send(trainer.options.to_json().encode())
        group.send(trainer.data.packed())
        group.send(dump_tensors(trainer.state()))
    trainer.join(group)


def join_run(group: ProcessGroup) -> Trainer:
    """Make the trainer that the leader hands out."""
    options = TrainingOptions.from_json(group.receive().decode())
    trainer = Trainer(options, TrainingSet.unpacked(group.receive()))
    trainer.load_state(load_tensors(group.receive()))
    trainer.join(group)
    return trainer


def follow() -> None:
    """Train for the leader until it says that it is over or is gone.

    Signals are its business: Ctrl-C reaches every process of a terminal, and the leader wants to save first.
    """
    for stop in stop_signals():
        signal.signal(stop, signal.SIG_IGN)
    with suppress(ProcessLostError), followed() as group:
        trainer = join_run(group)
        while (order := group.receive_order()) != END:
            if order == AVERAGE:
                trainer.average_buffers()
            else:
                with suppress(TrainingError):  # what is not finite here is not finite anywhere a step later
                    trainer.step(order)
