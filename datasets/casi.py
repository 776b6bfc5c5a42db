"""The CASI data set: short forms in clinical sentences with the sense that annotators chose.

Clinical Abbreviation Sense Inventory of the University of Minnesota: 75 short forms, 500 sentences
each, from dictated notes. The file is for registered users; `casi` reads the user's own copy
(``AnonymizedClinicalAbbreviationsAndAcronymsDataSet.txt``): one case a line, cells parted by ``|``:
short form, long form, the short form as in the text, its start and end in the text, section, text.

`casi` applies the filter of Adams et al. 2020, in their order, so that figures can be compared:

1. no short form, long form or text;
2. ``C3``, ``C4``, ``T1`` to ``T4`` (vertebrae), which are not clinical senses in doubt;
3. the short form is a word of its own long form;
4. the long form is not in the inventory of senses, or its sense is blocked (*right*, places); some
   senses are one (*gutta* is *guttae*);
5. the recorded start is not where the short form stands, followed by a blank;
6. the words around (a window on either side) no longer hold the short form as a word;
7. the short form is not on the list to keep (their 41, which also occur in MIMIC).

References
----------
Moon S, Pakhomov S, Liu N, Ryan JO, Melton GB. A sense inventory for clinical abbreviations and
acronyms created using clinical notes and medical dictionary resources. JAMIA 2014.

Adams G, Ketenci M, Bhave S, Perotte A, Elhadad N. Zero-shot clinical acronym expansion via latent
meaning cells. ML4H 2020.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from clinie.datasets.corpora import CorpusItem
from clinie.errors import InputError
from clinie.schema import Document, Span

__all__ = ["BLOCKED", "MERGED", "VERTEBRAE", "CasiFilter", "casi"]

VERTEBRAE = frozenset({"C3", "C4", "T1", "T2", "T3", "T4"})
BLOCKED = frozenset({"right", "california"})
"""Senses left out; the published list has nine, of which these two are known to us."""
MERGED: Mapping[str, str] = {"gutta": "guttae", "physician assistants": "physician assistant"}
_CELLS = 7
_TOKEN = re.compile(r"\S+")
_PUNCTUATION = ".,;:()[]\"'"


@dataclass(slots=True)
class CasiFilter:
    """What `casi` keeps, and how many rows each rule left out.

    Parameters
    ----------
    senses : Mapping of str to Mapping, optional
        For each short form: long form (lower case) to sense; None keeps the long forms as they are.
    blocked : collection of str
        Senses left out.
    merged : Mapping of str to str
        Senses that are another one.
    keep : collection of str, optional
        Short forms to keep; None for all.
    window : int
        Words on either side that are kept of the context when it is cut.
    dropped : Counter
        Rows left out, by rule; filled while reading.
    """

    senses: Mapping[str, Mapping[str, str]] | None = None
    blocked: Collection[str] = BLOCKED
    merged: Mapping[str, str] = field(default_factory=lambda: dict(MERGED))
    keep: Collection[str] | None = None
    window: int = 10
    dropped: Counter[str] = field(default_factory=Counter)

    def sense(self, row: _Row) -> str | None:
        """Return the sense of a row; None, counted by its rule, for a row to leave out."""
        rule, sense = self._judge(row)
        if rule:
            self.dropped[rule] += 1
        return sense

    def _judge(self, row: _Row) -> tuple[str, str | None]:
        """Return the rule that leaves a row out, or no rule and the sense."""
        long = " ".join(row.long.lower().split())
        if not (row.short and long and row.text.strip()):
            return "missing", None
        if row.short in VERTEBRAE:
            return "vertebra", None
        if row.short.lower() in re.findall(r"\w+", long):
            return "in its long form", None
        sense = long
        if self.senses is not None:
            sense = self.senses.get(row.short, {}).get(long, "")
        sense = self.merged.get(sense, sense)
        if not sense or sense in self.blocked:
            return "sense", None
        if not row.text.startswith(row.written + " ", row.start):
            return "offset", None
        if not self._in_window(row):
            return "window", None
        if self.keep is not None and row.short not in self.keep:
            return "not kept", None
        return "", sense

    def _in_window(self, row: _Row) -> bool:
        tokens = list(_TOKEN.finditer(row.text))
        at = sum(token.start() < row.start for token in tokens)
        near = tokens[max(0, at - self.window) : at + self.window + 1]
        return any(token.group().strip(_PUNCTUATION) == row.written for token in near)


@dataclass(frozen=True, slots=True)
class _Row:
    short: str
    long: str
    written: str
    start: int
    end: int
    section: str
    text: str = field(repr=False)


def casi(path: str | Path, rules: CasiFilter | None = None) -> Iterator[CorpusItem]:
    """Yield the cases of a CASI file that the filter keeps.

    The one span is the ``acronym`` with its ``sense``; the document's metadata hold the
    ``section``.

    Parameters
    ----------
    path : str or Path
        The user's own copy; UTF-8 or Windows-1252.
    rules : CasiFilter, optional
        Without it, the filter of Adams et al. without inventory and list of short forms.

    Raises
    ------
    InputError
        When the file cannot be read, or a line is no row of seven cells; it names the line.
    """
    rules = rules or CasiFilter()
    for number, row in enumerate(_rows(Path(path)), start=1):
        sense = rules.sense(row)
        if sense is not None:
            place = (row.start, row.start + len(row.written))
            span = Span("s0", "acronym", *place, row.written, attributes={"sense": sense})
            document = Document(row.text, f"casi-{number}", metadata={"section": row.section})
            yield CorpusItem(document, (span,))


def _rows(path: Path) -> Iterator[_Row]:
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        cells = line.split("|", _CELLS - 1)
        try:
            short, long, written, start, end, section, text = cells
            yield _Row(short.strip(), long, written, int(start), int(end), section.strip(), text)
        except ValueError:
            raise InputError(
                "not a row of CASI",
                place=f"{path.name}:{number}",
                mend="seven cells parted by |: short form, long form, as in text, start, end, "
                "section, text",
            ) from None


def _lines(path: Path) -> list[str]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", place=str(path), mend="name your copy of CASI"
        ) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").split("\n")
