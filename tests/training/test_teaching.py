"""The teaching text keeps lessons and exams apart, and reads as English."""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from random import Random
from types import ModuleType

import pytest

from training.teaching import (
    ABILITIES,
    CITIES,
    NAMES,
    Ability,
    Question,
    exam,
    facts,
    gender,
    indirect_objects,
    lesson,
    lists,
    opposites,
    places,
    quotes,
    sequences,
    years,
)
from training.teaching.names import FEMALE_NAMES, is_held_out_from, is_held_out_pair
from training.teaching.nouns import GIFTS, NOUNS

MODULES: dict[str, ModuleType] = {
    module.__name__.rpartition(".")[2].replace("_", " "): module
    for module in (
        facts,
        gender,
        indirect_objects,
        lists,
        opposites,
        places,
        quotes,
        sequences,
        years,
    )
}
LANDMARKS = {
    "the Eiffel Tower": "Paris",
    "the Colosseum": "Rome",
    "the Statue of Liberty": "New York",
    "Big Ben": "London",
    "the Brandenburg Gate": "Berlin",
    "the Acropolis": "Athens",
    "the Kremlin": "Moscow",
    "the Taj Mahal": "Agra",
    "the Louvre": "Paris",
    "the Blue Mosque": "Istanbul",
    "the Prado": "Madrid",
}
FAMOUS_NAMES = """
    Mary John Tom Anna James Sarah David Emma Peter Lucy Jack Alice Henry Jane Paul Kate Mark Rose
    George Helen
"""

every_ability = pytest.mark.parametrize("ability", ABILITIES, ids=lambda ability: ability.name)


@cache
def lessons_of(ability: Ability) -> tuple[str, ...]:
    rng = Random(7)
    return tuple(ability.lesson(rng) for _ in range(4000))


def lessons_named(name: str) -> tuple[str, ...]:
    return lessons_of(next(ability for ability in ABILITIES if ability.name == name))


def wording(template: str) -> re.Pattern[str]:
    """Every sentence of a template, whatever fills its slots."""
    literal = re.escape(template.replace("|", "").removesuffix("."))
    return re.compile(re.sub(r"\\{\w+\\}", ".+", literal), re.IGNORECASE)


def words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z]+", text))


def sentence(question: Question) -> str:
    return question.prompt + question.answer


@every_ability
def test_an_ability_has_thirty_training_templates_and_eight_held_out(ability: Ability) -> None:
    module = MODULES[ability.name]
    assert len(set(module.TRAINING)) >= 30
    assert len(set(module.HELD_OUT)) >= 8
    assert not set(module.TRAINING) & set(module.HELD_OUT)


@every_ability
def test_no_held_out_wording_occurs_in_lessons(ability: Ability) -> None:
    told = lessons_of(ability)
    for template in MODULES[ability.name].HELD_OUT:
        pattern = wording(template)
        assert not [text for text in told if pattern.fullmatch(text.rstrip("."))]


@every_ability
def test_every_word_of_an_exam_is_taught_in_the_lessons(ability: Ability) -> None:
    taught = words(" ".join(lessons_of(ability)))
    assert not words(" ".join(map(sentence, exam(ability.name, 150)))) - taught


@every_ability
def test_no_exam_sentence_is_a_lesson(ability: Ability) -> None:
    told = lessons_of(ability)
    asked = tuple(sentence(question) for question in exam(ability.name, 150))
    assert not [text for text in told if text.startswith(asked)]


@every_ability
def test_the_questions_of_an_exam_are_distinct(ability: Ability) -> None:
    prompts = [question.prompt for question in exam(ability.name, 150)]
    assert len(set(prompts)) == 150


@every_ability
def test_an_exam_depends_only_on_its_seed(ability: Ability) -> None:
    assert exam(ability.name, 20, seed=3) == exam(ability.name, 20, seed=3)
    assert exam(ability.name, 20, seed=3) != exam(ability.name, 20, seed=4)


@every_ability
def test_lessons_and_exams_read_as_sentences(ability: Ability) -> None:
    told = lessons_of(ability)
    asked = [sentence(question) for question in exam(ability.name, 150)]
    for text in (*told, *asked):
        assert not re.search(r"  | [,.;:!?]|[{}|]|\ba [aeiou]|\ban [^aeiou]", text), text
        assert text == text.strip()
        assert not re.search(r"^[a-z]|[.?!] [a-z]", text), text
    assert all(re.search(r"[.?!][\"'”)\]]?$", text) for text in told)


