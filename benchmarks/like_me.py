"""Similarity of the icons that /like-me finds: for icons of the model, icons of other styles, and other pictures.

The judge is the root mean square of CIE 1976 colour differences after a blur, which took no part in the search. Of the
three icons that are offered the best counts, so also of three icons by chance, and of an index of drawn icons that is
searched by this very measure. Icons of a labelled model are also judged by what they show, by the classifier of the
metrics, which took no part either.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.report import options, publish
from gan import artist
from gan.latent.interpolation import to_lab
from gan.metrics.classifier import AttributeClassifier
from gan.rendering import contact_sheet, encode_plain_png, upscale
from gan.sampling.sampler import Sampler
from gan.search.projection import index as index_module
from gan.search.projection import search
from gan.search.projection.encoder import SHIPPED, load_encoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLUR = 3.0  # pixels, of 64
QUERIES, INDEX = 2_500_000_000, 2_600_000_000  # first seeds: the encoder saw neither


def others(count: int) -> NDArray[np.uint8]:
    """Return synthetic pictures: gradients, flags, logos, landscapes and blurred faces, (count, 64, 64, 3)."""
    rng = np.random.RandomState(0)
    painters = (_gradient, _logo, _landscape, _face)
    return np.stack([painters[n % len(painters)](rng) for n in range(count)])


def _colour(rng: np.random.RandomState, low: int = 0, high: int = 256) -> tuple[int, int, int]:
    r, g, b = (int(value) for value in rng.randint(low, high, 3))
    return r, g, b


def _gradient(rng: np.random.RandomState) -> NDArray[np.uint8]:
    a, b = np.array(_colour(rng)), np.array(_colour(rng))
    y, x = np.mgrid[0:64, 0:64] / 63
    way = np.clip(x * rng.rand() + y * rng.rand(), 0, 1)[..., None]
    painted: NDArray[np.uint8] = (a * (1 - way) + b * way).astype(np.uint8)
    return painted


def _logo(rng: np.random.RandomState) -> NDArray[np.uint8]:
    image = Image.new("RGB", (256, 256), _colour(rng))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((48, 48, 208, 208), 40, _colour(rng))
    draw.polygon([(80, 176), (128, 72), (176, 176)], _colour(rng))
    return np.asarray(image.resize((64, 64), Image.Resampling.LANCZOS))


def _landscape(rng: np.random.RandomState) -> NDArray[np.uint8]:
    image = Image.new("RGB", (256, 256), (120 + int(rng.randint(60)), 180, 230))
    draw = ImageDraw.Draw(image)
    draw.ellipse((170, 30, 220, 80), (255, 220, 120))
    draw.polygon([(0, 256), (0, 150), (90, 90), (180, 170), (256, 120), (256, 256)], _colour(rng, 40, 160))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(3)).resize((64, 64), Image.Resampling.LANCZOS))


def _face(rng: np.random.RandomState) -> NDArray[np.uint8]:
    skins = ((244, 205, 178), (224, 172, 138), (176, 118, 82), (112, 72, 50))
    hairs = ((30, 24, 22), (92, 58, 36), (200, 160, 90), (150, 60, 40), (190, 190, 195))
    skin, hair = skins[rng.randint(len(skins))], hairs[rng.randint(len(hairs))]
    image = Image.new("RGB", (256, 256), _colour(rng, 60, 230))
    draw = ImageDraw.Draw(image)
    if rng.rand() < 0.5:
        draw.ellipse((58, 30, 198, 240), hair)  # long hair
    draw.rectangle((20, 216, 236, 256), _colour(rng))
    draw.rectangle((108, 170, 148, 230), skin)
    draw.ellipse((66, 26, 190, 150), hair)
    draw.ellipse((76, 62, 180, 204), skin)
    for x in (106, 150):
        draw.ellipse((x - 9, 118, x + 9, 132), (250, 250, 250))
        draw.ellipse((x - 5, 119, x + 5, 131), (50, 40, 35))
    draw.arc((108, 140, 148, 178), 20, 160, (150, 70, 70), 5)
    soft = image.filter(ImageFilter.GaussianBlur(4)).resize((64, 64), Image.Resampling.LANCZOS)
    noisy = np.asarray(soft, np.float64) + rng.standard_normal((64, 64, 3)) * 6
    return np.clip(noisy, 0, 255).astype(np.uint8)


def blurred(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return blurred pictures in L*a*b*, (N, 64, 64, 3)."""
    soft = [np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(BLUR))) for image in images]
    return to_lab(np.stack(soft))


