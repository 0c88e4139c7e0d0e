"""Direct logit attribution in a script."""

from __future__ import annotations

from attention_surgery.scripts.script import Section

TOKENS = """\
answer = tokenizer.encode(ANSWER, add_special_tokens=False)[0]
foil = tokenizer.encode(FOIL, add_special_tokens=False)[0]"""

PARTS = """\
with torch.inference_mode(), model.hooks(fwd_hooks=SURGERY):
    logits, cache = model.run_with_cache(torch.tensor([prompt]))
    total = (logits[0, POSITION, answer] - logits[0, POSITION, foil]).item()
    # What is written to the residual stream, times this, is what it adds to the difference.
    wanted = model.W_U[:, answer] - model.W_U[:, foil]
    toward = model.ln_final.w * wanted
    toward = (toward - toward.mean()) / cache["ln_final.hook_scale"][0, POSITION]
    layers = range(model.cfg.n_layers)
    z = torch.stack([cache["z", layer][0, POSITION] for layer in layers])
    heads = torch.einsum("lhd,lhdm,m->lh", z, model.W_O, toward)
    mlps = torch.stack([cache["mlp_out", layer][0, POSITION] @ toward for layer in layers])
    points = ["hook_embed", "hook_pos_embed"]
    embedding = torch.stack([cache[point][0, POSITION] @ toward for point in points])
    biases = model.b_O @ toward
    final_bias = (model.ln_final.b @ wanted).item()
    parts = (heads.sum() + mlps.sum() + embedding.sum() + biases.sum()).item() + final_bias"""

SHOW = """\
print(f"logit difference {total:.6f}, sum of the parts {parts:.6f}")
for place in heads.abs().flatten().argsort(descending=True)[:10].tolist():
    layer, head = divmod(place, model.cfg.n_heads)
    print(f"L{layer}H{head} {heads[layer, head]:.6f} logits")
for layer in layers:
    print(f"M{layer} {mlps[layer]:.6f} logits")"""


def direct_attribution() -> list[Section]:
    """The sections after `SURGERY`."""
    return [TOKENS, PARTS, SHOW]
