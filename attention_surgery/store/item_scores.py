"""What the items of a run gave, in a Parquet file: a row an item, layer and head."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # pyarrow takes a tenth of a second to import
    from pyarrow import Table


@dataclass(frozen=True, slots=True, eq=False)
class ItemScores:
    """Scores of the items done so far.

    Attributes:
        items: [item], their numbers in the task, ascending.
        scores: [item, layer, head], float32.
    """

    items: NDArray[np.int32]
    scores: NDArray[np.float32]

    def table(self, request: str) -> Table:
        """Columns item, layer, head, score; the request is in the metadata."""
        import pyarrow as pa

        n, layers, heads = self.scores.shape
        layer, head = np.divmod(np.arange(layers * heads, dtype=np.int16), heads)
        columns = {
            "item": np.repeat(self.items, layers * heads),
            "layer": np.tile(layer, n),
            "head": np.tile(head, n),
            "score": np.ascontiguousarray(self.scores).ravel(),
        }
        return pa.table(columns).replace_schema_metadata({"request": request})

    def written(self, form: Literal["csv", "parquet"], request: str) -> bytes:
        """The table as a file's content."""
        import pyarrow as pa

        sink = pa.BufferOutputStream()
        if form == "csv":
            from pyarrow import csv

            csv.write_csv(self.table(request), sink)
        else:
            from pyarrow import parquet

            parquet.write_table(self.table(request), sink, compression="zstd")
        written: bytes = sink.getvalue().to_pybytes()
        return written


def write_parquet(scores: ItemScores, request: str, file: Path) -> None:
    """Whole or not at all, also where the machine stops meanwhile.

    Raises:
        OSError: the disk is full, or cannot be written.
    """
    from pyarrow import parquet

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with unfinished.open("wb") as sink:
            parquet.write_table(scores.table(request), sink, compression="zstd")
            sink.flush()
            os.fsync(sink.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def read_parquet(file: Path, layers: int, heads: int) -> ItemScores:
    """What `write_parquet` wrote.

    Raises:
        OSError: the file is not there, or cannot be read.
    """
    from pyarrow import parquet

    table = parquet.read_table(file, columns=["item", "score"])
    items = np.asarray(table["item"])[:: layers * heads]
    return ItemScores(items, np.asarray(table["score"]).reshape(-1, layers, heads))
