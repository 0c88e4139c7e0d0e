"""Results as tables for people; colours vanish where the output is no terminal."""

from __future__ import annotations

import inspect
import math
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import Annotated, Any, TextIO, get_type_hints

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn as Bar
from rich.progress import Progress, TextColumn
from rich.table import Table
from rich.text import Text

from attention_surgery.analyses import (
    AttentionPatterns,
    CircuitTest,
    DirectAttribution,
    FoundCircuit,
    HeadScores,
    HeadTypes,
    Inference,
    Interactions,
    LogitLens,
    Patching,
    Paths,
    SelfRepair,
    Tokens,
    Verification,
)
from attention_surgery.analyses.circuit_parts import Band
from attention_surgery.analyses.cost import Passes
from attention_surgery.analyses.infer import Continuation
from attention_surgery.analyses.result import Progress as Told
from attention_surgery.analyses.result import Result
from attention_surgery.analyses.task import TaskItems

# Ends of the scales: nothing is grey, more of it is orange, less than nothing is blue.
GRIDS_SHOWN = 3  # of the receivers of paths, those that matter most
NEUTRAL, POSITIVE, NEGATIVE = (40, 40, 44), (224, 122, 24), (38, 120, 224)


class Output(Console):
    """A console whose reader may leave; see `piped`."""

    def on_broken_pipe(self) -> None:
        raise


@contextmanager
def piped() -> Iterator[None]:
    """Write to standard output; a reader that has seen enough is no failure."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered goes nowhere, instead of failing when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit from None


def note(sentence: str) -> None:
    """Something for the person, not for the program that reads the output."""
    Console(stderr=True, soft_wrap=True).print(escape(sentence), style="yellow")


def write_json(value: object, to: TextIO | None = None) -> None:
    """One line of JSON in UTF-8, whatever the terminal's encoding."""
    from attention_surgery.analyses.encoding import encode

    output = (to or sys.stdout).buffer
    output.write(encode(value) + b"\n")
    output.flush()


def write_text(text: str) -> None:
    """Text in UTF-8 as it is, whatever the terminal's encoding."""
    sys.stdout.buffer.write(text.encode())
    sys.stdout.flush()


def follow(steps: Generator[object, None, Any], title: str) -> Any:
    """Drive a job to its end, with a bar on a terminal's standard error."""
    with bar() as progress:
        task = progress.add_task(title, total=None)
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return end.value
            if isinstance(step, Told) and step.share is not None:
                progress.update(task, total=1.0, completed=step.share)


@contextmanager
def download(title: str) -> Iterator[Callable[[int, int], None]]:
    """A callback that shows bytes of a download."""
    with bar() as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def bar() -> Progress:
    """Progress on a terminal's standard error, gone when it ends."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), Bar())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def show(result: Result, **options: Any) -> None:
    """A table of the result; its fields where it has none of its own."""
    TABLES.get(type(result), show_fields)(result, **options)


def options_of(result: type[Result]) -> dict[str, tuple[Any, str, Any]]:
    """The options of a result's table: name → type, meaning, default."""
    table = TABLES.get(result, show_fields)
    hints = get_type_hints(table, include_extras=True)
    return {
        name: (hints[name].__origin__, hints[name].__metadata__[0], parameter.default)
        for name, parameter in inspect.signature(table).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }


def show_fields(result: Result) -> None:
    table = Table("field", "value")
    for field in fields(result):
        if field.name != "provenance":
            table.add_row(field.name, plain(str(getattr(result, field.name))))
    Output().print(table)


def show_findings(findings: Iterable[tuple[str, str, str | None, str | None]]) -> None:
    """Name, state, what is wrong, and what could be better."""
    console, wrong = Output(), 0
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(overflow="fold")
    for name, state, problem, advice in findings:
        table.add_row(name, plain(state))
        wrong += problem is not None
        if problem is not None:
            table.add_row("", Text(problem, style="bold red"))
        if advice is not None:
            table.add_row("", Text(advice, style="yellow"))
    console.print(table)
    console.print("Nothing is wrong." if not wrong else f"Wrong: {wrong}, in red above.")


