"""States of a model, and everything that can go wrong while it loads."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attention_surgery.engine import model as engine
from attention_surgery.engine.skeleton import count_hooks
from attention_surgery.errors import ModelLoadError, ModelNotReady
from attention_surgery.service.meters import Meters
from attention_surgery.service.models import Slot
from attention_surgery.service.service import SurgeryService
from attention_surgery.service.turns import Turns
from attention_surgery.settings import BUNDLED_MODEL, Settings

from .jobs import PATIENT, Step, computation, counting, submit

MakeSlot = Callable[..., Slot]


@pytest.fixture
def meters() -> Meters:
    return Meters()


@pytest.fixture
def make_slot(meters: Meters) -> Any:
    slots: list[Slot] = []

    def make(name: str = BUNDLED_MODEL, directory: Path | None = None) -> Slot:
        settled = threading.Event()
        slot = Slot(name, directory, Settings(), meters, Turns(), settled.set)
        slots.append(slot)
        return slot

    yield make
    for slot in slots:
        assert slot.stop(PATIENT)


def settle(slot: Slot) -> Slot:
    """Load, and wait until that has ended one way or the other."""
    slot.load()
    done = threading.Event()
    threading.Thread(target=lambda: (_poll(slot), done.set())).start()
    assert done.wait(PATIENT)
    return slot


def _poll(slot: Slot) -> None:
    import time

    while slot.state in ("loading", "downloading"):
        time.sleep(0.005)


def test_the_bundled_model_becomes_ready(make_slot: MakeSlot) -> None:
    slot = make_slot()
    assert slot.state == "unloaded"
    with pytest.raises(ModelNotReady, match="POST /models/gpt2-mini-12x12/load"):
        slot.ready_model()
    settle(slot)
    assert (slot.state, slot.generation) == ("ready", 1)
    assert slot.ready_model().name == BUNDLED_MODEL


def test_an_unreachable_hub_is_a_sentence(
    make_slot: MakeSlot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from attention_surgery.engine import hub

    def unreachable(_: str) -> None:
        raise ConnectionError("no route to host")

    monkeypatch.setattr(hub, "cached", lambda _: None)
    monkeypatch.setattr(hub, "_reach", unreachable)
    slot = settle(make_slot("gpt2"))
    assert slot.state == "unavailable"
    assert slot.reason is not None
    assert "hub" in slot.reason
    with pytest.raises(ModelLoadError, match="gpt2 could not be loaded") as error:
        slot.ready_model()
    assert error.value.retry_after


def damaged(directory: Path, file: str, content: bytes | None) -> Path:
    shutil.copytree(engine.bundled_directory(), directory)
    path = directory / file
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    return directory


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("model.safetensors", b"\x10"),
        ("model.safetensors", None),
        ("config.json", b"{"),
        ("config.json", b'{"model_type": "llama"}'),
        ("tokenizer.json", b"[]"),
    ],
)
def test_damaged_files_are_a_sentence_without_a_path(
    make_slot: MakeSlot, tmp_path: Path, file: str, content: bytes | None
) -> None:
    directory = damaged(tmp_path / "damaged", file, content)
    slot = settle(make_slot("mine", directory))
    assert slot.state == "unavailable"
    assert slot.reason
    assert str(tmp_path) not in slot.reason


def test_a_pipe_in_place_of_a_file_is_a_sentence(make_slot: MakeSlot, tmp_path: Path) -> None:
    directory = damaged(tmp_path / "pipe", "config.json", None)
    os.mkfifo(directory / "config.json")
    slot = settle(make_slot("mine", directory))
    assert slot.state == "unavailable"
    assert "config.json" in str(slot.reason)


def test_truncated_weights_are_a_sentence(make_slot: MakeSlot, tmp_path: Path) -> None:
    whole = (engine.bundled_directory() / "model.safetensors").read_bytes()
    directory = damaged(tmp_path / "cut", "model.safetensors", whole[: len(whole) // 2])
    slot = settle(make_slot("mine", directory))
    assert slot.state == "unavailable"
    assert slot.reason


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/secret/place"), "disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/secret/place"), "could not be read"),
        (MemoryError(), "MemoryError"),
        (RuntimeError("/secret/place"), "RuntimeError"),
        (SystemExit(), "SystemExit"),
    ],
)
def test_whatever_happens_while_loading_is_a_sentence_and_can_be_retried(
    make_slot: MakeSlot, monkeypatch: pytest.MonkeyPatch, error: BaseException, words: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    slot = make_slot()
    with monkeypatch.context() as patch:
        patch.setattr(engine, "load_model", fail)
        settle(slot)
    assert slot.state == "unavailable"
    assert slot.reason is not None
    assert words in slot.reason
    assert "secret" not in slot.reason
    assert settle(slot).state == "ready"


def test_a_download_tells_its_progress(
    make_slot: MakeSlot, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int | None]] = []
    load = engine.load_model

    def download(source: str, *, on_progress: Callable[[int, int], None], **options: Any) -> Any:
        for done in (0, 50, 100):
            on_progress(done, 100)
            seen.append((slot.state, slot.progress.done if slot.progress else None))
        return load(BUNDLED_MODEL, **options)

    monkeypatch.setattr(engine, "load_model", download)
    slot = make_slot("gpt2")
    assert settle(slot).state == "ready"
    assert seen == [("downloading", 0), ("downloading", 50), ("loading", None)]
    assert slot.progress is None


def test_a_stray_hook_is_removed_and_counted(make_slot: MakeSlot, meters: Meters) -> None:
    slot = settle(make_slot())
    model = slot.ready_model()

    def careless() -> Any:
        model.hooked.add_hook("blocks.3.attn.hook_pattern", lambda pattern, hook: pattern * 0)  # noqa: ARG005
        yield Step(1)

    made, reader = computation(careless())
    submit(slot.worker, made)
    assert reader.wait_for_end(made) is None
    after, after_reader = computation(counting(1))
    submit(slot.worker, after)
    after_reader.wait_for_end(after)
    assert count_hooks(model.graph) == 0
    assert meters.count("stray_hooks") == 1


def test_when_the_preferred_model_fails_the_next_one_serves(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    missing = tmp_path / "missing"
    service = SurgeryService(Settings(models=(f"mine={missing}", BUNDLED_MODEL)))
    service.start()
    import time

    deadline = time.monotonic() + PATIENT
    while service.default is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert service.default.name == BUNDLED_MODEL
    assert service.preferred.state == "unavailable"
    assert str(tmp_path) not in str(service.preferred.reason)
    for slot in service.slots.values():
        assert slot.stop(PATIENT)
