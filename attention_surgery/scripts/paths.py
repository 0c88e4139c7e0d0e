"""Path patching in a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attention_surgery.interventions import Intervention
from attention_surgery.metrics import Metric
from attention_surgery.scripts.importance import Asked
from attention_surgery.scripts.infer import LOGPROBS
from attention_surgery.scripts.literals import LINE
from attention_surgery.scripts.script import Section

EVERY_SENDER = """\
SENDERS = [
    (layer, head) for layer in range(model.cfg.n_layers) for head in range(model.cfg.n_heads)
]"""

EVERY_RECEIVER = """\
RECEIVERS = [
    (layer, head, part)
    for layer in range(1, model.cfg.n_layers)
    for head in range(model.cfg.n_heads)
    for part in "qkv"
]"""

RUNS = """\
corrupt_prompt = read(CORRUPT)
assert len(corrupt_prompt) == len(prompt)
z_points = [f"blocks.{{layer}}.attn.hook_z" for layer in range(model.cfg.n_layers)]
clean_z, corrupt_z = {{}}, {{}}


def keep(value, hook, seen):
    seen[hook.name] = value


def keeping(points, seen):
    return [(point, partial(keep, seen=seen)) for point in points]


clean = measure(logprobs(prompt, [{surgery}*keeping(z_points, clean_z)]))
corrupt = measure(logprobs(corrupt_prompt, [{surgery}*keeping(z_points, corrupt_z)]))"""

PATH = '''\
def freeze(z, hook, sender):
    """Every head as in the clean run, but for one as in the corrupt run."""
    z = clean_z[hook.name].clone()
    layer, head = sender
    if hook.layer() == layer:
        z[:, :, head] = corrupt_z[hook.name][:, :, head]
    return z


def put(value, hook, seen, head):
    value = value.clone()
    value[:, :, head] = seen[hook.name][:, :, head]
    return value


def path(sender, receivers):
    """The metric with the paths to these inputs of heads patched; to the logits if there are none.

    MLPs and LayerNorms are computed anew.
    """
    seen = {{}}
    points = {{f"blocks.{{layer}}.attn.hook_{{part}}" for layer, _, part in receivers}}
    frozen = [(point, partial(freeze, sender=sender)) for point in z_points]
    direct = logprobs(prompt, [{surgery}*frozen, *keeping(points, seen)])
    if not receivers:
        return measure(direct)
    patches = [
        (f"blocks.{{layer}}.attn.hook_{{part}}", partial(put, seen=seen, head=head))
        for layer, head, part in receivers
    ]
    return measure(logprobs(prompt, {patches}))'''

EACH = 'rows = [[] if receiver == "logits" else [receiver] for receiver in RECEIVERS]'
TOGETHER = "rows = [RECEIVERS]  # all in one run"

LOOP = """\
effects = torch.zeros(len(rows), len(SENDERS))
for row, receivers in enumerate(rows):
    for column, sender in enumerate(SENDERS):
        above = [receiver for receiver in receivers if receiver[0] > sender[0]]
        if above or not receivers:
            effects[row, column] = path(sender, above) - clean

# The share of the difference between the prompts that each path carries.
shares = -effects / (clean - corrupt)
print(f"clean {clean:.4f}, corrupt {corrupt:.4f}")
for place in effects.abs().flatten().argsort(descending=True)[:10].tolist():
    row, column = divmod(place, len(SENDERS))
    print(SENDERS[column], "to", rows[row] or "logits", f"{effects[row, column]:.6f}")"""


def path_script(
    cuts: Sequence[Intervention],
    metric: Metric,
    senders: Sequence[tuple[int, int]],
    receivers: Sequence[tuple[int, int, str] | str],
    *,
    together: bool,
) -> list[Section]:
    """Two hooked passes for each path, one to the logits.

    Args:
        senders: all heads where there are none.
        receivers: (layer, head, "q"), "logits", or "all".
    """
    asked = Asked(cuts, metric, metric.unit)
    surgery = "*SURGERY, " * bool(cuts)
    return [
        _listed("SENDERS", senders) if senders else EVERY_SENDER,
        *_receivers(receivers),
        *asked.surgery(),
        LOGPROBS,
        *asked.measure(),
        RUNS.format(surgery=surgery),
        PATH.format(surgery=surgery, patches="[*SURGERY, *patches]" if cuts else "patches"),
        TOGETHER if together else EACH,
        LOOP,
    ]


def _receivers(receivers: Sequence[Any]) -> list[Section]:
    if "all" not in receivers:
        return [_listed("RECEIVERS", list(dict.fromkeys(receivers)))]
    return [EVERY_RECEIVER + '\nRECEIVERS += ["logits"]' * ("logits" in receivers)]


def _listed(name: str, entries: Sequence[Any]) -> Section:
    """A list on one line, or with an entry a line."""
    written = [
        str(entry).replace("'", '"') if isinstance(entry, tuple) else f'"{entry}"'
        for entry in entries
    ]
    line = f"{name} = [{', '.join(written)}]"
    if len(line) <= LINE:
        return line
    return "\n".join([f"{name} = [", *(f"    {entry}," for entry in written), "]"])
