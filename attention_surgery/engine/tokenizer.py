"""The tokenizer of a model's directory, checked against the model."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer

from attention_surgery.engine.config import Config
from attention_surgery.engine.files import regular
from attention_surgery.errors import ModelLoadError


def read_tokenizer(directory: Path, config: Config) -> Tokenizer:
    """Read tokenizer.json; what it says of truncation and padding does not hold here.

    Raises:
        ModelLoadError: it is missing or damaged, or made for another vocabulary.
    """
    path = regular(directory / "tokenizer.json")
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises bare Exception
        raise ModelLoadError(
            f"{directory.name} has no readable tokenizer.json ({error}): save the fast tokenizer "
            "beside the weights."
        ) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    last = max(tokenizer.get_vocab().values(), default=-1)
    if last >= config.d_vocab:
        raise ModelLoadError(
            f"The tokenizer of {directory.name} has the token id {last}, its model the ids 0 to "
            f"{config.d_vocab - 1}: they do not belong together."
        )
    for field, token in (("bos_token_id", config.bos_id), ("eos_token_id", config.eos_id)):
        if tokenizer.id_to_token(token) is None:
            raise ModelLoadError(
                f"config.json of {directory.name} has {field} {token}, which its tokenizer does "
                "not know: they do not belong together."
            )
    return tokenizer
