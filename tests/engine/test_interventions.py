"""Every intervention is what its definition says, however the model is run."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor
from transformer_lens import HookedTransformer
from transformer_lens.cache.key_value_cache import TransformerLensKeyValueCache

from attention_surgery.analyses import infer
from attention_surgery.engine.cache import KeyValueCache
from attention_surgery.engine.forward import final_norm, unembed
from attention_surgery.engine.model import Model
from attention_surgery.engine.preparation import plan, surgery
from attention_surgery.engine.ready import Ready
from attention_surgery.engine.run import embedded, run
from attention_surgery.engine.steps import drain
from attention_surgery.engine.surgery import Surgery
from attention_surgery.interventions import Intervention, Zero, ablation, methods
from tests.engine.naive import naive_logits
from tests.models import AT_LENGTH

Stock = Callable[[Model], HookedTransformer]

PROMPT = "When Mary and John went to the store, John gave a drink to"
OTHER = "When John and Mary went to the store, Mary gave a drink to"
SHORTER = "The cat sat on the mat"
# Of the methods that take any.
PARAMETERS: dict[str, list[dict[str, Any]]] = {
    "zero": [{}, {"value_bias": "keep"}],
    "dataset-mean": [{"references": (OTHER, PROMPT)}, {"references": (OTHER, SHORTER)}],
    "resample": [{"source": OTHER}],
}
Positions = tuple[int, ...] | None
# Each strength, and each kind of positions at 1 and at others.
ARRANGEMENTS: list[tuple[float, Positions]] = [
    (1.0, None), (1.0, (-1, -3)), (0.5, (0, 4, 5)), (-1.0, None), (2.0, (-1, 4)),
]  # fmt: skip


def every_kind() -> list[tuple[str, bool, dict[str, Any]]]:
    """Every registered method, on a head and on an MLP where it works there."""
    return [
        (method.name(), on_head, parameters)
        for method in methods()
        for on_head, offered in ((True, method.on_heads is not None), (False, method.on_mlps))
        for parameters in PARAMETERS.get(method.name(), [{}])
        if offered and (on_head or "value_bias" not in parameters)
    ]


def cuts_of(
    model: Model, kind: tuple[str, bool, dict[str, Any]], **more: Any
) -> list[Intervention]:
    """Such a cut in three layers."""
    method, on_head, parameters = kind
    heads = [(layer, layer % model.n_heads if on_head else None) for layer in (0, 1, 2)]
    return [ablation(layer, head, method, **parameters, **more) for layer, head in heads]


@pytest.fixture(params=every_kind(), ids=lambda kind: f"{kind[0]}-{'head' if kind[1] else 'mlp'}")
def kind(request: pytest.FixtureRequest) -> tuple[str, bool, dict[str, Any]]:
    chosen: tuple[str, bool, dict[str, Any]] = request.param
    return chosen


def ready_for(model: Model, ids: Sequence[int], cuts: Sequence[Intervention]) -> tuple[Ready, ...]:
    return drain(plan(model, cuts, len(ids)).prepare(model))


def our_logits(model: Model, ids: Sequence[int], cuts: Sequence[Intervention] = ()) -> Tensor:
    whole = Surgery(model, [(slice(None), ready_for(model, ids, cuts))])
    with torch.inference_mode():
        return unembed(model, final_norm(model, drain(run(model, embedded(model, [ids]), whole))))[
            0
        ]


def assert_same(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, atol=3e-4, rtol=0)


def check_pass(model: Model, stock: HookedTransformer, cuts: Sequence[Intervention]) -> None:
    """Our pass, and the model's own under our hooks, against hooks on a stock model."""
    ids = model.tokenize(PROMPT)
    expected = naive_logits(stock, ids, cuts, tokenize=model.tokenize)
    assert_same(our_logits(model, ids, cuts), expected)
    with surgery(model, cuts, n_tokens=len(ids)), torch.inference_mode():
        assert_same(model.hooked(torch.tensor([ids]))[0], expected)


@pytest.mark.parametrize(("strength", "positions"), ARRANGEMENTS)
def test_a_pass_equals_hooks_on_a_stock_model(
    tiny: Model,
    stock: Stock,
    kind: tuple[str, bool, dict[str, Any]],
    strength: float,
    positions: Positions,
) -> None:
    check_pass(tiny, stock(tiny), cuts_of(tiny, kind, strength=strength, positions=positions))


