"""Which weights a model has, as results, scripts and servers tell it; no torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

SourceKind = Literal["bundled", "hub", "directory", "wrapped-raw", "wrapped-processed"]


class Origin(Protocol):
    """Where a model comes from; a loaded `Model` knows it.

    Attributes:
        name: for the hub's models, what TransformerLens calls it.
        source: `bundled` within this package, `hub`, or a `directory` in Hugging Face layout,
            whose path is for the reader to fill in. A HookedTransformer of the user's own is
            `wrapped-raw` where its weights are the checkpoint's, `wrapped-processed` where
            TransformerLens has folded and centred them.
        revision: of the weights, empty where it is not known.
    """

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> SourceKind: ...
    @property
    def revision(self) -> str: ...


@dataclass(frozen=True, slots=True)
class KnownOrigin:
    """An origin by itself, of a model that need not be loaded."""

    name: str
    source: SourceKind
    revision: str = ""
