"""Kinds of rounds in a fit: which totals they believe, and states that were stored before."""

import json

import numpy as np
import pytest

from bench.reference import PlainServer, encode
from bench.simulated import simulate
from hefed.core.learning import optimiser
from hefed.core.learning.kinds.table import (
    kind_named,
)

# ---- plausibility ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fit() -> tuple[PlainServer, optimiser.OptimiserState]:
    cohort = simulate("two-small", 0)
    server = PlainServer(*encode(cohort.pooled(), cohort.dictionary))
    return server, optimiser.start(server.moments(cohort.dictionary.columns))[0]


def test_true_totals_of_a_whole_fit_are_plausible(fit: tuple[PlainServer, optimiser.OptimiserState]) -> None:
    server, state = fit
    seen = set()
    while state.step.sigmoid is not None:
        totals_, moments = server.answer(state.step), server.moments(state.columns)
        assert not kind_named(state.step.kind).implausible(state, moments, totals_)
        seen.add(state.step.kind)
        state, _ = optimiser.advance(state, totals_)

    assert seen == {"gradient", "hessian"}


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("name", ["gradient", "hessian", "moments"])
def test_totals_that_are_no_numbers_are_implausible_for_every_kind(
    name: str, bad: float, fit: tuple[PlainServer, optimiser.OptimiserState]
) -> None:
    server, state = fit
    kind, moments = kind_named(name), server.moments(state.columns)
    values = np.full(len(kind.total_names(len(state.columns))), bad)

    assert kind.implausible(state, moments, values)


def test_hessian_of_the_wrong_sign_is_implausible(fit: tuple[PlainServer, optimiser.OptimiserState]) -> None:
    server, state = fit
    upper = np.triu_indices(len(state.columns))
    hessian, moments = server.x.T @ server.x / 4.5, server.moments(state.columns)

    assert kind_named("hessian").implausible(state, moments, -hessian[upper])
    assert kind_named("hessian").implausible(state, moments, 100 * hessian[upper])


# ---- states that were stored before ----------------------------------------------------------------------------------


def test_state_that_a_custodian_stored_by_name_is_still_read(fit: tuple[PlainServer, optimiser.OptimiserState]) -> None:
    stored = json.loads(fit[1].model_dump_json())

    assert stored["step"]["kind"] == "gradient"
    assert optimiser.OptimiserState.model_validate(stored) == fit[1]
