"""Templates: what is rendered, in which order, and what a note can not do to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie import ConfigError
from clinie.prompts import Example, JinjaTemplate, Window
from clinie.schema import LabelSpec, TaskSchema

SCHEMA = TaskSchema((LabelSpec("allergen", "what the patient reacts to"),))
BLOCKS = """
{% block system %}
List {{ labels[0].name }}s.
{% for example in examples %}{{ example.text }} -> {{ example.answer }}
{% endfor %}{% endblock %}
{% block user %}Note: {{ note }}{% endblock %}
{% block answer %}- "{% endblock %}
"""


def template(source: str, **more) -> JinjaTemplate:
    return JinjaTemplate("allergies@1", source, SCHEMA, **more)


def test_the_constant_part_comes_first_and_the_answer_is_primed():
    made = template(BLOCKS, examples=(Example("Hives from nuts.", '- "nuts"'),))
    messages = made.render(Window("No allergies."))
    assert [m.role for m in messages] == ["system", "user", "assistant"]
    assert messages[0].content == 'List allergens.\nHives from nuts. -> - "nuts"'
    assert messages[0].content == made.instructions
    assert messages[1].content == "Note: No allergies."
    assert messages[2].content == '- "'


def test_a_file_without_blocks_is_one_user_message():
    made = template("List them.\n{{ note }}\n")
    (message,) = made.render(Window("No allergies."))
    assert (message.role, message.content) == ("user", "List them.\nNo allergies.")
    assert made.instructions == ""


def test_what_travelled_with_the_note_is_known_beside_it():
    made = template("{{ note }} {{ metadata.outcome | default('the outcome') }}")
    assert made.render(Window("A."), {"outcome": "nausea"})[0].content == "A. nausea"
    assert made.render(Window("A."))[0].content == "A. the outcome"


@given(st.text())
def test_a_note_is_a_value_and_never_code(note):
    assert template(BLOCKS).render(Window(note))[1].content.startswith("Note:")
    hostile = "{{ labels }}{% include '/etc/passwd' %}" + note
    assert (
        template("{% block user %}<{{ note }}>{% endblock %}").render(Window(hostile))[0].content
        == f"<{hostile}>"
    )


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("{{ nothing }}", "nothing"),
        ("{% block user %}", "1"),
        ("{% block system %}{{ note }}{% endblock %}", "note"),
        ("{{ ().__class__.__mro__ }}", "unsafe"),
        ("{{ note + 1 }}", "TypeError"),
        ("{{ labels[note] }}", "UndefinedError"),
    ],
)
def test_a_wrong_template_is_one_clear_line(source, complaint):
    with pytest.raises(ConfigError, match=complaint) as caught:
        template(source).render(Window("private"))
    assert "\n" not in str(caught.value)
    assert "private" not in str(caught.value)
