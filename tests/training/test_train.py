"""Training learns, is the same after an interruption, and ends in a model that can be loaded."""

from pathlib import Path

import pytest
import torch

from attention_surgery.engine.model import load_model
from training.__main__ import main
from training.batches import Sources
from training.corpus import CorpusNotFound
from training.prepare import prepare
from training.recipe import Phase, Recipe
from training.train import Training
from training.transformer import Shape

SHAPE = Shape(n_layers=2, n_heads=4, d_model=64, n_ctx=32)
RECIPE = Recipe((Phase(6, 32, books=2, lessons=2, repeats=2, periods=(4, 8)),))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for number in range(9):
        (folder / f"{number}.txt").write_text(f"Book {number} says it was the best of times. " * 60)
    return folder


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.tokenizer.LESSONS", 300)
    monkeypatch.setattr("training.tokenizer.REPEATS", 2)
    monkeypatch.setattr("training.train.keep_memory", lambda: None)


@pytest.fixture
def sources(corpus: Path, tmp_path: Path) -> Sources:
    return prepare(corpus, tmp_path / "prepared")


def training(sources: Sources, run: Path, recipe: Recipe = RECIPE) -> Training:
    run.mkdir(exist_ok=True)
    return Training(recipe, sources, run, shape=SHAPE, compiled=False)


def test_an_interrupted_run_ends_in_the_same_weights(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = training(sources, tmp_path / "whole")
    whole.finish()
    monkeypatch.setattr("training.train.CHECKPOINT_EVERY", 3)
    stopped = training(sources, tmp_path / "stopped")
    for _ in range(4):
        stopped.take_step()
    resumed = training(sources, tmp_path / "stopped")
    assert resumed.step == 3
    resumed.finish()
    for one, other in zip(whole.model.parameters(), resumed.model.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_losses_fall(sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.train.REPORT_EVERY", 5)
    recipe = Recipe((Phase(40, 32, books=4, lessons=4, repeats=4, periods=(4, 8)),))
    reports = list(training(sources, tmp_path / "run", recipe).reports())
    assert [report.step for report in reports] == list(range(5, 41, 5))
    for kind in ("books", "lessons"):
        assert reports[-1].losses[kind] < reports[0].losses[kind] - 0.5


def test_what_was_prepared_is_used_again(corpus: Path, tmp_path: Path) -> None:
    prepare(corpus, tmp_path)
    before = (tmp_path / "books.npy").stat().st_mtime_ns
    prepare(corpus, tmp_path)
    assert (tmp_path / "books.npy").stat().st_mtime_ns == before


def test_without_books_nothing_is_prepared(tmp_path: Path) -> None:
    with pytest.raises(CorpusNotFound):
        prepare(tmp_path / "nowhere", tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_command_trains_exports_and_says_so(
    corpus: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("training.__main__.BUNDLED", RECIPE)
    monkeypatch.setattr("training.__main__.SHAPE", SHAPE)
    run, out = tmp_path / "run", tmp_path / "model"
    main(["--corpus", str(corpus), "--run", str(run), "--out", str(out), "--no-compile"])
    assert f"The model is in {out}." in capsys.readouterr().out
    assert load_model(out, device="cpu").n_layers == SHAPE.n_layers


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="There is no text in"):
        main(["--corpus", str(tmp_path / "nowhere"), "--run", str(tmp_path / "run")])