@pytest.mark.parametrize("any_model", ["bundled", AT_LENGTH], indirect=True)
def test_a_pass_of_larger_models_equals_hooks_on_a_stock_one(
    any_model: Model, stock: Stock, kind: tuple[str, bool, dict[str, Any]]
) -> None:
    cuts = cuts_of(any_model, kind, strength=0.5, positions=(0, 4, 5, -1))
    check_pass(any_model, stock(any_model), cuts)


@pytest.mark.parametrize(("strength", "positions"), [(1.0, None), (0.5, (2, -1, 18))])
@pytest.mark.parametrize("name", ["tiny", pytest.param("bundled", marks=pytest.mark.long)])
def test_cached_decoding_equals_recomputing_from_scratch(
    request: pytest.FixtureRequest,
    stock: Stock,
    name: str,
    kind: tuple[str, bool, dict[str, Any]],
    strength: float,
    positions: Positions,
) -> None:
    model: Model = request.getfixturevalue(name)
    ids = model.tokenize(PROMPT)
    cuts = cuts_of(model, kind, strength=strength, positions=positions)
    result = infer(model, PROMPT, cuts, max_new_tokens=4)
    for continuation, made in ((result.control, []), (result.ablated, cuts)):
        text = list(ids)
        for token in continuation.tokens:
            logits = naive_logits(stock(model), text, made, len(ids), model.tokenize)
            expected = logits[-1].log_softmax(-1)
            assert expected[token.id].item() == pytest.approx(expected.max().item(), abs=1e-3)
            assert token.logprob == pytest.approx(expected[token.id].item(), abs=1e-3)
            text.append(token.id)


@pytest.mark.parametrize(("strength", "positions"), [(1.0, None), (0.5, (2, 5))])
def test_transformer_lens_own_cache_gives_the_same(
    tiny: Model,
    stock: Stock,
    kind: tuple[str, bool, dict[str, Any]],
    strength: float,
    positions: Positions,
) -> None:
    ids = tiny.tokenize(PROMPT)
    cuts = cuts_of(tiny, kind, strength=strength, positions=positions)
    expected = naive_logits(stock(tiny), ids, cuts, tokenize=tiny.tokenize)
    cache = TransformerLensKeyValueCache.init_cache(tiny.hooked.cfg, "cpu", 1)
    with surgery(tiny, cuts, n_tokens=len(ids)), torch.inference_mode():
        parts = [
            tiny.hooked(torch.tensor([part]), past_kv_cache=cache)[0]
            for part in (ids[:4], ids[4:5], ids[5:])
        ]
    assert_same(torch.cat(parts), expected)


@pytest.mark.parametrize(("strength", "positions"), [(1.0, None), (0.5, (0, 3, -1))])
def test_left_padding_changes_nothing(
    tiny: Model,
    stock: Stock,
    kind: tuple[str, bool, dict[str, Any]],
    strength: float,
    positions: Positions,
) -> None:
    ids = tiny.tokenize(PROMPT)
    cuts = cuts_of(tiny, kind, strength=strength, positions=positions)
    expected = naive_logits(stock(tiny), ids, cuts, tokenize=tiny.tokenize)
    padded = torch.tensor([[tiny.eos_id] * 5 + ids, [*ids, *ids[:5]]])
    mask = torch.ones_like(padded)
    mask[0, :5] = 0
    with surgery(tiny, cuts, n_tokens=len(ids)), torch.inference_mode():
        logits = tiny.hooked(padded, attention_mask=mask)
    assert_same(logits[0, 5:], expected)


def test_rows_of_different_lengths_each_have_their_own_surgery(
    tiny: Model, stock: Stock, kind: tuple[str, bool, dict[str, Any]]
) -> None:
    texts = [tiny.tokenize(text) for text in (PROMPT, SHORTER, SHORTER)]
    cut = cuts_of(tiny, kind, strength=0.5, positions=(1, 3))
    made = [cut, [], [Zero(layer=1, head=2)]]
    groups = [
        (slice(row, row + 1), ready_for(tiny, texts[row], cuts)) for row, cuts in enumerate(made)
    ]
    with torch.inference_mode():
        resid = drain(run(tiny, embedded(tiny, texts), Surgery(tiny, groups)))
        logits = unembed(tiny, final_norm(tiny, resid))
    for row, (ids, cuts) in enumerate(zip(texts, made, strict=True)):
        expected = naive_logits(stock(tiny), ids, cuts, tokenize=tiny.tokenize)
        assert_same(logits[row, : len(ids)], expected)


