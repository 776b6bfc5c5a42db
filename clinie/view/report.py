"""The report of an evaluation: figures, plots, and every error in its context, as one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from clinie.io.files import Replacement, writing
from clinie.schema import Span
from clinie.view import plots
from clinie.view.segments import segments
from clinie.view.shell import frame, inert

__all__ = ["write_report"]

_AROUND = 90
"""Characters of the document shown on each side of an error."""

_WIDEST = 12
"""Values of an attribute, more of which make no readable table."""

_NAMES = {"f1": "F1", "macro_f1": "macro-F1", "ece": "ECE", "brier": "Brier score"}
_NAMES |= {name: name.upper() for name in ("auroc", "aurc", "augrc")}

_PLAIN = ("precision", "recall")
"""Figures whose interval is left to the tip."""


def write_report(out: Path, evaluation: Mapping[str, Any], *, title: str = "Evaluation") -> None:
    """Write an evaluation as one self-contained page.

    Parameters
    ----------
    out : Path
        The file to write (mode 0600: it holds words of the notes).
    evaluation : Mapping
        `clinie.datasets.evaluation.Evaluation.to_dict` with ``words=True``.
    title : str

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    place = Replacement(out)
    stream = place.partial.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
    complete = False
    try:
        head, foot = frame("report", title)
        with writing(out):
            stream.writelines([head, *_content(evaluation)])
            stream.write(inert(_errors(evaluation), "errors") + foot)
        complete = True
    finally:
        place.close(stream, complete=complete)


