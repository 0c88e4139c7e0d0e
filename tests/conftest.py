"""Models every test may use. Nothing here touches the network or the home directory."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from transformer_lens import HookedTransformer

from attention_surgery.engine.cores import available_cpus, use_threads
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


@pytest.fixture(scope="session", autouse=True)
def _no_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a server keeps by default, it keeps here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


def pytest_collection_finish() -> None:
    """What imports and collection made stays: tests that collect garbage need not walk over it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_hub(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("gpt2") is None:
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")


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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """As many as there are cores to use, also in a container that may use few of the machine's."""
    return available_cpus()


def _compute_on_one_core(worker: int) -> None:
    """Torch's threads wait for each other where several processes share their cores."""
    os.environ["OMP_NUM_THREADS"] = "1"
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[worker % len(cores)]})


def directory_name(model: Model) -> str:
    return "bundled" if model.name == BUNDLED_NAME else model.name


@pytest.fixture(autouse=True)
def _no_hook_survives(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did, afterwards no model has a hook."""
    yield
    for name in {"bundled", "tiny", "any_model"} & set(request.fixturenames):
        model = request.getfixturevalue(name)
        assert count_hooks(model.graph) == 0


def pytest_configure() -> None:
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        _compute_on_one_core(int(worker.removeprefix("gw")))
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