def test_rows_of_different_lengths_decode_together(
    tiny: Model, stock: Stock, kind: tuple[str, bool, dict[str, Any]]
) -> None:
    texts = [tiny.tokenize(text) for text in (SHORTER, PROMPT, "Once")]
    cut = [c for c in cuts_of(tiny, kind, strength=0.5) if c.method != "resample"]
    made: list[list[Intervention]] = [[Zero(layer=1, head=2)], cut, []]
    groups = [
        (slice(row, row + 1), ready_for(tiny, texts[row], cuts)) for row, cuts in enumerate(made)
    ]
    cache = KeyValueCache(tiny, rows=3, capacity=32)
    whole = Surgery(tiny, groups)
    lengths = [len(ids) for ids in texts]
    drain(run(tiny, embedded(tiny, texts), whole, cache=cache, lengths=lengths))
    for new in ([5, 6, 7], [8, 9, 10], [11, 12, 13]):
        resid = embedded(tiny, [[token] for token in new], cache)
        resid = drain(run(tiny, resid, whole, cache=cache))
        for ids, token in zip(texts, new, strict=True):
            ids.append(token)
    with torch.inference_mode():
        logits = unembed(tiny, final_norm(tiny, resid))[:, -1]
    for row, (ids, cuts) in enumerate(zip(texts, made, strict=True)):
        expected = naive_logits(stock(tiny), ids, cuts, lengths[row], tiny.tokenize)
        assert_same(logits[row], expected[-1])


def test_strength_0_changes_nothing_bit_for_bit(
    bundled: Model, kind: tuple[str, bool, dict[str, Any]]
) -> None:
    ids = bundled.tokenize(PROMPT)
    cuts = cuts_of(bundled, kind, strength=0.0)
    assert torch.equal(our_logits(bundled, ids, cuts), our_logits(bundled, ids))


def test_the_mean_over_the_same_prompt_changes_nothing(bundled: Model) -> None:
    ids = bundled.tokenize(PROMPT)
    cuts = [
        ablation(3, 4, "dataset-mean", references=(PROMPT,)),
        ablation(5, None, "dataset-mean", references=(PROMPT, PROMPT)),
    ]
    torch.testing.assert_close(
        our_logits(bundled, ids, cuts), our_logits(bundled, ids), atol=1e-4, rtol=0
    )


def test_resampling_from_the_same_prompt_changes_nothing(bundled: Model) -> None:
    ids = bundled.tokenize(PROMPT)
    cuts = [
        ablation(3, 4, "resample", source=PROMPT),
        ablation(5, None, "resample", source=PROMPT),
    ]
    assert torch.equal(our_logits(bundled, ids, cuts), our_logits(bundled, ids))


def test_keeping_the_value_bias_is_what_transformer_lens_does_after_processing(
    any_model: Model, stock: Stock
) -> None:
    """TransformerLens folds b_V into b_O, so that a head that is cut there leaves it in place."""
    processed = copy.deepcopy(stock(any_model))
    # Folding writes into the unembedding, which must not be the embedding then.
    processed.unembed.W_U = torch.nn.Parameter(processed.unembed.W_U.detach().clone())
    processed.process_weights_()
    ids = any_model.tokenize(PROMPT)
    cuts = [ablation(layer, 1, "zero", value_bias="keep") for layer in (0, 2)]
    expected = naive_logits(processed, ids, [Zero(layer=0, head=1), Zero(layer=2, head=1)])
    torch.testing.assert_close(
        our_logits(any_model, ids, cuts).log_softmax(-1),
        expected.log_softmax(-1),
        atol=5e-4,
        rtol=0,
    )


def test_rows_restrict_the_surgery(tiny: Model) -> None:
    tokens = torch.tensor([tiny.tokenize(PROMPT)] * 2)
    cuts = ["L0H1m", "L1H2z", "L2H1p"]
    with torch.inference_mode():
        with surgery(tiny, cuts, rows=slice(1, None)):
            both = tiny.hooked(tokens)
        with surgery(tiny, cuts):
            ablated = tiny.hooked(tokens[:1])
        torch.testing.assert_close(both[:1], tiny.hooked(tokens[:1]), atol=1e-5, rtol=0)
        torch.testing.assert_close(both[1:], ablated, atol=1e-5, rtol=0)
