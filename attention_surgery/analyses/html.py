"""A result as a notebook shows it: HTML and SVG that need neither a server nor a script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from attention_surgery.analyses.figures import (
    ABLATED,
    CONTROL,
    DIVERGING,
    MOST_LABELS,
    SEQUENTIAL,
    Bars,
    Figure,
    Lines,
    Map,
)
from attention_surgery.errors import InvalidSetting

if TYPE_CHECKING:
    from attention_surgery.analyses.result import Result

MOST_FIGURES = 4
MOST_ROWS = 10
TEXT = 'font-family="system-ui,sans-serif" font-size="11" fill="currentColor"'


def html_of(result: Result) -> str:
    """What was asked, pictures or else the first rows, and warnings."""
    came_from = result.provenance
    prompt = came_from.request.get("prompt") or ""
    cuts = came_from.request.get("ablations") or []
    parts = [
        f"<div><b>{escape(type(result).__name__)}</b> of {escape(result.model)} "
        f'<span style="opacity:.65">{escape(came_from.revision[:12])}</span></div>',
        f"<div>{escape(_shortened(prompt))}</div>" if prompt else "",
        f"<div>cut: {escape(_told(cuts))}</div>" if cuts else "",
        *(f"<div>⚠ {escape(warning)}</div>" for warning in result.warnings),
    ]
    figures = list(islice(result.figures(), MOST_FIGURES))
    parts += [_figure(figure) for figure in figures] if figures else [_table(result)]
    return f'<div style="line-height:1.5">{"".join(parts)}</div>'


def _shortened(text: str, most: int = 300) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _told(cuts: Sequence[dict[str, Any]]) -> str:
    names = [
        f"{'M' if cut.get('head') is None else 'L'}{cut['layer']}"
        + ("" if cut.get("head") is None else f"H{cut['head']}")
        + f" {cut['method']}"
        for cut in cuts[:12]
    ]
    return ", ".join(names) + (" …" if len(cuts) > 12 else "")


def _table(result: Result) -> str:
    try:
        table = result.table()
    except InvalidSetting:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in table)
    rows = list(zip(*table.values(), strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(_number(value))}</td>' for value in row)}</tr>"
        for row in rows[:MOST_ROWS]
    )
    more = f"<div>… {len(rows)} rows in all</div>" if len(rows) > MOST_ROWS else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)


def _figure(figure: Figure) -> str:
    unit = f" · {escape(figure.unit)}" if figure.unit else ""
    caption = f'<div style="margin-top:.5em">{escape(figure.title)}{unit}</div>'
    match figure:
        case Map():
            return caption + _map(figure)
        case Bars():
            return caption + _bars(figure)
        case Lines():
            return caption + _lines(figure)


def _svg(width: float, height: float, content: Iterator[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width:g}" height="{height:g}" '
        f'style="max-width:100%">{"".join(content)}</svg>'
    )


def _map(figure: Map) -> str:
    rows, columns = figure.values.shape
    cell = min(26.0, 620 / max(columns, 1), 420 / max(rows, 1))
    left, top = 8 + 6.5 * max((len(name) for name in figure.rows), default=0), 16.0
    colours = DIVERGING if figure.signed else SEQUENTIAL
    low, high = figure.limits

    def content() -> Iterator[str]:
        for j in range(0, columns, _every(columns)):
            x = left + (j + 0.5) * cell
            yield f'<text {TEXT} x="{x:.1f}" y="11" text-anchor="middle">{_name(figure.columns[j])}'
            yield "</text>"
        for i in range(rows):
            if i % _every(rows) == 0:
                y = top + (i + 0.5) * cell + 4
                yield f'<text {TEXT} x="{left - 5:.1f}" y="{y:.1f}" text-anchor="end">'
                yield f"{_name(figure.rows[i])}</text>"
            for j in range(columns):
                value = float(figure.values[i, j])
                if np.isfinite(value):
                    fill = mixed(colours, (value - low) / (high - low))
                    yield f'<rect x="{left + j * cell:.1f}" y="{top + i * cell:.1f}" '
                    yield f'width="{0.94 * cell:.1f}" height="{0.94 * cell:.1f}" fill="{fill}">'
                    yield f"<title>{_name(figure.rows[i])} {_name(figure.columns[j])}: "
                    yield f"{value:.4g}</title></rect>"
        yield f'<text {TEXT} x="{left:.1f}" y="{top + rows * cell + 14:.1f}">'
        yield f"{low:.3g} … {high:.3g}</text>"

    return _svg(left + columns * cell + 4, top + rows * cell + 20, content())


def _every(count: int) -> int:
    return 1 + (count - 1) // MOST_LABELS


def _name(text: str) -> str:
    return escape(text.replace("\n", "⏎").replace(" ", "␣"))


def _bars(figure: Bars) -> str:
    each, left, room = 13.0, 130.0, 320.0
    values = np.array(list(figure.series.values()), dtype=float)
    low, high = min(0.0, float(values.min(initial=0))), max(0.0, float(values.max(initial=0)))
    scale = room / ((high - low) or 1.0)
    zero = left - low * scale
    step = each * len(values) + 5

    def content() -> Iterator[str]:
        for i, name in enumerate(figure.names):
            y = i * step
            yield f'<text {TEXT} x="{left - 6:g}" y="{y + step / 2 + 2:.1f}" text-anchor="end">'
            yield f"{_name(name)}</text>"
            for number, row in enumerate(values):
                size = row[i] * scale
                x, top = (zero + min(size, 0.0), y + number * each + 1)
                yield f'<rect x="{x:.1f}" y="{top:.1f}" width="{max(abs(size), 1):.1f}" '
                yield f'height="{each - 2:g}" fill="{(CONTROL, ABLATED)[number % 2]}"/>'
                yield f'<text {TEXT} x="{max(x + abs(size), zero) + 4:.1f}" y="{top + 9:.1f}">'
                yield f"{row[i]:.3g}</text>"

    return _legend(list(figure.series)) + _svg(
        left + room + 60, len(figure.names) * step, content()
    )


def _lines(figure: Lines) -> str:
    left, room, height = 34.0, 420.0, 150.0
    values = np.array(list(figure.series.values()), dtype=float)
    low, high = min(0.0, float(values.min(initial=0))), float(values.max(initial=0)) or 1.0
    steps = len(figure.steps)

    def place(i: int, value: float) -> str:
        x = left + room * i / max(steps - 1, 1)
        return f"{x:.1f},{6 + height * (high - value) / ((high - low) or 1.0):.1f}"

    def content() -> Iterator[str]:
        for tick in (low, (low + high) / 2, high):
            x, y = place(0, tick).split(",")
            yield f'<line x1="{x}" x2="{left + room:g}" y1="{y}" y2="{y}" stroke="currentColor" '
            yield f'opacity=".18"/><text {TEXT} x="{left - 4:g}" y="{y}" text-anchor="end">'
            yield f"{tick:.2g}</text>"
        for i in range(0, steps, _every(steps)):
            x, _ = place(i, low).split(",")
            yield f'<text {TEXT} x="{x}" y="{height + 22:g}" text-anchor="middle">'
            yield f"{_name(figure.steps[i])}</text>"
        for number, row in enumerate(values):
            points = " ".join(place(i, value) for i, value in enumerate(row))
            dash = ' stroke-dasharray="5 3"' * (number % 2)
            yield f'<polyline points="{points}" fill="none" stroke-width="2"{dash} '
            yield f'stroke="{(CONTROL, ABLATED)[number % 2]}"/>'

    return _legend(list(figure.series)) + _svg(left + room + 16, height + 28, content())


def _legend(names: Sequence[str]) -> str:
    if len(names) < 2:
        return ""
    marks = (
        f'<span style="color:{(CONTROL, ABLATED)[i % 2]}">■</span> {escape(name)} '
        for i, name in enumerate(names)
    )
    return f"<div>{''.join(marks)}</div>"


def mixed(colours: Sequence[str], fraction: float) -> str:
    """The colour at a fraction of the way through some, 0 the first, 1 the last."""
    place = min(max(fraction, 0.0), 1.0) * (len(colours) - 1)
    at = min(int(place), len(colours) - 2)
    first, second = (
        np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) for colour in colours[at : at + 2]
    )
    red, green, blue = np.rint(first + (second - first) * (place - at)).astype(int)
    return f"#{red:02x}{green:02x}{blue:02x}"
