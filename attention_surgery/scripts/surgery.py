"""Interventions as hooks of a script."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from attention_surgery.interventions import Intervention
from attention_surgery.scripts.literals import LINE, literal, position_list, text_list
from attention_surgery.scripts.script import Section

# Reference prompts by their place in the script's list of them.
Others = dict[str, int]

# What a replacement's function is given by `cut`; what else it names are fields of its method.
GIVEN = ("old", "hook", "head")

# The one text in the batch: a pattern is [query, key], a z [position, d_head].
VIEWS = {"pattern": "value[0, head]", "z": "value[0, :, head]", "mlp_out": "value[0]"}
BY_SITE = "site(value, hook, head)"

SITE = '''\
def site(value, hook, head):
    """What one head or MLP does at a hook point: [position, ...]."""'''

REMEMBER = """\
before_surgery = {}


def remember(pattern, hook):
    before_surgery[hook.layer()] = pattern"""

ELSEWHERE = '''\
with torch.no_grad():
    runs = {
        text: model.run_with_cache(torch.tensor([read(text)]), names_filter=SEEN_AT)[1]
        for text in OTHER_PROMPTS
    }


def elsewhere(text, hook, head):
    """What the same head or MLP does when the uncut model reads another prompt."""
    return site(runs[text][hook.name], hook, head)'''


DOCSTRING = '    """Put what `to` makes of it in place of what one head or MLP does."""'

HELD = "    held = slice(None) if positions is None else [p for p in positions if p < len(old)]"


def surgery(cuts: Sequence[Intervention]) -> list[Section]:
    """`SURGERY`, the list of hooks that make these cuts, and all that it needs."""
    if not cuts:
        return ["SURGERY = []  # nothing is cut"]
    ordered = sorted(cuts, key=lambda cut: (cut.layer, -1 if cut.head is None else cut.head))
    return [*definitions(ordered), *surgery_list(ordered, other_prompts(ordered))]


def surgery_list(cuts: Sequence[Intervention], others: Others) -> list[Section]:
    """The list `SURGERY` alone."""
    entries = [*_remembered(cuts), *(hook_entry(cut, others) for cut in cuts)]
    return ["\n".join(["SURGERY = [", *entries, "]"])]


def definitions(cuts: Sequence[Intervention]) -> list[Section]:
    """The functions that the hooks of these cuts are made of."""
    return [*_sites(cuts), *_shown(cuts), *dict.fromkeys(cut.script() for cut in cuts), _cut(cuts)]


def hook_entry(cut: Intervention, others: Others) -> str:
    """The entry of `SURGERY` that makes one cut."""
    point = literal(f"blocks.{cut.layer}.{cut.hook}")
    arguments = ["cut", *_arguments(cut, others)]
    line = f"    ({point}, partial({', '.join(arguments)})),"
    if len(line) <= LINE:
        return line
    return "\n".join(["    (", f"        {point},", *_call(arguments, 8 * " "), "    ),"])


def _call(arguments: Sequence[str], indent: str) -> list[str]:
    """A partial on as few lines as a formatter gives it."""
    line = ", ".join(arguments)
    if len(f"{indent}partial({line}),") <= LINE:
        return [f"{indent}partial({line}),"]
    inner = indent + 4 * " "
    lines = [inner + line]
    if len(lines[0]) > LINE:
        lines = [f"{inner}{argument}," for argument in arguments]
    return [f"{indent}partial(", *lines, f"{indent}),"]


def replacement(cut: Intervention, others: Others) -> str:
    """The function that replaces, with its method's parameters filled in."""
    function, *names = _signature(cut.script())
    values = [f"{name}={_parameter(getattr(cut, name), others)}" for name in names]
    return f"partial({', '.join([function, *values])})" if values else function


def other_prompts(cuts: Iterable[Intervention]) -> Others:
    """The reference prompts of all cuts, each once."""
    texts = dict.fromkeys(text for cut in cuts for text in cut.reference_prompts)
    return {text: place for place, text in enumerate(texts)}


