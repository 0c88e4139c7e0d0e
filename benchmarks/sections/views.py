"""What is looked at while heads are cut: the next token, and the logit lens."""

from __future__ import annotations

from attention_surgery.analyses import infer, logit_lens
from benchmarks import peers
from benchmarks.measure import compare
from benchmarks.rows import Row, comparison
from benchmarks.subjects import CUTS, Subjects

TITLE = "Views"


def measured(s: Subjects) -> str:
    return comparison(row(s) for row in (_next_token, _lens))


def _next_token(s: Subjects) -> Row:
    prompt, tokens = s.prompt(12), s.tokens(12)
    result = compare(
        lambda: infer(s.model, prompt, CUTS, max_new_tokens=0),
        lambda: peers.two_passes(s.stock, tokens, CUTS),
        runs=15,
    )
    first = min(layer for layer, _ in CUTS)
    blocks = 2 * s.model.n_layers - first
    flops = 12 * (blocks * s.block_flops + 2 * s.unembed_flops)
    floor = max(flops / s.machine.gemm_flops, s.weight_bytes / s.machine.bandwidth)
    return Row("next-token view, 12 tokens", "two stock passes", "≥ 5", result, floor)


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
