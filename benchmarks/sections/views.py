"""What is looked at while heads are cut: the next token, and the logit lens."""

from __future__ import annotations

from unittest.mock import patch

from attention_surgery.analyses import infer, logit_lens
from benchmarks import peers
from benchmarks.measure import compare
from benchmarks.rows import Row, comparison
from benchmarks.subjects import CUTS, Subjects

TITLE = "Views"
ANOTHER_CUT = [(6, 5)]


def measured(s: Subjects) -> str:
    return comparison(row(s) for row in (_next_token, _another_cut, _lens))


def _next_token(s: Subjects) -> Row:
    blocks = 2 * s.model.n_layers - min(layer for layer, _ in CUTS)
    return _view(s, "next-token view, 12 tokens", "≥ 5", CUTS, blocks)


def _another_cut(s: Subjects) -> Row:
    """What a click on a head in the middle takes: the text's control run is known."""
    blocks = s.model.n_layers - ANOTHER_CUT[0][0]
    with patch.object(s.model.left, "with_runs", new=True):
        infer(s.model, s.prompt(12), max_new_tokens=0)
        return _view(s, "the same with another cut", "≥ 8", ANOTHER_CUT, blocks)


def _view(s: Subjects, name: str, target: str, cuts: list[peers.Head], blocks: int) -> Row:
    """Against two stock passes; its floor are so many blocks and two unembeddings."""
    prompt, tokens = s.prompt(12), s.tokens(12)
    result = compare(
        lambda: infer(s.model, prompt, cuts, max_new_tokens=0),
        lambda: peers.two_passes(s.stock, tokens, cuts),
        runs=15,
    )
    flops = 12 * (blocks * s.block_flops + 2 * s.unembed_flops)
    read = s.weight_bytes * min(1, blocks / s.model.n_layers) / s.machine.bandwidth
    return Row(name, "two stock passes", target, result, max(flops / s.machine.gemm_flops, read))


def _lens(s: Subjects) -> Row:
    prompt, tokens = s.prompt(64), s.tokens(64)
    result = compare(
        lambda: logit_lens(s.model, prompt, CUTS, top_k=10),
        lambda: peers.lens_recipe(s.stock, tokens, CUTS, 10),
        runs=3,
    )
    n_layers = s.model.n_layers
    flops = 2 * 64 * (n_layers * s.block_flops + (n_layers + 1) * s.unembed_flops)
    name = "logit lens of both runs, 64 tokens, top-10"
    return Row(name, "accumulated_resid recipe", "≥ 2", result, flops / s.machine.gemm_flops)
