"""`melicon train --dry-run`: predict how far a run gets, from a few timed steps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from gan.training import Session


def show_forecast(session: Session, *, as_json: bool) -> None:
    """Print what would be trained, the measured speed, and the predicted progress."""
    import torch  # noqa: PLC0415

    from gan.networks.sagan import parameter_count  # noqa: PLC0415
    from gan.training.forecast import kimg_after, measure_speed, minutes_for  # noqa: PLC0415

    trainer, budget = session.trainer, session.budget
    options = trainer.options
    speed = measure_speed(trainer)
    ends = [] if budget.minutes is None else [(kimg_after(budget.minutes, trainer, speed), budget.minutes)]
    ends += [] if budget.kimg is None else [(budget.kimg, minutes_for(budget.kimg, trainer, speed))]
    kimg, minutes = min(ends)
    if as_json:
        numbers = {"images_per_s": speed, "kimg": kimg, "minutes": minutes, "parameters": parameter_count(trainer.G)}
        typer.echo(json.dumps(numbers))
        return
    typer.echo(
        f"preset {options.preset}: generator of {parameter_count(trainer.G):,} parameters, discriminator of"
        f" {parameter_count(trainer.D):,}, batches of {options.batch}, {options.precision},"
        f" {torch.get_num_threads()} threads"
    )
    phases = ", ".join(
        f"{rate:.1f} in the {phase} phase" if len(speed) > 1 else f"{rate:.1f}" for phase, rate in speed.items()
    )
    typer.echo(f"images/s here and now: {phases}")
    typer.echo(f"that makes {kimg:.1f} kimg in {minutes:.1f} minutes; nothing was written")