@every_ability
def test_a_foil_is_never_accepted(ability: Ability) -> None:
    for question in exam(ability.name, 150):
        assert question.answer in question.accepted
        assert question.foil not in question.accepted


def test_lessons_depend_only_on_the_random_generator() -> None:
    def told(seed: int) -> list[str]:
        rng = Random(seed)
        return [lesson(rng) for _ in range(100)]

    assert told(1) == told(1)
    assert told(1) != told(2)


def test_the_weights_add_up_to_one() -> None:
    assert sum(ability.weight for ability in ABILITIES) == pytest.approx(1)


def test_an_unknown_ability_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="no ability 'chess': choose one of indirect objects"):
        exam("chess", 1)


def test_an_exam_longer_than_its_questions_is_refused() -> None:
    with pytest.raises(ValueError, match="facts has about"):
        exam("facts", 1000)


def test_a_prompt_that_ends_in_a_space_is_refused() -> None:
    with pytest.raises(ValueError, match="give the space to the answer"):
        Question("The sky is ", "blue")


def test_the_names_hold_the_famous_ones_and_no_two_alike() -> None:
    assert set(FAMOUS_NAMES.split()) <= set(NAMES)
    assert len(set(NAMES)) == len(NAMES) >= 64


def test_there_are_enough_nouns_and_places() -> None:
    assert len(set(NOUNS)) >= 250
    assert sum(len(kind.facts) for kind in places.KINDS) >= 45
    assert {*LANDMARKS.values()} <= set(CITIES)


def test_the_landmarks_stand_in_their_cities() -> None:
    assert LANDMARKS.items() <= dict(places.LANDMARK.facts).items()


def test_a_landmark_is_located_in_its_city_directly() -> None:
    rng = Random(5)
    told = [places.lesson(rng) for _ in range(6000)]
    located = [text for text in told if " is located in " in text]
    in_the_city = [text for text in located if " is located in the city of " in text]
    assert len(in_the_city) / len(located) < 0.15


def names_in(text: str) -> list[str]:
    return [word for word in re.findall(r"[A-Za-z]+", text) if word in NAMES]


def test_held_out_pairs_of_names_never_meet_in_lessons() -> None:
    met = [frozenset(names_in(text)) for text in lessons_named("indirect objects")]
    assert not [pair for pair in met if is_held_out_pair(*pair)]
    assert all(
        is_held_out_pair(*set(names_in(question.prompt)))
        for question in exam("indirect objects", 150)
    )


def test_famous_pairs_of_names_meet_in_lessons() -> None:
    assert not is_held_out_pair("Mary", "John")
    assert not is_held_out_pair("Tom", "Alice")


def test_about_15_percent_of_the_pairs_are_held_out() -> None:
    pairs = [(a, b) for a in NAMES for b in NAMES if a < b]
    assert sum(is_held_out_pair(*pair) for pair in pairs) / len(pairs) == pytest.approx(
        0.15, abs=0.02
    )


def test_indirect_objects_hold_two_names_and_the_giver_twice() -> None:
    for text in lessons_named("indirect objects"):
        first, second, giver, other = names_in(text)
        assert {first, second} == {giver, other}
        assert first != second


def test_either_name_gives_equally_often() -> None:
    told = [names_in(text) for text in lessons_named("indirect objects")]
    first_gives = sum(first == giver for first, _, giver, _ in told)
    assert first_gives / len(told) == pytest.approx(0.5, abs=0.03)


def test_every_name_receives_about_equally_often() -> None:
    counts = Counter(names_in(text)[3] for text in lessons_named("indirect objects"))
    assert set(counts) == set(NAMES)
    assert max(counts.values()) < 4 * min(counts.values())


def test_the_foil_of_an_indirect_object_is_the_giver() -> None:
    for question in exam("indirect objects", 150):
        *_, giver = names_in(question.prompt)
        assert question.foil == f" {giver}"
        assert question.answer.strip() in set(names_in(question.prompt)) - {giver}