def _content(evaluation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<section>{_summary(evaluation)}</section>\n"
    yield _section("At a glance", f'<div class="plots">{_plots(evaluation)}</div>')
    if evaluation["comparisons"]:
        yield _section("Beside the other prediction", _beside(evaluation))
    tables = []
    for section, lines in groupby(evaluation["figures"], key=lambda line: line["section"]):
        parts = groupby(lines, key=lambda line: tuple(line["figures"]))
        body = "".join(_table(measures, list(group)) for measures, group in parts)
        tables.append(_figure(section, body))
    yield _section("Figures", f'<div class="plots">{"".join(tables)}</div>')
    closed = {n: c for n, c in evaluation["confusions"].items() if len(c["values"]) <= _WIDEST}
    if closed:
        matrices = "".join(_confusion(name, each) for name, each in closed.items())
        title = "Gold value (row) against predicted value (column)"
        yield _section(title, f'<div class="plots">{matrices}</div>')


def _section(title: str, body: str) -> str:
    return f"<section><h2>{title}</h2>{body}</section>\n"


def _summary(evaluation: Mapping[str, Any]) -> str:
    unit = f"{evaluation['unit']}s"
    found = "their places are equal" if evaluation["mode"] == "strict" else "their places overlap"
    said = (
        f"<p><b>{escape(evaluation['task'])}</b> on {evaluation['documents']:,} {unit}. Intervals: "
        f"95 %, from {evaluation['resamples']:,} resamples of {unit}. For attributes and "
        f"confidences, mentions count as found when {found}.</p>"
    )
    parts = [said]
    parts += [f'<p class="notice">{escape(notice)}</p>' for notice in evaluation["notices"]]
    for key, what in (
        ("missing", "Without a prediction, and counted as empty"),
        ("extra", "Without gold, and left out"),
    ):
        ids = evaluation[key]
        if ids:
            names = "".join(f"<li>{escape(id)}</li>" for id in ids)
            parts.append(
                f'<details class="notice"><summary>{what}: {len(ids):,} {unit}</summary>'
                f"<ul>{names}</ul></details>"
            )
    return "".join(parts)


def _plots(evaluation: Mapping[str, Any]) -> str:
    drawn = []
    others = {
        (each["section"], each["name"]): each["other"]
        for each in evaluation["comparisons"]
        if each["measure"] == "f1"
    }
    section = f"spans, {evaluation['mode']}"
    lines = [
        (line["name"], line["figures"]["f1"], others.get((section, line["name"])))
        for line in evaluation["figures"]
        if line["section"] == section and line["figures"]["f1"]["value"] is not None
    ]
    if lines:
        key = " (hollow: the other prediction)" if others else ""
        figure = plots.intervals(lines, "F1")
        drawn.append(_figure(f"F1 of {section}{key}", figure))
    for kind, bins in evaluation["reliability"].items():
        drawn.append(
            _figure(f"Reliability of the confidences of {kind}", plots.reliability(bins, kind))
        )
        curve = plots.coverage(evaluation["coverage"][kind], kind)
        drawn.append(_figure(f"Accuracy against coverage, {kind}", curve))
    return "".join(drawn) or "<p>No item has a confidence, and there are no spans.</p>"


def _figure(caption: str, body: str) -> str:
    return f"<figure><figcaption>{escape(caption)}</figcaption>{body}</figure>"


def _table(measures: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> str:
    heads = "".join(
        f"<th>{_name(m)}</th>{'' if m in _PLAIN else '<th>95 %</th>'}" for m in measures
    )
    rows = "".join(
        f"<tr{_average(line)}><th>{escape(line['name'])}</th><td>{line['gold']:,}</td>"
        f"<td>{line['predicted']:,}</td>"
        f"{''.join(_cells(m, line['figures'][m]) for m in measures)}</tr>"
        for line in lines
    )
    return (
        f"<table><thead><tr><th></th><th>gold</th><th>found</th>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _average(line: Mapping[str, Any]) -> str:
    return ' class="average"' if line["name"] in ("micro", "macro") else ""


def _cells(measure: str, figure: Mapping[str, float | None]) -> str:
    interval = f"{_number(figure['low'])} to {_number(figure['high'])}"
    if measure in _PLAIN:
        return f'<td title="{interval}">{_number(figure["value"])}</td>'
    return f'<td><b>{_number(figure["value"])}</b></td><td class="soft">{interval}</td>'


def _beside(evaluation: Mapping[str, Any]) -> str:
    rows = []
    for each in evaluation["comparisons"]:
        if each["measure"] in _PLAIN:
            continue
        gap = each["difference"]
        clear = gap["low"] is not None and (gap["low"] > 0 or gap["high"] < 0)
        rows.append(
            f"<tr><th>{escape(each['section'])}: {escape(each['name'])}</th>"
            f"<td>{_name(each['measure'])}</td><td>{_number(each['value'])}</td>"
            f"<td>{_number(each['other'])}</td>"
            f"<td>{_strong(_number(gap['value'], '+'), clear)}</td>"
            f'<td class="soft">{_number(gap["low"], "+")} to {_number(gap["high"], "+")}</td>'
            f'<td class="soft">{_number(gap["p"])}</td></tr>'
        )
    return (
        "<p>The same documents and the same resamples; in bold where the interval leaves out "
        "zero. With many rows some will by chance.</p>"
        "<table><thead><tr><th></th><th>figure</th><th>this</th><th>other</th><th>higher by</th>"
        f"<th>95 %</th><th>p</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _strong(words: str, wanted: bool) -> str:
    return f"<b>{words}</b>" if wanted else words


def _confusion(name: str, each: Mapping[str, Any]) -> str:
    values = each["values"]
    heads = "".join(f"<th>{escape(value)}</th>" for value in values)
    rows = "".join(
        f"<tr><th>{escape(value)}</th>"
        + "".join(
            f'<td class="{"right" if value == said else "wrong" if n else "soft"}">{n or "·"}</td>'
            for said, n in zip(values, counts, strict=True)
        )
        + "</tr>"
        for value, counts in zip(values, each["counts"], strict=True)
    )
    body = f"<table><thead><tr><th></th>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return _figure(name, body)


def _name(measure: str) -> str:
    return escape(_NAMES.get(measure, measure))


def _number(value: float | None, sign: str = "") -> str:
    return "–" if value is None else f"{value:{sign}.3f}"


def _errors(evaluation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the page needs of each error, kind by kind."""
    texts, order = evaluation["texts"], list(evaluation["error_counts"])
    return [
        {
            "kind": error["kind"],
            "label": error["label"],
            "id": error["document_id"],
            "gold": error["gold"],
            "predicted": error["predicted"],
            "hint": error["hint"],
            "confidence": error["confidence"],
            "context": _context(texts.get(error["document_id"], ""), error["places"]),
        }
        for error in sorted(evaluation["errors"], key=lambda error: order.index(error["kind"]))
    ]


def _context(text: str, places: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the text around the places of an error, cut where they begin and end.

    Each piece comes with the sides that hold it: ``g`` for gold, ``p`` for predicted.
    """
    pieces: list[tuple[str, str]] = []
    for start, end in _windows(text, places):
        if pieces or start > 0:
            pieces.append((" … " if pieces else "… ", ""))
        inside = [
            Span(place["side"][0], "", begin - start, finish - start, "")
            for place in places
            if (begin := max(start, place["start"])) < (finish := min(end, place["end"]))
        ]
        pieces += [
            (words, "".join(sorted({inside[k].id for k in covering})))
            for words, covering in segments(text[start:end], inside)
        ]
        if end == len(text):
            break
    else:
        if pieces:
            pieces.append((" …", ""))
    return pieces


def _windows(text: str, places: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
    windows: list[tuple[int, int]] = []
    for place in sorted(places, key=lambda place: (place["start"], place["end"])):
        start, end = _whole_words(text, place["start"], place["end"])
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(end, windows[-1][1]))
        else:
            windows.append((start, end))
    return windows


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a place by what stands around it, to the nearest blank where one is near."""
    first, last = max(0, start - _AROUND), min(len(text), end + _AROUND)
    if first:
        first += max(0, text.find(" ", first, start) + 1 - first)
    if last < len(text):
        blank = text.rfind(" ", end, last)
        last = blank if blank > 0 else last
    return first, last
