"""Error bars and tests, against scipy and against the definitions in numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from attention_surgery.errors import InvalidSetting
from attention_surgery.statistics import against_zero, holm, interval_of, summary

RNG = np.random.default_rng(7)
# 40 items of 2×3 heads: some with an effect, some without, one with none at all.
VALUES = RNG.normal([[0, 0.3, 1], [-0.6, 0.1, 0]], 1, (40, 2, 3)) * [[1, 1, 1], [1, 1, 0]]


def test_mean_and_standard_error_are_those_of_scipy() -> None:
    found = summary(VALUES)
    assert found.n == 40
    np.testing.assert_allclose(found.mean, VALUES.mean(0))
    np.testing.assert_allclose(found.standard_error, stats.sem(VALUES))


def test_the_share_of_the_means_sign_counts_items() -> None:
    found = summary(np.array([[1.0, -1, 0], [2, -1, 0], [-1, 1, 0], [0, -2, 0]]))
    np.testing.assert_array_equal(found.same_sign, [0.5, 0.75, 1])


def test_the_interval_is_that_of_scipys_percentile_bootstrap() -> None:
    """Another generator's draws: equal but for the ends' own error at so many resamples."""
    found = summary(VALUES, resamples=20_000)
    theirs = stats.bootstrap(
        (VALUES,), np.mean, method="percentile", n_resamples=20_000, rng=RNG, axis=0, batch=1000
    ).confidence_interval
    size = np.maximum(found.standard_error, 1e-12)
    np.testing.assert_allclose((found.low - theirs.low) / size, 0, atol=0.08)
    np.testing.assert_allclose((found.high - theirs.high) / size, 0, atol=0.08)


def test_the_interval_is_its_definition() -> None:
    items = VALUES.reshape(40, -1)
    drawn = np.random.default_rng(5).integers(40, size=(100, 40))
    means = np.array([items[rows].mean(0) for rows in drawn])
    found = summary(VALUES, seed=5, resamples=100)
    np.testing.assert_allclose(found.low.ravel(), np.quantile(means, 0.025, axis=0), atol=1e-12)
    np.testing.assert_allclose(found.high.ravel(), np.quantile(means, 0.975, axis=0), atol=1e-12)


def test_the_interval_of_a_ratio_is_that_of_scipy() -> None:
    pairs = np.random.default_rng(2).normal((3, 2), 1, size=(40, 2))
    found = interval_of(lambda means: means[:, :1] / means[:, 1:], pairs, resamples=20_000)
    theirs = stats.bootstrap(
        tuple(pairs.T), lambda one, other, axis: one.mean(axis) / other.mean(axis), paired=True,
        method="percentile", n_resamples=20_000, rng=RNG, vectorized=True, batch=1000,
    ).confidence_interval  # fmt: skip
    assert found is not None
    assert [float(end[0]) for end in found] == pytest.approx([theirs.low, theirs.high], rel=0.02)
    assert interval_of(lambda means: means, pairs[:1]) is None


def test_few_items_have_the_exact_p_values_of_scipy() -> None:
    few = VALUES[:9]
    found = against_zero(few)
    theirs = stats.permutation_test(
        (few,), lambda x, axis: np.abs(x.mean(axis)), permutation_type="samples",
        alternative="greater", n_resamples=np.inf, vectorized=True, axis=0,
    )  # fmt: skip
    assert found.exact
    assert found.permutations == 2**9
    np.testing.assert_allclose(found.p, theirs.pvalue)


def test_many_items_have_scipys_p_values_but_for_chance() -> None:
    found = against_zero(VALUES)
    theirs = stats.permutation_test(
        (VALUES,), lambda x, axis: np.abs(x.mean(axis)), permutation_type="samples",
        alternative="greater", n_resamples=10_000, vectorized=True, axis=0, rng=RNG, batch=500,
    )  # fmt: skip
    assert not found.exact
    np.testing.assert_allclose(found.p, theirs.pvalue, atol=0.02)
    assert found.p[1, 2] == 1


def test_holm_is_the_step_down_of_the_textbook() -> None:
    p = np.array([0.01, 0.04, 0.03, 0.005])
    np.testing.assert_allclose(holm(p), [0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=20))
def test_holm_never_helps_and_keeps_the_order(p: list[float]) -> None:
    raw = np.array(p)
    adjusted = holm(raw)
    assert (adjusted >= raw).all()
    assert (adjusted <= 1).all()
    order = np.argsort(raw, kind="stable")
    assert (np.diff(adjusted[order]) >= 0).all()


def test_holm_rejects_nothing_true_more_often_than_it_says() -> None:
    """144 heads without any effect, 100 times: in about 5 of them one is told from zero."""
    rng = np.random.default_rng(0)
    wrong = sum(
        (against_zero(rng.normal(size=(20, 144)), permutations=5000).adjusted < 0.05).any()
        for _ in range(100)
    )
    assert wrong <= 11  # 5 expected; more than 11 has a chance of 0.4 %


def test_numbers_depend_on_values_and_seed_alone() -> None:
    one, same, other = (summary(VALUES, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.low, same.low)
    assert (one.low != other.low).any()
    np.testing.assert_array_equal(against_zero(VALUES, 3).p, against_zero(VALUES, 3).p)


def test_one_item_has_a_mean_and_no_interval() -> None:
    found = summary(VALUES[:1])
    np.testing.assert_array_equal(found.mean, VALUES[0])
    assert found.standard_error is found.low is found.high is None


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.empty((0, 2)), "no item"),
        (np.array([[1.0], [np.nan]]), "not finite"),
    ],
)
def test_what_cannot_be_summarised_is_refused(values: np.ndarray, sentence: str) -> None:
    with pytest.raises(InvalidSetting, match=sentence):
        summary(values)


def test_counts_out_of_range_are_refused() -> None:
    with pytest.raises(InvalidSetting, match="resamples is 10: it must be 100 to 100000"):
        summary(VALUES, resamples=10)
    with pytest.raises(InvalidSetting, match="permutations is 1000000"):
        against_zero(VALUES, permutations=1_000_000)
