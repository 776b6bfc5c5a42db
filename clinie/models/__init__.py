"""Models: everything that answers prompts, behind one interface."""

from clinie.models.base import Capabilities, Completion, FinishReason, Model, TokenLogprob
from clinie.models.registry import build
from clinie.models.rules import RulesModel

__all__ = [
    "Capabilities",
    "Completion",
    "FinishReason",
    "Model",
    "RulesModel",
    "TokenLogprob",
    "build",
]
