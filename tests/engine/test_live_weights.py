"""What is done to `model.hooked` is seen by our forward pass as by TransformerLens, or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from transformer_lens import HookedTransformer, patching

import attention_surgery as surgeon
from attention_surgery.engine.model import Model, load_model
from attention_surgery.engine.skeleton import Skeleton
from attention_surgery.errors import AlteredModel
from tests.engine.test_model import PROMPT, logits_of

BLOCK = (
    *("ln1.w", "ln1.b", "ln2.w", "ln2.b"),
    # A key bias shifts all scores of a query alike, which the softmax takes away: no b_K alone.
    *(f"attn.{part}" for part in ("W_Q", "W_K", "W_V", "W_O", "b_Q", "b_V", "b_O")),
    *("mlp.W_in", "mlp.b_in", "mlp.W_out", "mlp.b_out"),
)
PARAMETERS = ("pos_embed.W_pos", "ln_final.w", "ln_final.b", *(f"blocks.1.{n}" for n in BLOCK))


@pytest.fixture
def model(directories: dict[str, Path]) -> Model:
    """A model of the test's own, to be tampered with."""
    return load_model(directories["tiny"], device="cpu")


def owner(hooked: HookedTransformer, name: str) -> tuple[nn.Module, str]:
    path, _, key = name.rpartition(".")
    return hooked.get_submodule(path), key


def replace(hooked: HookedTransformer, name: str) -> None:
    module, key = owner(hooked, name)
    old = getattr(module, key)
    new = old + 0.5 * torch.randn(old.shape, generator=torch.Generator().manual_seed(1))
    setattr(module, key, nn.Parameter(new.contiguous()))


def write(hooked: HookedTransformer, name: str) -> None:
    module, key = owner(hooked, name)
    parameter = getattr(module, key).data
    parameter += 0.5 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1))


def assert_seen(model: Model, before: torch.Tensor) -> None:
    """Stock TransformerLens with these parameters gives what we give, and not what was before."""
    ids = model.tokenize(PROMPT)
    stock = HookedTransformer(model.hooked.cfg, move_to_device=False)
    stock.load_state_dict(model.hooked.state_dict())
    with torch.inference_mode():
        expected = stock(torch.tensor([ids]))
        model.reread()
        found = logits_of(model, ids)
        torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(model.hooked(torch.tensor([ids])), expected, atol=1e-4, rtol=0)
    assert not torch.allclose(found, before, atol=1e-3)


@pytest.mark.parametrize("change", [replace, write], ids=["replaced", "written in place"])
def test_a_changed_parameter_is_seen(
    model: Model, change: Callable[[HookedTransformer, str], None]
) -> None:
    for name in PARAMETERS:  # one after the other, each on top of the last
        before = logits_of(model, model.tokenize(PROMPT))
        change(model.hooked, name)
        assert_seen(model, before)


def test_an_embedding_written_in_place_is_unembedded_with(model: Model) -> None:
    before = logits_of(model, model.tokenize(PROMPT))
    write(model.hooked, "embed.W_E")
    assert_seen(model, before)


def test_embedding_and_unembedding_can_be_replaced_together(model: Model) -> None:
    before = logits_of(model, model.tokenize(PROMPT))
    replace(model.hooked, "embed.W_E")
    model.hooked.unembed.W_U = nn.Parameter(model.hooked.W_E.T.clone())
    assert_seen(model, before)


def test_a_replaced_parameter_stays_live_and_can_be_put_back(model: Model) -> None:
    ids = model.tokenize(PROMPT)
    before, attn = logits_of(model, ids), model.hooked.blocks[1].attn
    original = attn.W_O
    replace(model.hooked, "blocks.1.attn.W_O")
    model.reread()
    write(model.hooked, "blocks.1.attn.W_O")
    assert_seen(model, before)
    attn.W_O = original
    model.reread()
    assert torch.equal(logits_of(model, ids), before)
    assert model.weights is model.loaded


def test_every_analysis_rereads(model: Model) -> None:
    analyses: list[Callable[[], object]] = [
        lambda: surgeon.infer(model, PROMPT, max_new_tokens=1),
        lambda: surgeon.importance(model, PROMPT, "l2"),
        lambda: surgeon.importance(model, PROMPT, "gradient"),
        lambda: surgeon.logit_lens(model, PROMPT),
        lambda: surgeon.attention(model, PROMPT, 1, 1),
    ]
    model.hooked.blocks[1].ln1 = nn.Identity()
    for analysis in analyses:
        with pytest.raises(AlteredModel, match=r"blocks\.1\.ln1 of model\.hooked was changed"):
            analysis()


