"""What makes rows differ from their base at a layer: heads cut, or values patched in.

Heads cut are `engine.ablated_heads`, values from elsewhere `engine.patches`; what both do to a
layer's heads is `engine.head_changes`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import TypeVar

from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.base_run import BaseRun
from attention_surgery.engine.surgery import Surgery, Watchers


class Change(ABC):
    """What makes some rows differ from their base at a layer."""

    @abstractmethod
    def __len__(self) -> int:
        """How many rows there are."""

    @abstractmethod
    def part(self: Kind, rows: range) -> Kind:
        """The change of some of the rows."""

    @abstractmethod
    def start(
        self,
        base: BaseRun,
        layer: int,
        surgery: Surgery,
        begin: int,
        last_only: bool,
        watch: Watchers | None = None,
    ) -> Generator[object, None, Float[Tensor, "row read d_model"]]:
        """The residual stream after the layer, from position `begin` on."""


Kind = TypeVar("Kind", bound=Change)
