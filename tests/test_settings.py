"""What a host can decide, and how it is told what it got wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from attention_surgery.settings import PREFIX, Settings, markdown_table, parse_model


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)


def test_defaults_are_safe() -> None:
    settings = Settings()
    assert settings.models == ("gpt2", "gpt2-mini-12x12")
    assert settings.host == "127.0.0.1"
    assert settings.cors_origins == ()
    assert settings.token is None
    assert settings.rate_limit == 0
    assert settings.log_prompts is False
    assert settings.client_share < settings.queue_size


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}MODELS", "gpt2-mini-12x12, mine=/models/mine")
    monkeypatch.setenv(f"{PREFIX}CORS_ORIGINS", "https://a.example,https://b.example")
    monkeypatch.setenv(f"{PREFIX}QUEUE_SIZE", "7")
    monkeypatch.setenv(f"{PREFIX}TOKEN", "s3cret")
    settings = Settings()
    assert settings.models == ("gpt2-mini-12x12", "mine=/models/mine")
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.queue_size == 7
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("entry", "parsed"),
    [
        ("gpt2", ("gpt2", None)),
        ("gpt2-mini-12x12", ("gpt2-mini-12x12", None)),
        ("mine=/models/mine", ("mine", Path("/models/mine"))),
    ],
)
def test_models_are_names_or_directories(entry: str, parsed: tuple[str, Path | None]) -> None:
    assert parse_model(entry) == parsed


@pytest.mark.parametrize(
    "models", ["", "gpt3", "/etc/passwd", "=x", "mine=", "a/b=/c", "gpt2,gpt2", "someone/model"]
)
def test_other_models_are_refused(models: str) -> None:
    with pytest.raises(ValidationError):
        Settings(models=models)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", [{"queue_size": 0}, {"time_limit": 0}, {"port": 70_000}, {"precision": "int8"}]
)
def test_values_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("token", ["", "  "])
def test_an_empty_token_is_refused(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv(f"{PREFIX}TOKEN", token)
    with pytest.raises(ValidationError, match="let everyone in"):
        Settings()


def test_a_server_that_cannot_start_says_why_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from attention_surgery import api

    monkeypatch.setenv(f"{PREFIX}TOKEN", "")
    with pytest.raises(SystemExit, match=r"^token: an empty token .*\.$"):
        api.app  # noqa: B018


def test_every_setting_is_described_in_the_table() -> None:
    table = markdown_table()
    for name, field in Settings.model_fields.items():
        assert f"`{PREFIX}{name.upper()}`" in table
        assert field.description
        assert field.description.endswith(".")
    assert str(Path(__file__).parents[1]) not in table
