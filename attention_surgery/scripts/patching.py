"""Activation patching in a script."""

from __future__ import annotations

from collections.abc import Sequence

from attention_surgery.engine.components import POINTS, Component, is_of_heads
from attention_surgery.interventions import Intervention
from attention_surgery.metrics import Metric
from attention_surgery.scripts.importance import Asked
from attention_surgery.scripts.infer import LOGPROBS
from attention_surgery.scripts.script import Section

RUNS = """\
corrupt_prompt = read(CORRUPT)
assert len(corrupt_prompt) == len(prompt)
base, other = {base}

points = [f"blocks.{{layer}}.{point}" for layer in range(model.cfg.n_layers)]
source = {{}}


def keep(value, hook):
    source[hook.name] = value


clean = measure(logprobs(prompt, {surgery}))
corrupt = measure(logprobs(corrupt_prompt, {surgery}))
logprobs(other, [{hooks}*((point, keep) for point in points)])"""

PATCH = """\
def patch(value, hook, {arguments}):
    value = value.clone()
    value[{index}] = source[hook.name][{index}]
    return value"""

LOOP = """\
values = torch.zeros({shape})
{loops}
{indent}hook = partial(patch, {given})
{indent}values[{place}] = measure(logprobs(base, [{hooks}({point}, hook)]))"""

SCORES = """\
# 0 is as the corrupt run, 1 as the clean one.
scores = (values - corrupt) / (clean - corrupt)
print(f"clean {{clean:.4f}}, corrupt {{corrupt:.4f}}")
for place in {change}.abs().flatten().argsort(descending=True)[:10].tolist():
    where = [int(index) for index in torch.unravel_index(torch.tensor(place), scores.shape)]{named}
    print({axes}, where, f"{{scores.flatten()[place]:.4f}}")"""

ESTIMATE = """\
shown, slopes = {{}}, {{}}


def keep_value(value, hook):
    shown[hook.name] = value.detach()


def keep_slope(slope, hook):
    slopes[hook.name] = slope


with model.hooks(
    fwd_hooks=[{hooks}*((point, keep_value) for point in points)],
    bwd_hooks=[(point, keep_slope) for point in points],
):
    at_base = measure(model(torch.tensor([base]))[0].log_softmax(-1))
    at_base.backward()

change = torch.stack([((source[p] - shown[p]) * slopes[p]).sum(-1)[0] for p in points])
estimates = at_base.item() + {sums}"""


def patching_script(
    cuts: Sequence[Intervention],
    metric: Metric,
    component: Component,
    *,
    heads: Sequence[tuple[int, int]] | None,
    noise: bool,
    each_position: bool,
    estimate: bool,
) -> list[Section]:
    """One hooked pass for each patch.

    Args:
        heads: which are patched; all when None.
    """
    asked = Asked(cuts, metric, metric.unit)
    hooks = "*SURGERY, " * bool(cuts)
    runs = RUNS.format(
        base="prompt, corrupt_prompt" if noise else "corrupt_prompt, prompt",
        point=POINTS[component],
        surgery="SURGERY" if cuts else "[]",
        hooks=hooks,
    )
    body = [
        *asked.surgery(),
        LOGPROBS,
        *asked.measure(),
        runs,
        _patch(component, each_position=each_position),
        _loop(component, hooks, heads, each_position=each_position),
        _scores(component, chosen=heads is not None, noise=noise, each_position=each_position),
    ]
    if estimate:
        body.append(ESTIMATE.format(hooks=hooks, sums=_sums(component, each_position)))
    if estimate and heads is not None:
        body.append("estimates = torch.stack([estimates[place] for place in HEADS])")
    return body


def _axes(component: Component, *, each_position: bool) -> list[str]:
    return ["head"] * is_of_heads(component) + ["position"] * each_position


def _patch(component: Component, *, each_position: bool) -> Section:
    position = "position" if each_position else ":"
    match component:
        case "pattern":
            index = f":, head, {position}"
        case "z" | "q" | "k" | "v":
            index = f":, {position}, head"
        case _:
            index = f":, {position}"
    arguments = _axes(component, each_position=each_position)
    return PATCH.format(arguments=", ".join(arguments), index=index).replace(", ):", "):")


def _loop(
    component: Component,
    hooks: str,
    heads: Sequence[tuple[int, int]] | None,
    *,
    each_position: bool,
) -> Section:
    axes = _axes(component, each_position=each_position)
    sizes = {"head": "model.cfg.n_heads", "position": "len(prompt)"}
    inner = axes if heads is None else axes[1:]
    row, each = ("layer", "layer, point in enumerate(points)")
    if heads is not None:
        row, each = ("row", "row, (layer, head) in enumerate(HEADS)")
    loops = [f"for {each}:", *(f"for {axis} in range({sizes[axis]}):" for axis in inner)]
    n_rows = "model.cfg.n_layers" if heads is None else "len(HEADS)"
    loop = LOOP.format(
        shape=", ".join([n_rows, *(sizes[axis] for axis in inner)]),
        loops="\n".join(4 * depth * " " + line for depth, line in enumerate(loops)),
        indent=4 * len(loops) * " ",
        given=", ".join(f"{axis}={axis}" for axis in axes),
        place=", ".join([row, *inner]),
        hooks=hooks,
        point="point" if heads is None else "points[layer]",
    )
    if not axes:
        loop = loop.replace("    hook = partial(patch, )\n", "")
        loop = loop.replace("(point, hook)", "(point, patch)")
    return loop if heads is None else f"HEADS = [{', '.join(map(repr, heads))}]\n{loop}"


def _scores(component: Component, *, chosen: bool, noise: bool, each_position: bool) -> Section:
    axes = [*["layer"] * (not chosen), *_axes(component, each_position=each_position)]
    return SCORES.format(
        change="(scores - 1)" if noise else "scores",
        axes=f'"{", ".join(axes)}"',
        named="\n    where[0] = HEADS[where[0]]" if chosen else "",
    )


def _sums(component: Component, each_position: bool) -> str:
    """The changes, [layer, pos, head] or [layer, head, pos] of patterns, in the result's shape."""
    if component == "pattern":
        return "change" if each_position else "change.sum(-1)"
    if is_of_heads(component):
        return "change.transpose(1, 2)" if each_position else "change.sum(1)"
    return "change" if each_position else "change.sum(1)"
