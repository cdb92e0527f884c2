"""What a run can be told, and the presets: the article's recipe, ours, and that of the shipped weights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from gan.errors import MeliconError

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
    architecture: str = "fast"  # which pair of networks: "article" or "fast"
    z_dim: int = 8  # normal numbers a generator draws from; of more, a hundred pictures leave most points unsaid
    width: float = 0.5  # channels of both networks, relative to those they were made with
    seed: int = 0  # of the first weights and of all dice
    batch: int = 32
    lr_g: float = 4e-4  # Adam's learning rates
    lr_d: float = 1.2e-2  # equalised weights have size 1, not 0.02 as G's: relative to that, D learns half as fast
    beta1: float = 0.0
    beta2: float = 0.99
    anneal_from: float = 0.6  # after this share of the run the learning rates fall in a cosine ...
    anneal_to: float = 0.05  # ... to this share of themselves: the last details settle
    loss: str = "relativistic"  # or "hinge"
    reuse_drawings: bool = True  # G's step judges the pictures D's step drew: one forward pass less
    gamma: float = 1.0  # weight of R1 and R2; 0 turns them off
    d_reg_interval: int = 4  # steps of a round, which has one penalty that counts so often (StyleGAN2, appendix B)
    penalty_batch: int = 8  # pictures of the batch that are penalised
    classification: float = 1.0  # weight of the attribute loss where pictures carry labels
    l1: float = 5.0  # weight of |G(z) - x| where the latent of a picture is known (pix2pix, section 3.1)
    patches: float = 2.0  # weight of how patches drawn from any latent differ from real ones, where latents are learned
    l2: float = 0.0  # weight of (G(z) - x)² beside it
    saliency: float = 0.0  # share of both that goes to the pixels which tell what labelled pictures show
    perceptual: float = 0.0  # weight of what a classifier sees otherwise in a pair, where pictures carry labels
    learn_latents: int = 2048  # of up to so many pictures of unknown latent it is learned (GLO, Bojanowski 2018)
    standard_latents: bool = True  # learned ones keep mean 0 and spread 1, as those have that icons are drawn from
    latent_noise: float = 0.3  # share of chance in a learned latent: what is near a picture's should draw much the same
    warm_up_share: float = 0.15  # then for this share of the run G learns by reconstruction alone ...
    warm_up_kimg: float = 0.0  # ... or, where latents are known, for so long: it costs a third of the game ...
    warm_up_lr: float = 1e-3  # ... with this learning rate, that falls to lr_g in the second half ...
    warm_up_beta1: float = 0.9  # ... and with momentum, which helps where nobody plays against one
    adversarial_every: int = (
        1  # after that one in so many rounds plays the game, in the others G learns by reconstruction
    )
    mapping: int = 128  # width of the generator's mapping layers; 0: none
    flat: bool = True  # even out areas when drawing (gan.sampling.bilateral_filter); in a run: if its pictures are flat
    augment: tuple[str, ...] = ("translation", "cutout")
    augment_probability: float = 1.0
    ema_kimg: float = 10.0  # half-life of the averaged generator that draws; 0 keeps no average
    ema_rampup: float = 0.05  # half-life is at most this share of what was seen
    precision: str = "auto"  # "float32", "bfloat16", or measured at the start

    def to_json(self) -> str:
        """Readable JSON."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> TrainingOptions:
        """Read what ``to_json`` wrote; what an older version did not know keeps its default.

        Raises MeliconError for options this version does not know, ValueError for what is no set of options.
        """
        stored: Any = json.loads(text)
        if not isinstance(stored, dict):
            raise ValueError("training options are a JSON object")  # noqa: TRY004  # callers expect it of a damaged file
        data: dict[str, Any] = BEFORE | {RENAMED.get(name, name): value for name, value in stored.items()}
        if not data.get("palette"):
            data.pop("palette", None)  # of an attempt that was dropped, and 0 in every run that did not try it
        kinds = {f.name: str(f.type).partition("[")[0] for f in fields(cls)}
        unknown = data.keys() - kinds.keys()
        if unknown:
            raise MeliconError(
                f"the run has options this version does not know: {', '.join(sorted(unknown))}; start a new run"
            )
        for name, value in data.items():
            fitting = {"float": ("float", "int"), "tuple": ("list",)}.get(kinds[name], (kinds[name],))
            if type(value).__name__ not in fitting:
                raise ValueError(f"{name} is {value!r}, which is no {kinds[name]}")
        data |= {name: tuple(value) for name, value in data.items() if isinstance(value, list)}
        return cls(**data)


# `fast` from learned weights: those know much already, and more steps help them more than more pictures do.
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

# For the house artist's labelled icons: the recipe of the default weights.
HOUSE = TrainingOptions(
    preset="house",
    z_dim=64,
    width=1.0,
    batch=16,
    lr_d=1e-3,
    mapping=384,  # more than the 287 values there are to choose from
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
