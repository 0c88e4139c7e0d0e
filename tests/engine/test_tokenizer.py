"""Tokens as texts: whole characters read as they are, pieces of characters as their bytes."""

from __future__ import annotations

from attention_surgery.engine.model import Model


def read(text: str) -> bytes:
    """The bytes of a token's text, its escapes read as Python reads them."""
    return (
        text.encode().decode("unicode_escape").encode("latin-1") if "\\x" in text else text.encode()
    )


def test_the_bytes_of_a_character_in_pieces_are_shown(bundled: Model) -> None:
    text = "A snowman \N{SNOWMAN}, a \N{GRINNING FACE} and a caf\N{LATIN SMALL LETTER E WITH ACUTE}"
    tokens = bundled.tokens(bundled.tokenize(text, prepend_bos=False))
    pieces = [token.text for token in tokens if "\\x" in token.text]
    assert pieces, "the text has characters that the vocabulary knows only in pieces"
    assert not any("\N{REPLACEMENT CHARACTER}" in token.text for token in tokens)
    assert b"".join(read(token.text) for token in tokens) == text.encode()


def test_tokens_that_differ_differ_on_the_page(bundled: Model) -> None:
    """All 256 bytes are tokens, and each reads as itself."""
    single = [
        i for i in range(bundled.config.d_vocab) if len(bundled.tokenizer.id_to_token(i) or "") == 1
    ]
    texts = {bundled.token_text(i) for i in single}
    assert len(single) == len(texts) == 256


def test_a_replacement_character_that_is_written_reads_as_one(bundled: Model) -> None:
    ids = bundled.tokenize("\N{REPLACEMENT CHARACTER}", prepend_bos=False)
    assert bundled.decode(ids) == "\N{REPLACEMENT CHARACTER}"
    assert [bundled.token_text(i) for i in ids] in (
        ["\N{REPLACEMENT CHARACTER}"],
        ["\\xef", "\\xbf", "\\xbd"],
        ["\\xef\\xbf", "\\xbd"],
    )
