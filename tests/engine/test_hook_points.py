"""Whatever acts at a hook point of the model is seen by our pass, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor

from attention_surgery.analyses import attention, importance, infer, logit_lens
from attention_surgery.engine.forward import final_norm, unembed
from attention_surgery.engine.model import Model
from attention_surgery.engine.run import embedded, run
from attention_surgery.engine.steps import drain
from attention_surgery.errors import InvalidSetting
from tests.engine.test_model import PROMPT

IN_BLOCK = [
    "hook_resid_pre",
    "ln1.hook_scale",
    "ln1.hook_normalized",
    "attn.hook_q",
    "attn.hook_k",
    "attn.hook_v",
    "attn.hook_attn_scores",
    "attn.hook_pattern",
    "attn.hook_z",
    "attn.hook_result",
    "hook_attn_out",
    "hook_resid_mid",
    "ln2.hook_scale",
    "ln2.hook_normalized",
    "mlp.hook_pre",
    "mlp.hook_post",
    "hook_mlp_out",
    "hook_resid_post",
]
OUTSIDE = ["hook_embed", "hook_pos_embed", "ln_final.hook_scale", "ln_final.hook_normalized"]
REFUSED = ["hook_attn_in", "hook_q_input", "hook_k_input", "hook_v_input", "hook_mlp_in"]


def change(value: Tensor, hook: object) -> Tensor:
    """Something that no kernel could fold away, and that depends on the position."""
    return value * 1.25 + 0.01 * torch.arange(value.shape[1])[:, None].expand(
        value.shape[1], value.shape[-1]
    ).view(1, value.shape[1], *([1] * (value.dim() - 3)), value.shape[-1])


@contextmanager
def hooked(model: Model, name: str) -> Iterator[None]:
    model.hooked.set_use_attn_result("hook_result" in name)
    try:
        with model.hooked.hooks(fwd_hooks=[(name, change)]):
            yield
    finally:
        model.hooked.set_use_attn_result(False)


def our_logits(model: Model, ids: list[int]) -> Tensor:
    with torch.inference_mode():
        return unembed(model, final_norm(model, drain(run(model, embedded(model, [ids])))))


@pytest.mark.parametrize("name", [f"blocks.1.{point}" for point in IN_BLOCK] + OUTSIDE)
def test_a_hook_is_seen_as_transformer_lens_sees_it(tiny: Model, name: str) -> None:
    ids = tiny.tokenize(PROMPT)
    plain = our_logits(tiny, ids)
    with hooked(tiny, name), torch.inference_mode():
        expected = tiny.hooked(torch.tensor([ids]))
        found = our_logits(tiny, ids)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(found, plain, atol=1e-2)


@pytest.mark.parametrize("point", ["attn.hook_z", "hook_mlp_out", "hook_resid_pre"])
def test_every_analysis_sees_it(tiny: Model, point: str) -> None:
    name = f"blocks.1.{point}"
    ids = tiny.tokenize(PROMPT)
    with hooked(tiny, name):
        with torch.inference_mode():
            expected, cache = tiny.hooked.run_with_cache(torch.tensor([ids]))
        logprobs = expected[0].log_softmax(-1)
        inference = infer(tiny, PROMPT, max_new_tokens=0)
        for candidate in inference.next_token.candidates:
            assert candidate.control_logprob == pytest.approx(
                logprobs[-1, candidate.id].item(), abs=1e-3
            )
        lens = logit_lens(tiny, PROMPT, positions=[-1], target=5)
        assert lens.control.target_prob[-1, 0] == pytest.approx(
            logprobs[-1, 5].exp().item(), rel=1e-2
        )
        pattern = torch.tensor(attention(tiny, PROMPT, 2, 1).control)
        torch.testing.assert_close(pattern, cache["pattern", 2][0, 1], atol=1e-4, rtol=0)
        norms = torch.tensor(importance(tiny, PROMPT, "l2").scores)
        written = torch.einsum(
            "phd,hdm->phm", cache["z", 2][0], tiny.hooked.blocks[2].attn.W_O.detach()
        )
        torch.testing.assert_close(norms[2], written.norm(dim=-1).mean(0), atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("name", [f"blocks.1.{point}" for point in REFUSED] + ["unembed.hook_out"])
def test_a_point_that_our_pass_does_not_make_is_refused(tiny: Model, name: str) -> None:
    handle = tiny.hooked.hook_dict[name].register_forward_hook(lambda *_: None)
    try:
        for ask in (infer, logit_lens, importance):
            with pytest.raises(InvalidSetting, match=f"There is a hook on {name}"):
                ask(tiny, PROMPT)
        with pytest.raises(InvalidSetting, match=f"There is a hook on {name}"):
            attention(tiny, PROMPT, 1, 1)
    finally:
        handle.remove()


def test_transformer_lens_own_tools_run_on_the_model(bundled: Model, tiny: Model) -> None:
    """Its activation patching and head detector, on `model.hooked` as it stands."""
    from transformer_lens import patching
    from transformer_lens.head_detector import detect_head

    clean, corrupt = torch.tensor([[0, 5, 6, 7, 8]]), torch.tensor([[0, 6, 5, 7, 8]])
    with torch.inference_mode():
        _, cache = tiny.hooked.run_with_cache(clean)
        restored = patching.get_act_patch_attn_head_out_all_pos(
            tiny.hooked, corrupt, cache, lambda logits: logits[0, -1, 0]
        )
    assert restored.shape == (3, 4)
    assert restored.std() > 0
    scores = detect_head(
        bundled.hooked, "a b c a b c", "previous_token_head", exclude_bos=False, error_measure="mul"
    )
    assert scores.shape == (12, 12)
    assert {2, 3} == set(scores.flatten().topk(2).indices.tolist())  # L0H2 and L0H3
