"""Training options and presets: the article's recipe, ours, and that of the shipped weights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from gan.errors import MeliconError
from gan.validation import from_json_values

# option names that run folders and model cards of earlier versions use
RENAMED = {
    "ema_ramp": "ema_rampup",
    "emphasis": "saliency",
    "game_every": "adversarial_every",
    "naming": "classification",
    "penalty_every": "d_reg_interval",
    "reconstruction": "l1",
    "seeing": "perceptual",
    "squares": "l2",
}

# values for runs from before an option existed, where the present default differs
BEFORE = {
    "width": 1.0,
    "mapping": 0,
    "learn_latents": 0,
    "warm_up_share": 0.0,
    "latent_noise": 0.0,
    "standard_latents": False,
    "patches": 0.0,
    "flat": False,
}


@dataclass(frozen=True)
class TrainingOptions:
    """One recipe. The defaults are ``--preset fast``."""

    preset: str = "fast"
    architecture: str = "fast"  # "article" or "fast"
    z_dim: int = 8  # free latent dimensions; 100 pictures cannot cover more
    width: float = 0.5  # channels of both networks, relative to the full ones
    seed: int = 0  # of initial weights and all randomness
    batch: int = 32
    lr_g: float = 4e-4  # Adam's learning rates
    lr_d: float = 1.2e-2  # D's weights are equalised, of size 1 instead of 0.02: in effect half of G's rate
    beta1: float = 0.0
    beta2: float = 0.99
    anneal_from: float = 0.6  # cosine decay of the learning rates begins after this share of the run ...
    anneal_to: float = 0.05  # ... and ends at this share of their value
    loss: str = "relativistic"  # or "hinge"
    reuse_drawings: bool = True  # G's step reuses the pictures from D's step: saves a forward pass
    gamma: float = 1.0  # weight of R1 and R2; 0 turns them off
    d_reg_interval: int = 4  # steps between penalties, lazy regularisation (StyleGAN2, appendix B)
    penalty_batch: int = 8  # pictures of the batch that are penalised
    classification: float = 1.0  # weight of the auxiliary classifier's loss, for labelled pictures
    l1: float = 5.0  # weight of |G(z) - x| for paired pictures (pix2pix, section 3.1)
    patches: float = 2.0  # weight of the patch energy distance, where latents are learned
    l2: float = 0.0  # weight of (G(z) - x)² for paired pictures
    saliency: float = 0.0  # share of both that follows the saliency maps of labelled pictures
    perceptual: float = 0.0  # weight of the perceptual loss, for labelled pictures
    learn_latents: int = 2048  # learn the latents of up to so many unlabelled pictures (GLO, Bojanowski 2018)
    standard_latents: bool = True  # normalise learned latents to mean 0 and standard deviation 1
    latent_noise: float = 0.3  # share of noise in learned latents: makes the space between pictures smooth
    warm_up_share: float = 0.15  # supervised phase with learned latents, as a share of the run ...
    warm_up_kimg: float = 0.0  # ... or with known latents, in thousands of pictures ...
    warm_up_lr: float = 1e-3  # ... with this learning rate, decaying to lr_g in the second half ...
    warm_up_beta1: float = 0.9  # ... and with momentum, which helps while there is no adversary
    adversarial_every: int = 1  # then one in so many rounds is adversarial, the others stay supervised
    mapping: int = 128  # width of the generator's mapping network; 0: none
    flat: bool = True  # apply the bilateral filter when drawing; a run turns it off for pictures that are not flat
    augment: tuple[str, ...] = ("translation", "cutout")
    augment_probability: float = 1.0
    ema_kimg: float = 10.0  # half-life of the exponential moving average of G; 0 turns it off
    ema_rampup: float = 0.05  # the half-life is at most this share of the pictures seen
    precision: str = "auto"  # "float32", "bfloat16", or measured at the start

    def to_json(self) -> str:
        """Indented JSON."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> TrainingOptions:
        """Read `to_json`, also of earlier versions: missing options keep the default of their time.

        Raises MeliconError for unknown options, ValueError for malformed JSON or values.
        """
        stored: dict[str, Any] = json.loads(text)
        if not isinstance(stored, dict):
            raise ValueError("training options are a JSON object")  # noqa: TRY004  # callers expect it of a damaged file
        data: dict[str, Any] = BEFORE | {RENAMED.get(name, name): value for name, value in stored.items()}
        if not data.get("palette"):
            data.pop("palette", None)  # a dropped experiment; 0 in every run that did not use it
        unknown = data.keys() - {f.name for f in fields(cls)}
        if unknown:
            raise MeliconError(
                f"the run has options this version does not know: {', '.join(sorted(unknown))}; start a new run"
            )
        return from_json_values(cls, data)


# `fast` from pretrained weights: more steps help more than larger batches.
CONTINUING = TrainingOptions(batch=16)

ARTICLE = TrainingOptions(
    preset="article",
    architecture="article",
    z_dim=20,
    width=1.0,
    mapping=0,
    batch=5,
    lr_g=1e-4,
    lr_d=4e-4,
    beta1=0.0,
    beta2=0.9,
    anneal_from=1.0,
    loss="hinge",
    reuse_drawings=False,
    learn_latents=0,
    latent_noise=0.0,
    patches=0.0,
    gamma=0.0,
    flat=False,
    augment=(),
    augment_probability=0.0,
    ema_kimg=0.0,
    precision="float32",
)

# The recipe of the default weights, for the house artist's labelled icons.
HOUSE = TrainingOptions(
    preset="house",
    z_dim=64,
    width=1.0,
    batch=16,
    lr_d=1e-3,
    mapping=384,  # more than the 287 values of all attributes
    warm_up_kimg=250.0,
    adversarial_every=2,
    gamma=0.3,
    augment_probability=0.2,
    l1=10.0,
    patches=0.0,
    l2=60.0,
    saliency=0.6,
    perceptual=4.0,
)

PRESETS: dict[str, TrainingOptions] = {"fast": TrainingOptions(), "article": ARTICLE, "house": HOUSE}