def show_inference(result: Inference) -> None:
    console = Output()
    texts = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    texts.add_row("prompt", plain("".join(t.text for t in result.prompt_tokens)))
    texts.add_row("control", _marked(result.control, result.first_difference))
    texts.add_row("ablated", _marked(result.ablated, result.first_difference))
    console.print(texts)

    table = Table("next token", "control", "ablated", title="Right after the prompt")
    for candidate in result.next_token.candidates:
        table.add_row(
            plain(repr(candidate.text)),
            _percent(candidate.control_logprob),
            _percent(candidate.ablated_logprob),
        )
    console.print(table)
    metrics = result.metrics
    if metrics.kl is not None:
        console.print(
            f"KL {metrics.kl:.4f} nats · perplexity {metrics.perplexity_control:.2f} → "
            f"{metrics.perplexity_ablated:.2f} ({metrics.perplexity_delta:+.2f}) · "
            f"top-1 changed {metrics.top1_changed:.0%}"
        )


def show_scores(
    result: HeadScores, *, top: Annotated[int, "Heads to list below the grid."] = 10
) -> None:
    console = Output()
    largest = max((abs(head.score) for head in result.ranking), default=0.0)
    how = f" by {result.ablation_method}" if result.ablation_method else ""
    console.print(f"{result.method}{how}, {result.unit}; 100 is {largest:.4g}")
    console.print(_grid(result.scores, largest))
    ranking = Table("head", "score")
    for best in result.ranking[:top]:
        ranking.add_row(f"L{best.layer}H{best.head}", f"{best.score:.4g}")
    if top:
        console.print(ranking)


def show_attribution(result: DirectAttribution) -> None:
    """The sum by layer, and the grid of heads."""
    console = Output()
    answer, foil = result.answer.text, result.foil.text
    largest = float(np.abs(result.heads).max())
    console.print(
        plain(f"logit({answer!r}) − logit({foil!r}) = {result.total:+.4f}; 100 is {largest:.4g}")
    )
    console.print(_grid(result.heads, largest))
    table = Table("after", "heads", "b_O", "MLP", "sum")
    embedding = result.embedding.token + result.embedding.position
    table.add_row("embedding", "", "", "", f"{embedding:+.4f}")
    total = embedding
    for layer, heads in enumerate(result.heads):
        adds = [float(heads.sum()), float(result.bias.attention[layer]), float(result.mlps[layer])]
        total += sum(adds)
        table.add_row(f"layer {layer}", *(f"{value:+.4f}" for value in [*adds, total]))
    table.add_row("final bias", "", "", "", f"{total + result.bias.final_norm:+.4f}")
    console.print(table)


def show_head_types(
    result: HeadTypes, *, top: Annotated[int, "Heads to list of each kind."] = 5
) -> None:
    """A letter for the kind that each head is most of, and the strongest of each kind."""
    console = Output()
    over = np.stack([kind.scores / kind.threshold for kind in result.kinds])
    letters = np.array(list("PDICN"[: len(result.kinds)]))
    grid = Table(box=None, padding=(0, 0))
    grid.add_column("")
    for head in range(over.shape[2]):
        grid.add_column(f"H{head}", justify="right", min_width=4)
    best, strength = letters[over.argmax(axis=0)], over.max(axis=0)
    for layer, row in enumerate(zip(best, strength, strict=True)):
        cells = (
            _shaded(str(k) if s >= 1 else "·", min(s, 1) if s >= 1 else 0)
            for k, s in zip(*row, strict=True)
        )
        grid.add_row(f"L{layer} ", *cells)
    console.print(grid)
    table = Table("", "heads that", "from", f"strongest {top}")
    for letter, kind in zip(letters, result.kinds, strict=True):
        heads = " ".join(f"L{h.layer}H{h.head} {h.score:.2f}" for h in kind.heads[:top])
        more = f" and {len(kind.heads) - top} more" if len(kind.heads) > top else ""
        table.add_row(str(letter), kind.meaning, f"{kind.threshold:g}", (heads + more) or "none")
    console.print(table)
    for known in result.published:
        heads = " ".join(map(str, [*known.heads, *known.weak]))
        console.print(plain(f"{known.title}: {heads} ({known.source})"))


