"""Costs: what is measured, stored, scaled and added up, and that a circuit nobody measured is not guessed."""

from collections import Counter
from collections.abc import Callable

import pytest

from bench.costs import measure
from bench.plain_operations import PlainOperations, PlainValue
from hefed.core.ckks import cost
from hefed.core.ckks.cost import Costs, DryRun, Operation, Shape
from hefed.core.ckks.params import Profile, profile
from hefed.core.errors import BadInput, CircuitError, LevelExhausted
from tests.words.raises import says

REFERENCE = profile("N14_L9")
EVERY_OPERATION = [
    Operation("multiply", 4, 3),
    Operation("square", 4, 3),
    Operation("multiply_add", 4, 3),
    Operation("add", 4, 2),
    Operation("add", 4, 3),
    Operation("accumulate", 4, 3),
    Operation("subtract", 4, 2),
    Operation("multiply_constant", 4, 2),
    Operation("add_constant", 4, 2),
    Operation("times_monomial", 4, 2),
    Operation("relinearise", 4, 3),
    Operation("rescale", 4, 2),
    Operation("drop", 4, 2),
    Operation("blind", 4, 2),
]


class Ticking:
    """A clock whose every other reading is so many seconds later than the one before."""

    def __init__(self, *seconds: float) -> None:
        self._seconds, self._now, self._odd = list(seconds), 0.0, False

    def __call__(self) -> float:
        if self._odd:
            self._now += self._seconds[0] if len(self._seconds) == 1 else self._seconds.pop(0)
        self._odd = not self._odd
        return self._now


@pytest.fixture()
def plain(ring: Profile) -> PlainOperations:
    return PlainOperations(ring)


@pytest.fixture()
def fresh(plain: PlainOperations) -> Callable[[int], PlainValue]:
    return lambda level: plain.encrypt([0.5], level)


# ---- measuring -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", EVERY_OPERATION, ids=str)
def test_every_operation_can_be_timed_alone(
    operation: Operation, plain: PlainOperations, fresh: Callable[[int], PlainValue]
) -> None:
    assert measure(plain, fresh, [operation], Ticking(0.25)) == {operation: 0.25}


def test_median_of_seven_leaves_an_interrupted_measurement_out(
    plain: PlainOperations, fresh: Callable[[int], PlainValue]
) -> None:
    add = Operation("add", 2, 2)
    clock = Ticking(1.0, 1.0, 1.0, 90.0, 1.0, 90.0, 90.0)

    assert measure(plain, fresh, [add], clock) == {add: 1.0}


def test_operation_that_comes_twice_is_measured_once(
    plain: PlainOperations, fresh: Callable[[int], PlainValue]
) -> None:
    add, rescale = Operation("add", 2, 2), Operation("rescale", 2, 2)

    assert set(measure(plain, fresh, [add, rescale, add], Ticking(1.0))) == {add, rescale}


# ---- adding up -------------------------------------------------------------------------------------------------------


def test_seconds_are_counts_times_costs() -> None:
    multiply, add = Operation("multiply", 3, 3), Operation("add", 3, 2)
    costs = Costs("N14_L9", "by hand", {multiply: 0.5, add: 0.125}, {})

    assert costs.seconds(Counter({multiply: 4, add: 8})) == 3.0
    assert costs.seconds({}) == 0.0


def test_first_operation_that_was_not_measured_is_named_with_how_many_others() -> None:
    costs = Costs("N14_L9", "by hand", {}, {})

    with says("ckks.cost_not_measured", BadInput, name="blind", level=0, parts=2, missing=2):
        costs.seconds({Operation("blind", 0, 2): 1, Operation("add", 0, 2): 1})


def test_stored_costs_fall_with_the_level() -> None:
    stored = cost.stored(REFERENCE).operations

    for name, parts in (("relinearise", 3), ("rescale", 2)):
        levels = sorted(operation.level for operation in stored if (operation.name, operation.parts) == (name, parts))
        assert len(levels) > 3
        assert stored[Operation(name, levels[-1], parts)] > stored[Operation(name, levels[0], parts)]


def test_relinearising_is_the_dearest_operation_that_a_circuit_has() -> None:
    stored = cost.stored(REFERENCE).operations
    dearest = max((operation for operation in stored if operation.level >= 5), key=stored.__getitem__)

    assert dearest.name == "relinearise"


# ---- storing ---------------------------------------------------------------------------------------------------------


def test_measurement_is_the_same_after_reading_and_writing() -> None:
    kept = cost.stored(REFERENCE).as_measured()

    assert Costs.from_measured(kept).as_measured() == kept
    assert kept["profile"] == "N14_L9"


@pytest.mark.parametrize("key", ["multiply", "multiply 3", "multiply three 3"])
def test_stored_operation_without_level_and_parts_is_not_read(key: str) -> None:
    with pytest.raises(ValueError, match="not enough values|invalid literal"):
        Costs.from_measured({"profile": "p", "command": "c", "milliseconds": {key: 1.0}, "calls": {}})


@pytest.mark.parametrize("factor", [1, 2])
def test_costs_grow_with_the_ring_a_little_faster_than_linearly(factor: int) -> None:
    larger = Profile("N_LARGER", REFERENCE.ring_degree * factor, REFERENCE.prime_bits, REFERENCE.scale_bits)
    costs = Costs("N14_L9", "by hand", {Operation("add", 1, 2): 1.0}, {"pack": 2.0})

    scaled = costs.scaled(larger, REFERENCE)

    ratio = scaled.operations[Operation("add", 1, 2)]
    assert factor <= ratio <= 1.2 * factor
    assert scaled.calls["pack"] == 2 * ratio


# ---- the dry run that counts -----------------------------------------------------------------------------------------


def test_dropping_costs_a_step_per_level(ring: Profile) -> None:
    run = DryRun(ring)

    run.drop_to(Shape(5, ring.scale), 2)
    run.drop_to(Shape(2, ring.scale), 2)

    assert run.counts == {Operation("drop", level, 2): 1 for level in (5, 4, 3)}


def test_empty_sum_costs_nothing_and_the_next_term_one_addition(ring: Profile) -> None:
    run, value = DryRun(ring), Shape(3, ring.scale)

    total = run.accumulate(run.accumulate(None, value), value)

    assert total == value
    assert run.counts == {Operation("accumulate", 3, 2): 1}


def test_operation_that_is_refused_is_not_counted(ring: Profile) -> None:
    run = DryRun(ring)

    with says("ckks.level_exhausted", LevelExhausted):
        run.rescale(Shape(0, ring.scale))
    with says("ckks.levels_differ", CircuitError, a=1, b=2):
        run.multiply(Shape(1, ring.scale), Shape(2, ring.scale))
    with says("ckks.parts", CircuitError, parts=3, wanted=2):
        run.blind(Shape(1, ring.scale, 3))

    assert run.counts == {}
