"""The prompts of the shipped tasks: golden files, and examples that resolve to themselves.

``python tests/tasks/test_prompts.py [TASK ...]`` writes the golden files anew; read the difference
before you commit it, and raise the task's version when the meaning of an answer changes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from clinie.cascade import resolve
from clinie.datasets.bundled import TASKS
from clinie.models import Completion
from clinie.prompts import Window
from clinie.tasks import load

GOLDEN = Path(__file__).parent / "golden"
STATEMENTS = ("trial-results",)  # every item of theirs is what a statement points at
FORMS = [(task, form) for task in TASKS for form in load(task).templates]
NOTE = "Seen in clinic. {{ braces }} stay braces.\nTakes ramipril 5 mg daily; no cough."


def rendered(task: str, form: str) -> str:
    messages = load(task).templates[form].render(Window(NOTE))
    return "".join(f"=== {m.role}\n{m.content}\n" for m in messages)


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_the_three_forms(task):
    assert {"guided", "zero_shot", "one_shot"} <= set(load(task).templates)
    assert load(task).form == "guided"


@pytest.mark.parametrize(("task", "form"), FORMS)
def test_rendered_prompts_are_the_golden_ones(task, form):
    golden = GOLDEN / f"{task}.{form}.txt"
    assert rendered(task, form) == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("task", TASKS)
def test_the_constant_part_does_not_depend_on_the_note(task):
    for template in load(task).templates.values():
        one, other = (template.render(Window(note)) for note in ("Some note.", "Another."))
        assert one[0] == other[0]
        assert one[0].role == "system"


@pytest.mark.parametrize("task", TASKS)
def test_template_ids_name_the_task_and_the_form(task):
    loaded = load(task)
    assert loaded.template.id == loaded.name
    assert {t.id for f, t in loaded.templates.items() if f != loaded.form} == {
        f"{loaded.name}/{form}" for form in loaded.templates if form != loaded.form
    }


@pytest.mark.parametrize("task", TASKS)
def test_examples_resolve_to_themselves_and_show_every_class(task):
    loaded = load(task)
    (example,) = loaded.template.examples
    found = resolve(loaded, Window(example.text), Completion(example.answer))
    assert [f for f in found.findings if f.severity != "info"] == []
    stated = [line for line in example.answer.split("\n") if not line.endswith(": x")]
    of_their_own = 0 if task in STATEMENTS else len(found.items)
    assert of_their_own + len(found.labels) == len(stated)
    for label in loaded.schema.labels[:1]:
        for name, values in label.attributes.items():
            shown = {item.attributes.get(name) for item in found.items}
            assert set(values) <= shown, name


if __name__ == "__main__":
    for task_name, form_name in FORMS:
        if not sys.argv[1:] or task_name in sys.argv[1:]:
            path = GOLDEN / f"{task_name}.{form_name}.txt"
            path.write_text(rendered(task_name, form_name), encoding="utf-8")
