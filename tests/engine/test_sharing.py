"""A model as arrays that processes share: the same numbers, and no copy of a weight."""

from __future__ import annotations

import pickle

import pytest
import torch

from attention_surgery.analyses import importance
from attention_surgery.engine.model import BUNDLED_NAME, Precision, load_model
from attention_surgery.engine.sharing import SharedModel


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_shared_model_gives_equal_numbers_and_copies_nothing(precision: Precision) -> None:
    model = load_model(BUNDLED_NAME, device="cpu", precision=precision)
    buffers: list[pickle.PickleBuffer] = []
    sent = pickle.dumps(SharedModel.of(model), protocol=5, buffer_callback=buffers.append)
    assert len(sent) < 2_000_000
    read_only = [memoryview(buffer).toreadonly() for buffer in buffers]
    opened = pickle.loads(sent, buffers=read_only).opened()
    assert opened.weights.embed.data_ptr() == model.weights.embed.data_ptr()
    assert opened.weights.tied
    assert (opened.name, opened.revision) == (model.name, model.revision)
    for method in ("gradient", "ablation"):
        one, other = (importance(each, "Mary saw John", method).scores for each in (model, opened))
        assert torch.equal(torch.tensor(one), torch.tensor(other))
