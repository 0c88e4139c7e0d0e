"""Mermaid's flowcharts as SVG, drawn while the manual is built.

Hosts of Markdown draw these fences by a script; here the same text becomes a picture that needs
neither script nor network. It reads what the manual writes: `a["words<br/>more"]`, `-->`,
`-->|"words"|`, `-.->` and `---`.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

NODE = re.compile(r'\s*(\w+)(?:\["(.*?)"\])?')
EDGE = re.compile(r'\s*(-->|-\.->|---)(?:\|"(.*?)"\|)?')
LINE, LETTER, BOX_GAP, LAYER_GAP, PADDING = 17, 6.6, 22, 62, 11
SWEEPS = 12


@dataclass
class Box:
    """A node, or the place where a long edge passes a layer."""

    lines: list[str] = field(default_factory=list)
    layer: int = 0
    x: float = 0.0
    top: float = 0.0
    height: float = 0.0

    @property
    def width(self) -> float:
        return 2 * PADDING + LETTER * max(map(len, self.lines)) if self.lines else 14.0


@dataclass
class Edge:
    start: str
    end: str
    kind: str
    words: str
    way: list[str] = field(default_factory=list)


def drawn(source: str, *_args: Any, **_kwargs: Any) -> str:
    """The formatter of a fence: SVG of its flowchart."""
    boxes, edges = read(source)
    layers = arranged(boxes, edges)
    height = _stack(layers, boxes)
    width = max(sum(boxes[name].width + BOX_GAP for name in layer) for layer in layers)
    parts = [_edge(edge, boxes) for edge in edges]
    parts += [_words(edge, boxes) for edge in edges if edge.words]
    parts += [_box(box) for box in boxes.values() if box.lines]
    return (
        f'<svg class="flowchart" viewBox="{-width / 2:.0f} 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{html.escape(_told(boxes, edges))}">'
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z"/></marker></defs>'
        f"{''.join(parts)}</svg>"
    )


def read(source: str) -> tuple[dict[str, Box], list[Edge]]:
    """Its nodes, in the order in which they are met, and its edges."""
    boxes: dict[str, Box] = {}
    edges: list[Edge] = []

    def node(text: str, at: int) -> tuple[str, int]:
        found = NODE.match(text, at)
        assert found, text
        name, words = found.groups()
        box = boxes.setdefault(name, Box([name]))
        if words is not None:
            box.lines = re.split(r"<br/?>|(?<=:) ", words)
        return name, found.end()

    for line in source.splitlines()[1:]:
        text = line.strip()
        if not text:
            continue
        start, at = node(text, 0)
        while found := EDGE.match(text, at):
            end, at = node(text, found.end())
            edges.append(Edge(start, end, found[1], found[2] or ""))
            start = end
    return boxes, edges


def arranged(boxes: dict[str, Box], edges: list[Edge]) -> list[list[str]]:
    """The layers from above, each in order; long edges get a place in each that they pass."""
    down = _downward(boxes, edges)
    for _ in boxes:
        for start, end in down:
            boxes[end].layer = max(boxes[end].layer, boxes[start].layer + 1)
    led_to = {end for _, end in down}
    for name in [each for each in boxes if each not in led_to]:  # close to what they lead to
        boxes[name].layer = min(boxes[end].layer for start, end in down if start == name) - 1
    for number, edge in enumerate(edges):
        first, last = sorted((edge.start, edge.end), key=lambda name: boxes[name].layer)
        between = range(boxes[first].layer + 1, boxes[last].layer)
        boxes |= {f"{number} {layer}": Box(layer=layer) for layer in between}
        edge.way = [first, *(f"{number} {layer}" for layer in between), last]
    layers: list[list[str]] = [[] for _ in range(1 + max(box.layer for box in boxes.values()))]
    for name, box in boxes.items():
        layers[box.layer].append(name)
    steps = [pair for edge in edges for pair in zip(edge.way, edge.way[1:], strict=False)]
    for sweep in range(SWEEPS):
        for members in layers if sweep % 2 == 0 else reversed(layers):
            _place(members, boxes)
            members.sort(key=lambda name: _middle(name, boxes, steps))
            _place(members, boxes)
    return layers


def _downward(boxes: dict[str, Box], edges: list[Edge]) -> list[tuple[str, str]]:
    """The edges without those that lead back to where one came from."""
    found: list[tuple[str, str]] = []
    left: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> None:
        for edge in edges:
            if edge.start == name and edge.end not in above:
                if (name, edge.end) not in found:
                    found.append((name, edge.end))
                if edge.end not in left:
                    walk(edge.end, (*above, edge.end))
        left.add(name)

    led_to = {edge.end for edge in edges}
    for name in [each for each in boxes if each not in led_to]:
        walk(name, (name,))
    return found


def _middle(name: str, boxes: dict[str, Box], steps: list[tuple[str, str]]) -> float:
    near = [boxes[a].x for a, b in steps if b == name] + [boxes[b].x for a, b in steps if a == name]
    return sum(near) / len(near) if near else boxes[name].x


def _place(layer: list[str], boxes: dict[str, Box]) -> None:
    left = -sum(boxes[name].width + BOX_GAP for name in layer) / 2
    for name in layer:
        left += (boxes[name].width + BOX_GAP) / 2
        boxes[name].x = left
        left += (boxes[name].width + BOX_GAP) / 2


def _stack(layers: list[list[str]], boxes: dict[str, Box]) -> float:
    """Put the layers below each other; their height together."""
    top = 4.0
    for layer in layers:
        members = [boxes[name] for name in layer]
        for box in members:
            box.top, box.height = top, 2 * PADDING + LINE * len(box.lines)
        tallest = max(box.height for box in members)
        for box in members:  # an edge goes straight past the others
            box.height = box.height if box.lines else tallest
        top += tallest + LAYER_GAP
    return top - LAYER_GAP + 4


def _edge(edge: Edge, boxes: dict[str, Box]) -> str:
    first, *others = (boxes[name] for name in edge.way)
    x, y = first.x, first.top + first.height
    path = f"M{x:.0f} {y:.0f}"
    for box in others:
        bend = (box.top - y) / 2
        path += f"C{x:.0f} {y + bend:.0f} {box.x:.0f} {box.top - bend:.0f}"
        path += f" {box.x:.0f} {box.top:.0f}"
        x, y = box.x, box.top + box.height
        if not box.lines:
            path += f"V{y:.0f}"
    dashes = ' stroke-dasharray="4 4"' if edge.kind == "-.->" else ""
    end = "end" if edge.way[-1] == edge.end else "start"
    arrow = "" if edge.kind == "---" else f' marker-{end}="url(#arrow)"'
    return f'<path class="edge" d="{path}"{dashes}{arrow}/>'


def _words(edge: Edge, boxes: dict[str, Box]) -> str:
    """Where the edge leaves."""
    way = [boxes[name] for name in edge.way]
    upper, lower = way[:2] if edge.way[0] == edge.start else way[-2:]
    y = (upper.top + upper.height + lower.top) / 2
    return _text((upper.x + lower.x) / 2, y + 4, edge.words, "words")


def _box(box: Box) -> str:
    corner = f'x="{box.x - box.width / 2:.0f}" y="{box.top:.0f}"'
    size = f'width="{box.width:.0f}" height="{box.height:.0f}"'
    lines = "".join(
        _text(box.x, box.top + PADDING + LINE * (i + 0.75), line)
        for i, line in enumerate(box.lines)
    )
    return f'<rect {corner} {size} rx="6"/>{lines}'


def _text(x: float, y: float, text: str, name: str = "") -> str:
    kind = f' class="{name}"' if name else ""
    return f'<text x="{x:.0f}" y="{y:.0f}"{kind}>{html.escape(html.unescape(text))}</text>'


def _told(boxes: dict[str, Box], edges: list[Edge]) -> str:
    name = {key: " ".join(box.lines) for key, box in boxes.items()}
    return "; ".join(f"{name[edge.start]} to {name[edge.end]}" for edge in edges)
