"""A HookedTransformer of the user's own: what stock hooks on that very model give."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from transformer_lens import HookedTransformer

import attention_surgery as surgeon
from attention_surgery.engine.model import Model
from attention_surgery.engine.skeleton import count_hooks
from attention_surgery.errors import AlteredModel, InvalidSetting, ModelLoadError
from attention_surgery.interventions import Intervention, Mean, Zero

from .naive import naive_logits

PROMPT = "When Mary and John went to the store"
CUTS: list[Intervention] = [
    Zero(layer=0, head=1),
    Mean(layer=1, head=2, strength=0.5),
    Zero(layer=2, head=None),
]
Stock = Callable[[Model], HookedTransformer]


@pytest.fixture
def own(tiny: Model, stock: Stock) -> HookedTransformer:
    """As a user has it: with its tokenizer, its unembedding a tensor of its own."""
    hooked = copy.deepcopy(stock(tiny))
    hooked.unembed.W_U = torch.nn.Parameter(hooked.unembed.W_U.detach().clone())
    hooked.tokenizer = tiny.hooked.tokenizer
    # Whatever a LayerNorm can have, this has.
    with torch.no_grad():
        for name, parameter in hooked.named_parameters():
            if ".ln" in name or "ln_final" in name or (".b_" in name and "unembed" not in name):
                parameter += 0.1 * torch.randn(parameter.shape, generator=torch.manual_seed(7))
    return hooked


@pytest.fixture(params=["raw", "processed"])
def either(request: pytest.FixtureRequest, own: HookedTransformer) -> HookedTransformer:
    if request.param == "processed":
        own.process_weights_()
    return own


def logprobs(model: Model, cuts: list[Intervention]) -> dict[int, tuple[float, float]]:
    """Of the likeliest next tokens, under these cuts, by their id."""
    view = surgeon.infer(model, PROMPT, cuts, max_new_tokens=0, alternatives=50).next_token
    return {token.id: (token.control_logprob, token.ablated_logprob) for token in view.candidates}


def test_texts_equal_stock_hooks_on_that_model(either: HookedTransformer) -> None:
    model = surgeon.wrap(either)
    ids = model.tokenize(PROMPT)
    control = naive_logits(either, ids)[-1].log_softmax(-1)
    ablated = naive_logits(either, ids, CUTS)[-1].log_softmax(-1)
    seen = logprobs(model, CUTS)
    assert len(seen) >= 50
    for token, (one, other) in seen.items():
        assert one == pytest.approx(control[token].item(), abs=2e-5)
        assert other == pytest.approx(ablated[token].item(), abs=2e-5)


def test_scores_equal_one_hooked_pass_for_each_head(either: HookedTransformer) -> None:
    model = surgeon.wrap(either)
    ids = model.tokenize(PROMPT)
    scores = surgeon.importance(
        model, PROMPT, "ablation", metric="logit_difference", answer=" the", foil=" a"
    ).scores
    (answer,), (foil,) = (model.tokenize(text, prepend_bos=False) for text in (" the", " a"))
    base = naive_logits(either, ids)[-1]
    for layer, head in ((0, 0), (1, 3), (2, 2)):
        cut = naive_logits(either, ids, [Zero(layer=layer, head=head)])[-1]
        expected = (cut[answer] - cut[foil]) - (base[answer] - base[foil])
        assert scores[layer, head] == pytest.approx(expected.item(), abs=2e-5)


def test_parts_sum_to_the_logit_difference(either: HookedTransformer) -> None:
    model = surgeon.wrap(either)
    parts = surgeon.attribution(model, PROMPT, " the", " a")
    logits = naive_logits(either, model.tokenize(PROMPT))[-1]
    assert parts.total == pytest.approx((logits[parts.answer.id] - logits[parts.foil.id]).item())
    told = sum(parts.table()["adds"])
    assert told == pytest.approx(parts.total, abs=1e-4)


def test_the_lens_equals_the_models_own_unembedding(either: HookedTransformer) -> None:
    model = surgeon.wrap(either)
    ids = torch.tensor([model.tokenize(PROMPT)])
    lens = surgeon.logit_lens(model, PROMPT, positions=[-1])
    _, cache = either.run_with_cache(ids)
    for layer in range(3):
        resid = cache["resid_post", layer][:, -1:]
        probs = either.unembed(either.ln_final(resid))[0, 0].softmax(-1)
        assert lens.control.target_prob[layer + 1, 0] == pytest.approx(
            probs[lens.targets[0]].item(), abs=1e-5
        )


def test_it_says_which_weights_these_are(own: HookedTransformer) -> None:
    raw = surgeon.wrap(own, "mine")
    assert raw.source == "wrapped-raw"
    assert repr(raw).startswith("<Model mine (wrapped-raw): 3×4 heads")
    result = surgeon.importance(raw, PROMPT, "l2")
    assert result.provenance.source == "wrapped-raw"
    assert "model: HookedTransformer = ..." in result.code()
    own.process_weights_()
    processed = surgeon.wrap(own)
    assert processed.source == "wrapped-processed"
    assert processed.revision != raw.revision
    with pytest.raises(InvalidSetting, match="from_pretrained_no_processing"):
        surgeon.importance(processed, PROMPT, "l2").code()


def test_processed_weights_keep_the_value_bias(own: HookedTransformer) -> None:
    """Folded into b_O it stays where a head is cut; on raw weights it does when asked to."""
    raw = surgeon.wrap(copy.deepcopy(own))
    own.process_weights_()
    kept = logprobs(raw, [Zero(layer=1, head=1, value_bias="keep")])
    for token, seen in logprobs(surgeon.wrap(own), [Zero(layer=1, head=1)]).items():
        assert seen == pytest.approx(kept.get(token, seen), abs=5e-4)


def test_wrapping_leaves_the_model_as_it_is(either: HookedTransformer) -> None:
    ids = torch.tensor([[1, 2, 3, 4]])
    before = {name: value.detach().clone() for name, value in either.named_parameters()}
    logits = either(ids)
    surgeon.infer(surgeon.wrap(either), PROMPT, CUTS, max_new_tokens=2)
    assert all(torch.equal(value, before[name]) for name, value in either.named_parameters())
    torch.testing.assert_close(either(ids), logits, atol=1e-5, rtol=0)
    assert count_hooks(either) == 0


def test_what_is_done_to_the_model_is_seen(either: HookedTransformer) -> None:
    model = surgeon.wrap(either)
    before = surgeon.infer(model, PROMPT, max_new_tokens=0).next_token
    with torch.no_grad():
        either.blocks[1].attn.W_O[2] = 0
    either.add_hook("blocks.0.hook_mlp_out", lambda value, hook: 0.5 * value)  # noqa: ARG005
    seen = logprobs(model, [])
    expected = either(torch.tensor([model.tokenize(PROMPT)]))[0, -1].log_softmax(-1)
    either.reset_hooks()
    assert before.candidates[0].control_logprob != seen[before.candidates[0].id][0]
    for token, (one, _) in seen.items():
        assert one == pytest.approx(expected[token].item(), abs=2e-5)


def test_what_cannot_be_followed_is_refused(own: HookedTransformer) -> None:
    own.process_weights_()
    model = surgeon.wrap(own)
    with torch.no_grad():
        own.unembed.W_U[0, 0] = 3
    with pytest.raises(AlteredModel, match=r"unembedding of model\.hooked was changed"):
        surgeon.infer(model, PROMPT, max_new_tokens=0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda own: setattr(own.cfg, "attn_only", True), "attn_only True"),
        (lambda own: setattr(own.cfg, "act_fn", "relu"), "act_fn 'relu'"),
        (lambda own: setattr(own.cfg, "positional_embedding_type", "rotary"), "rotary"),
        (lambda own: setattr(own.cfg, "normalization_type", "RMS"), "normalization_type 'RMS'"),
        (lambda own: setattr(own, "tokenizer", None), "no fast tokenizer"),
        (lambda own: own.to(torch.float64), "float64"),
        (lambda own: own.unembed.b_U.data.fill_(1.0), "b_U"),
    ],
)
def test_another_architecture_is_refused_in_a_sentence(
    own: HookedTransformer, change: Callable[[HookedTransformer], object], sentence: str
) -> None:
    change(own)
    with pytest.raises(ModelLoadError, match=sentence):
        surgeon.wrap(own)


def test_what_is_no_hooked_transformer_is_refused(tiny: Model) -> None:
    with pytest.raises(ModelLoadError, match="not a Model"):
        surgeon.wrap(tiny)