def show_verification(result: Verification) -> None:
    """Published beside ours, a table a kind; what is off is marked and counted."""
    console = Output()
    kinds = dict.fromkeys((each.kind, each.source, each.unit) for each in result.comparisons)
    for kind, source, unit in kinds:
        console.print(plain(f"{kind}, {unit} ({source})"))
        table = Table("", "published", "ours")
        for each in (
            f for f in result.comparisons if (f.kind, f.source, f.unit) == (kind, source, unit)
        ):
            style = None if each.agrees else "bold red"
            off = "" if each.agrees else f"  off by more than {each.tolerance:g}"
            ours = f"{each.ours:+.4f}{off}"
            table.add_row(plain(each.name), f"{each.published:+.4g}", ours, style=style)
        console.print(table)
    off_by = sum(not each.agrees for each in result.comparisons)
    total = len(result.comparisons)
    console.print(
        f"{off_by} of {total} figures are off." if off_by else f"All {total} figures agree."
    )


def show_self_repair(
    result: SelfRepair, *, top: Annotated[int, "Heads to list below the grid."] = 10
) -> None:
    """What is repaired of each head's loss, and of the most repaired by whom."""
    console = Output()
    largest = float(np.abs(result.repaired).max())
    answer, foil = result.answer.text, result.foil.text
    console.print(
        plain(
            f"logit({answer!r}) − logit({foil!r}) = {result.base:+.4f}; what others change when a "
            f"head is cut by {result.method}, 100 is {largest:.4g} logits"
        )
    )
    console.print(_grid(result.repaired, largest))
    table = Table("cut", "in all", "directly", "heads", "MLPs", "LayerNorm", "most by")
    strongest = np.argsort(-np.abs(result.repaired), axis=None, kind="stable")[:top]
    for layer, head in zip(*np.unravel_index(strongest, result.repaired.shape), strict=True):
        heads = result.heads[layer, head]
        most = np.unravel_index(np.abs(heads).argmax(), heads.shape)
        parts = [result.total[layer, head], result.direct[layer, head], heads.sum()]
        parts += [result.mlps[layer, head].sum(), result.layer_norm[layer, head]]
        who = f"L{most[0]}H{most[1]} {heads[most]:+.3f}" if heads[most] else ""
        table.add_row(f"L{layer}H{head}", *(f"{value:+.3f}" for value in parts), who)
    if top:
        console.print(table)


def show_paths(result: Paths, *, top: Annotated[int, "Paths to list below the grid."] = 10) -> None:
    """A grid of senders for each receiver, the strongest first; of many the list alone."""
    console = Output()
    effects = result.effects
    largest = float(np.abs(effects).max())
    console.print(
        f"{result.metric} {result.clean:+.4f} clean, {result.corrupt:+.4f} corrupt; change when a "
        f"path is patched, 100 is {largest:.4g} {result.unit}"
    )
    names = [str(receiver) for receiver in result.receivers]
    names = [" and ".join(names)] if result.together else names
    order = np.argsort(-np.abs(effects).max(axis=1), kind="stable")
    layers = 1 + max(sender.layer for sender in result.senders)
    heads = 1 + max(sender.head for sender in result.senders)
    for row in order[:GRIDS_SHOWN]:
        grid = np.zeros((layers, heads), np.float32)
        for sender, effect in zip(result.senders, effects[row], strict=True):
            grid[sender.layer, sender.head] = effect
        console.print(plain(f"to {names[row]}"))
        console.print(_grid(grid, largest))
    table = Table("from", "to", result.unit, "share")
    for place in np.argsort(-np.abs(effects), axis=None, kind="stable")[:top]:
        row, column = np.unravel_index(place, effects.shape)
        share = "" if result.shares is None else f"{result.shares[row, column]:.1%}"
        effect = f"{effects[row, column]:+.4g}"
        table.add_row(str(result.senders[int(column)]), names[int(row)], effect, share)
    if top:
        console.print(table)


