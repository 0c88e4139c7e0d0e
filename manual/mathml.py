"""Formulas as MathML, which browsers draw themselves: no script, no fonts, no network."""

from __future__ import annotations

import html
import re

from latex2mathml.converter import convert

INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
BLOCK = re.compile(r'<div class="arithmatex">\\\[(.*?)\\\]</div>', re.DOTALL)


def drawn(page: str) -> str:
    """The page with its TeX, as `pymdownx.arithmatex` leaves it, made into MathML."""
    page = BLOCK.sub(lambda found: convert(_tex(found[1]), display="block"), page)
    return INLINE.sub(lambda found: convert(_tex(found[1])), page)


def _tex(text: str) -> str:
    return html.unescape(text).strip()
