"""The ablation methods: what is put in place of what."""

from __future__ import annotations

import inspect

from attention_surgery.interventions import Intervention
from attention_surgery.interventions.base import HOOKS
from attention_surgery.interventions.registry import methods
from manual.markdown import cell, fenced, page, prose, table
from manual.pictures import picture
from manual.schema import request_table

SHARED = ("method", "layer", "head", "strength", "positions", "component")


def text() -> str:
    first = methods()[0].__name__
    own = tuple(set(methods()[0].model_fields) - set(SHARED))
    return page(
        "# Ablation methods",
        "A cut moves what the model computes at a site towards a replacement r, by its strength s, "
        "at the query positions it names:",
        r"\[ x' = x + s\,(r - x) \]",
        "s = 1 replaces, 0.5 goes half-way, −1 amplifies. The site is a head (`L9H6`) or an MLP "
        "(`M9`); layers, heads and positions count from zero, and negative positions from the "
        "prompt's end. What each method says of generated text holds there too. All give the same "
        "numbers with and without a key/value cache, alone and in a batch.",
        picture(
            "cut-editor", "A cut's own settings on the page: method, strength, positions", up=1
        ),
        table(
            ("method", "letter", "of a head", "of an MLP", "what stands there instead"),
            [
                (
                    f"[`{each.name()}`](#{each.name()})",
                    f"`{each.letter}`",
                    f"`{HOOKS[each.on_heads]}`" if each.on_heads else "",
                    f"`{HOOKS['mlp_out']}`" if each.on_mlps else "",
                    cell(each.meaning()),
                )
                for each in methods()
            ],
        ),
        "## What all have",
        request_table(first, {}, (*own, "method", "component")),
        *map(_method, methods()),
        "A method of your own is one file: see "
        "[Contributing](../project/contributing.md#to-add-an-ablation-method).",
    )


def _method(method: type[Intervention]) -> str:
    own = [name for name in method.model_fields if name not in SHARED]
    example = method.letter
    return page(
        f"## {method.title} {{ #{method.name()} }}",
        f"`{method.name()}`; in short `L9H6{example}`",
        rf"\[ {method.formula} \]",
        prose(inspect.cleandoc(method.__doc__ or "")),
        request_table(method.__name__, {}, SHARED) if own else "",
        "In an exported script:",
        fenced("py", method.code),
    ).strip()
