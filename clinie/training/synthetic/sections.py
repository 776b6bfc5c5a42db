"""Sections of a note: which phrases stand in them."""

from __future__ import annotations

from collections.abc import Callable

from clinie.training.synthetic.condition_slots import value_of
from clinie.training.synthetic.phrases import Phrase
from clinie.training.synthetic.writing import SectionWriter

__all__ = ["SECTIONS"]


def _complaint(writer: SectionWriter) -> None:
    writer.scribe.say(Phrase("{mainsymptom+}[|, {symptom+}|.| and {symptom+}| x {dur_words}]"))


def _history(writer: SectionWriter) -> None:
    rng = writer.rng
    writer.sentences("condition", "opening", 1)
    places = ["history"] * rng.randint(1, 4) + ["denial"] * rng.randint(0, 2)
    drugs = ["drug"] * rng.randint(1, 4)
    mixed = places + drugs
    rng.shuffle(mixed)
    for place in mixed:
        if place == "drug":
            writer.sentences("medication", "history", 1)
        else:
            writer.sentences("condition", place, 1)
        if rng.random() < 0.08:
            writer.scribe.builder.write("\n")


def _exchange_history(writer: SectionWriter) -> None:
    rng = writer.rng
    writer.sentences("condition", "opening", 1)
    for _ in range(rng.randint(2, 4)):
        writer.scribe.builder.write("\n\n")
        mixed = ["c"] * rng.randint(1, 3) + ["m"] * rng.randint(1, 2) + ["d"] * rng.randint(0, 1)
        rng.shuffle(mixed)
        for place in mixed:
            if place == "m":
                writer.sentences("medication", "exchange" if rng.random() < 0.7 else "history", 1)
            elif place == "c":
                writer.sentences("condition", "exchange" if rng.random() < 0.6 else "history", 1)
            else:
                writer.sentences("condition", "denial", 1)


def _past(writer: SectionWriter) -> None:
    count = writer.rng.randint(2, 6)
    writer.entries("condition", ["past"] * count)


def _surgery(writer: SectionWriter) -> None:
    rng = writer.rng
    phrase = Phrase("{proc.past+<}[|| in {year}| ({year})|, {year}| {ago}]")
    join = writer.layout.join
    for number in range(1, rng.randint(1, 3) + 1):
        if number > 1:
            writer.scribe.builder.write(join or "\n")
        if not join:
            writer.bullet(number)
        writer.scribe.say(phrase)


def _medications(writer: SectionWriter) -> None:
    rng = writer.rng
    chance = rng.random()
    if chance < 0.16:
        table(writer)
    elif chance < 0.26:
        writer.sentences("medication", "history", rng.randint(1, 3))
    else:
        count = rng.randint(2, 9)
        places = ["item"] * count
        for number in range(count):
            if rng.random() < 0.14:
                places[number] = "stopped_item"
        writer.entries("medication", places, join=None if rng.random() < 0.4 else "")


def table(writer: SectionWriter) -> None:
    """Write drugs as a table, with a column that may say what becomes of each."""
    rng, scribe = writer.rng, writer.scribe
    bar = rng.choice((" | ", "\t", "   ", " - "))
    edge = ("| ", " |") if bar == " | " and rng.random() < 0.7 else ("", "")
    columns = [["dose"], ["dose", "route", "freq"], ["dose", "freq"], ["dose", "freq", "reason"]]
    chosen = rng.choice(columns)
    action = rng.random() < 0.5
    titles = {"dose": "Dose", "route": "Route", "freq": "Frequency", "reason": "Indication"}
    head = [rng.choice(("Medication", "Drug", "Name")), *(titles[c] for c in chosen)]
    head += ["Action"] * action
    scribe.builder.write(edge[0] + bar.join(head) + edge[1])
    if edge[0]:
        scribe.builder.write("\n" + "|---" * len(head) + "|")
    actions = {
        "+": ("continue", "Continue", "cont", "new", "CONTINUE", "increase dose", "ok"),
        "-": ("STOP", "stop", "hold", "HOLD", "discontinue", "stopped", "held on admission"),
    }
    for _ in range(rng.randint(3, 8)):
        sign = "-" if action and rng.random() < 0.3 else "+"
        scribe.builder.write("\n")
        cells = bar.join(f"{{{column}}}" for column in chosen)
        last = bar + rng.choice(actions[sign]) if action else ""
        scribe.say(
            Phrase(f"{edge[0].strip()} {{drug.list{sign}}}{bar}{cells}{last}{edge[1]}".strip())
        )


def _allergies(writer: SectionWriter) -> None:
    rng = writer.rng
    chance = rng.random()
    if chance < 0.35:
        writer.entries("allergy", ["none"], join="")
    elif chance < 0.75:
        writer.entries("allergy", ["item"] * rng.randint(1, 4))
    elif chance < 0.95:
        writer.sentences("allergy", "prose", rng.randint(1, 2))
    else:
        writer.entries("allergy", ["none", "item"], join=". ")


def _family(writer: SectionWriter) -> None:
    writer.sentences("condition", "family", writer.rng.randint(1, 3))
    if writer.rng.random() < 0.12:
        writer.sentences("medication", "family", 1)


def _social(writer: SectionWriter) -> None:
    writer.sentences("social", "social", writer.rng.randint(1, 3))


def _by_system(writer: SectionWriter, where: str) -> None:
    rng, scribe = writer.rng, writer.scribe
    systems = sorted(rng.sample(range(len(scribe.words.systems)), rng.randint(3, 8)))
    running = rng.random() < 0.25
    for number, index in enumerate(systems, 1):
        phrase = writer.choose("condition", where)
        if phrase is None:
            return
        if number > 1:
            scribe.builder.write(writer.layout.gap if running else "\n")
        if not running and writer.layout.bullet in ("- ", "* ", "• "):
            writer.bullet(number)
        scribe.say(phrase, system=scribe.words.systems[index])


