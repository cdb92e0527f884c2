"""Metrics: quality, diversity and novelty of a generator's icons, robust against copying.

The house artist draws any number of held-out icons, so distances are measured to real icons outside the training set.
There are three feature spaces (colour layout and edges; random convolutions; a small attribute classifier). Every
report also shows the figures of real icons, of copied training icons and of blurred icons. docs/metrics.md explains the
figures and their validation.
"""

from gan.metrics.classifier import AttributeClassifier
from gan.metrics.distances import MetricsError
from gan.metrics.evaluation import Evaluator, evaluate
from gan.metrics.layout_edges import LayoutEdges
from gan.metrics.report import Figures, Report
from gan.metrics.space_figures import SpaceFigures

__all__ = [
    "AttributeClassifier",
    "Evaluator",
    "Figures",
    "LayoutEdges",
    "MetricsError",
    "Report",
    "SpaceFigures",
    "evaluate",
]