def show_patching(
    result: Patching, *, top: Annotated[int, "Patches to list below the grid."] = 10
) -> None:
    """The grid of heads, or of layers; of single positions, each head's strongest one."""
    console = Output()
    console.print(
        f"{result.metric}: clean {result.clean:.4g}, corrupt {result.corrupt:.4g} {result.unit}"
    )
    base = result.corrupt if result.direction == "denoise" else result.clean
    effects = result.values - base
    shares = result.scores is not None
    shown = effects if result.scores is None else result.scores - result.unchanged
    grid, columns = shown, None
    if result.component in ("attn_out", "mlp_out", "resid_pre"):
        texts = [token.text for token in result.prompt_tokens]
        columns = texts if result.each_position else [result.component]
        grid = shown.reshape(len(shown), -1)
    elif result.each_position:
        strongest = np.abs(shown).argmax(-1)[..., None]
        grid = np.take_along_axis(shown, strongest, -1)[..., 0]
    largest = 1.0 if shares else float(np.abs(grid).max())
    what = f"share of the {result.metric} restored by" if shares else "change by"
    if shares and result.direction == "noise":
        what = f"share of the {result.metric} gained by"
    console.print(f"{what} patching {result.component}, 100 is {largest:.4g}")
    console.print(_grid(grid, largest, columns))
    ranking = Table(*_place_names(result), "change", result.metric)
    for place in np.argsort(-np.abs(shown), axis=None, kind="stable")[:top]:
        site = np.unravel_index(place, shown.shape)
        ranking.add_row(*_place(result, site), f"{shown[site]:+.4f}", f"{result.values[site]:.4g}")
    if top:
        console.print(ranking)
    if result.estimate is not None:
        console.print(_estimate_sentence(result))
    console.print(_worth(result.passes))


def _worth(passes: Passes) -> str:
    return f"Worth {passes.computed:.0f} forward passes; a loop takes {passes.naive}."


def _place_names(result: Patching) -> list[str]:
    of_heads = result.values.ndim == 2 + result.each_position
    return ["head" if of_heads else "layer", *["position"] * result.each_position]


def _place(result: Patching, site: Sequence[Any]) -> list[Text]:
    layer, *rest = map(int, site)
    of_heads = result.values.ndim == 2 + result.each_position
    names = [f"L{layer}H{rest.pop(0)}" if of_heads else f"L{layer}"]
    names += [f"{position} {result.prompt_tokens[position].text!r}" for position in rest]
    return [plain(name) for name in names]


def _estimate_sentence(result: Patching) -> str:
    estimate = result.estimate
    assert estimate is not None
    worst = estimate.worst
    where = f"L{worst.layer}" if worst.head is None else f"L{worst.layer}H{worst.head}"
    at = "" if worst.position is None else f" at position {worst.position}"
    ranks = estimate.rank_correlation
    agreement = "" if ranks is None else f"rank correlation {ranks:.3f}, "
    return (
        f"Attribution patching against these: {agreement}furthest off at {where}{at}, by "
        f"{estimate.worst_error:+.4g} {result.unit}."
    )


