"""One score a head in a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attention_surgery.interventions import Intervention
from attention_surgery.metrics import Metric
from attention_surgery.scripts.infer import LOGPROBS
from attention_surgery.scripts.literals import LINE, position_list
from attention_surgery.scripts.script import Section
from attention_surgery.scripts.surgery import (
    definitions,
    other_prompts,
    replacement,
    surgery,
    surgery_list,
)

BACKWARD = """\
patterns, gradients = {{}}, {{}}


def keep_pattern(pattern, hook):
    patterns[hook.layer()] = pattern[0].detach()


def keep_gradient(gradient, hook):
    gradients[hook.layer()] = gradient[0]


layers = range(model.cfg.n_layers)
points = [f"blocks.{{layer}}.attn.hook_pattern" for layer in layers]
with model.hooks(
    fwd_hooks={forward},
    bwd_hooks=[(point, keep_gradient) for point in points],
):
    {backward}

# [layer, head, query, key], of the keys that a query may attend to.
pattern = torch.stack([patterns[layer] for layer in layers])
gradient = torch.stack([gradients[layer] for layer in layers]).tril()"""

GRADIENT = "scores = gradient.flatten(2).norm(dim=-1)"

ATTRIBUTION = "scores = -(pattern * gradient).sum((-2, -1))"

NORMS = """\
with torch.inference_mode(){hooked}:
    _, cache = model.run_with_cache(torch.tensor([prompt]))
    z = torch.cat([cache["z", layer] for layer in range(model.cfg.n_layers)])
    written = torch.einsum("lphd,lhdm->lphm", z, model.W_O)
    scores = written.norm(dim=-1).mean(1)"""

LOOP = """\
control = logprobs(prompt, {base})
scores = torch.zeros(model.cfg.n_layers, model.cfg.n_heads)
for layer in range(model.cfg.n_layers):
    for head in range(model.cfg.n_heads):{skip}
        hooks = [{hooks}]
        ablated = logprobs(prompt, hooks)
{effect}"""

KL = """\
        kl = (control.exp() * (control - ablated)).sum(-1)
        scores[layer, head] = {mean}"""

DIFFERENCE = "        scores[layer, head] = measure(ablated) - measure(control)"

SKIP = """
        if (layer, head) in ALREADY_CUT:
            continue"""

EVERYWHERE = 'SEEN_AT = [f"blocks.{{layer}}.{hook}" for layer in range(model.cfg.n_layers)]'

SHOW = """\
for place in scores.abs().flatten().argsort(descending=True)[:10].tolist():
    layer, head = divmod(place, model.cfg.n_heads)
    print(f"L{{layer}}H{{head}} {{scores[layer, head]:.6f}} {unit}")"""


def scores_from_gradients(asked: Asked, *, attribution: bool) -> list[Section]:
    """One backward pass of the metric."""
    backward = "measure(model(torch.tensor([prompt]))[0].log_softmax(-1)).backward()"
    forward = "[(point, keep_pattern) for point in points]"
    if asked.cuts:
        forward = "[*SURGERY, *((point, keep_pattern) for point in points)]"
    return [
        *asked.surgery(),
        *asked.measure(),
        BACKWARD.format(backward=backward, forward=forward),
        ATTRIBUTION if attribution else GRADIENT,
        SHOW.format(unit=asked.unit),
    ]


def scores_from_norms(asked: Asked) -> list[Section]:
    """The norms of what heads write, from one cached pass."""
    hooked = ", model.hooks(fwd_hooks=SURGERY)" if asked.cuts else ""
    return [*asked.surgery(), NORMS.format(hooked=hooked), SHOW.format(unit=asked.unit)]


def scores_from_ablations(asked: Asked, swept: Intervention, *, last: bool) -> list[Section]:
    """One pass a head, each with only that head cut as `swept` is, beside the present cuts."""
    filled, hooks = turn_of(asked.cuts, swept)
    kl = asked.metric is None or asked.metric.needs_base
    body = LOOP.format(
        base="SURGERY" if asked.cuts else "[]",
        skip=SKIP if asked.cuts else "",
        hooks=hooks,
        effect=KL.format(mean="kl[-1]" if last else "kl.mean()") if kl else DIFFERENCE,
    )
    return [
        *asked.surgery(swept),
        *already_cut(asked.cuts),
        LOGPROBS,
        *([] if kl else asked.measure()),
        *filled,
        body,
        SHOW.format(unit=asked.unit),
    ]


def turn_of(cuts: Sequence[Intervention], swept: Intervention) -> tuple[list[Section], str]:
    """The hooks of a pass in which `layer` and `head` are cut as `swept` is, beside `cuts`.

    Returns:
        Sections that go before the loop, and the entries of the list of hooks in it.
    """
    function = replacement(swept, other_prompts([*cuts, swept]))
    filled = [f"replaced = {function}"] if function.startswith("partial") else []
    arguments = ["to=replaced" if filled else f"to={function}", "head=head"]
    if swept.strength != 1:
        arguments.append(f"strength={swept.strength!r}")
    if swept.positions is not None:
        arguments.append(f"positions={position_list(swept.positions, 'len(prompt)')}")
    hooks = [f'(f"blocks.{{layer}}.{swept.hook}", partial(cut, {", ".join(arguments)}))']
    if cuts:
        hooks.insert(0, "*SURGERY")
    if swept.needs_below:
        hooks.insert(0, '(f"blocks.{max(layer - 1, 0)}.attn.hook_pattern", remember)')
    return filled, _listed(hooks)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks of a script, whatever its method.

    Attributes:
        cuts: the present ones, which every pass has.
        metric: None where none is asked.
    """

    cuts: Sequence[Intervention]
    metric: Metric | None
    unit: str

    def surgery(self, swept: Intervention | None = None) -> list[Section]:
        """`SURGERY` where anything is cut, and the functions for it and for what is swept."""
        if swept is None:
            return surgery(self.cuts) if self.cuts else []
        every = [*self.cuts, swept]
        sections = [
            EVERYWHERE.format(hook=swept.hook)
            if section.startswith("SEEN_AT") and swept.reference_prompts
            else section
            for section in definitions(every)
        ]
        if not self.cuts:
            return sections
        return [*sections, *surgery_list(self.cuts, other_prompts(every))]

    def measure(self) -> list[Section]:
        """The metric as a function."""
        assert self.metric is not None
        tokens = [
            f"{name} = tokenizer.encode({name.upper()}, add_special_tokens=False)[0]"
            for name, needed in (
                ("answer", self.metric.needs_answer),
                ("foil", self.metric.needs_foil),
            )
            if needed
        ]
        function = f"def measure(expected):\n    return {self.metric.code}"
        return ["\n".join(tokens), function] if tokens else [function]


def already_cut(cuts: Sequence[Intervention]) -> list[Section]:
    heads = [f"({cut.layer}, {cut.head})" for cut in cuts if cut.head is not None]
    return [_set("ALREADY_CUT", heads)] if cuts else []


def _set(name: str, entries: Sequence[str]) -> str:
    if not entries:
        return f"{name} = set()"
    line = f"{name} = {{{', '.join(entries)}}}"
    if len(line) <= LINE:
        return line
    return "\n".join([f"{name} = {{", *(f"    {entry}," for entry in entries), "}"])


def _listed(hooks: list[str]) -> str:
    line = f"        hooks = [{', '.join(hooks)}]"
    if len(line) <= LINE:
        return ", ".join(hooks)
    return "".join(f"\n            {hook}," for hook in hooks) + "\n        "
