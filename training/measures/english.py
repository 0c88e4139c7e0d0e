"""How well a model predicts books it has never read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import torch
import torch.nn.functional as F

from attention_surgery.engine.forward import unembed
from attention_surgery.engine.model import Model
from training.measures.forward import BATCH, pad, read

EXCERPT_CHARACTERS = 12_000


def bits_per_byte(model: Model, books: Iterable[str]) -> float:
    """Bits a model needs for each byte of text.

    From the middle of each book come 12,000 characters, whose tokens are cut into rows that do not
    overlap: the beginning-of-text token and n_ctx − 1 tokens; the last row of a book is shorter.
    Every token is predicted once, from what stands before it in its row.

    Returns:
        Total nats ÷ ln 2 ÷ UTF-8 bytes of the excerpts; a model that knows nothing has
        log₂(d_vocab) × tokens ÷ bytes.
    """
    excerpts = [excerpt(book) for book in books]
    rows = [row for text in excerpts for row in _rows(model, text)]
    nats = sum(_nats(model, rows[i : i + BATCH]) for i in range(0, len(rows), BATCH))
    return nats / math.log(2) / sum(len(text.encode()) for text in excerpts)


def excerpt(book: str) -> str:
    """The middle of a book, or all of a short one."""
    start = max(0, (len(book) - EXCERPT_CHARACTERS) // 2)
    return book[start : start + EXCERPT_CHARACTERS]


def _rows(model: Model, text: str) -> list[list[int]]:
    ids, length = model.tokenize(text, prepend_bos=False), model.n_ctx - 1
    return [[model.bos_id, *ids[i : i + length]] for i in range(0, len(ids), length)]


@torch.inference_mode()
def _nats(model: Model, rows: Sequence[Sequence[int]]) -> float:
    padded, last = pad(rows, model.bos_id)
    normalized = read(model, padded)
    total = 0.0
    for row, states, end in zip(padded, normalized, last.tolist(), strict=True):
        logits = unembed(model, states[:end]).cpu()
        total += F.cross_entropy(logits, row[1 : end + 1], reduction="sum").item()
    return total
