"""The gamma-Poisson shrinker against published scores, quadrature and simulated cells."""

import math
from dataclasses import asdict, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special

from tocsin.errors import DetectionInputError
from tocsin.science.detection import gamma_poisson
from tocsin.science.detection.gamma_poisson import (
    START_PRIOR,
    MixturePrior,
    derive_ebgm,
    derive_quantile,
    derive_share_1,
    fit_prior,
)

# The vignette "Empirical Bayes Metrics with openEBGM" (R package openEBGM, Canida & Ihrie) on food
# reports of the FDA: the prior, then N, E, QUANT_05, EBGM and QUANT_95 as printed, found by
# bisection to 0.01.
FOOD_PRIOR = MixturePrior(3.25379064, 0.39988801, 2.02613219, 1.90808279, 0.06534557)
FOOD_CELLS = [
    (1, 0.0360548272, 0.49, 2.23, 13.85),
    (1, 0.0038736591, 0.52, 2.58, 15.78),
    (1, 0.0002979738, 0.52, 2.63, 16.02),
    (1, 0.0765792610, 0.47, 1.92, 11.77),
    (1, 0.0527413588, 0.48, 2.09, 12.95),
    (16, 0.40643623, 15.68, 23.26, 33.48),
    (19, 0.89690107, 11.65, 16.78, 23.55),
    (6, 0.07866508, 10.16, 18.28, 30.83),
    (8, 0.30482718, 9.00, 15.25, 24.52),
    (11, 0.56317044, 8.98, 14.28, 21.78),
]
PRIORS = st.builds(
    MixturePrior,
    alpha_1=st.floats(0.05, 10),
    beta_1=st.floats(0.05, 10),
    alpha_2=st.floats(0.05, 10),
    beta_2=st.floats(0.05, 10),
    share_1=st.floats(0.01, 0.99),
)
Cells = tuple[NDArray[np.int64], NDArray[np.float64]]


def _simulate(prior: MixturePrior, n: int, seed: int) -> Cells:
    """Cells with at least one case, as a table of reports shows them."""
    random = np.random.default_rng(seed)
    expected = random.gamma(0.8, 3, n) + 0.05
    first = random.gamma(prior.alpha_1, 1 / prior.beta_1, n)
    second = random.gamma(prior.alpha_2, 1 / prior.beta_2, n)
    observed = random.poisson(np.where(random.random(n) < prior.share_1, first, second) * expected)
    return observed[observed > 0], expected[observed > 0]


def _log_likelihood(prior: MixturePrior, observed: list[int], expected: list[float]) -> float:
    """The definition, by mathematics of the standard library only."""

    def negative_binomial(n: int, mean: float, alpha: float, beta: float) -> float:
        return math.exp(
            math.lgamma(alpha + n)
            - math.lgamma(alpha)
            - math.lgamma(n + 1)
            + alpha * math.log(beta / (beta + mean))
            + n * math.log(mean / (beta + mean))
        )

    total = 0.0
    for n, mean in zip(observed, expected, strict=True):
        at = []
        for count in (n, 0):
            first = negative_binomial(count, mean, prior.alpha_1, prior.beta_1)
            second = negative_binomial(count, mean, prior.alpha_2, prior.beta_2)
            at.append(prior.share_1 * first + (1 - prior.share_1) * second)
        total += math.log(at[0] / (1 - at[1]))
    return total


def test_scores_are_those_published_for_food_reports() -> None:
    observed, expected, low, mean, high = zip(*FOOD_CELLS, strict=True)
    # Printed as head(qn); rows 1, 2 and 3 above.
    assert derive_share_1(FOOD_PRIOR, observed, expected)[:3].tolist() == pytest.approx(
        [0.2819736, 0.3409652, 0.3482316], abs=5e-8
    )
    assert derive_ebgm(FOOD_PRIOR, observed, expected).round(2).tolist() == list(mean)
    eb05 = derive_quantile(FOOD_PRIOR, observed, expected)
    eb95 = derive_quantile(FOOD_PRIOR, observed, expected, probability=0.95)
    assert eb05.tolist() == pytest.approx(low, abs=0.011)
    assert eb95.tolist() == pytest.approx(high, abs=0.011)


