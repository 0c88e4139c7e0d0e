"""The models of the Hugging Face hub that are offered, each at one commit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HubModel:
    """A repository of the hub, and the commit of it that is downloaded."""

    repository: str
    commit: str


HUB_MODELS = {
    "gpt2": HubModel("openai-community/gpt2", "607a30d783dfa663caf39e06633721c8d4cfcd7e"),
    "gpt2-medium": HubModel(
        "openai-community/gpt2-medium", "6dcaa7a952f72f9298047fd5137cd6e4f05f41da"
    ),
    "gpt2-large": HubModel(
        "openai-community/gpt2-large", "32b71b12589c2f8d625668d2335a01cac3249519"
    ),
    "gpt2-xl": HubModel("openai-community/gpt2-xl", "15ea56dee5df4983c59b2538573817e1667135e2"),
}
