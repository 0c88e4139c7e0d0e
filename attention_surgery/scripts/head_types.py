"""Kinds of heads in a script."""

from __future__ import annotations

from attention_surgery.scripts.script import Section

ON_PROMPT = """\
with torch.inference_mode():
    _, cache = model.run_with_cache(torch.tensor([prompt]))
patterns = torch.cat([cache["pattern", layer] for layer in range(model.cfg.n_layers)])
tokens = torch.tensor(prompt)
same = (tokens[:, None] == tokens).float().tril(-1)
wanted = {
    "previous_token": torch.diag(torch.ones(len(prompt) - 1), -1),
    "duplicate_token": same,
    "induction": torch.cat([torch.zeros(len(prompt), 1), same[:, :-1]], dim=1),
}
scores = {
    kind: (patterns * places).sum((-2, -1)) / patterns.sum((-2, -1))
    for kind, places in wanted.items()
}"""

ON_REPEATS = """\
generator = torch.Generator().manual_seed(SEED)
ids = torch.tensor(sorted(set(range(model.cfg.d_vocab)) - {BOS, EOS}))
rows = [ids[torch.randperm(len(ids), generator=generator)[:LENGTH]] for _ in range(N_ROWS)]
rows = torch.stack(rows).repeat(1, 2)
if PREPEND_BOS:
    rows = torch.cat([torch.full((N_ROWS, 1), BOS), rows], dim=1)
front = rows.shape[1] - 2 * LENGTH
with torch.inference_mode():
    _, cache = model.run_with_cache(rows)
patterns = [cache["pattern", layer][..., front:, front:] for layer in range(model.cfg.n_layers)]
back = {"previous_token": 1, "duplicate_token": LENGTH, "induction": LENGTH - 1}
scores = {
    kind: torch.stack([p.diagonal(-offset, dim1=-2, dim2=-1).mean((0, -1)) for p in patterns])
    for kind, offset in back.items()
}"""

COPYING = """\
# Words with a space in front, as names are.
vocabulary = tokenizer.get_vocab().items()
named = sorted(i for text, i in vocabulary if re.fullmatch("Ġ[A-Z][a-z]+", text))
named = torch.tensor(named or sorted(set(range(model.cfg.d_vocab)) - {BOS, EOS}))
generator = torch.Generator().manual_seed(SEED)
words = named[torch.randperm(len(named), generator=generator)[:COPYING_TOKENS]].sort().values
for kind in ("copying", "negative_copying"):
    scores[kind] = torch.zeros(model.cfg.n_layers, model.cfg.n_heads)
with torch.inference_mode():
    embedding = model.W_E[words][None]
    resid = embedding + model.blocks[0].mlp(model.blocks[0].ln2(embedding))
    for layer, block in enumerate(model.blocks):
        for head in range(model.cfg.n_heads):
            value = block.ln1(resid) @ block.attn.W_V[head] + block.attn.b_V[head]
            logits = model.unembed(model.ln_final(value @ block.attn.W_O[head]))[0]
            own = logits.gather(-1, words[:, None])
            above, below = (logits >= own).sum(-1), (logits <= own).sum(-1)
            scores["copying"][layer, head] = (above <= 5).float().mean()
            scores["negative_copying"][layer, head] = (below <= 5).float().mean()"""

SHOW = """\
for kind, values in scores.items():
    print(kind)
    for place in values.flatten().argsort(descending=True)[:5].tolist():
        layer, head = divmod(place, model.cfg.n_heads)
        print(f"  L{layer}H{head} {values[layer, head]:.4f}")"""


def head_types_script(*, on_prompt: bool, copying: bool) -> list[Section]:
    """One cached pass, and the OV circuit of each head."""
    return [ON_PROMPT if on_prompt else ON_REPEATS, *[COPYING] * copying, SHOW]