@pytest.mark.parametrize(("observed", "expected"), [(0, 2.0), (3, 0.2), (40, 11.0)])
def test_scores_are_those_of_a_posterior_integrated_by_hand(observed: int, expected: float) -> None:
    prior = MixturePrior(1.5, 0.5, 4.0, 4.0, 0.2)
    at = np.exp(np.linspace(np.log(1e-6), np.log(200), 400_001))

    def gamma(alpha: float, beta: float) -> NDArray[np.float64]:
        log_density = alpha * np.log(beta) + (alpha - 1) * np.log(at) - beta * at
        return np.asarray(np.exp(log_density - math.lgamma(alpha)))

    density = 0.2 * gamma(1.5, 0.5) + 0.8 * gamma(4.0, 4.0)
    density *= np.exp(observed * np.log(at * expected) - at * expected)
    weights = density * at  # equal steps of the logarithm
    distribution = (np.cumsum(weights) - weights / 2) / weights.sum()
    geometric_mean = np.exp((weights * np.log(at)).sum() / weights.sum())
    eb05 = np.interp(0.05, distribution, at)
    assert derive_ebgm(prior, [observed], [expected])[0] == pytest.approx(geometric_mean, rel=1e-6)
    assert derive_quantile(prior, [observed], [expected])[0] == pytest.approx(eb05, rel=1e-6)


@given(PRIORS, st.integers(0, 200), st.floats(1e-4, 100), st.floats(0.001, 0.999))
def test_quantile_leaves_its_probability_below(
    prior: MixturePrior, observed: int, expected: float, probability: float
) -> None:
    at = derive_quantile(prior, [observed], [expected], probability=probability)
    share = derive_share_1(prior, [observed], [expected])
    below = share * special.gammainc(prior.alpha_1 + observed, (prior.beta_1 + expected) * at) + (
        1 - share
    ) * special.gammainc(prior.alpha_2 + observed, (prior.beta_2 + expected) * at)
    assert below[0] == pytest.approx(probability, abs=1e-9)


@given(PRIORS, st.floats(0.01, 10))
def test_scores_rise_with_the_count(prior: MixturePrior, expected: float) -> None:
    counts = list(range(12))
    for scores in (
        derive_ebgm(prior, counts, [expected] * 12),
        derive_quantile(prior, counts, [expected] * 12),
    ):
        assert all(a < b for a, b in pairwise(scores.tolist()))


def test_fitted_prior_is_a_top_of_the_likelihood() -> None:
    observed, expected = _simulate(MixturePrior(1.2, 0.2, 3.0, 3.0, 0.25), 1500, seed=8)
    fitted = fit_prior(observed, expected)
    cells = (observed.tolist(), expected.tolist())
    top = _log_likelihood(fitted.prior, *cells)
    assert fitted.log_likelihood == pytest.approx(top, rel=1e-10)
    assert (fitted.n_cells, fitted.is_fitted) == (observed.size, True)
    for name, value in asdict(fitted.prior).items():
        step = 1e-3 * value
        around = [
            _log_likelihood(replace(fitted.prior, **{name: value + sign * step}), *cells)
            for sign in (-1, 1)
        ]
        assert max(around) < top
        # Central difference: the slope per relative change, over a curvature of hundreds.
        assert (around[1] - around[0]) / 2e-3 == pytest.approx(0, abs=2e-3 * observed.size**0.5)


def test_prior_is_recovered_from_many_cells_though_empty_ones_are_not_listed() -> None:
    true = MixturePrior(2.0, 0.4, 3.0, 3.0, 0.1)
    observed, expected = _simulate(true, 40_000, seed=1)
    prior = fit_prior(observed, expected).prior
    assert prior.alpha_1 / prior.beta_1 == pytest.approx(5.0, rel=0.1)
    assert prior.alpha_2 / prior.beta_2 == pytest.approx(1.0, rel=0.05)
    assert prior.share_1 == pytest.approx(0.1, abs=0.02)
    assert prior.mean == pytest.approx(true.mean, rel=0.02)


