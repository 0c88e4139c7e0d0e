"""Kinds of heads: TransformerLens' own detector, plain loops, the hand-set circuit, the papers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformer_lens import HookedTransformer
from transformer_lens.head_detector import HEAD_NAMES, detect_head

from attention_surgery.analyses import HeadTypes, HeadTypesRequest, head_types
from attention_surgery.analyses.head_types import ROWS, HeadTypesProgress
from attention_surgery.analyses.published import GPT2_SMALL, published
from attention_surgery.engine.head_types import (
    looks_on_repeats,
    repeated_tokens,
    words,
)
from attention_surgery.engine.model import Model, load_model
from attention_surgery.engine.sites import Sender
from attention_surgery.engine.steps import drain
from attention_surgery.errors import InvalidSetting
from tests.engine.induction_circuit import (
    INDUCTION_HEAD,
    PREVIOUS_TOKEN_HEAD,
    save_induction_circuit,
)

Stock = Callable[[Model], HookedTransformer]
REPEATING = "Monday Tuesday Wednesday, Monday Tuesday Wednesday, Monday Tuesday"


def scores(found: HeadTypes) -> dict[str, Any]:
    return {kind.name: kind.scores for kind in found.kinds}


def test_on_a_prompt_it_is_the_head_detector_of_transformer_lens(
    any_model: Model, stock: Stock
) -> None:
    plain = stock(any_model)
    told = head_types(any_model, REPEATING, copying_tokens=0)
    found = scores(told)
    ids = any_model.tokenize(REPEATING)
    assert plain.to_tokens(REPEATING)[0].tolist() == ids
    runs = []
    counting = plain.register_forward_hook(lambda *_: runs.append(1))
    for name in HEAD_NAMES:
        with torch.no_grad():
            expected = detect_head(plain, REPEATING, name)
        np.testing.assert_allclose(found[name.removesuffix("_head")], expected, atol=1e-5)
    counting.remove()
    assert found.keys() == {"previous_token", "duplicate_token", "induction"}
    assert (told.passes.computed, told.passes.naive) == (1, len(runs))


@pytest.mark.parametrize("prepend_bos", [True, False])
def test_on_random_tokens_it_is_the_mean_of_the_diagonals(
    tiny: Model, stock: Stock, prepend_bos: bool
) -> None:
    asked = {"length": 9, "seed": 3, "prepend_bos": prepend_bos, "copying_tokens": 0}
    found = scores(head_types(tiny, **asked))
    rows = repeated_tokens(tiny, 9, ROWS, 3, prepend_bos)
    front = int(prepend_bos)
    assert (rows[:, front : front + 9] == rows[:, front + 9 :]).all()
    assert all(len(set(row[front:].tolist())) == 9 for row in rows)
    with torch.no_grad():
        _, cache = stock(tiny).run_with_cache(rows)
    for name, back in (("previous_token", 1), ("duplicate_token", 9), ("induction", 8)):
        for layer in range(tiny.n_layers):
            for head in range(tiny.n_heads):
                pattern = cache["pattern", layer][:, head]
                looks = [
                    pattern[row, front + i, front + i - back].item()
                    for row in range(ROWS)
                    for i in range(back, 18)
                ]
                assert found[name][layer, head] == pytest.approx(np.mean(looks), abs=1e-5)


def test_copying_is_what_the_unembedded_ov_circuit_says(any_model: Model, stock: Stock) -> None:
    plain, n = stock(any_model), 12
    found = head_types(any_model, REPEATING, copying_tokens=n, seed=1)
    tokens = [token.id for token in found.copying_tokens]
    assert len(tokens) == n
    assert tokens == words(any_model, n, 1)
    ids = torch.tensor(tokens)
    for layer in (0, any_model.n_layers - 1):
        for head in (0, any_model.n_heads - 1):
            copied = uncopied = 0
            for token in ids:
                with torch.no_grad():
                    first, block = plain.blocks[0], plain.blocks[layer]
                    x = plain.W_E[token][None, None]
                    x = x + first.mlp(first.ln2(x))
                    v = block.ln1(x) @ block.attn.W_V[head] + block.attn.b_V[head]
                    logits = plain.unembed(plain.ln_final(v @ block.attn.W_O[head]))[0, 0]
                copied += int(token in logits.topk(5).indices)
                uncopied += int(token in logits.topk(5, largest=False).indices)
            measured = scores(found)
            assert measured["copying"][layer, head] == pytest.approx(copied / n, abs=1.01 / n)
            assert measured["negative_copying"][layer, head] == pytest.approx(
                uncopied / n, abs=1.01 / n
            )


def test_on_the_hand_set_circuit_both_heads_are_named(tmp_path: Path) -> None:
    model = load_model(save_induction_circuit(tmp_path / "circuit"), device="cpu")
    found = head_types(model, length=11, copying_tokens=20)
    heads = {kind.name: [(h.layer, h.head) for h in kind.heads] for kind in found.kinds}
    assert heads["previous_token"] == [PREVIOUS_TOKEN_HEAD]
    assert heads["induction"] == [INDUCTION_HEAD]
    assert heads["duplicate_token"] == []
    # It writes what it looks at where the unembedding reads it; the other one elsewhere.
    assert scores(found)["copying"][INDUCTION_HEAD] == 1
    assert PREVIOUS_TOKEN_HEAD not in heads["copying"]


def test_the_bundled_models_heads_are_those_its_page_names(bundled: Model) -> None:
    page = (Path(__file__).parents[2] / "docs" / "bundled-model.md").read_text("utf-8")
    found = head_types(bundled, copying_tokens=0)
    documented = {kind.name: kind.heads for kind in found.published}
    assert documented.keys() == {
        "documented_previous_token",
        "documented_induction",
        "documented_name_mover",
    }
    for kind in found.kinds:
        heads = [Sender(head.layer, head.head) for head in kind.heads]
        assert set(heads) == set(documented.get(f"documented_{kind.name}", []))
    for kind in found.published:
        assert f"the strongest is {kind.heads[0]} (" in page
        assert f"one of {len(kind.heads)} that reach" in page


def test_gpt2_small_has_the_published_heads_and_others_none(tiny: Model) -> None:
    named = {kind.name: {str(head) for head in kind.heads} for kind in GPT2_SMALL}
    assert named["ioi_name_mover"] == {"L9H9", "L10H0", "L9H6"}
    assert named["copy_suppression"] == {"L10H7"}
    assert all(head.layer < 12 and head.head < 12 for kind in GPT2_SMALL for head in kind.heads)
    assert published(tiny) == []


def test_progress_ends_at_one(tiny: Model) -> None:
    asked = HeadTypesRequest.ask(copying_tokens=5, length=5)
    told = [step.done for step in asked.steps(tiny) if isinstance(step, HeadTypesProgress)]
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"length": 500}, "told twice that is 1001 tokens, and tiny can read 64"),
        ({"prompt": "a", "prepend_bos": False}, "One token has no other"),
        ({"length": 1}, "length"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    tiny: Model, fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidSetting, match=sentence):
        head_types(tiny, **fields)


# Saved outputs of TransformerLens on the real model, float32: torch.manual_seed(0), randint
# 100..20000, two copies of 100 tokens, no begin-of-text, mean of the diagonal.
ON_REPEATS = {
    "previous": {(4, 11): 0.9921, (3, 7): 0.5286, (6, 8): 0.4993, (2, 2): 0.4818},
    "duplicate": {(0, 5): 0.7035, (3, 0): 0.6776, (0, 1): 0.1324, (7, 2): 0.0415},
    "induction": {(5, 1): 0.9306, (6, 9): 0.9258, (5, 5): 0.9256, (7, 10): 0.9038, (7, 2): 0.851},
}


@pytest.mark.gpt2
def test_on_gpt2_small_they_are_the_published_ones() -> None:
    model = load_model("gpt2", device="cpu")
    torch.manual_seed(0)
    half = torch.randint(100, 20000, (1, 100))
    looks = drain(looks_on_repeats(model, half.repeat(1, 2), 100))
    for name, expected in ON_REPEATS.items():
        found = getattr(looks, name)
        for head, score in expected.items():
            assert found[head].item() == pytest.approx(score, abs=0.01)
