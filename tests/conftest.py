"""What holds for every test. Nothing here touches the network or the home directory."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest

from attention_surgery.engine.cores import available_cpus


def pytest_configure(config: pytest.Config) -> None:
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        _compute_on_one_core(int(worker.removeprefix("gw")))
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    # Who only hands out tests to workers, who wait for it meanwhile, needs no torch.
    if worker or not config.getoption("numprocesses", None):
        config.pluginmanager.import_plugin("tests.models")


def _compute_on_one_core(worker: int) -> None:
    """Torch's threads wait for each other where several processes share their cores."""
    os.environ["OMP_NUM_THREADS"] = "1"
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[worker % len(cores)]})


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """As many as there are cores to use, also in a container that may use few of the machine's."""
    return available_cpus()


def pytest_collection_finish() -> None:
    """What imports and collection made stays: tests that collect garbage need not walk over it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _no_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a server keeps by default, it keeps here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(autouse=True)
def _no_hub(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("gpt2") is None:
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
