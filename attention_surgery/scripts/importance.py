"""One score a head in a script."""

from __future__ import annotations

from attention_surgery.interventions import Intervention
from attention_surgery.scripts.infer import LOGPROBS
from attention_surgery.scripts.script import Section
from attention_surgery.scripts.surgery import definitions, replacement

BACKWARD = """\
patterns, gradients = {}, {}


def keep_pattern(pattern, hook):
    patterns[hook.layer()] = pattern[0].detach()


def keep_gradient(gradient, hook):
    gradients[hook.layer()] = gradient[0]


layers = range(model.cfg.n_layers)
points = [f"blocks.{layer}.attn.hook_pattern" for layer in layers]
with model.hooks(
    fwd_hooks=[(point, keep_pattern) for point in points],
    bwd_hooks=[(point, keep_gradient) for point in points],
):
    model(torch.tensor([prompt]), return_type="loss").backward()

# [layer, head, query, key], of the keys that a query may attend to.
pattern = torch.stack([patterns[layer] for layer in layers])
gradient = torch.stack([gradients[layer] for layer in layers]).tril()"""

GRADIENT = "scores = gradient.flatten(2).norm(dim=-1)"

ATTRIBUTION = "scores = -(pattern * gradient).sum((-2, -1))"

NORMS = """\
with torch.inference_mode():
    _, cache = model.run_with_cache(torch.tensor([prompt]))
    z = torch.cat([cache["z", layer] for layer in range(model.cfg.n_layers)])
    written = torch.einsum("lphd,lhdm->lphm", z, model.W_O)
    scores = written.norm(dim=-1).mean(1)"""

LOOP = """\
control = logprobs(prompt, [])
scores = torch.zeros(model.cfg.n_layers, model.cfg.n_heads)
for layer in range(model.cfg.n_layers):
    for head in range(model.cfg.n_heads):
        hooks = [{hooks}]
        ablated = logprobs(prompt, hooks)
        kl = (control.exp() * (control - ablated)).sum(-1)
        scores[layer, head] = {mean}"""

SHOW = """\
for place in scores.abs().flatten().argsort(descending=True)[:10].tolist():
    layer, head = divmod(place, model.cfg.n_heads)
    print(f"L{{layer}}H{{head}} {{scores[layer, head]:.6f}} {unit}")"""


def scores_from_gradients(*, attribution: bool, unit: str) -> list[Section]:
    """One backward pass of the mean next-token loss."""
    return [BACKWARD, ATTRIBUTION if attribution else GRADIENT, SHOW.format(unit=unit)]


def scores_from_norms(*, unit: str) -> list[Section]:
    """The norms of what heads write, from one cached pass."""
    return [NORMS, SHOW.format(unit=unit)]


def scores_from_ablations(swept: Intervention, *, last: bool, unit: str) -> list[Section]:
    """One pass a head, each with only that head cut as `swept` is."""
    cut = f"partial(cut, to={replacement(swept, {})}, head=head)"
    hook = f'(f"blocks.{{layer}}.{swept.hook}", {cut})'
    hooks = [hook]
    if swept.needs_below:
        below = 'f"blocks.{max(layer - 1, 0)}.attn.hook_pattern"'
        hooks = [f"({below}, remember)", hook]
    body = LOOP.format(hooks=_listed(hooks), mean="kl[-1]" if last else "kl.mean()")
    return [*definitions([swept]), LOGPROBS, body, SHOW.format(unit=unit)]


def _listed(hooks: list[str]) -> str:
    if len(hooks) == 1:
        return hooks[0]
    return "".join(f"\n            {hook}," for hook in hooks) + "\n        "