@lru_cache
def _signature(code: str) -> list[str]:
    """The name of the last function defined, and its arguments that `cut` does not give."""
    function = ast.parse(code).body[-1]
    assert isinstance(function, ast.FunctionDef)
    own = [argument.arg for argument in function.args.args if argument.arg not in GIVEN]
    return [function.name, *own]


def _arguments(cut: Intervention, others: Others) -> Iterator[str]:
    yield f"to={replacement(cut, others)}"
    if cut.head is not None:
        yield f"head={cut.head}"
    if cut.strength != 1:
        yield f"strength={cut.strength!r}"
    if cut.positions is not None:
        yield f"positions={position_list(cut.positions, 'len(prompt)')}"


def _parameter(value: object, others: Others) -> str:
    """A parameter's value; reference prompts by their place in `OTHER_PROMPTS`."""
    if isinstance(value, str) and value in others:
        return f"OTHER_PROMPTS[{others[value]}]"
    if isinstance(value, tuple) and value and all(text in others for text in value):
        if len(value) == len(others) and value == tuple(others):
            return "OTHER_PROMPTS"
        return f"[{', '.join(_parameter(text, others) for text in value)}]"
    return literal(value)


def _sites(cuts: Sequence[Intervention]) -> Iterator[Section]:
    if _view(cuts) == BY_SITE:
        cases = dict.fromkeys(cut.component for cut in cuts)
        lines = [SITE]
        if "mlp_out" in cases and len(cases) > 1:
            lines += ["    if head is None:", "        return value[0]"]
        views = [VIEWS[component] for component in ("z", "pattern") if component in cases]
        if len(views) == 2:
            views = [f'{views[0]} if hook.name.endswith("hook_z") else {views[1]}']
        yield "\n".join([*lines, f"    return {(views or [VIEWS['mlp_out']])[0]}"])


def _shown(cuts: Sequence[Intervention]) -> Iterator[Section]:
    """What the replacements look at: the layers below, other prompts."""
    if any(cut.needs_below for cut in cuts):
        yield REMEMBER
    others = other_prompts(cuts)
    if others:
        points = {f"blocks.{cut.layer}.{cut.hook}": None for cut in cuts if cut.reference_prompts}
        yield text_list("OTHER_PROMPTS", list(others))
        yield text_list("SEEN_AT", list(points))
        yield ELSEWHERE


def _remembered(cuts: Sequence[Intervention]) -> list[str]:
    """The layers below as they are before any cut."""
    layers = dict.fromkeys(cut.layer - 1 for cut in cuts if cut.needs_below and cut.layer > 0)
    return [f'    ("blocks.{layer}.attn.hook_pattern", remember),' for layer in layers]


def _view(cuts: Sequence[Intervention]) -> str:
    components = {cut.component for cut in cuts}
    if len(components) > 1 or any(cut.reference_prompts for cut in cuts):
        return BY_SITE
    return VIEWS[components.pop()]


def _cut(cuts: Sequence[Intervention]) -> Section:
    """The hook itself, with as many arguments as these cuts use."""
    view = _view(cuts)
    by_part = any(cut.strength != 1 for cut in cuts)
    at_places = any(cut.positions is not None for cut in cuts)
    head = "head=None" if any(cut.head is None for cut in cuts) else "head"
    arguments = ["value", "hook", "to", head]
    lines = [DOCSTRING, f"    old = {view}", "    new = to(old, hook, head)"]
    if by_part:
        arguments.append("strength=1.0")
        lines.append("    new = old + strength * (new - old)")
    lines.append("    value = value.clone()")
    if at_places:
        arguments.append("positions=None")
        lines += [HELD, f"    {view}[held] = new[held]"]
    else:
        lines.append(f"    {view}[:] = new" if view == BY_SITE else f"    {view} = new")
    return "\n".join([f"def cut({', '.join(arguments)}):", *lines, "    return value"])
