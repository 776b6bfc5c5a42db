"""``acronyms@1``: clinical short forms and what each stands for where it stands."""

from pathlib import Path

from clinie.errors import ConfigError
from clinie.resolvers.steps.rewrites import rewrite_reader
from clinie.resolvers.steps.senses import sense_mapper
from clinie.tasks.acronyms.rules import AcronymRules
from clinie.tasks.base import Task
from clinie.tasks.folder import load_folder
from clinie.text.senses import Inventory, read_inventory, shipped

__all__ = ["make"]


def make(inventory: str | None = None, extend: bool = True) -> Task:
    """Make the task, as ``[tasks.acronyms]`` of a configuration sets it.

    Parameters
    ----------
    inventory : str, optional
        A CSV file of short forms and senses (columns ``short_form``, ``sense``, and perhaps
        ``prior``, ``cues``, ``variants``, ``case``).
    extend : bool
        Add it to the shipped inventory (of two rows for one sense the user's counts); else it
        stands in its place.

    Raises
    ------
    ConfigError
        One line that names the setting, or file and line, and the mend.
    """
    if not isinstance(extend, bool):
        raise ConfigError("tasks.acronyms.extend is no truth value", mend="write true or false")
    chosen = shipped()
    if inventory is not None:
        if not isinstance(inventory, str):
            raise ConfigError(
                "tasks.acronyms.inventory is no file name", mend='write inventory = "my.csv"'
            )
        senses = read_inventory(inventory)
        chosen = chosen.extended(senses) if extend else Inventory(senses)
    return load_folder(
        Path(__file__).parent,
        rules=AcronymRules(chosen),
        steps=(rewrite_reader(chosen), sense_mapper(chosen)),
    )