def show_interactions(
    result: Interactions, *, top: Annotated[int, "Pairs to list below the grid."] = 10
) -> None:
    """The grid: each head's strongest interaction with any other. Below: the strongest pairs."""
    console = Output()
    layers, heads = ([getattr(each, name) for each in result.heads] for name in ("layer", "head"))
    strongest = np.abs(result.interactions).argmax(0)
    grid = np.zeros((max(layers) + 1, max(heads) + 1), dtype=np.float32)
    grid[layers, heads] = result.interactions[strongest, range(len(layers))]
    largest = float(np.abs(grid).max())
    console.print(
        f"{result.metric} {result.base:.4g} {result.unit}; each head's strongest interaction by "
        f"{result.ablation_method}, 100 is {largest:.4g}"
    )
    console.print(_grid(grid, largest))
    columns = result.table()
    table = Table("heads", "first alone", "second alone", "both", "interaction")
    order = np.argsort(-np.abs(columns["interaction"]), kind="stable")[:top]
    for first, second, one, other, more in zip(
        *(column[order] for column in columns.values()), strict=True
    ):
        values = (f"{value:+.4f}" for value in (one, other, one + other + more, more))
        table.add_row(f"{first} {second}", *values)
    if top:
        console.print(table)
    console.print(_worth(result.passes))


def show_lens(result: LogitLens) -> None:
    console = Output()
    for index, position in enumerate(result.positions):
        target = result.token_texts[result.targets[index]]
        read = result.prompt_tokens[position].text
        table = Table("layer", "control", f"p({target!r})", "ablated", f"p({target!r})")
        table.title = f"After {read!r} (position {position})"
        for layer, name in enumerate(result.layers):
            cells = [plain(name)]
            for run in (result.control, result.ablated):
                ids, probs = run.top_ids[layer][index], run.top_probs[layer][index]
                cells.append(_readout([result.token_texts[int(i)] for i in ids], probs))
                cells.append(plain(f"{run.target_prob[layer][index]:.1%}"))
            table.add_row(*cells)
        console.print(table)


def show_patterns(result: AttentionPatterns) -> None:
    """One head: where each token looks. Several: where the last token looks in each."""
    texts = [token.text for token in result.prompt_tokens]
    one = result.head is not None
    table = Table("token" if one else "head", "control", "ablated")
    table.title = "Looks most at" if one else f"{texts[-1]!r} looks most at"
    rows = zip(*map(_rows, (result.control, result.ablated)), strict=True)
    for index, pair in enumerate(rows):
        name = repr(texts[index]) if one else _head_name(result, index)
        table.add_row(plain(name), *(_strongest(row, texts) for row in pair))
    Output().print(table)


def _rows(patterns: NDArray[np.float32]) -> NDArray[np.float32]:
    """[query, key] of one head; else [head, key] of the last query."""
    return patterns if patterns.ndim == 2 else patterns[..., -1, :].reshape(-1, patterns.shape[-1])


def _head_name(result: AttentionPatterns, index: int) -> str:
    layer, head = divmod(index, result.control.shape[-3])
    return f"L{layer if result.layer is None else result.layer}H{head}"


def _strongest(row: NDArray[np.float32], texts: Sequence[str]) -> Text:
    best = [key for key in np.argsort(-row, kind="stable")[:3] if row[key] >= 0.005]
    return _readout([texts[key] for key in best], row[best])


def show_tokens(result: Tokens) -> None:
    table = Table("position", "id", "text")
    for position, token in enumerate(result.tokens):
        table.add_row(str(position), str(token.id), plain(repr(token.text)))
    Output().print(table)


def show_models(models: Sequence[tuple[str, str]]) -> None:
    table = Table("model", "where")
    for name, where in models:
        table.add_row(name, where)
    Output().print(table)


def show_tasks(tasks: Sequence[tuple[str, str]]) -> None:
    table = Table("task", "what is asked", show_lines=True)
    for name, meaning in tasks:
        table.add_row(name, plain(meaning))
    Output().print(table)