def test_cells_fitted_together_give_nearly_the_prior_of_cells_fitted_singly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    observed, expected = _simulate(MixturePrior(1.2, 0.2, 3.0, 3.0, 0.25), 9000, seed=4)
    assert observed.size > 5000
    together = fit_prior(observed, expected)
    monkeypatch.setattr(gamma_poisson, "_CELLS_FITTED_SINGLY", 10**9)
    singly = fit_prior(observed, expected)
    assert together.prior.mean == pytest.approx(singly.prior.mean, rel=1e-3)
    assert together.prior.share_1 == pytest.approx(singly.prior.share_1, rel=0.01)
    assert together.log_likelihood == pytest.approx(singly.log_likelihood, rel=1e-4)


def test_one_strange_cell_among_plain_ones_does_not_get_a_gamma_of_its_own() -> None:
    # Without limits the likelihood puts a spike on the cell and EB05 beside EBGM.
    observed, expected = np.full(200, 5), np.full(200, 5.0)
    observed[0], expected[0] = 100, 2.5
    prior = fit_prior(observed, expected).prior
    eb05, ebgm = derive_quantile(prior, [100], [2.5])[0], derive_ebgm(prior, [100], [2.5])[0]
    assert 0.8 < eb05 / ebgm < 0.9


def test_too_few_cells_get_the_published_start_as_prior() -> None:
    fitted = fit_prior([3], [0.5])
    assert (fitted.prior, fitted.n_cells, fitted.is_fitted) == (START_PRIOR, 1, False)
    assert math.isnan(fitted.log_likelihood)
    assert fit_prior([3], [0.5], minimum_cells=1).is_fitted


@given(st.lists(st.tuples(st.integers(1, 10**9), st.floats(1e-12, 1e9)), min_size=1, max_size=12))
def test_any_cells_give_a_prior_within_the_limits(cells: list[tuple[int, float]]) -> None:
    observed, expected = zip(*cells, strict=True)
    prior = fit_prior(observed, expected, minimum_cells=1).prior
    *shapes, share = asdict(prior).values()
    assert all(0.0099 < value < 20.01 for value in shapes)
    assert 0.00099 < share < 0.99901
    assert prior.alpha_1 / prior.beta_1 >= prior.alpha_2 / prior.beta_2


def test_no_cells_have_no_scores() -> None:
    assert derive_ebgm(START_PRIOR, [], []).tolist() == []
    assert derive_quantile(START_PRIOR, [], []).tolist() == []


def test_extreme_cells_have_finite_scores() -> None:
    observed, expected = [0, 10**9, 1], [1e9, 1e-6, 1e-9]
    for scores in (
        derive_ebgm(FOOD_PRIOR, observed, expected),
        derive_quantile(FOOD_PRIOR, observed, expected),
    ):
        assert np.isfinite(scores).all()


@pytest.mark.parametrize(
    ("observed", "expected", "message"),
    [
        ([1, 2], [1.0], "one list of each"),
        ([[1]], [[1.0]], "one list of each"),
        ([1, -2], [1.0, 1.0], "cell 1: found -2.0 observed and 1.0 expected"),
        ([1.5], [1.0], "cell 0: found 1.5 observed"),
        ([1], [0.0], "cell 0: found 1.0 observed and 0.0 expected"),
        ([float("inf")], [1.0], "cell 0: found inf"),
        ([1], [float("nan")], "and nan expected"),
    ],
)
def test_no_cell_is_refused(observed: list[float], expected: list[float], message: str) -> None:
    with pytest.raises(DetectionInputError, match=message):
        derive_ebgm(START_PRIOR, observed, expected)


def test_empty_cell_cannot_teach_a_prior() -> None:
    with pytest.raises(DetectionInputError, match="cell 1: found no case"):
        fit_prior([1, 0], [1.0, 1.0])


@pytest.mark.parametrize("probability", [0.0, 1.0, float("nan")])
def test_quantile_of_no_probability_is_refused(probability: float) -> None:
    with pytest.raises(DetectionInputError, match="quantile: probability is"):
        derive_quantile(START_PRIOR, [1], [1.0], probability=probability)


@pytest.mark.parametrize(
    "parameters", [(0.0, 1, 1, 1, 0.5), (1, 1, math.inf, 1, 0.5), (1, 1, 1, 1, 1.0)]
)
def test_prior_that_is_none_is_refused(
    parameters: tuple[float, float, float, float, float],
) -> None:
    with pytest.raises(DetectionInputError, match="gamma mixture"):
        MixturePrior(*parameters)
