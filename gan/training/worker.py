"""Worker processes of data-parallel training: receive the run from the leader, then step on its orders."""

from __future__ import annotations

import signal
from contextlib import suppress

from safetensors.torch import load as load_tensors
from safetensors.torch import save as dump_tensors

from gan.process_priority import stop_signals
from gan.training.device import choose_device
from gan.training.launcher import followed
from gan.training.options import TrainingOptions
from gan.training.process_group import AVERAGE, END, ProcessGroup, ProcessLostError
from gan.training.trainer import Trainer
from gan.training.training_set import TrainingSet


def broadcast_run(trainer: Trainer, group: ProcessGroup) -> None:
    """Send the kind of device, options, data and state to the other processes, and join the group."""
    if group.count > 1:
        group.send(trainer.device.type.encode())
        group.send(trainer.options.to_json().encode())
        group.send(trainer.data.packed())
        group.send(dump_tensors(trainer.state()))
    trainer.join(group)


def join_run(group: ProcessGroup) -> Trainer:
    """Build the trainer from what `broadcast_run` sent."""
    device = choose_device(group.receive().decode())
    options = TrainingOptions.from_json(group.receive().decode())
    trainer = Trainer(options, TrainingSet.unpacked(group.receive()), device)
    trainer.load_state(load_tensors(group.receive()))
    trainer.join(group)
    return trainer


def follow() -> None:
    """Train as a worker until the leader ends the run or exits.

    Stop signals are ignored: Ctrl-C reaches every process of a terminal, and the leader has to save first.
    """
    for stop in stop_signals():
        signal.signal(stop, signal.SIG_IGN)
    with suppress(ProcessLostError), followed() as group:
        trainer = join_run(group)
        while (order := group.receive_order()) != END:
            if order == AVERAGE:
                trainer.average_buffers()
            else:
                trainer.step(order, measure=False)  # a loss that is not finite here spreads to the leader's next step