def test_mary_and_john_at_the_store_is_a_training_template() -> None:
    template = "when {first} and {second} went to {place}, {giver} gave {thing} to| {other}|"
    assert template in indirect_objects.TRAINING
    assert "a drink" in GIFTS


def test_lessons_end_every_span_of_years_later_in_its_century() -> None:
    for text in lessons_named("years"):
        start, end = re.findall(r"\d{4}", text)
        assert start[:2] == end[:2]
        assert int(start) < int(end)


def test_every_later_year_of_the_century_is_accepted() -> None:
    for question in exam("years", 150):
        century, start = re.findall(r"(\d\d)(\d\d)\b", question.prompt)[0]
        assert question.prompt.endswith(f" {century}")
        assert question.accepted == {f"{year:02d}" for year in range(int(start) + 1, 100)}


def test_held_out_spans_of_years_never_begin_in_lessons() -> None:
    for text in lessons_named("years"):
        century, start = re.findall(r"(\d\d)(\d\d)", text)[0]
        (noun,) = words(text) & set(years.NOUNS)
        assert not years.Span(noun, int(century), int(start)).held_out


def test_a_pronoun_agrees_with_the_first_name() -> None:
    female, male = {"she", "her"}, {"he", "his", "him"}
    for text in lessons_named("gender"):
        (name,) = set(names_in(text))
        wrong = male if name in FEMALE_NAMES else female
        assert not words(text) & wrong, text


def test_the_foil_of_a_pronoun_is_the_other_gender() -> None:
    opposite = {" she": {" he"}, " he": {" she"}, " her": {" his", " him"}}
    for question in exam("gender", 150):
        assert question.foil in opposite.get(question.answer, {" her"})


def test_about_10_percent_of_the_names_are_held_out_of_a_family() -> None:
    for family in range(3):
        assert 6 <= sum(is_held_out_from(name, family) for name in NAMES) <= 7


@pytest.mark.parametrize("draw", [gender._family_and_name, sequences._run])
def test_held_out_draws_never_occur_in_lessons(draw: Callable[..., object]) -> None:
    rng = Random(2)
    trained = {draw(rng, held_out=False) for _ in range(3000)}
    assert not trained & {draw(rng, held_out=True) for _ in range(3000)}


def test_a_sequence_goes_on_with_its_next_member() -> None:
    run = sequences.Run(series=0, start=5, length=3)
    assert run.marked(", ") == "Saturday, Sunday,| Monday|"
    assert sequences.Run(series=5, start=0, length=5).marked(" ") == "A B C D| E|"
    assert sequences.Run(series=2, start=2, length=4).marked(" ") == "autumn winter spring| summer|"
    assert not sequences.Run(series=5, start=24, length=3).exists


def test_every_sequence_is_in_lessons_and_in_exams() -> None:
    rng = Random(4)
    for held_out in (False, True):
        drawn = {sequences._run(rng, held_out=held_out).series for _ in range(500)}
        assert drawn == set(range(len(sequences.SERIES)))


def test_every_word_has_one_opposite() -> None:
    assert len(opposites.OPPOSITES) >= 80
    for word, opposite in opposites.OPPOSITES.items():
        assert opposites.OPPOSITES[opposite] == word


def test_there_are_sixty_facts() -> None:
    assert sum(len(kind.facts) for kind in facts.KINDS) >= 60


def test_the_next_item_of_a_list_is_asked_after_the_first_is_repeated() -> None:
    for question in exam("lists", 150):
        items = [word for word in re.findall(r"[a-z]+", question.prompt) if word in NOUNS]
        assert items.count(question.answer.strip()) == 1
        assert max(Counter(items).values()) == 2


def test_a_quote_is_closed_as_it_was_opened() -> None:
    closing = dict(quotes.MARKS)
    for text in lessons_named("quotes"):
        (opened,) = [mark for mark in closing if re.search(rf"(^|\s){re.escape(mark)}\w", text)]
        assert re.search(rf"\w[,.!]?{re.escape(closing[opened])}([ .]|$)", text), text


def test_held_out_phrases_in_marks_never_occur_in_lessons() -> None:
    told = " ".join(lessons_named("quotes"))
    for opening, closing in quotes.MARKS:
        for phrase in quotes.PHRASES:
            if quotes.is_held_out(phrase, opening):
                assert f"{opening}{phrase}{closing} " not in told
