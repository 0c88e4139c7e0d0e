"""Tables of texts, and of what a model reads at each token."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from rich.text import Text

from attention_surgery.analyses import AttentionPatterns, Inference, LogitLens, Tokens
from attention_surgery.analyses.infer import Continuation
from attention_surgery.terminal import Output, plain


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


def _marked(stream: Continuation, first_difference: int | None) -> Text:
    """A continuation, bold red from where the streams part."""
    text = Text()
    for index, token in enumerate(stream.tokens):
        changed = first_difference is not None and index >= first_difference
        text.append(token.text, style="bold red" if changed else "")
    return text


def _percent(logprob: float) -> str:
    return f"{math.exp(logprob):.1%}"


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


def _readout(texts: Sequence[str], probs: Iterable[float]) -> Text:
    return Text(" ".join(f"{text!r} {prob:.0%}" for text, prob in zip(texts, probs, strict=True)))


def show_tokens(result: Tokens) -> None:
    table = Table("position", "id", "text")
    for position, token in enumerate(result.tokens):
        table.add_row(str(position), str(token.id), plain(repr(token.text)))
    Output().print(table)