def descriptor_distance(picture: NDArray[np.uint8], icons: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distances of blurred icons from a picture, (N,)."""
    squares: NDArray[np.float64] = np.square(icons - blurred(picture[None])).sum(axis=3).mean(axis=(1, 2))
    return np.sqrt(squares)


def drawn(sampler: Sampler, first: int, count: int) -> NDArray[np.uint8]:
    """Return the icons of `count` seeds from `first` on."""
    return sampler.sketch(sampler.seed_points(range(first, first + count)))


def read_options() -> argparse.Namespace:
    """Parse the command line."""
    parser = options("like_me", __doc__)
    parser.add_argument("--weights", type=Path, default=Path("weights/default.safetensors"), help="the model")
    parser.add_argument("--encoder", type=Path, default=SHIPPED, help="its encoder")
    parser.add_argument("--without", action="store_true", help="search without an encoder")
    parser.add_argument("--count", type=int, default=50, help="icons of the model to search for; of others fewer")
    parser.add_argument("--index", type=int, default=2_000, help="drawn icons to compare with")
    parser.add_argument("--seconds", type=float, default=2.5, help="that a search takes")
    parser.add_argument(
        "--busy", action="store_true", help="give the search seconds of CPU: for a machine with other work"
    )
    parser.add_argument("--sheet", type=Path, help="PNG to write: each picture beside the three that were found")
    return parser.parse_args()


def main() -> int:
    """Search for each picture and compare; returns 1 where results are no better than chance."""
    given = read_options()
    count, index_size = (8, 100) if given.quick else (given.count, given.index)
    sampler, judge = Sampler.load(given.weights), AttributeClassifier.load()
    encoder = None if given.without else load_encoder(given.encoder, sampler.card)
    if encoder is None and not given.without:
        print(
            f"{given.encoder} does not know {given.weights}: train it, see gan/search/projection/train.py",
            file=sys.stderr,
        )
        return 2
    if given.busy:
        for module in (index_module, search):
            module.time = SimpleNamespace(monotonic=time.process_time)  # type: ignore[attr-defined]
    projector = search.Projector(sampler, encoder)
    families = {
        "icons of the model": drawn(sampler, QUERIES, count),
        "inkling's icons": artist.icons(7_000, count // 2, style="inkling"),
        "plush's icons": artist.icons(7_000, count // 2, style="plush"),
        "other pictures": others(count // 2),
    }
    index = drawn(sampler, INDEX, index_size)
    index_seen, named = blurred(index), judge.look(index).labels
    rows: list[list[object]] = []
    rowed: list[NDArray[np.uint8]] = []
    times: list[float] = []
    cpu: list[float] = []
    better = True
    for family, pictures in families.items():
        found: list[list[float]] = []
        same: list[list[float]] = []
        for n, picture in enumerate(pictures):
            begun, worked = time.perf_counter(), time.process_time()
            codes = [match.code for match in projector.find(picture, seconds=given.seconds)]
            times.append(time.perf_counter() - begun)
            cpu.append(time.process_time() - worked)
            icons = sampler.draw(codes)
            far, ours = descriptor_distance(picture, index_seen), descriptor_distance(picture, blurred(icons))
            chance = statistics.fmean(far[k : k + 3].min() for k in range(0, len(far) - 2, 3))
            found.append([chance, float(far.min()), float(ours.min()), float(ours[0])])
            wanted = judge.look(picture[None]).labels
            shares = (named == wanted).mean(axis=1)
            first = (judge.look(icons[:1]).labels == wanted).mean()
            same.append([100 * float(shares.mean()), 100 * float(shares[far.argmin()]), 100 * float(first)])
            if n < 12:
                rowed += [upscale(p, 96) for p in (picture, *icons, index[far.argmin()])]
        by_chance, by_index, best, first = np.mean(found, axis=0)
        better &= bool(best < by_chance)
        shown: list[object] = list(np.mean(same, axis=0)) if family == "icons of the model" else ["", "", ""]
        rows.append([family, len(pictures), by_chance, by_index, float(best), float(first), *shown])
    publish(
        given.out,
        f"/like-me: colour differences, model {sampler.card.style}#{sampler.card.short_hash}, "
        f"{'with' if encoder else 'without'} an encoder, {given.seconds:g} s",
        [
            "pictures", "count", "best of 3 by chance", f"best of {index_size:,} drawn", "best of the 3 found",
            "first found", "same attributes by chance, %", "index, %", "first found, %",
        ],
        rows,
        search_seconds={"median": statistics.median(times), "longest": max(times), "cpu": statistics.fmean(cpu)},
    )  # fmt: skip
    print(
        f"search: median {statistics.median(times):.2f} s, longest {max(times):.2f}, CPU {statistics.fmean(cpu):.2f} s"
    )
    if given.sheet:
        given.sheet.write_bytes(encode_plain_png(contact_sheet(rowed, 10, 4)))
    return 0 if better else 1


if __name__ == "__main__":
    sys.exit(main())
