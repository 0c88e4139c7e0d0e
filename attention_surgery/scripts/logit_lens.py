"""The logit lens in a script."""

from __future__ import annotations

from attention_surgery.scripts.script import Section

LENS = '''\
def lens(hooks):
    """The embedding, then what each block leaves: [layer, position, d_vocab] log-probabilities."""
    with torch.inference_mode(), model.hooks(fwd_hooks=hooks):
        _, cache = model.run_with_cache(torch.tensor([text]))
        resid = [cache["resid_pre", 0]]
        resid += [cache["resid_post", layer] for layer in range(model.cfg.n_layers)]
        stream = torch.cat(resid)[:, POSITIONS]
        return model.unembed(model.ln_final(stream)).log_softmax(-1)'''

READOUTS = '''\
def readouts(lens):
    """What is read off a lens: [layer, position] each, the likeliest tokens [..., TOP_K]."""
    of_target = lens.gather(-1, targets.expand(len(lens), -1)[..., None])
    likeliest = lens.topk(TOP_K)
    return {
        "top_ids": likeliest.indices,
        "top_probs": likeliest.values.exp(),
        "target_prob": of_target[..., 0].exp(),
        "target_rank": (lens > of_target).sum(-1),  # 0 is the likeliest
        "entropy": -(lens.exp() * lens).sum(-1),
        "kl_to_final": (lens[-1].exp() * (lens[-1] - lens)).sum(-1),
    }'''

SHOW = """\
control, ablated = lens([]), lens(SURGERY)
{targets}
control, ablated = readouts(control), readouts(ablated)
for name, run in (("control", control), ("ablated", ablated)):
    for layer, ids in enumerate(run["top_ids"]):
        words = [tokenizer.decode([i]) for i in ids[-1]]
        probability = run["target_prob"][layer, -1]
        label = f"after block {{layer - 1}}" if layer else "embedding"
        print(f"{{name}} {{label:14}} target {{probability:.4f}}, likeliest {{words}}")"""

# Where no target is given: what the text really has next, at its end what control expects.
REALLY_NEXT = """\
targets = torch.tensor([*text[1:], -1])[POSITIONS]
targets = torch.where(targets >= 0, targets, control[-1].argmax(-1))"""

GIVEN = "targets = torch.full_like(torch.tensor(text)[POSITIONS], TARGET)"


def readings(*, every: bool, target: bool) -> list[Section]:
    """The sections after `SURGERY`; they read `text`, POSITIONS, TOP_K and maybe TARGET.

    Args:
        every: all positions are read, and there is no POSITIONS at the script's head.
    """
    show = SHOW.format(targets=GIVEN if target else REALLY_NEXT)
    return [*["POSITIONS = slice(None)  # all"] * every, LENS, READOUTS, show]
