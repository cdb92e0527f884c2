"""The verdict on a trained style (`bot.features.retrain.evaluation`), in the user's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.features.retrain.evaluation import BAD, ENOUGH_SEEN, FAIR, GOOD

if TYPE_CHECKING:
    from bot.i18n import Words

_MARKS = {GOOD: "✅", FAIR: "🟡", BAD: "⚠️"}
_RENAMED = {"likeness": "similarity"}  # aspects in the outcomes of earlier versions


def verdict_in_words(words: Words, figures: dict[str, Any]) -> list[str]:
    """Return the verdict of the worst aspect, and a line of figures for each aspect."""
    if "verdict" not in figures:  # no evaluation, or an older format
        return [words("retrain.verdict.none")]
    verdict, lines = figures["verdict"], []
    grades = {_RENAMED.get(aspect, aspect): grade for aspect, grade in figures["grades"].items()}
    if verdict == BAD or not figures["early"]:
        worst = "all" if verdict == GOOD else _RENAMED.get(figures["worst"], figures["worst"])
        lines.append(words(f"retrain.verdict.{verdict}.{worst}"))
    if figures["early"]:
        lines.append(words("retrain.verdict.early", seen=f"{figures['seen']:,}", enough=f"{ENOUGH_SEEN:,}"))
    figure_values = {
        "similarity": {"told": f"{figures['nn_accuracy']:.0%}", "distance": f"{figures['distance']:.2f}"},
        "cleanness": {"haze": f"{figures['haze']:.1f}", "sharpness": f"{figures['sharpness']:.0%}"},
        "variety": {
            "share": f"{figures['near_duplicates']:.0%}",
            "count": figures["count"],
            "spread": f"{figures['spread']:.0%}",
        },
        "newness": {"share": f"{figures['copied']:.0%}", "novelty": f"{figures['novelty']:.0%}"},
    }
    for aspect, values in figure_values.items():
        mark = _MARKS[grades[aspect]]
        lines.append(f"- {mark} " + words(f"retrain.figures.{aspect}", **values))
    if figures["unchanged"]:
        lines.append(words("retrain.figures.unchanged"))
    return lines
