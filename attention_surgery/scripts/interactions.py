"""Interactions of heads in a script."""

from __future__ import annotations

from collections.abc import Sequence

from attention_surgery.interventions import Intervention
from attention_surgery.scripts.importance import Asked
from attention_surgery.scripts.infer import LOGPROBS
from attention_surgery.scripts.literals import LINE, position_list
from attention_surgery.scripts.script import Section
from attention_surgery.scripts.surgery import other_prompts, replacement

ALL_HEADS = """\
HEADS = [
    (layer, head)
    for layer in range(model.cfg.n_layers)
    for head in range(model.cfg.n_heads)
    if (layer, head) not in [{left_out}]
]"""

EFFECT = """\
control = logprobs(prompt, {base})


def effect(heads):
    hooks = {hooks}
    ablated = logprobs(prompt, hooks)
    return {difference}"""

PAIRS = """\
singles = torch.tensor([effect([head]) for head in HEADS])
interactions = torch.zeros(len(HEADS), len(HEADS))
for i, first in enumerate(HEADS):
    for j, second in enumerate(HEADS[:i]):
        both = effect([first, second]) - singles[i] - singles[j]
        interactions[i, j] = interactions[j, i] = both

for place in interactions.tril().abs().flatten().argsort(descending=True)[:10].tolist():
    i, j = divmod(place, len(HEADS))
    print(HEADS[j], HEADS[i], f"{{interactions[i, j]:.6f}} {unit}")"""


def interactions_script(
    asked: Asked,
    swept: Intervention,
    heads: Sequence[tuple[int, int]] | None,
    left_out: Sequence[tuple[int, int]],
    *,
    last: bool,
) -> list[Section]:
    """One pass for each head and one for each pair.

    Args:
        heads: None for all but those left out.
        last: KL at the last position, not its mean.
    """
    listed = ", ".join(map(repr, left_out if heads is None else heads))
    every = ALL_HEADS.format(left_out=listed) if heads is None else f"HEADS = [{listed}]"
    if not left_out and heads is None:
        every = every.replace("    if (layer, head) not in []\n", "")
    kl = asked.metric is not None and asked.metric.needs_base
    divergence = f"(control.exp() * (control - ablated)).sum(-1){'[-1]' if last else '.mean()'}"
    effect = EFFECT.format(
        base="SURGERY" if asked.cuts else "[]",
        hooks=_hooks(asked, swept),
        difference=f"{divergence}.item()" if kl else "(measure(ablated) - measure(control)).item()",
    )
    return [
        *asked.surgery(swept),
        every,
        LOGPROBS,
        *([] if kl else asked.measure()),
        effect,
        PAIRS.format(unit=asked.unit),
    ]


def _hooks(asked: Asked, swept: Intervention) -> str:
    """The list of hooks that cut `heads` beside what is cut."""
    function = replacement(swept, other_prompts([*asked.cuts, swept]))
    arguments = [f"to={function}", "head=head"]
    if swept.strength != 1:
        arguments.append(f"strength={swept.strength!r}")
    if swept.positions is not None:
        arguments.append(f"positions={position_list(swept.positions, 'len(prompt)')}")
    lines = ["["]
    if swept.needs_below:
        remember = '(f"blocks.{max(layer - 1, 0)}.attn.hook_pattern", remember)'
        lines += _spread(remember, "layer, _")
    if asked.cuts:
        lines.append("        *SURGERY,")
    entry = f'(f"blocks.{{layer}}.{swept.hook}", partial(cut, {", ".join(arguments)}))'
    lines += [*_spread(entry, "layer, head"), "    ]"]
    return "\n".join(lines)


def _spread(entry: str, names: str) -> list[str]:
    """`*(entry for … in heads)`, on as many lines as a formatter gives it."""
    line = f"        *({entry} for {names} in heads),"
    if len(line) <= LINE:
        return [line]
    return ["        *(", f"            {entry}", f"            for {names} in heads", "        ),"]
