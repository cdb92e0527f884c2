"""Training: options and presets, one training step, the loop around it, and the run's folder.

``options.py`` lists the settings, ``trainer.py`` holds the networks and makes one step, ``loop.py`` repeats it, saves
and yields progress, ``run_folder.py`` handles files, ``session.py`` starts and resumes runs. Nothing here prints.
"""

from gan.training.loop import Budget, Progress, train
from gan.training.options import CONTINUING, PRESETS, TrainingOptions
from gan.training.run_folder import RunFolder
from gan.training.session import Session
from gan.training.trainer import Trainer, TrainingError
from gan.training.training_set import TrainingSet

__all__ = [
    "CONTINUING",
    "PRESETS",
    "Budget",
    "Progress",
    "RunFolder",
    "Session",
    "Trainer",
    "TrainingError",
    "TrainingOptions",
    "TrainingSet",
    "train",
]
