"""A circuit as a picture: layers upward, a line for who writes into whom; SVG, or PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from attention_surgery.analyses.figures import DIVERGING
from attention_surgery.engine.sites import Sender
from attention_surgery.errors import InvalidSetting

if TYPE_CHECKING:
    from attention_surgery.analyses.circuit_parts import Edge

MOST_LINES, LEAST_SHARE = 60, 0.02
COLUMN, ROW, MARGIN, RADIUS = 56.0, 64.0, 48.0, 15.0
AGAINST, _, WITH = DIVERGING
INK, QUIET = "#1c1c1f", "#6b6b73"
FONT = "DejaVu Sans, Helvetica, Arial, sans-serif"
NO_PLOTS = 'A PNG needs matplotlib: pip install "attention-surgery[notebook]", or write an SVG.'


@dataclass(frozen=True, slots=True)
class Line:
    """From below to above, leaving and arriving upright."""

    begin: tuple[float, float]
    end: tuple[float, float]
    width: float
    colour: str

    @property
    def bends(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The two inner points of its Bézier curve."""
        (x1, y1), (x2, y2) = self.begin, self.end
        half = (y1 - y2) / 2
        return (x1, y1 - half), (x2, y2 + half)


@dataclass(frozen=True, slots=True)
class Node:
    """A head, or the logits."""

    at: tuple[float, float]
    label: str
    filled: bool


@dataclass(frozen=True, slots=True)
class Words:
    at: tuple[float, float]
    text: str
    size: float
    colour: str = INK
    middle: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """Points count from the top left corner, in pixels."""

    width: float
    height: float
    lines: list[Line]
    nodes: list[Node]
    words: list[Words]


def drawing(
    heads: Sequence[Sender],
    edges: Sequence[Edge],
    n_layers: int,
    n_heads: int,
    captions: Sequence[str],
) -> Drawing:
    """Heads where the grid has them, layer 0 at the bottom; brown carries the behaviour, blue works
    against it.

    Args:
        edges: strongest first; the first 60 of at least 2 % are drawn.
    """
    top = MARGIN + 20.0 * len(captions)
    places: dict[Sender | None, tuple[float, float]] = {
        head: (MARGIN + 24 + COLUMN * (head.head + 0.5), top + ROW * (n_layers - head.layer))
        for head in heads
    }
    width = 2 * MARGIN + 24 + COLUMN * n_heads
    places[None] = (width / 2, top)
    told = [edge for edge in edges if abs(edge.share or 0.0) >= LEAST_SHARE][:MOST_LINES]
    most = max((abs(edge.share or 0.0) for edge in told), default=1.0)
    lines, words = [], []
    for edge in reversed(told):  # the strongest on top
        share = edge.share or 0.0
        begin, end = places[edge.sender], places[edge.receiver]
        colour = WITH if share > 0 else AGAINST
        lines.append(Line(begin, end, 0.75 + 6 * abs(share) / most, colour))
        if edge.input is not None:
            side = {"q": -11.0, "k": 0.0, "v": 11.0}[edge.input]
            words.append(Words((end[0] + side, end[1] + RADIUS + 11), edge.input, 10, colour, True))
    words += [
        Words((MARGIN - 24, top + ROW * (n_layers - layer) + 4), f"L{layer}", 11, QUIET)
        for layer in range(n_layers)
    ]
    words += [
        Words((MARGIN - 24, MARGIN - 16 + 20.0 * row), text, 14 if row == 0 else 12)
        for row, text in enumerate(captions)
    ]
    nodes = [
        Node(at, "logits" if head is None else str(head), head is None)
        for head, at in places.items()
    ]
    return Drawing(
        width, top + ROW * n_layers + MARGIN / 2, lines, nodes, list(dict.fromkeys(words))
    )


def svg(shown: Drawing) -> str:
    """The drawing as an SVG document."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {shown.width:g} {shown.height:g}" '
        f'width="{shown.width:g}" height="{shown.height:g}" font-family="{FONT}">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
    ]
    for line in shown.lines:
        points = " ".join(f"{x:g},{y:g}" for x, y in (*line.bends, line.end))
        parts.append(
            f'<path d="M{line.begin[0]:g},{line.begin[1]:g} C{points}" fill="none" '
            f'stroke="{line.colour}" stroke-width="{line.width:.2f}" stroke-opacity="0.75"/>'
        )
    for node in shown.nodes:
        x, y = node.at
        wide = 26 if node.filled else 22
        fill, ink = (INK, "#ffffff") if node.filled else ("#ffffff", INK)
        parts.append(
            f'<rect x="{x - wide:g}" y="{y - RADIUS:g}" width="{2 * wide}" height="{2 * RADIUS:g}" '
            f'rx="{RADIUS:g}" fill="{fill}" stroke="{INK}"/>'
            f'<text x="{x:g}" y="{y + 4:g}" font-size="11" text-anchor="middle" '
            f'fill="{ink}">{escape(node.label)}</text>'
        )
    for words in shown.words:
        anchor = "middle" if words.middle else "start"
        parts.append(
            f'<text x="{words.at[0]:g}" y="{words.at[1]:g}" font-size="{words.size:g}" '
            f'text-anchor="{anchor}" fill="{words.colour}">{escape(words.text)}</text>'
        )
    return "\n".join([*parts, "</svg>\n"])


def png(shown: Drawing) -> bytes:
    """The drawing as a PNG of twice as many pixels.

    Raises:
        InvalidSetting: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
        from matplotlib.patches import FancyBboxPatch, PathPatch
        from matplotlib.path import Path
    except ImportError:
        raise InvalidSetting(NO_PLOTS) from None
    figure = Figure(figsize=(shown.width / 72, shown.height / 72), dpi=144)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, shown.width), ylim=(shown.height, 0))
    axes.axis("off")
    for line in shown.lines:
        codes = [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
        path = Path([line.begin, *line.bends, line.end], codes)
        axes.add_patch(
            PathPatch(path, fill=False, ec=line.colour, lw=line.width, alpha=0.75, capstyle="butt")
        )
    for node in shown.nodes:
        (x, y), wide = node.at, 26 if node.filled else 22
        fill, ink = (INK, "#ffffff") if node.filled else ("#ffffff", INK)
        box = f"round,pad=0,rounding_size={RADIUS}"
        corner = x - wide, y - RADIUS
        axes.add_patch(FancyBboxPatch(corner, 2 * wide, 2 * RADIUS, box, fc=fill, ec=INK, zorder=3))
        axes.text(x, y, node.label, size=11, ha="center", va="center", color=ink, zorder=4)
    for words in shown.words:
        side = "center" if words.middle else "left"
        axes.text(*words.at, words.text, size=words.size, ha=side, color=words.colour, zorder=5)
    written = BytesIO()
    figure.savefig(written, format="png")
    return written.getvalue()
