"""How an `Extraction` shows itself in a notebook: static HTML, no script."""

from __future__ import annotations

from html import escape

from clinie.schema import Extraction, Span
from clinie.view.segments import segments

__all__ = ["to_html"]

_STYLE = (
    "white-space:pre-wrap;line-height:1.9;padding:.6em .8em;border:1px solid #8884;"
    "border-radius:6px;max-height:32em;overflow:auto"
)
_MARK = "border-radius:4px;padding:.1em .15em;color:#111;background:{color}"
_HUES = (205, 35, 140, 275, 5, 175, 320, 60)


def to_html(extraction: Extraction) -> str:
    """Return the note with its spans highlighted, details on hover, findings below.

    Everything that comes from the note or a model is escaped.
    """
    document = extraction.document
    colors = _colors(extraction.spans)
    details = _details(extraction)
    if document is None:
        pairs = zip(extraction.spans, details, strict=True)
        body = ", ".join(_mark(span.text, span, detail, colors) for span, detail in pairs)
    else:
        body = "".join(
            _mark(text, extraction.spans[covering[-1]], details[covering[-1]], colors)
            if covering
            else escape(text)
            for text, covering in segments(document.text, extraction.spans)
        )
    legend = " ".join(
        f'<span style="{_MARK.format(color=color)}">{escape(label)}</span>'
        for label, color in colors.items()
    )
    return (
        f"<div><div><b>{escape(extraction.document_id)}</b> · {escape(extraction.task)} · "
        f"{escape(extraction.reason)} {legend}</div>"
        f'<div style="{_STYLE}">{body}</div>{_statements(extraction)}{_findings(extraction)}</div>'
    )


def _colors(spans: tuple[Span, ...]) -> dict[str, str]:
    labels = dict.fromkeys(span.label for span in spans)
    return {
        label: f"hsl({_HUES[number % len(_HUES)]} 75% 82%)" for number, label in enumerate(labels)
    }


def _mark(text: str, span: Span, detail: str, colors: dict[str, str]) -> str:
    style = _MARK.format(color=colors[span.label])
    return f'<span style="{style}" title="{escape(detail)}">{escape(text)}</span>'


def _details(extraction: Extraction) -> list[str]:
    """Return what to say about each span on hover."""
    text = {span.id: span.text for span in extraction.spans}
    related: dict[str, list[str]] = {}
    for relation in extraction.relations:
        related.setdefault(relation.head, []).append(f"{relation.label}: {text[relation.tail]}")
    return [_detail(span, related.get(span.id, [])) for span in extraction.spans]


def _detail(span: Span, related: list[str]) -> str:
    lines = [span.label]
    lines += [f"{name}: {value}" for name, value in span.attributes.items() if value]
    lines += related
    lines += [f"{c.get('system')}: {c.get('code')} {c.get('display', '')}" for c in span.codes]
    if span.confidence is not None:
        lines.append(f"confidence {span.confidence:.2f}")
    lines.append(span.decision or span.reason)
    return "\n".join(lines)


def _statements(extraction: Extraction) -> str:
    rows = "".join(
        f"<li>{escape(label.name)}: <b>{escape(label.value)}</b></li>"
        for label in extraction.labels
    )
    return f"<ul>{rows}</ul>" if rows else ""


def _findings(extraction: Extraction) -> str:
    rows = "".join(
        f"<li>{escape(f.severity)}: <b>{escape(f.code)}</b> {escape(f.item or '')}</li>"
        for f in extraction.findings
        if f.severity != "info"
    )
    missing = "" if extraction.complete else "<p><b>Incomplete:</b> a window failed.</p>"
    return missing + (f"<ul>{rows}</ul>" if rows else "")