def _review(writer: SectionWriter) -> None:
    if writer.rng.random() < 0.4:
        writer.sentences("condition", "denial", writer.rng.randint(1, 4))
    else:
        _by_system(writer, "review")


def _exam(writer: SectionWriter) -> None:
    if writer.rng.random() < 0.4:
        _vitals(writer)
        writer.scribe.builder.write("\n")
    _by_system(writer, "exam")


def _vitals(writer: SectionWriter) -> None:
    rng, scribe = writer.rng, writer.scribe
    vitals = [x for x in scribe.words.laboratories if x.kind == "vital"]
    chosen = rng.sample(vitals, rng.randint(3, 6))
    gap = rng.choice(("  ", ", ", " ", "; ", " | "))
    between = rng.choice((" ", ": ", " ", " of "))
    for number, laboratory in enumerate(chosen):
        if number:
            scribe.builder.write(gap)
        extent = scribe.builder.write(rng.choice(laboratory.names))
        scribe.builder.mark(
            "conditions@1", "test", extent, assertion="present", temporality="current"
        )
        scribe.builder.write(between + value_of(scribe, laboratory))


def _results(writer: SectionWriter) -> None:
    writer.entries("condition", ["result"] * writer.rng.randint(2, 5), join="")


def _course(writer: SectionWriter) -> None:
    rng = writer.rng
    for number in range(rng.randint(1, 3)):
        if number:
            writer.scribe.builder.write("\n")
        if rng.random() < 0.5:
            writer.scribe.say(Phrase("[# |#|]{acute+}[:|.| -]"))
            writer.scribe.builder.write(" ")
        mixed = ["condition"] * rng.randint(1, 4) + ["medication"] * rng.randint(1, 4)
        rng.shuffle(mixed)
        for table_name in mixed:
            writer.sentences(table_name, "course", 1)


def _assessment(writer: SectionWriter) -> None:
    writer.entries("condition", ["impression"] * writer.rng.randint(1, 4), join="")


def _plan(writer: SectionWriter) -> None:
    rng = writer.rng
    mixed = ["medication"] * rng.randint(1, 5) + ["condition"] * rng.randint(1, 3)
    rng.shuffle(mixed)
    running = rng.random() < 0.35
    for number, name in enumerate(mixed, 1):
        if running:
            writer.sentences(name, "plan", 1, plain=rng.random() < 0.5)
        else:
            writer.line(number)
            if phrase := writer.choose(name, "plan"):
                writer.scribe.say(phrase)
    if rng.random() < 0.3:
        writer.line()
        writer.sentences("condition", "warning", 1)


def _both(writer: SectionWriter) -> None:
    rng, scribe = writer.rng, writer.scribe
    for number in range(1, rng.randint(2, 4) + 1):
        writer.line(number)
        if phrase := writer.choose("condition", "impression"):
            scribe.say(phrase)
        scribe.builder.write(rng.choice((": ", ". ", "\n- ", " - ", "\n")))
        for count in range(rng.randint(1, 3)):
            name = "medication" if rng.random() < 0.6 else "condition"
            if phrase := writer.choose(name, "plan"):
                if count:
                    scribe.builder.write(rng.choice((" ", "\n- ", "; ", " ")))
                scribe.say(phrase)


def _exchange_plan(writer: SectionWriter) -> None:
    rng, scribe = writer.rng, writer.scribe
    for number in range(rng.randint(1, 3)):
        if number:
            scribe.builder.write("\n\n")
        scribe.say(Phrase("{disease+}[.|:|]"))
        for name in ("condition", "medication", "medication", "condition")[: rng.randint(2, 4)]:
            scribe.builder.write("\n" + rng.choice(("• ", "- ", "• ", "")))
            if phrase := writer.choose(name, "exchange"):
                scribe.say(phrase, plain=True)


def _instructions(writer: SectionWriter) -> None:
    rng = writer.rng
    writer.sentences("social", "instruction", rng.randint(1, 2))
    if rng.random() < 0.6:
        writer.sentences("condition", "warning", 1)


def _telegraph(writer: SectionWriter) -> None:
    """Short notes: fragments, parted by stops, commas and line ends."""
    rng, scribe = writer.rng, writer.scribe
    mixed = ["condition"] * rng.randint(3, 8) + ["medication"] * rng.randint(3, 8)
    rng.shuffle(mixed)
    gap = rng.choice((". ", "; ", ", ", "\n", ". ", "  "))
    lower = rng.random() < 0.7
    for number, name in enumerate(mixed):
        if number:
            scribe.builder.write(gap if rng.random() < 0.85 else "\n")
        if phrase := writer.choose(name, "telegraph"):
            scribe.say(phrase, capital=not lower)


def _remarks(writer: SectionWriter) -> None:
    writer.sentences("social", "general", writer.rng.randint(1, 2))


SECTIONS: dict[str, Callable[[SectionWriter], None]] = {
    "complaint": _complaint,
    "history": _history,
    "exchange_history": _exchange_history,
    "past": _past,
    "surgery": _surgery,
    "medications": _medications,
    "discharge_medications": _medications,
    "allergies": _allergies,
    "family": _family,
    "social": _social,
    "review": _review,
    "exam": _exam,
    "vitals": _vitals,
    "results": _results,
    "course": _course,
    "assessment": _assessment,
    "plan": _plan,
    "both": _both,
    "exchange_plan": _exchange_plan,
    "instructions": _instructions,
    "telegraph": _telegraph,
    "remarks": _remarks,
}
