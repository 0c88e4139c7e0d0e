"""Train a model by a recipe, in steps that can be interrupted and taken up again."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from training.batches import Sources, batch
from training.muon import Muon
from training.recipe import Phase, Recipe
from training.transformer import Shape, Transformer, next_token_loss

# Steps between two checkpoints, and between two lines of the log.
CHECKPOINT_EVERY = 100
REPORT_EVERY = 20


@dataclass(frozen=True, slots=True)
class Report:
    """Losses of one batch, in nats a token, for the kinds of rows that are in it."""

    step: int
    losses: dict[str, float]
    tokens_per_second: float

    def __str__(self) -> str:
        losses = "  ".join(f"{kind} {loss:.3f}" for kind, loss in self.losses.items())
        return f"step {self.step}  {losses}  {self.tokens_per_second:,.0f} tokens/s"


class Training:
    """A model, its optimisers, and the step they have reached.

    Args:
        recipe: what to do.
        sources: where rows come from.
        run: an existing folder for the checkpoint; a run found there is continued.
        shape: sizes of the model.
        compiled: compile the model, which pays off after some minutes.
    """

    def __init__(
        self,
        recipe: Recipe,
        sources: Sources,
        run: Path,
        *,
        shape: Shape | None = None,
        compiled: bool = True,
    ) -> None:
        torch.manual_seed(recipe.seed)
        keep_memory()
        self.recipe, self.sources, self.step = recipe, sources, 0
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = Transformer(shape or Shape()).to(self.device)
        self._forward = torch.compile(self.model, dynamic=False) if compiled else self.model
        self._optimizers = optimizers(self.model, recipe)
        self._checkpoint = run / "checkpoint.pt"
        if self._checkpoint.exists():
            self._load()

    def finish(self) -> None:
        """Take all steps that remain."""
        for _ in self.reports():
            pass

    def reports(self) -> Iterator[Report]:
        """Take all steps that remain, and tell of every twentieth."""
        since, tokens = time.monotonic(), 0
        while self.step < self.recipe.steps:
            rows, hidden = self.take_step()
            tokens += rows.numel()
            if self.step % REPORT_EVERY == 0:
                speed = tokens / (time.monotonic() - since)
                losses = losses_by_kind(self.model, hidden, rows, self.recipe.phase(self.step - 1))
                yield Report(self.step, losses, speed)
                since, tokens = time.monotonic(), 0

    def take_step(self) -> tuple[Int[Tensor, "row pos"], Float[Tensor, "row read d_model"]]:
        """One step of both optimisers; returns its rows and what the model made of them."""
        rows = batch(self.recipe, self.step, self.sources).to(self.device)
        targets = rows[:, 1:]
        hidden = self._forward(rows)[:, :-1]
        loss = next_token_loss(hidden, self.model.tokens, targets) / targets.numel()
        loss.backward()
        full_rates = (self.recipe.matrix_rate, self.recipe.vector_rate)
        for optimizer, full_rate in zip(self._optimizers, full_rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = full_rate * self.recipe.rate(self.step)
            optimizer.step()
            optimizer.zero_grad()
        self.step += 1
        if self.step % CHECKPOINT_EVERY == 0 or self.step == self.recipe.steps:
            self._save()
        return rows, hidden.detach()

    def _save(self) -> None:
        state = {
            "step": self.step,
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self._optimizers],
        }
        unfinished = self._checkpoint.with_suffix(".tmp")
        torch.save(state, unfinished)
        unfinished.replace(self._checkpoint)

    def _load(self) -> None:
        state: dict[str, Any] = torch.load(self._checkpoint, map_location=self.device)
        self.step = state["step"]
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)


def optimizers(model: Transformer, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the blocks, Adam for embeddings, LayerNorms and biases."""
    matrices = [p for p in model.blocks.parameters() if p.ndim == 2]
    known = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in known]
    return [
        Muon(matrices, lr=recipe.matrix_rate, weight_decay=0.05),
        torch.optim.Adam(others, lr=recipe.vector_rate, betas=(0.9, 0.98), fused=True),
    ]


@torch.no_grad()
def losses_by_kind(
    model: Transformer,
    hidden: Float[Tensor, "row read d_model"],
    rows: Int[Tensor, "row pos"],
    phase: Phase,
) -> dict[str, float]:
    """Nats a token of the batch's books, lessons and repeats; of the latter the second half."""
    counts = {"books": phase.books, "lessons": phase.lessons, "repeats": phase.repeats}
    losses, start = {}, 0
    for kind, count in counts.items():
        part, first = slice(start, start + count), phase.length // 2 if kind == "repeats" else 0
        start += count
        if count:
            logits = F.linear(hidden[part, first:], model.tokens)
            targets = rows[part, first + 1 :]
            losses[kind] = float(F.cross_entropy(logits.flatten(0, 1), targets.flatten()))
    return losses


def keep_memory() -> None:
    """Let glibc keep what it frees: fresh pages for each tensor cost more than the sums on them."""
    if sys.platform == "linux":
        no_mmap, no_trim = (-4, 0), (-1, -1)
        for option, value in (no_mmap, no_trim):
            ctypes.CDLL(None).mallopt(option, value)
