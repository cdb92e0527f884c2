"""How good, how varied, how new a generator's icons are, in figures that cannot be fooled by copying.

Because the house artist draws as many fresh icons as wanted, distances are taken to real icons that were never trained
on. There are three feature spaces (colour layout and edges; fixed random convolutions; a small classifier of
attributes), and every report shows the same figures of real icons, of copies of the training set and of blurred icons
beside the generator's.
docs/metrics.md tells what each figure means and how they were validated.
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
