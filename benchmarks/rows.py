"""The rows of the comparison: our way, the peer's way, the floor, the target."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from attention_surgery.analyses import importance, infer, logit_lens
from attention_surgery.engine.model import Model, load_model
from benchmarks import peers
from benchmarks.measure import Comparison, Machine, Work, compare

CUTS = [(2, 1), (5, 5), (9, 6), (10, 0)]
# The peers' loops are timed on every eighth head: each pass costs the same.
EVERY = 8
LOADING_RUNS = 3


@dataclass(frozen=True)
class Row:
    """One line of the table; `floor` is the least seconds this machine could need."""

    name: str
    peer: str
    target: str
    result: Comparison
    floor: float | None


@dataclass(frozen=True)
class Subjects:
    """Everything that is compared, on the same weights."""

    model: Model
    stock: peers.HookedTransformer
    original: peers.GPT2LMHeadModel
    directory: Path
    machine: Machine

    @classmethod
    def load(cls, directory: Path) -> Subjects:
        return cls(
            model=load_model(directory, device="cpu"),
            stock=peers.transformer_lens(directory),
            original=peers.huggingface(directory),
            directory=directory,
            machine=Machine.measured(),
        )

    def prompt(self, n_tokens: int) -> str:
        """A text of exactly so many tokens, the beginning-of-text token included."""
        return prompt_of(self.model, n_tokens)

    def tokens(self, n_tokens: int) -> torch.Tensor:
        return torch.tensor([self.model.tokenize(self.prompt(n_tokens))])

    @property
    def all_heads(self) -> list[peers.Head]:
        model = self.model
        return [(layer, head) for layer in range(model.n_layers) for head in range(model.n_heads)]

    # Multiply-adds count twice. One token through one block, and through the unembedding:
    @property
    def block_flops(self) -> int:
        return 2 * 12 * self.model.d_model**2

    @property
    def unembed_flops(self) -> int:
        return 2 * self.model.d_model * self.model.d_vocab

    @property
    def weight_bytes(self) -> int:
        return self.model.n_parameters * self.model.weights.embed.element_size()


def prompt_of(model: Model, n_tokens: int) -> str:
    text = " the" * (n_tokens - 1)
    assert len(model.tokenize(text)) == n_tokens
    return text


def rows(subjects: Subjects) -> Iterator[Row]:
    """All rows, one after the other."""
    yield from sweep_rows(subjects)
    yield from gradient_rows(subjects)
    yield from generation_rows(subjects)
    yield next_token_row(subjects)
    yield lens_row(subjects)
    yield from loading_rows(subjects)


def sweep_rows(s: Subjects) -> Iterator[Row]:
    loop = "TransformerLens hook loop"
    for n_tokens, last, target in (
        (12, False, 25),
        (64, False, 6),
        (256, False, 3),
        (64, True, 10),
    ):
        prompt, tokens = s.prompt(n_tokens), s.tokens(n_tokens)
        where = "last" if last else "all"

        def ours(prompt: str = prompt, where: str = where) -> object:
            return importance(s.model, prompt, "kl", positions=where)  # type: ignore[arg-type]

        def peer(tokens: torch.Tensor = tokens, last: bool = last) -> object:
            return peers.hook_loop(s.stock, tokens, s.all_heads[::EVERY], last)

        name = f"exact KL of {len(s.all_heads)} ablations, {n_tokens} tokens, {where} positions"
        result = compare(ours, peer, runs=3, peer_scale=EVERY)
        yield Row(name, loop, f"≥ {target}", result, sweep_floor(s, n_tokens, last))
    if (nnsight := peers.nnsight_loop(s.directory)) is not None:
        prompt, tokens = s.prompt(12), s.tokens(12)
        result = compare(
            lambda: importance(s.model, prompt, "kl"),
            lambda: nnsight(tokens, s.all_heads[::EVERY]),
            runs=3,
            peer_scale=EVERY,
        )
        name = f"exact KL of {len(s.all_heads)} ablations, 12 tokens, all positions"
        yield Row(name, "nnsight loop", "", result, sweep_floor(s, 12, False))


def sweep_floor(s: Subjects, n_tokens: int, last: bool) -> float:
    """Every row runs the MLP of its own layer and all of the later blocks, and is unembedded."""
    n_layers, n_heads = s.model.n_layers, s.model.n_heads
    mlp = s.block_flops * 2 // 3
    later = s.block_flops * n_layers * (n_layers - 1) // 2 + mlp * n_layers
    if last:  # the last block computes keys and values everywhere, the rest at one position
        saved = s.block_flops * 5 // 6 * (n_layers - 1) + mlp
        flops = n_heads * (n_tokens * later - (n_tokens - 1) * saved + n_layers * s.unembed_flops)
    else:
        flops = n_heads * n_tokens * (later + n_layers * s.unembed_flops)
    return flops / s.machine.gemm_flops


def gradient_rows(s: Subjects) -> Iterator[Row]:
    prompt, tokens = s.prompt(64), s.tokens(64)
    # Forward, and once more backward: gradients of activations, none of weights.
    flops = 2 * 64 * (s.block_flops * s.model.n_layers + s.unembed_flops)
    for method in ("gradient", "attribution"):
        result = compare(
            lambda method=method: importance(s.model, prompt, method),
            lambda: peers.pattern_gradients(s.stock, tokens),
        )
        name = f"{method} of all heads, 64 tokens"
        yield Row(name, "autograd, stock model", "≥ 3", result, flops / s.machine.gemm_flops)


def generation_rows(s: Subjects) -> Iterator[Row]:
    new, prompt, tokens = 50, s.prompt(12), s.tokens(12)
    cuts = CUTS
    others: tuple[tuple[str, str, Work], ...] = (
        (
            "2 × TransformerLens generate",
            "≥ 10",
            lambda: peers.two_generations(s.stock, tokens, CUTS, new),
        ),
        (
            "2 × Hugging Face generate (no ablation)",
            "≥ 1.7",
            lambda: peers.two_huggingface_generations(s.original, tokens, new),
        ),
    )
    for name, target, peer in others:
        result = compare(lambda: infer(s.model, prompt, cuts, max_new_tokens=new), peer, runs=3)
        floor = new * s.weight_bytes / s.machine.bandwidth
        yield Row(f"control + ablated, {new} new tokens", name, target, result, floor)


def next_token_row(s: Subjects) -> Row:
    prompt, tokens = s.prompt(12), s.tokens(12)
    cuts = CUTS
    result = compare(
        lambda: infer(s.model, prompt, cuts, max_new_tokens=0),
        lambda: peers.two_passes(s.stock, tokens, CUTS),
        runs=15,
    )
    first = min(layer for layer, _ in CUTS)
    blocks = 2 * s.model.n_layers - first
    flops = 12 * (blocks * s.block_flops + 2 * s.unembed_flops)
    floor = max(flops / s.machine.gemm_flops, s.weight_bytes / s.machine.bandwidth)
    return Row("next-token view, 12 tokens", "two stock passes", "≥ 5", result, floor)


def lens_row(s: Subjects) -> Row:
    prompt, tokens = s.prompt(64), s.tokens(64)
    cuts = CUTS
    result = compare(
        lambda: logit_lens(s.model, prompt, cuts, top_k=10),
        lambda: peers.lens_recipe(s.stock, tokens, CUTS, 10),
        runs=3,
    )
    n_layers = s.model.n_layers
    flops = 2 * 64 * (n_layers * s.block_flops + (n_layers + 1) * s.unembed_flops)
    name = "logit lens of both runs, 64 tokens, top-10"
    return Row(name, "accumulated_resid recipe", "≥ 2", result, flops / s.machine.gemm_flops)


def loading_rows(s: Subjects) -> Iterator[Row]:
    """In processes of their own: seconds without imports, and the peak of the whole process."""
    sides = [
        [_load_once(side, s.directory) for side in ("ours", "peer")] for _ in range(LOADING_RUNS)
    ]
    middle = len(sides) // 2
    (ours, ours_peak), (peer, peer_peak) = (
        tuple(sorted(run[i][j] for run in sides)[middle] for j in range(2)) for i in range(2)
    )
    path = "HF → HookedTransformer → processed"
    result = Comparison(ours, peer, ours_peak, peer_peak)
    yield Row("loading from disk, time", path, "≥ 3", result, None)
    peaks = Comparison(ours_peak, peer_peak, ours_peak, peer_peak)
    yield Row("loading from disk, peak MB of the process", path, "≥ 1.5", peaks, None)


_LOADER = """
import json, pathlib, re, sys, time
side, directory = sys.argv[1], pathlib.Path(sys.argv[2])
if side == "ours":
    from attention_surgery.engine.model import load_model
    load = lambda: load_model(directory, device="cpu")
else:
    from benchmarks import peers
    load = lambda: peers.transformer_lens(directory, process=True)
started = time.perf_counter()
load()
seconds = time.perf_counter() - started
status = pathlib.Path("/proc/self/status").read_text()
print(json.dumps([seconds, int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) / 1000]))
"""


def _load_once(side: str, directory: Path) -> tuple[float, float]:
    result = subprocess.run(
        [sys.executable, "-c", _LOADER, side, str(directory)],
        capture_output=True,
        text=True,
        check=True,
    )
    elapsed, peak = json.loads(result.stdout.splitlines()[-1])
    return elapsed, peak
