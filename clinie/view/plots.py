"""Plots of an evaluation as inline SVG; colours come from the page, so light and dark both work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

__all__ = ["coverage", "intervals", "reliability"]

_SIDE, _LEFT, _BOTTOM, _TOP = 260, 56, 40, 12
_ROW, _NAMES, _WIDTH = 26, 170, 340
_LONGEST = 24


def intervals(rows: Sequence[tuple[str, Mapping[str, float], float | None]], name: str) -> str:
    """Draw a figure from 0 to 1 by name, with its interval, and that of another system.

    Parameters
    ----------
    rows : sequence of (str, Mapping, float or None)
        Name; ``value``, ``low`` and ``high``; the other system's value.
    name : str
        Of the figure.
    """
    height = len(rows) * _ROW + 2
    parts = [_grid_lines(height)]
    for number, (label, figure, other) in enumerate(rows):
        y = number * _ROW + _ROW / 2
        shown = label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
        parts.append(_text(_NAMES - 10, y + 4, shown, "end"))
        parts.append(_line(_across(figure["low"]), y, _across(figure["high"]), y, "whisker"))
        if other is not None:
            parts.append(f'<circle class="other" cx="{_across(other):.1f}" cy="{y}" r="4.5"/>')
        parts.append(f'<circle class="dot" cx="{_across(figure["value"]):.1f}" cy="{y}" r="4.5"/>')
        parts.append(_text(_NAMES + _WIDTH + 12, y + 4, f"{figure['value']:.3f}", "start"))
    for tick in range(6):
        parts.append(_text(_across(tick / 5), height + 16, f"{tick / 5:.1f}", "middle", "soft"))
    return _svg(_NAMES + _WIDTH + 64, height + 22, parts, f"{name} by label with 95 % intervals")


def reliability(bins: Sequence[Mapping[str, Any]], name: str) -> str:
    """Draw how many items were right against how sure they were.

    Dots grow with the number of their items; the line leads to where they should be.
    """
    most = max((each["n"] for each in bins), default=1)
    parts = [*_axes("confidence", "share right"), _line(*_at(0, 0), *_at(1, 1), "ideal")]
    for each in bins:
        x, y = _at(each["confidence"], each["accuracy"])
        radius = 2.5 + 7 * (each["n"] / most) ** 0.5
        told = f"{each['n']:,} {name}: {each['confidence']:.2f} sure, {each['accuracy']:.2f} right"
        parts.append(_line(x, y, *_at(each["confidence"], each["confidence"]), "whisker"))
        parts.append(
            f'<circle class="dot seen" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}">'
            f"<title>{escape(told)}</title></circle>"
        )
    return _square(parts, f"Reliability diagram of {name}")


def coverage(points: Sequence[Mapping[str, Any]], name: str) -> str:
    """Draw how many of the surest items are right, from the surest ones to all."""
    lowest = min((point["accuracy"] for point in points), default=0.0)
    floor = max(0.0, int(lowest * 10) / 10 - (0.1 if lowest * 10 % 1 < 0.2 else 0.0))
    parts = _axes("coverage", "share right", floor)
    line = " ".join(
        "{:.1f},{:.1f}".format(*_at(point["coverage"], point["accuracy"], floor))
        for point in points
    )
    parts.append(f'<polyline class="curve" points="{line}"/>')
    if len(points) <= 60:
        for point in points:
            x, y = _at(point["coverage"], point["accuracy"], floor)
            told = (
                f"{point['coverage']:.0%} of the {name} at {point['threshold']:.2f} or surer, "
                f"{point['accuracy']:.3f} of them right"
            )
            parts.append(
                f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5">'
                f"<title>{escape(told)}</title></circle>"
            )
    return _square(parts, f"Accuracy against coverage of {name}")


def _axes(across: str, up: str, floor: float = 0.0) -> list[str]:
    parts = []
    for tick in range(6):
        x, _ = _at(tick / 5, 1)
        value = floor + (1 - floor) * tick / 5
        _, y = _at(0, value, floor)
        parts.append(_line(x, _TOP, x, _TOP + _SIDE, "grid"))
        parts.append(_line(_LEFT, y, _LEFT + _SIDE, y, "grid"))
        parts.append(_text(x, _TOP + _SIDE + 16, f"{tick / 5:.1f}", "middle", "soft"))
        parts.append(_text(_LEFT - 6, y + 4, f"{value:.2f}", "end", "soft"))
    parts.append(_text(_LEFT + _SIDE / 2, _TOP + _SIDE + 34, across, "middle"))
    middle = _TOP + _SIDE / 2
    turned = f'transform="rotate(-90 11 {middle})"'
    parts.append(f'<text x="11" y="{middle}" text-anchor="middle" {turned}>{up}</text>')
    return parts


def _at(x: float, y: float, floor: float = 0.0) -> tuple[float, float]:
    return _LEFT + x * _SIDE, _TOP + (1 - (y - floor) / (1 - floor)) * _SIDE


def _across(value: float) -> float:
    return _NAMES + value * _WIDTH


def _grid_lines(height: float) -> str:
    return "".join(_line(_across(t / 5), 0, _across(t / 5), height, "grid") for t in range(6))


def _square(parts: Iterable[str], title: str) -> str:
    return _svg(_LEFT + _SIDE + 12, _TOP + _SIDE + _BOTTOM, parts, title)


def _svg(width: float, height: float, parts: Iterable[str], title: str) -> str:
    return (
        f'<svg class="plot" role="img" aria-label="{escape(title)}" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">{"".join(parts)}</svg>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, words: str, anchor: str, kind: str = "ink") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{escape(words)}</text>'
