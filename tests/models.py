"""Models every test may use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from transformer_lens import HookedTransformer

from attention_surgery.engine.cores import use_threads
from attention_surgery.engine.model import BUNDLED_NAME, Model, bundled_directory, load_model
from attention_surgery.engine.skeleton import count_hooks
from benchmarks.peers import transformer_lens
from benchmarks.random_gpt2 import save_random_gpt2


@pytest.fixture(scope="session", autouse=True)
def _machine() -> None:
    threads = os.environ.get("OMP_NUM_THREADS")
    if threads is not None:  # also for the servers that tests start
        os.environ.setdefault("ATTENTION_SURGERY_THREADS", threads)
    use_threads(threads and int(threads))
    torch.manual_seed(0)


class Directories(dict[str, Path]):
    """The three checkpoints everything is proved on; the largest is made when it is wanted.

    That is a third of GPT-2, blocks and vocabulary of its size; the bundled model is as deep.
    """

    def __init__(self, root: Path) -> None:
        tiny = save_random_gpt2(
            root / "tiny", n_layers=3, n_heads=4, d_model=32, d_vocab=4096, n_ctx=64, seed=1
        )
        super().__init__(bundled=bundled_directory(), tiny=tiny)
        self._root = root

    def __missing__(self, name: str) -> Path:
        assert name == "gpt2-shaped"
        self[name] = save_random_gpt2(self._root / name, n_layers=4)
        return self[name]


@pytest.fixture(scope="session")
def directories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return Directories(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def bundled() -> Model:
    return load_model(BUNDLED_NAME, device="cpu")


@pytest.fixture(scope="session")
def tiny(directories: dict[str, Path]) -> Model:
    return load_model(directories["tiny"], device="cpu")


AT_LENGTH = pytest.param("gpt2-shaped", marks=pytest.mark.long)


@pytest.fixture(scope="session", params=["bundled", "tiny", AT_LENGTH])
def any_model(request: pytest.FixtureRequest, directories: dict[str, Path]) -> Model:
    return load_model(directories[request.param], device="cpu", name=request.param)


@pytest.fixture(scope="session")
def stock(directories: dict[str, Path]) -> Callable[[Model], HookedTransformer]:
    """The same weights in a `HookedTransformer` made by TransformerLens and transformers alone."""
    made: dict[str, HookedTransformer] = {}

    def of(model: Model) -> HookedTransformer:
        if model.name not in made:
            # Whoever asks first may be in inference mode, whose tensors have no gradients.
            with torch.inference_mode(False):
                made[model.name] = transformer_lens(directories[directory_name(model)])
        return made[model.name]

    return of


def directory_name(model: Model) -> str:
    return "bundled" if model.name == BUNDLED_NAME else model.name


@pytest.fixture(autouse=True)
def _no_hook_survives(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did, afterwards no model has a hook."""
    yield
    for name in {"bundled", "tiny", "any_model"} & set(request.fixturenames):
        model = request.getfixturevalue(name)
        assert count_hooks(model.graph) == 0
