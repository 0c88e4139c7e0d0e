"""Runs from a shell: the file and its mistakes, the numbers, and going on where it ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet

from attention_surgery.errors import InvalidSetting
from attention_surgery.runs.file import parsed
from attention_surgery.settings import BUNDLED_MODEL, PREFIX
from attention_surgery.store.database import Database
from attention_surgery.store.kept_runs import NewRun
from attention_surgery.store.place import folder_of_runs
from attention_surgery.store.runs import Runs

TEXT = """\
task: ioi
n: {n}
analysis:
  name: importance
  method: {method}
"""


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "kept" / "store.sqlite"
    monkeypatch.setenv(f"{PREFIX}DATABASE", str(file))
    return file


def written(folder: Path, n: int = 3, method: str = "gradient") -> Path:
    file = folder / "experiment.yaml"
    file.write_text(TEXT.format(n=n, method=method))
    return file


def test_each_mistake_of_a_file_is_a_sentence_with_its_line() -> None:
    text = "task: ioi\nn: many\nanalysis:\n  name: importance\n  methd: x\nmodle: gpt2\n"
    with pytest.raises(InvalidSetting) as refused:
        parsed(text, "experiment.yaml")
    lines = str(refused.value).splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["experiment.yaml, line 2", "n"],
        ["experiment.yaml, line 3", "analysis"],
        ["experiment.yaml, line 6", "modle"],
    ]
    assert "methd: no such field" in lines[1]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("task: [", "line 1: this is no YAML"),
        ("just words", "holds no fields"),
        ("task: ioi", "line 1: analysis: this field is required"),
        ("items:\n- prompt: A\n- answer: b\ntask: m\nanalysis: {name: importance}", "line 3: "),
    ],
)
def test_a_file_that_holds_no_run_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InvalidSetting, match=sentence):
        parsed(text, "experiment.yaml")


def test_a_template_is_a_task_of_a_file_and_its_mistakes_are_said() -> None:
    text = """\
task: template
parameters:
  prompt: The {animal.a} saw the {animal.b}. The {animal.b} saw the
  answer: " {animal.a}"
  foil: " {animal.b}"
  corrupt: null
  words: {%s: [dog, cat, horse]}
analysis: {name: importance}
"""
    request = parsed(text % "animal", "experiment.yaml").request
    assert request.parameters["words"] == {"animal": ["dog", "cat", "horse"]}
    with pytest.raises(InvalidSetting, match=r"The slot \{animal\} has no list of words"):
        parsed(text % "beast", "experiment.yaml")


def test_a_run_from_a_shell_is_listed_shown_and_deleted(
    run: Any, tmp_path: Path, database: Path
) -> None:
    file, output = written(tmp_path), tmp_path / "scores.parquet"
    told = run("run", str(file), "--json", "--output", str(output)).json()
    assert (told["state"], told["done"], told["summary"]["n"]) == ("done", 3, 3)
    scores = np.asarray(parquet.read_table(output)["score"]).reshape(3, 12, 12)
    np.testing.assert_allclose(told["summary"]["mean"], scores.astype(float).mean(0), rtol=1e-12)
    (listed,) = run("runs", "--json").json()
    assert listed["id"] == told["id"]
    assert "L" in run("runs", "show", told["id"][:6]).out
    assert "is deleted" in run("runs", "delete", told["id"]).err
    assert run("runs", "--json").json() == []


def test_a_run_of_ones_own_file_leaves_out_its_bad_line_and_says_so(
    run: Any, tmp_path: Path, database: Path
) -> None:
    good = {"prompt": "Mary and John. Mary saw", "answer": " John", "foil": " Mary"}
    lines = [json.dumps(good)] * 5
    lines[3] = json.dumps(good | {"answer": " two words"})
    (tmp_path / "mine.jsonl").write_text("\n".join(lines))
    file = tmp_path / "experiment.yaml"
    file.write_text("task: mine.jsonl\nanalysis: {name: importance, method: l2}\n")
    told = run("run", str(file), "--json")
    assert "Line 4 is left out: the answer ' two words' is" in told.err
    assert (told.json()["state"], told.json()["done"]) == ("done", 4)
    own = run("run", str(written(tmp_path)), "--task", str(tmp_path / "mine.jsonl"), "--json")
    assert "leave n, seed, parameters out" in own.err
    assert "No such file" in run("run", "--task", "other.jsonl").err
    assert "Name a run's file, or a task" in run("run").err


def test_a_failed_run_is_resumed_with_equal_numbers(
    run: Any, tmp_path: Path, database: Path
) -> None:
    told = run("run", str(written(tmp_path, 12)), "--json").json()
    with _runs(database) as kept:
        _, whole = kept.results(told["id"])
        again = kept.add(_new(kept, told["id"]), "127.0.0.1")
        lease = kept.claim({told["model"]: told["revision"]})
        assert lease is not None
        kept.keep(lease, range(2), whole.scores[:2], 1.0)
        kept.finish(lease, "Item 2: broke.")
    resumed = run("runs", "resume", again.id, "--json")
    assert "goes on: 2 of 12 items are done" in resumed.err
    assert resumed.json()["state"] == "done"
    with _runs(database) as kept:
        assert np.array_equal(kept.results(again.id)[1].scores, whole.scores)


def _new(runs: Runs, identifier: str) -> NewRun:
    """The same run once more."""
    kept = runs.open(identifier)
    names = ("title", "request", "total", "model", "revision", "version", "layers", "heads")
    return NewRun(items=runs.items(identifier), **{name: getattr(kept, name) for name in names})


@pytest.mark.long
def test_a_run_killed_in_the_middle_goes_on_with_equal_numbers(
    tmp_path: Path, database: Path
) -> None:
    file, n = written(tmp_path, 8, "ablation"), 8
    command = [sys.executable, "-m", "attention_surgery", "run", str(file), "--json"]
    environment = os.environ | {f"{PREFIX}MODELS": BUNDLED_MODEL}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as first:
        done = _wait_for_items(database, 2)
        first.send_signal(signal.SIGKILL)
    with _runs(database) as kept:
        (killed,) = kept.all_of(None)
    assert (killed.state, killed.done >= done) == ("running", True)
    again = subprocess.run(command, env=environment, capture_output=True, check=True)
    told = json.loads(again.stdout)
    assert (told["id"], told["state"], told["done"]) == (killed.id, "done", n)
    assert b"goes on" in again.stderr
    whole = subprocess.run(command, env=environment, capture_output=True, check=True)
    with _runs(database) as kept:
        _, resumed = kept.results(killed.id)
        _, at_once = kept.results(json.loads(whole.stdout)["id"])
    np.testing.assert_array_equal(resumed.scores, at_once.scores)
    np.testing.assert_array_equal(resumed.items, np.arange(n))


def _wait_for_items(database: Path, least: int) -> int:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if database.exists():
            with _runs(database) as runs:
                kept = runs.all_of(None)
            if kept and kept[0].done >= least:
                return kept[0].done
        time.sleep(0.05)
    raise AssertionError("no item was done")


@contextmanager
def _runs(database: Path) -> Iterator[Runs]:
    opened = Database(str(database))
    try:
        yield Runs(opened, folder_of_runs(opened.url, None))
    finally:
        opened.close()