def test_processing_keeps_the_function_and_is_refused_here(
    model: Model, stock: Callable[[Model], HookedTransformer]
) -> None:
    tokens = torch.tensor([model.tokenize(PROMPT)])
    with torch.inference_mode():
        expected = model.hooked(tokens).log_softmax(-1)
        model.hooked.process_weights_()
        found = model.hooked(tokens).log_softmax(-1)
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=0)
    with pytest.raises(AlteredModel, match="folded by process_weights_"):
        surgeon.infer(model, PROMPT, max_new_tokens=1)


def test_processing_that_only_folds_value_biases_is_seen(model: Model) -> None:
    ids = model.tokenize(PROMPT)
    before = logits_of(model, ids)
    model.hooked.process_weights_(fold_ln=False, center_writing_weights=False, center_unembed=False)
    model.reread()
    assert not model.weights.blocks[1].b_qkv.chunk(3)[2].any()
    torch.testing.assert_close(logits_of(model, ids), before, atol=1e-4, rtol=0)


def reshape(hooked: HookedTransformer) -> None:
    hooked.blocks[1].attn.W_O = nn.Parameter(hooked.blocks[1].attn.W_O[:2].clone())


def set_eps(hooked: HookedTransformer) -> None:
    hooked.blocks[1].ln1.eps = 0.1


def set_activation(hooked: HookedTransformer) -> None:
    hooked.blocks[1].mlp.act_fn = torch.relu


def look_ahead(hooked: HookedTransformer) -> None:
    hooked.blocks[1].attn.IGNORE.zero_()


def hook_module(hooked: HookedTransformer) -> None:
    hooked.blocks[1].mlp.register_forward_hook(lambda *_: None)


def override(hooked: HookedTransformer) -> None:
    hooked.blocks[1].attn.apply_causal_mask = lambda scores, *_: scores


def bias_unembedding(hooked: HookedTransformer) -> None:
    hooked.unembed.b_U.data[5] = 10


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda hooked: replace(hooked, "embed.W_E"), "embed.W_E and unembed.W_U .* differ"),
        (lambda hooked: replace(hooked, "unembed.W_U"), "embed.W_E and unembed.W_U .* differ"),
        (bias_unembedding, "unembed.b_U .* no longer zero"),
        (reshape, r"blocks\.1\.attn\.W_O .* must stay torch.float32 \[4, 8, 32\]"),
        (lambda hooked: hooked.half(), "has become torch.float16"),
        (lambda hooked: hooked.to("meta", print_details=False), "was moved to meta"),
        (set_eps, r"blocks\.1\.ln1\.eps of model\.hooked was changed"),
        (set_activation, r"blocks\.1\.mlp\.act_fn of model\.hooked was changed"),
        (look_ahead, r"blocks\.1\.attn\.IGNORE of model\.hooked was changed"),
        (override, r"blocks\.1\.attn\.apply_causal_mask of model\.hooked was changed"),
        (hook_module, r"blocks\.1\.mlp has a torch hook"),
        (lambda hooked: setattr(hooked.cfg, "eps", 0.1), r"cfg\.eps of model\.hooked was changed"),
        (lambda hooked: hooked.register_forward_hook(lambda *_: None), "has a torch hook"),
        (lambda hooked: setattr(hooked, "forward", lambda _: None), "forward of model.hooked"),
    ],
)
def test_what_cannot_be_followed_is_refused(
    model: Model, change: Callable[[HookedTransformer], None], sentence: str
) -> None:
    change(model.hooked)
    with pytest.raises(AlteredModel, match=sentence):
        surgeon.infer(model, PROMPT, max_new_tokens=1)


def test_what_transformerlens_does_at_run_time_is_not_refused(model: Model) -> None:
    hooked, tokens = model.hooked, torch.tensor([model.tokenize(PROMPT)])
    hooked.set_use_attn_result(True)
    hooked.set_use_split_qkv_input(True)
    hooked.train()
    _, cache = hooked.run_with_cache(tokens)
    hooked.generate(tokens, max_new_tokens=2, verbose=False)
    patching.get_act_patch_attn_head_out_all_pos(hooked, tokens, cache, lambda logits: logits.sum())
    hooked.add_hook("blocks.0.attn.hook_z", lambda z, hook: z)  # noqa: ARG005
    hooked.reset_hooks()
    loaded = model.weights
    model.reread()
    assert model.weights is loaded


def test_the_skeleton_has_the_hook_points_of_transformerlens(model: Model) -> None:
    skeleton = model.graph
    assert isinstance(skeleton, Skeleton)
    names = {name for name, _ in skeleton.named_modules() if "hook_" in name}
    assert names == set(skeleton.hook_dict) == set(model.hooked.hook_dict)
    assert model.graph is model.hooked
    for name, point in skeleton.hook_dict.items():
        assert skeleton.get_submodule(name) is point
        if name.startswith("blocks."):
            assert point.layer() == model.hooked.hook_dict[name].layer()
