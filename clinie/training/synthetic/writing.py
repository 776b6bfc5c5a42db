"""How a writer lays out sections: headings, paragraphs and lists, in habits of one note."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from clinie.text.lexica import load_tsv
from clinie.training.synthetic.phrases import Phrase
from clinie.training.synthetic.scribe import Scribe
from clinie.training.synthetic.vocabulary import PACKAGE

__all__ = ["Layout", "SectionWriter", "make_layout"]

HEADINGS = {
    row["section"]: tuple(row["headings"].split(";"))
    for row in load_tsv("headings.tsv", package=PACKAGE)
}

_BULLETS = ("- ", "* ", "• ", "", "", "1", "1)", "-", "  ", "#")


@dataclass(frozen=True, slots=True)
class Layout:
    """How one writer lays a note out.

    Parameters
    ----------
    heading : int
        Which of a section's headings, modulo their number.
    inline : bool
        The text follows its heading on the same line.
    colon : str
    blank_lines : bool
        Between sections.
    bullet : str
        Before an entry of a list; ``1`` and ``1)`` count.
    join : str
        Between entries that stand in one line; empty: an entry a line.
    gap : str
        Between sentences.
    stop : bool
        Entries end with a full stop.
    """

    heading: int
    inline: bool
    colon: str
    blank_lines: bool
    bullet: str
    join: str
    gap: str
    stop: bool


def make_layout(rng: Random) -> Layout:
    """Draw the habits of a writer."""
    return Layout(
        heading=rng.randrange(12),
        inline=rng.random() < 0.4,
        colon=rng.choices((":", "", " -"), (8, 2, 1))[0],
        blank_lines=rng.random() < 0.65,
        bullet=rng.choice(_BULLETS),
        join=rng.choices(("", ", ", "; ", ". "), (6, 2, 2, 1))[0],
        gap=rng.choices((" ", "  "), (4, 1))[0],
        stop=rng.random() < 0.25,
    )


class SectionWriter:
    """Writes the sections of one note.

    Parameters
    ----------
    scribe : Scribe
    layout : Layout
    """

    def __init__(self, scribe: Scribe, layout: Layout) -> None:
        self.scribe = scribe
        self.layout = layout
        self.rng = scribe.rng
        self._spoken: set[str] = set()

    def section(self, name: str, body: Callable[[SectionWriter], None]) -> None:
        """Write a heading and what stands below it."""
        layout, builder = self.layout, self.scribe.builder
        if len(builder):
            builder.write("\n\n" if layout.blank_lines else "\n")
        headings = HEADINGS.get(name)
        if headings:
            heading = headings[layout.heading % len(headings)]
            colon = layout.colon or (":" if layout.inline else "")
            builder.write(heading + colon + (" " if layout.inline else "\n"))
        body(self)

    def sentences(self, table: str, where: str, count: int, *, plain: bool = True) -> None:
        """Write phrases as sentences of a paragraph."""
        for number in range(count):
            phrase = self.choose(table, where)
            if phrase is None:
                return
            if number or not self._at_start():
                self.scribe.builder.write(self.layout.gap)
            self.scribe.say(phrase, plain=plain)
            if self.scribe.builder.last not in ".:?!":
                self.scribe.builder.write(".")

    def _at_start(self) -> bool:
        return self.scribe.builder.last in ("", "\n", " ")

    def entries(self, table: str, where: Sequence[str], *, join: str | None = None) -> None:
        """Write phrases as entries of a list, one for each place named."""
        builder, layout = self.scribe.builder, self.layout
        join = layout.join if join is None else join
        number = 0
        for place in where:
            phrase = self.choose(table, place)
            if phrase is None:
                continue
            if number:
                builder.write(join or "\n")
            number += 1
            if not join:
                self.bullet(number)
            self.scribe.say(phrase, capital=self.rng.random() < 0.6)
            if layout.stop and builder.last not in ".:?!":
                builder.write(".")

    def bullet(self, number: int) -> None:
        """Write what stands before an entry of a list."""
        bullet = self.layout.bullet
        if bullet.strip() and self.scribe.builder.last == " ":
            self.scribe.builder.write("\n")
        if bullet in ("1", "1)"):
            bullet = f"{number}{')' if bullet == '1)' else '.'} "
        elif bullet == "#":
            bullet = "# "
        self.scribe.builder.write(bullet)

    def line(self, number: int = 0) -> None:
        """Begin a new line, with a bullet where a number is given."""
        if self.scribe.builder.last not in ("", "\n"):
            self.scribe.builder.write("\n")
        if number:
            self.bullet(number)

    def choose(self, table: str, where: str) -> Phrase | None:
        """Choose a phrase that this note has not used, or None where the part has none."""
        phrases = self.scribe.words.phrases[table].get(where, ())
        if not phrases:
            return None
        phrase = self.rng.choice(phrases)
        for _ in range(6):
            if phrase.text not in self._spoken or where in ("item", "past", "exam"):
                break
            phrase = self.rng.choice(phrases)
        self._spoken.add(phrase.text)
        return phrase
