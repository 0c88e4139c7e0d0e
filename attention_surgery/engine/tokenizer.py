"""The tokenizer of a model's directory, checked against the model."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer

from attention_surgery.engine.config import Config
from attention_surgery.engine.files import regular
from attention_surgery.errors import ModelLoadError

# What decoding shows in place of bytes that are no character.
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def _letters() -> dict[str, int]:
    """Byte by the letter that stands for it in the vocabulary of a byte-level BPE.

    Source: bytes_to_unicode in https://github.com/openai/gpt-2/blob/master/src/encoder.py
    """
    themselves = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1)]
    themselves += range(ord("®"), ord("ÿ") + 1)
    others = (byte for byte in range(256) if byte not in themselves)
    return {chr(byte): byte for byte in themselves} | {
        chr(256 + i): byte for i, byte in enumerate(others)
    }


BYTES = _letters()


def text_of(tokenizer: Tokenizer, token_id: int) -> str:
    """The text of one token; a byte that is only part of a character reads as `\\xe2`."""
    text: str = tokenizer.decode([token_id], skip_special_tokens=False)
    if REPLACEMENT not in text:
        return text
    letters: str = tokenizer.id_to_token(token_id) or ""
    return bytes(BYTES[letter] for letter in letters).decode(errors="backslashreplace")


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
