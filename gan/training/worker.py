"""What the processes of a team do for their leader: take over its run, then step when it says so."""

from __future__ import annotations

import signal
from contextlib import suppress

from safetensors.torch import load as load_tensors
from safetensors.torch import save as dump_tensors

from gan.process_priority import stop_signals
from gan.training.launcher import followed
from gan.training.options import TrainingOptions
from gan.training.process_group import AVERAGE, END, PeerLostError, ProcessGroup
from gan.training.trainer import Trainer, TrainingError
from gan.training.training_set import TrainingSet


def hand_out(trainer: Trainer, peers: ProcessGroup) -> None:
    """Give the others all that they need to train as ``trainer`` does."""
    if peers.count > 1:
        peers.send(trainer.options.to_json().encode())
        peers.send(trainer.data.packed())
        peers.send(dump_tensors(trainer.state()))
    trainer.join(peers)


def take_part(peers: ProcessGroup) -> Trainer:
    """Make the trainer that the leader hands out."""
    options = TrainingOptions.from_json(peers.receive().decode())
    trainer = Trainer(options, TrainingSet.unpacked(peers.receive()))
    trainer.load_state(load_tensors(peers.receive()))
    trainer.join(peers)
    return trainer


def follow() -> None:
    """Train for the leader until it says that it is over or is gone.

    Signals are its business: Ctrl-C reaches every process of a terminal, and the leader wants to save first.
    """
    for stop in stop_signals():
        signal.signal(stop, signal.SIG_IGN)
    with suppress(PeerLostError), followed() as peers:
        trainer = take_part(peers)
        while (order := peers.receive_order()) != END:
            if order == AVERAGE:
                trainer.average_buffers()
            else:
                with suppress(TrainingError):  # what is not finite here is not finite anywhere a step later
                    trainer.step(order)
