"""`attention-surgery doctor` and `attention-surgery verify`."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from attention_surgery.analyses.checks import checks_of
from attention_surgery.settings import BUNDLED_MODEL, PREFIX
from attention_surgery.store.database import Database
from attention_surgery.store.migrating import revisions


def found(shown: Any) -> dict[str, dict[str, str | None]]:
    return {each.pop("name"): each for each in shown.json()}


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(f"{PREFIX}MODELS", BUNDLED_MODEL)
    monkeypatch.setenv(f"{PREFIX}PORT", "0")
    monkeypatch.setenv(f"{PREFIX}DATABASE", str(tmp_path / "kept.sqlite"))


def test_nothing_is_wrong_here(run: Any, tmp_path: Path) -> None:
    findings = found(run("doctor", "--json"))
    assert not any(each["wrong"] for each in findings.values())
    assert findings[f"model {BUNDLED_MODEL}"]["state"] == "answers Mary"
    assert findings["database"]["state"] == f"{tmp_path}/kept.sqlite, made at the first use"
    assert not (tmp_path / "kept.sqlite").exists()
    assert {"Python", "torch", "transformer-lens", "device", "threads", "model cache"} <= {
        *findings
    }
    assert "Nothing is wrong." in run("doctor").out


def test_an_existing_database_is_read_and_left_as_it_is(run: Any, tmp_path: Path) -> None:
    kept = Database(str(tmp_path / "kept.sqlite"))
    with kept.reading():
        pass
    kept.close()
    latest = revisions()[-1]
    assert found(run("doctor", "--json"))["database"]["state"] == (
        f"{tmp_path}/kept.sqlite, schema {latest}"
    )
    (tmp_path / "kept.sqlite").write_bytes(b"This is no database at all." * 100)
    shown = run("doctor")
    assert shown.code == 1
    assert "Wrong: 1" in shown.out


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("DEVICE", "cuda:7", "is not available here"),
        ("MODELS", "mine=/nowhere", "has no config.json"),
        ("THREADS", "none", "threads"),
        ("DATABASE", "postgresql://nobody@127.0.0.1:9/none", "database"),
    ],
)
def test_what_is_wrong_is_a_sentence(
    run: Any, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(PREFIX + variable, value)
    shown = run("doctor")
    assert shown.code == 1
    assert words in " ".join(shown.out.split())
    assert "Traceback" not in shown.out


def test_a_taken_port_is_no_fault(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv(f"{PREFIX}PORT", str(taken.getsockname()[1]))
        assert "Address already in use" in str(found(run("doctor", "--json"))["port"]["advice"])


def test_verify_prints_both_numbers_and_exits_with_1_where_one_is_off(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (check, *_) = checks_of("bundled", BUNDLED_MODEL)
    name = next(iter(check.figures))
    few = check.model_copy(update={"rows": 10})
    wrong = check.model_copy(update={"rows": 1, "figures": {name: check.figures[name] + 1}})
    module = sys.modules["attention_surgery.analyses.verify"]  # its function has the same name
    monkeypatch.setattr(module, "checks_of", lambda *_: (few,))
    shown = run("verify")
    assert shown.code == 0
    assert "+0.99 " in shown.out
    assert f"±{few.tolerance:g} " in shown.out
    assert "docs/bundled-model.md" in shown.out
    assert "All 3 figures agree." in shown.out
    monkeypatch.setattr(module, "checks_of", lambda *_: (wrong,))
    shown = run("verify")
    assert shown.code == 1
    assert "1 of 1 figures are off." in shown.out
    assert ": it is off" in shown.out
    shown = run("verify", "--json")
    assert shown.code == 1
    assert '"agrees":false' in shown.out
