"""Corpora, the bundled notes with gold, and scoring: ``clinie.datasets``.

In a checkout this folder lies at the root, where Python may find it under the name of Hugging
Face's package. Imported as top-level ``datasets`` it therefore steps aside for that package, and
stays empty when there is none (raising would break libraries that only look whether it exists).
"""

import importlib
import sys
from pathlib import Path


def _step_aside() -> None:
    """Put the next ``datasets`` on ``sys.path`` in the place of this module."""
    here, path = Path(__file__).resolve().parent, list(sys.path)
    ours = sys.modules.pop(__name__)
    sys.path[:] = [entry for entry in path if Path(entry, "datasets").resolve() != here]
    try:
        importlib.import_module(__name__)
    except ModuleNotFoundError as error:
        if error.name != __name__:  # the other package is there, but broken: say so
            raise
        sys.modules[__name__] = ours
    finally:
        sys.path[:] = path


if __name__ == "datasets":
    _step_aside()
else:
    from clinie.datasets import bundled, corpora, scoring, standoff

    __all__ = ["bundled", "corpora", "scoring", "standoff"]