def show_task_items(result: TaskItems) -> None:
    """Its items with the model's answers, and how well it does."""
    table = Table("prompt", "answer", "foil", result.metric, "model says", "")
    for item in result.items:
        texts = (item.prompt, repr(item.answer), repr(item.foil) if item.foil else "")
        value, likeliest = f"{item.value:.3f}", plain(repr(item.likeliest))
        table.add_row(*map(plain, texts), value, likeliest, "" if item.right else "✗")
    Output().print(table)
    corrupt = "" if result.corrupt_mean is None else f", {result.corrupt_mean:.3f} corrupt"
    Output().print(
        f"{result.task}, {len(result.items)} items: {result.accuracy:.1%} right, "
        f"mean {result.metric} {result.mean:.3f}{corrupt}"
    )


def plain(text: str) -> Text:
    """Text of the model or the user: never read as markup."""
    return Text(text)


def _marked(stream: Continuation, first_difference: int | None) -> Text:
    """A continuation, bold red from where the streams part."""
    text = Text()
    for index, token in enumerate(stream.tokens):
        changed = first_difference is not None and index >= first_difference
        text.append(token.text, style="bold red" if changed else "")
    return text


def _readout(texts: Sequence[str], probs: Iterable[float]) -> Text:
    return Text(" ".join(f"{text!r} {prob:.0%}" for text, prob in zip(texts, probs, strict=True)))


def _percent(logprob: float) -> str:
    return f"{math.exp(logprob):.1%}"


def _grid(
    values: NDArray[np.float32], largest: float, columns: Sequence[str] | None = None
) -> Table:
    """Layers by heads, or by other columns, each in per cent of the largest."""
    grid = Table(box=None, padding=(0, 0))
    grid.add_column("")
    for name in columns or [f"H{head}" for head in range(values.shape[1])]:
        grid.add_column(plain(name), justify="right", min_width=5)
    for layer, row in enumerate(values):
        grid.add_row(f"L{layer} ", *(_cell(value, largest) for value in row))
    return grid


def _cell(score: float, largest: float) -> Text:
    share = score / largest if largest else 0.0
    return _shaded(f"{round(100 * share):>4} ", share)


def _shaded(text: str, share: float) -> Text:
    """Text on a colour: 1 is the strongest, −1 the strongest against."""
    end = POSITIVE if share >= 0 else NEGATIVE
    shade = math.sqrt(min(abs(share), 1.0))  # a single strong head shall not blacken all others
    colour = [round(a + (b - a) * shade) for a, b in zip(NEUTRAL, end, strict=True)]
    return Text(text, style="white on rgb({},{},{})".format(*colour))


def show_circuit(
    result: CircuitTest,
    *,
    graphml: Annotated[bool, "Write the heads and edges as GraphML instead."] = False,
    mib: Annotated[bool, "Write the circuit as JSON of the MIB benchmark instead."] = False,
    svg: Annotated[
        bool, "Write a figure as SVG instead; with --measures edges, who writes into whom."
    ] = False,
    png: Annotated[bool, "Write the figure as PNG instead; needs matplotlib."] = False,
    top: Annotated[int, "Heads, removals and edges to list."] = 10,
) -> None:
    """The measures beside random circuits; then heads, removals, curve and edges."""
    if graphml:
        write_text(result.graphml())
        return
    if mib:
        write_json(result.mib())
        return
    if svg:
        write_text(result.svg())
        return
    if png:
        sys.stdout.buffer.write(result.png())
        return
    console = Output()
    console.print(plain(f"{len(result.heads)} heads: {' '.join(map(str, result.heads))}"))
    console.print(
        f"{result.task}, {len(result.items)} items, {result.metric}; the other heads by "
        f"{result.ablation_method}"
    )
    table = Table("measure", "circuit", "random circuits")
    faith = result.faithfulness
    ratio = "" if faith.ratio is None else f" ({faith.ratio:.1%})"
    table.add_row("whole model, F(M)", f"{faith.whole.mean:+.4f}", "")
    table.add_row("no head, F(∅)", f"{faith.empty.mean:+.4f}", "")
    table.add_row("faithfulness, F(C)", f"{faith.circuit.mean:+.4f}{ratio}", _band(faith.random))
    if (complete := result.completeness) is not None:
        table.add_row("completeness, largest gap", f"{complete.worst:.4f}", _band(complete.random))
    if (curve := result.curve) is not None:
        table.add_row("CPR, ∫f", f"{curve.cpr:.4f}", _band(curve.random_cpr))
        table.add_row("CMD, ∫|1 − f|", f"{curve.cmd:.4f}", _band(curve.random_cmd))
    console.print(table)
    for part in _circuit_tables(result, top):
        console.print(part)
    console.print(_worth(result.passes))


