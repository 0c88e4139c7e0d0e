"""Books are found, tidied and split; without any there is a sentence that says so."""

import lzma
from pathlib import Path

import pytest

from training.corpus import HOLD_OUT_EVERY, CorpusNotFound, read_books, split, tidy


def test_a_folder_of_texts_and_a_compressed_file_of_many_are_read(tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "one.txt").write_text("First  book.")
    (tmp_path / "two.txt.xz").write_bytes(lzma.compress(b"Second book.\x1cThird book.\x1c"))
    (tmp_path / "cover.png").write_bytes(b"\x89PNG")
    assert read_books(tmp_path) == ["First book.", "Second book.", "Third book."]
    assert read_books(tmp_path / "two.txt.xz") == ["Second book.", "Third book."]


def test_text_is_tidied_to_a_paragraph_a_line() -> None:
    assert tidy("\ufeff I\r \r One\tday.  \n\n\n Two. ") == "I\nOne day.\nTwo."


def test_one_book_in_so_many_is_held_out_and_none_is_in_both() -> None:
    books = [str(number) for number in range(3 * HOLD_OUT_EVERY + 1)]
    training, held_out = split(books)
    assert len(held_out) == 3
    assert sorted(training + held_out, key=int) == books


@pytest.mark.parametrize("there", [True, False])
def test_a_place_without_text_is_named(tmp_path: Path, there: bool) -> None:
    place = tmp_path if there else tmp_path / "nowhere"
    with pytest.raises(CorpusNotFound, match=f"There is no text in {place}: name a .txt"):
        read_books(place)
