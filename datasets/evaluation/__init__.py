"""Evaluation: how good is an extraction, how sure is that, and what exactly went wrong.

::

    from clinie.datasets import bundled
    from clinie.datasets.evaluation import evaluate

    result = evaluate(records, bundled.gold("medications").values(), task="medications")
    result.figure("spans, strict", "medication", "f1")
"""

from clinie.datasets.evaluation.errors import KINDS, Error, Place
from clinie.datasets.evaluation.evaluation import Comparison, Evaluation, Line, evaluate

__all__ = ["KINDS", "Comparison", "Error", "Evaluation", "Line", "Place", "evaluate"]
