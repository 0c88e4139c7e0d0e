"""Self-repair in a script."""

from __future__ import annotations

from attention_surgery.interventions import Intervention
from attention_surgery.scripts.attribution import TOKENS
from attention_surgery.scripts.importance import SKIP, Asked, already_cut, turn_of
from attention_surgery.scripts.script import Section

RUN = '''\
wanted = (model.W_U[:, answer] - model.W_U[:, foil]).detach()
toward = model.ln_final.w.detach() * wanted
toward = toward - toward.mean()
layers = range(model.cfg.n_layers)
SEEN = ("hook_z", "hook_mlp_out", "ln_final.hook_scale", "hook_resid_post")


def run(hooks):
    """Logit difference, what each head and MLP writes along it, the residual stream, its scale."""
    with torch.inference_mode(), model.hooks(fwd_hooks=hooks):
        text = torch.tensor([prompt])
        logits, cache = model.run_with_cache(text, names_filter=lambda name: name.endswith(SEEN))
        z = torch.stack([cache["z", layer][0, POSITION] for layer in layers])
        heads = torch.einsum("lhd,lhdm,m->lh", z, model.W_O, toward)
        mlps = torch.stack([cache["mlp_out", layer][0, POSITION] @ toward for layer in layers])
        along = cache["resid_post", -1][0, POSITION] @ toward
        difference = logits[0, POSITION, answer] - logits[0, POSITION, foil]
        return difference, heads, mlps, along, cache["ln_final.hook_scale"][0, POSITION, 0]'''

LOOP = """\
base, base_heads, base_mlps, _, base_scale = run({base})
shape = model.cfg.n_layers, model.cfg.n_heads
total, direct, layer_norm = torch.zeros(shape), torch.zeros(shape), torch.zeros(shape)
by_heads, by_mlps = torch.zeros(*shape, *shape), torch.zeros(*shape, shape[0])
for layer in layers:
    for head in range(model.cfg.n_heads):{skip}
        hooks = [{hooks}]
        after, heads, mlps, along, scale = run(hooks)
        total[layer, head] = after - base
        changed = (heads - base_heads) / base_scale
        direct[layer, head] = changed[layer, head]
        changed[layer, head] = 0
        by_heads[layer, head] = changed
        by_mlps[layer, head] = (mlps - base_mlps) / base_scale
        layer_norm[layer, head] = along * (1 / scale - 1 / base_scale)"""

SHOW = """\
for place in direct.abs().flatten().argsort(descending=True)[:10].tolist():
    layer, head = divmod(place, model.cfg.n_heads)
    whole, own = total[layer, head], direct[layer, head]
    print(f"L{layer}H{head}: {whole:.6f} in all, {own:.6f} directly, {whole - own:.6f} repaired")"""


def self_repair(asked: Asked, swept: Intervention) -> list[Section]:
    """One pass a head, each with only that head cut as `swept` is, beside the present cuts."""
    filled, hooks = turn_of(asked.cuts, swept)
    return [
        *asked.surgery(swept),
        *already_cut(asked.cuts),
        TOKENS,
        RUN,
        *filled,
        LOOP.format(
            base="SURGERY" if asked.cuts else "[]", skip=SKIP if asked.cuts else "", hooks=hooks
        ),
        SHOW,
    ]
