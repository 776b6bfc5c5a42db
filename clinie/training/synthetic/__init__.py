"""Made-up notes with gold by construction; see docs/synthetic-notes.md.

Training data only, never evidence of accuracy.
"""

from clinie.training.synthetic.builder import TASKS, SyntheticNote
from clinie.training.synthetic.composing import notes
from clinie.training.synthetic.contrast import disagreement, hard

__all__ = ["TASKS", "SyntheticNote", "disagreement", "hard", "notes"]
