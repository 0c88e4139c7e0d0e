"""Heads that others have found and named, with where they say so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from attention_surgery.engine.sites import Sender

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model

IOI = "Wang et al. 2022, arXiv:2211.00593"
GREATER_THAN = "Hanna et al. 2023, arXiv:2305.00586"
COPY_SUPPRESSION = "McDougall et al. 2023, arXiv:2310.04625"
REPEATS = "TransformerLens on random repeated tokens, heads above 0.8"


@dataclass(frozen=True, slots=True)
class PublishedKind:
    """Heads of one kind, as a source names them."""

    name: str
    title: str
    meaning: str
    source: str
    heads: list[Sender]
    weak: Annotated[list[Sender], Field(description="Heads that the source calls weak.")]


def _heads(text: str) -> list[Sender]:
    """`9.9 10.0` as heads."""
    return [Sender(*map(int, site.split("."))) for site in text.split()]


def _kind(
    name: str, title: str, meaning: str, source: str, heads: str, weak: str = ""
) -> PublishedKind:
    return PublishedKind(name, title, meaning, source, _heads(heads), _heads(weak))


GPT2_SMALL = (
    _kind("ioi_name_mover", "Name movers", "look at a name and copy it", IOI, "9.9 10.0 9.6"),
    _kind(
        "ioi_backup_name_mover",
        "Backup name movers",
        "copy the name once the name movers are cut",
        IOI,
        "10.10 10.6 10.2 10.1 11.2 9.7 9.0 11.9",
    ),
    _kind(
        "ioi_negative_name_mover",
        "Negative name movers",
        "look at a name and write against it",
        IOI,
        "10.7 11.10",
    ),
    _kind(
        "ioi_s_inhibition",
        "S-inhibition heads",
        "turn the name movers away from the repeated name",
        IOI,
        "7.3 7.9 8.6 8.10",
    ),
    _kind(
        "ioi_induction",
        "Induction heads",
        "look at what followed the last time",
        IOI,
        "5.5 6.9",
        "5.8 5.9",
    ),
    _kind(
        "ioi_duplicate_token",
        "Duplicate-token heads",
        "look at the same token's last occurrence",
        IOI,
        "3.0 0.1",
        "0.10",
    ),
    _kind(
        "ioi_previous_token", "Previous-token heads", "look at the token before", IOI, "2.2 4.11"
    ),
    _kind(
        "greater_than",
        "Greater-than heads",
        "look at the year and make later years likelier",
        GREATER_THAN,
        "0.1 0.3 0.5 5.5 6.1 6.9 7.10 8.11 9.1",
    ),
    _kind(
        "strong_induction",
        "Strong induction heads",
        "look at what followed the last time, on random repeated tokens",
        REPEATS,
        "5.1 5.5 6.9 7.2 7.10",
    ),
    _kind(
        "copy_suppression",
        "Copy suppression",
        "writes against a token that is predicted and has been seen",
        COPY_SUPPRESSION,
        "10.7",
    ),
)


def published(model: Model) -> list[PublishedKind]:
    """What has been published of this model's heads; nothing of most."""
    if (model.source, model.name) == ("hub", "gpt2"):
        return list(GPT2_SMALL)
    return list(_bundled()) if model.source == "bundled" else []


@cache
def _bundled() -> tuple[PublishedKind, ...]:
    """What docs/bundled-model.md says, written by the command that writes that page."""
    file = resources.files("attention_surgery") / "bundled" / "heads.json"
    return tuple(
        PublishedKind(**kind | {"heads": [Sender(*head) for head in kind["heads"]], "weak": []})
        for kind in json.loads(file.read_text("utf-8"))
    )