def _circuit_tables(result: CircuitTest, top: int) -> Iterator[Table | Text]:
    if result.minimality is not None and top:
        table = Table("head", "effect", "largest", "without")
        for each in result.minimality.heads[:top]:
            without = " ".join(map(str, each.without))
            table.add_row(str(each.head), f"{each.effect:+.4f}", f"{each.value:.4f}", without)
        yield table
        if few := result.minimality.superfluous:
            yield plain(f"Superfluous, below 1 % of F(M): {' '.join(map(str, few))}")
    if result.completeness is not None and top:
        table = Table("removed", "heads", "from the circuit", "from the model", "gap")
        for lost in result.completeness.removed[:top]:
            values = (f"{value:.4f}" for value in (lost.circuit, lost.whole, lost.gap))
            table.add_row(lost.name, str(len(lost.heads)), *values)
        yield table
    if result.curve is not None:
        table = Table("share", "heads", "f", "random circuits")
        for point in result.curve.points:
            share, f = f"{point.share:.1%}", f"{point.f:.4f}"
            table.add_row(share, str(point.size), f, _band(point.random))
        yield table
    if result.edges is not None and top:
        table = Table("from", "to", result.unit, "share")
        for edge in result.edges.edges[:top]:
            to = "logits" if edge.receiver is None else f"{edge.receiver}{edge.input}"
            share = "" if edge.share is None else f"{edge.share:.1%}"
            table.add_row(str(edge.sender), to, f"{edge.effect:+.4f}", share)
        yield table


def _band(band: Band | None) -> str:
    return "" if band is None else f"{band.mean:.4f} ({band.low:.4f} … {band.high:.4f})"


def show_found_circuit(
    result: FoundCircuit, *, top: Annotated[int, "Steps to list, the last ones."] = 10
) -> None:
    console = Output()
    console.print(
        f"F {result.value:+.4f} of {result.whole:+.4f} {result.unit} ({result.ratio:.1%}), "
        f"{result.empty:+.4f} without any head; {result.task}, by {result.ablation_method}"
    )
    console.print(plain(f"{len(result.heads)} heads: {' '.join(map(str, result.heads))}"))
    table = Table("step", "heads", "F", "effect", "estimated")
    for step in result.steps[-top:] if top else ():
        sign = "+" if step.added else "−"
        numbers = (f"{value:+.4f}" for value in (step.value, step.effect, step.estimated))
        table.add_row(f"{sign}{step.head}", str(step.size), *numbers)
    if top:
        console.print(table)
    console.print(_worth(result.passes))


TABLES: dict[type[Result], Callable[..., None]] = {
    Inference: show_inference,
    HeadScores: show_scores,
    LogitLens: show_lens,
    AttentionPatterns: show_patterns,
    CircuitTest: show_circuit,
    DirectAttribution: show_attribution,
    FoundCircuit: show_found_circuit,
    SelfRepair: show_self_repair,
    HeadTypes: show_head_types,
    Paths: show_paths,
    Patching: show_patching,
    Interactions: show_interactions,
    TaskItems: show_task_items,
    Tokens: show_tokens,
    Verification: show_verification,
}
