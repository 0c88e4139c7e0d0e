"""Everything that is compared, on the same weights; each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from attention_surgery.engine.model import BUNDLED_NAME, Model, load_model
from benchmarks import peers
from benchmarks.measure import Machine
from benchmarks.random_gpt2 import save_random_gpt2

CUTS = [(2, 1), (5, 5), (9, 6), (10, 0)]


class Subjects:
    """Random weights of GPT-2 Small's shape as each side loads them, and the bundled model."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    @contextmanager
    def made(cls) -> Iterator[Subjects]:
        """The subjects, their files in a folder that is gone afterwards."""
        with TemporaryDirectory() as folder:
            yield cls(Path(folder))

    @cached_property
    def directory(self) -> Path:
        return save_random_gpt2(self._folder / "gpt2-random")

    @cached_property
    def model(self) -> Model:
        return load_model(self.directory, device="cpu")

    @cached_property
    def bundled(self) -> Model:
        return load_model(BUNDLED_NAME, device="cpu")

    @cached_property
    def stock(self) -> peers.HookedTransformer:
        return peers.transformer_lens(self.directory)

    @cached_property
    def original(self) -> peers.GPT2LMHeadModel:
        return peers.huggingface(self.directory)

    @cached_property
    def machine(self) -> Machine:
        return Machine.measured()

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
