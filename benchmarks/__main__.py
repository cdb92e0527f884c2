"""Run the benchmarks, each in a process of its own: `python -m benchmarks [--quick] [NAME…]`.

A single one accepts its own options: `python -m benchmarks retrain --minutes 20`. `few_shot` needs a
folder of styles and `gpu` needs a GPU; run them with `python -m benchmarks.few_shot` and `python -m benchmarks.gpu`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from benchmarks.report import RESULTS

HERE = Path(__file__).parent
ALL = (
    "speed_training",
    "data_parallel",
    "speed_drawing",
    "speed_morph",
    "upscaling",
    "smoothness",
    "startup",
    "serve_load",
    "daily_load",
    "flood",
    "metrics_validation",
    "time_to_quality",
    "describe_hits",
    "transfer",
    "retrain",
    "like_me",
)
QUICK = {"metrics_validation": ["--count", "300"]}


def main() -> int:
    """Run them; returns the number of failures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"benchmarks to run: {', '.join(ALL)}; default: all")
    parser.add_argument("--quick", action="store_true", help="check that they run; the figures are rough")
    options, own = parser.parse_known_args()
    unknown = set(options.names) - set(ALL)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; choose from {', '.join(ALL)}")
    if own and len(options.names) != 1:
        parser.error(f"{own[0]} is no option of all of them: name the one benchmark it is for")
    failed = 0
    for name in options.names or ALL:
        print(f"\n{name}", flush=True)
        more = QUICK.get(name, ["--quick"]) if options.quick else []
        command = [sys.executable, "-m", f"benchmarks.{name}", "--out", str(RESULTS / f"{name}.json"), *more, *own]
        failed += subprocess.run(command, cwd=HERE.parent, check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
