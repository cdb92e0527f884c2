"""How often /describe meets its query: three random attributes, checked by an independent classifier.

The search selects codes by the model's conditions and checks the pictures with its own classifier. The judge is the
classifier of the metrics, trained on other icons of the house artist. Each value of each attribute with an option in
/describe is equally probable, so rare values are requested far more often than they occur; combinations that the artist
never draws are excluded. The judge is imperfect: the table also shows its accuracy on the artist's icons, and how often
it recognises all three values in the artist's own icons, which bounds the attainable result.
"""

from __future__ import annotations

import itertools
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.report import options, publish
from bot.features.describe.cog import NOTHING, OPTIONS
from gan import artist
from gan.metrics.classifier import AttributeClassifier
from gan.sampling.sampler import Sampler
from gan.search.attribute_classifier import IconClassifier
from gan.search.attribute_search import SeedSearch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

CONDITIONS = 3
DRAWN = 40_000  # artist icons, to find combinations that occur
FIRST_DRAWN = 40_000_000  # apart from the training data of models and judge
ENOUGH = 0.8  # of the trials with all conditions met


class Drawn:
    """The values shown by many of the artist's icons."""

    def __init__(self) -> None:
        self.showing: defaultdict[tuple[str, str], set[int]] = defaultdict(set)  # attribute and value -> indices
        for index in range(FIRST_DRAWN, FIRST_DRAWN + DRAWN):
            for shown in artist.labels(index).items():
                self.showing[shown].add(index)

    def with_all(self, *shown: tuple[str, str]) -> set[int]:
        """Return the indices of the icons that show all of these."""
        return set.intersection(*(self.showing[one] for one in shown))


def sample_conditions(
    known: Mapping[str, Sequence[str]], count: int, seed: int, drawn: Drawn
) -> Iterator[dict[str, str]]:
    """Yield `count` conditions of three attributes, of which the artist draws every pair together."""
    rng = random.Random(seed)
    while count:
        names = sorted(rng.sample([name for name in OPTIONS if name in known], CONDITIONS))
        condition = {name: rng.choice([value for value in known[name] if value not in NOTHING]) for name in names}
        if all(drawn.with_all(*pair) for pair in itertools.combinations(condition.items(), 2)):
            count -= 1
            yield condition


def main() -> int:
    """Search, draw and check; returns 1 where too few conditions are met."""
    parser = options("describe_hits", __doc__)
    parser.add_argument("--weights", type=Path, default=Path("weights/default.safetensors"), help="the model")
    parser.add_argument("--trials", type=int, default=200, help="number of queries of three attributes")
    parser.add_argument("--seed", type=int, default=0, help="of the queries")
    given = parser.parse_args()
    sampler, judge = Sampler.load(given.weights), AttributeClassifier.load()
    search, classifier = SeedSearch(sampler), IconClassifier()
    if not classifier.knows(sampler.card):
        parser.error(f"{given.weights} has not learned the house artist's attributes")
    known = {str(a["name"]): [str(value) for value in a["values"]] for a in sampler.card.attributes}
    asked: Counter[str] = Counter()
    claimed: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    all_met, agreements, times = 0, 0, []
    artist_all_met: list[bool] = []
    drawn = Drawn()

    def fulfilled(icon: NDArray[np.uint8], condition: Mapping[str, str]) -> dict[str, bool]:
        (predicted,) = judge.look(icon[None]).labels
        shown = {name: values[n] for (name, values), n in zip(judge.attributes.items(), predicted, strict=True)}
        return {name: shown[name] == value for name, value in condition.items()}

    for condition in sample_conditions(known, 20 if given.quick else given.trials, given.seed, drawn):
        begun = time.perf_counter()
        fit = classifier.find(sampler, search, {name: [value] for name, value in condition.items()})
        times.append(time.perf_counter() - begun)
        right = fulfilled(sampler.draw([fit.code])[0], condition)
        asked.update(condition.keys())
        claimed.update(name for name in condition if name not in fit.unmet)
        seen.update(name for name, is_right in right.items() if is_right)
        all_met += all(right.values())
        agreements += sum(is_right != (name in fit.unmet) for name, is_right in right.items())
        if examples := drawn.with_all(*condition.items()):
            artist_all_met.append(all(fulfilled(artist.draw(min(examples)), condition).values()))
    trials = len(times)
    accuracy = judge.card["accuracy"]
    rows: list[list[object]] = [
        [name, n, 100 * claimed[name] / n, 100 * seen[name] / n, 100 * accuracy[name]]
        for name, n in sorted(asked.items(), key=lambda entry: seen[entry[0]] / entry[1])
    ]
    total = sum(asked.values())
    rows.append(["each condition", total, 100 * sum(claimed.values()) / total, 100 * sum(seen.values()) / total, ""])
    rows.append(["all three", trials, "", 100 * all_met / trials, ""])
    own = len(artist_all_met)
    rows.append(["all three, in the artist's own", own, "", 100 * sum(artist_all_met) / max(1, own), ""])
    publish(
        given.out,
        f"/describe: {CONDITIONS} conditions, {trials} trials, model {sampler.card.style}#{sampler.card.short_hash}",
        ["attribute", "queries", "reported as met, %", "seen by the judge, %", "the judge on the artist's icons, %"],
        rows,
        search_seconds={"median": statistics.median(times), "longest": max(times)},
    )
    print(f"the reported conditions agree with the judge in {100 * agreements / total:.1f} %")
    print(f"search: median {statistics.median(times):.2f} s, longest {max(times):.2f} s")
    return 0 if all_met >= ENOUGH * trials else 1


if __name__ == "__main__":
    sys.exit(main())
