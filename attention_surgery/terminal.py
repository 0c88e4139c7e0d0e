"""Results as tables for people; colours vanish where the output is no terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn as Bar
from rich.progress import Progress, TextColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from attention_surgery.engine.generation import Continuation, Inference
    from attention_surgery.engine.importance import HeadScores
    from attention_surgery.engine.logit_lens import LogitLens

# Ends of the scales: nothing is grey, more of it is orange, less than nothing is blue.
NEUTRAL, POSITIVE, NEGATIVE = (40, 40, 44), (224, 122, 24), (38, 120, 224)


def note(sentence: str) -> None:
    """Something for the person, not for the program that reads the output."""
    Console(stderr=True, soft_wrap=True).print(escape(sentence), style="yellow")


def follow(
    steps: Generator[Any, None, Any],
    title: str,
    total: int,
    done: Callable[[Any], int] | None = None,
) -> Any:
    """Drive a job to its end, with a bar on a terminal's standard error."""
    console = Console(stderr=True)
    with _bar(console) as progress:
        task = progress.add_task(title, total=total)
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return end.value
            if done is None:
                progress.advance(task)
            else:
                progress.update(task, completed=done(step))


@contextmanager
def download(title: str) -> Iterator[Callable[[int, int], None]]:
    """A callback that shows bytes of a download."""
    with _bar(Console(stderr=True)) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), Bar())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def show_inference(result: Inference) -> None:
    console = Console()
    texts = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    texts.add_row("prompt", _plain("".join(t.text for t in result.prompt_tokens)))
    texts.add_row("control", _marked(result.control, result.first_difference))
    texts.add_row("ablated", _marked(result.ablated, result.first_difference))
    console.print(texts)

    table = Table("next token", "control", "ablated", title="Right after the prompt")
    for candidate in result.next_token.candidates:
        table.add_row(
            _plain(repr(candidate.text)),
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


def show_scores(result: HeadScores, top: int) -> None:
    console = Console()
    largest = max((abs(head.score) for head in result.ranking), default=0.0)
    how = f" by {result.ablation_method}" if result.ablation_method else ""
    console.print(f"{result.method}{how}, {result.unit}; 100 is {largest:.4g}")
    grid = Table(box=None, padding=(0, 0))
    grid.add_column("")
    for head in range(len(result.scores[0])):
        grid.add_column(f"H{head}", justify="right", min_width=5)
    for layer, row in enumerate(result.scores):
        grid.add_row(f"L{layer} ", *(_cell(score, largest) for score in row))
    console.print(grid)
    ranking = Table("head", "score")
    for best in result.ranking[:top]:
        ranking.add_row(f"L{best.layer}H{best.head}", f"{best.score:.4g}")
    if top:
        console.print(ranking)


def show_lens(result: LogitLens) -> None:
    console = Console()
    for index, position in enumerate(result.positions):
        target = result.token_texts[result.targets[index]]
        read = result.prompt_tokens[position].text
        table = Table("layer", "control", f"p({target!r})", "ablated", f"p({target!r})")
        table.title = f"After {read!r} (position {position})"
        for layer, name in enumerate(result.layers):
            cells = [_plain(name)]
            for run in (result.control, result.ablated):
                ids, probs = run.top_ids[layer][index], run.top_probs[layer][index]
                cells.append(_readout([result.token_texts[i] for i in ids], probs))
                cells.append(_plain(f"{run.target_prob[layer][index]:.1%}"))
            table.add_row(*cells)
        console.print(table)


def show_models(models: Sequence[tuple[str, str]]) -> None:
    table = Table("model", "where")
    for name, where in models:
        table.add_row(name, where)
    Console().print(table)


def _plain(text: str) -> Text:
    """Text of the model or the user: never read as markup."""
    return Text(text)


def _marked(stream: Continuation, first_difference: int | None) -> Text:
    """A continuation, bold red from where the streams part."""
    text = Text()
    for index, token in enumerate(stream.tokens):
        changed = first_difference is not None and index >= first_difference
        text.append(token.text, style="bold red" if changed else "")
    return text


def _readout(texts: list[str], probs: list[float]) -> Text:
    return Text(" ".join(f"{text!r} {prob:.0%}" for text, prob in zip(texts, probs, strict=True)))


def _percent(logprob: float) -> str:
    return f"{math.exp(logprob):.1%}"


def _cell(score: float, largest: float) -> Text:
    share = score / largest if largest else 0.0
    end = POSITIVE if share >= 0 else NEGATIVE
    shade = math.sqrt(abs(share))  # a single strong head shall not blacken all others
    colour = [round(a + (b - a) * shade) for a, b in zip(NEUTRAL, end, strict=True)]
    return Text(f"{round(100 * share):>4} ", style="white on rgb({},{},{})".format(*colour))
