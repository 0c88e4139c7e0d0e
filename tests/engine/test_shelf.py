"""Texts that lie on one shelf are decoded as each would be by itself."""

from __future__ import annotations

import gc

import torch
import torch.nn.functional as F
from torch import Tensor

from attention_surgery.engine.cache import KeyValueCache
from attention_surgery.engine.model import Model
from attention_surgery.engine.shelf import LONGEST_BESIDE_OTHERS, ROWS, shelves_of


def vectors(model: Model, *shape: int) -> Tensor:
    return torch.randn(*shape, model.n_heads, model.d_head)


def read(model: Model, text: KeyValueCache, n_tokens: int) -> None:
    for layer in range(model.n_layers):
        text.append(layer, *(vectors(model, 1, n_tokens).transpose(1, 2) for _ in range(2)))
    text.extend(n_tokens)


@torch.inference_mode()
def test_one_step_of_several_texts_is_the_step_of_each(tiny: Model) -> None:
    texts = [KeyValueCache(tiny, rows=3, capacity=20) for _ in range(3)]
    shelf = texts[0].shelf
    assert all(text.shelf is shelf for text in texts)
    for text, n_tokens in zip(texts, (5, 9, 2), strict=True):
        read(tiny, text, n_tokens)
    for rows in ((1, 3, 2), (2, 3, 3)):  # of the first text fewer rows, as before it parts
        q, k, v = (vectors(tiny, sum(rows)) for _ in range(3))
        begins = [sum(rows[:at]) for at in range(3)]
        decoded = [text.decoded(*place) for text, *place in zip(texts, begins, rows, strict=True)]
        for layer in range(tiny.n_layers):
            found = shelf.together(decoded).attend(layer, q, k, v, 0.5).split(rows)
            for text, begin, n_rows, own in zip(texts, begins, rows, found, strict=True):
                new = [each[begin : begin + n_rows, :, None] for each in (q, k, v)]
                keys, values = text.append(layer, *new[1:])
                alone = F.scaled_dot_product_attention(new[0], keys, values, scale=0.5)
                torch.testing.assert_close(own, alone[:, :, 0])
        for text in texts:
            text.extend(1)


@torch.inference_mode()
def test_a_place_is_free_again_and_empty_once_its_text_is_gone(tiny: Model) -> None:
    texts = [KeyValueCache(tiny, rows=3, capacity=20) for _ in range(ROWS // 3)]
    shelf = texts[0].shelf
    assert {text.shelf for text in texts} == {shelf}
    assert KeyValueCache(tiny, rows=3, capacity=20).shelf is not shelf
    texts.pop(1).shelf.keys[3:6] = torch.nan
    gc.collect()
    new = KeyValueCache(tiny, rows=3, capacity=20)
    assert new.shelf is shelf
    assert shelf.keys[3:6].eq(0).all()


def test_texts_of_other_lengths_or_rows_and_long_ones_have_shelves_of_their_own(
    tiny: Model,
) -> None:
    long = LONGEST_BESIDE_OTHERS + 1
    made = [(3, 20), (1, 20), (3, 60), (3, long), (3, long)]
    texts = [KeyValueCache(tiny, rows=rows, capacity=capacity) for rows, capacity in made]
    assert len({text.shelf for text in texts}) == len(texts)
    del texts
    gc.collect()
    assert not any(map(len, shelves_of(tiny).values()))
