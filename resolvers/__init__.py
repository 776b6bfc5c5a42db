"""Resolvers: from a model's words to the note's characters, with every check on the way.

``ground`` and ``ground_all`` place words in a text; a `Program` is a sequence of named steps that
turns a whole answer into grounded, checked items.
"""

from clinie.resolvers.anchoring import ground_items
from clinie.resolvers.checks import drop_duplicates, read_answer
from clinie.resolvers.grounding import Grounding, ground, ground_all
from clinie.resolvers.items import Answer, Item, Question, State, Statement, Step
from clinie.resolvers.labels import map_labels
from clinie.resolvers.parsing import parse
from clinie.resolvers.program import Program, Resolution
from clinie.resolvers.statements import ground_labels
from clinie.resolvers.steps.allergies import check_allergies, read_allergies
from clinie.resolvers.steps.arms import read_arms
from clinie.resolvers.steps.copies import read_copy
from clinie.resolvers.steps.doses import check_doses, strip_dosage
from clinie.resolvers.steps.measurements import check_units, check_values, split_values
from clinie.resolvers.steps.references import follow_references, trim_references
from clinie.resolvers.steps.results import ground_results, parse_results
from clinie.resolvers.steps.rewrites import read_rewrite
from clinie.resolvers.steps.senses import map_senses, read_senses
from clinie.resolvers.steps.short_forms import ground_short_forms
from clinie.resolvers.steps.stated_references import read_references

__all__ = [
    "STANDARD_STEPS",
    "STEPS",
    "Answer",
    "Grounding",
    "Item",
    "Program",
    "Question",
    "Resolution",
    "State",
    "Statement",
    "Step",
    "ground",
    "ground_all",
]

STEPS: dict[str, Step] = {
    step.__name__: step
    for step in (
        read_answer,
        read_references,
        read_rewrite,
        read_copy,
        parse,
        parse_results,
        read_arms,
        read_allergies,
        read_senses,
        map_labels,
        strip_dosage,
        split_values,
        trim_references,
        ground_items,
        ground_short_forms,
        follow_references,
        ground_labels,
        ground_results,
        map_senses,
        drop_duplicates,
        check_doses,
        check_units,
        check_values,
        check_allergies,
    )
}
"""The shipped steps by name, as a ``task.toml`` lists them."""

STANDARD_STEPS = ("read_answer", "parse", "map_labels", "ground_items", "drop_duplicates")
"""The program of a task that names none."""
