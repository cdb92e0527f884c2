"""axe-core on the page: https://github.com/dequelabs/axe-core, version 4.14.1, MPL 2.0, for the tests alone."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.page.browser import Page

_AXE = Path(__file__).parent / "axe" / "axe.min.js"
# rules that are no part of WCAG but were broken, or are marked experimental
_MORE = ("label-content-name-mismatch", "aria-allowed-role", "list", "target-size", "css-orientation-lock")
_RUN = """
const [more, done] = arguments;
const ends = document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations !== Infinity);
const rules = Object.fromEntries(more.map((rule) => [rule, { enabled: true }]));
const told = ({ html, failureSummary }) => `${html.slice(0, 200)} (${failureSummary.slice(0, 300)})`;
// A list that the focused field moves through and scrolls with its arrow keys needs no focus of its own.
const served = (id, node) => id === "scrollable-region-focusable"
  && node.target[0] === `#${document.activeElement.getAttribute("aria-controls")}`;
Promise.allSettled(ends.map((one) => one.finished))
  .then(() => axe.run(document, { rules, resultTypes: ["violations"] }))
  .then(({ violations }) => done(violations.map(({ id, nodes }) => [id, nodes.filter((node) => !served(id, node))])
    .filter(([, nodes]) => nodes.length > 0).map(([id, nodes]) => `${id}: ${nodes.slice(0, 3).map(told).join(" | ")}`)))
  .catch((error) => done([String(error)]));
"""


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now: every default rule, best practices included."""
    if not page.driver.execute_script("return typeof axe !== 'undefined'"):
        page.driver.execute_script(_AXE.read_text("utf-8"))
    return [str(found) for found in page.driver.execute_async_script(_RUN, list(_MORE))]
