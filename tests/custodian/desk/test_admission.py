import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hefed.core.dictionary.variables import DataDictionary
from hefed.core.words import Fact, Said, words
from hefed.custodian.desk.admission import BatchSums, find_faults, is_copy
from tests.custodian.cohort import Rows, batch_sums, dictionary, simulate
from tests.words.raises import holds

AGE, CREATININE, CREATININE_MISSING, SEX, LOCAL, METASTATIC, CANCER_MISSING = range(1, 8)


def _faults(rows: Rows, declared: int | None = None) -> list[Said]:
    return find_faults(batch_sums(rows, declared), dictionary())


def _has(faults: list[Said], code: str, /, **facts: Fact) -> bool:
    return any(holds(fault, code, **facts) for fault in faults)


def _with_column(rows: Rows, column: int, values: np.ndarray) -> Rows:
    x = rows.x.copy()
    x[:, column] = values
    return Rows(x, rows.y)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(60, 3000), seed=st.integers(0, 10_000))
def test_admission_finds_no_fault_in_encoded_rows(n: int, seed: int) -> None:
    assert _faults(simulate(n, seed)) == []


def test_admission_tolerates_the_noise_of_opened_totals() -> None:
    sums = batch_sums(simulate(8192))
    noise = np.random.default_rng(3).normal(scale=1e-3, size=len(sums.sums))
    assert find_faults(replace(sums, sums=tuple(np.array(sums.sums) + noise)), dictionary()) == []


def test_admission_names_the_declared_rows_when_the_intercept_differs() -> None:
    assert _has(_faults(simulate(500), 501), "admission.intercept", rows=501)


def test_admission_finds_values_other_than_0_and_1() -> None:
    faults = _faults(_with_column(simulate(500), SEX, np.random.default_rng(1).random(500)))
    assert _has(faults, "admission.column_values", column="sex")


def test_admission_finds_a_continuous_column_that_was_not_encoded() -> None:
    faults = _faults(_with_column(simulate(500), AGE, np.full(500, 63.0)))
    assert _has(faults, "admission.column_not_encoded", column="age")


def test_admission_finds_sums_that_no_rows_have() -> None:
    sums = np.array(batch_sums(simulate(500)).sums)
    sums[8 + AGE - 1] = -20.0  # sum of squares of age
    faults = find_faults(BatchSums(500, tuple(sums), 8), dictionary())
    assert _has(faults, "admission.column_squares", column="age")


def test_admission_finds_an_outcome_that_is_not_0_or_1() -> None:
    rows = simulate(500)
    faults = _faults(Rows(rows.x, rows.y * 0.5))
    assert _has(faults, "admission.outcome_values", outcome="died")


def test_admission_finds_levels_that_exclude_each_other_together() -> None:
    rows = _with_column(_with_column(simulate(500), LOCAL, np.ones(500)), METASTATIC, np.ones(500))
    assert _has(_faults(rows), "admission.variable_levels", variable="cancer")


def test_admission_lets_the_missing_indicator_overlap_the_fill_level() -> None:
    rows = simulate(500)
    reference = rows.x[:, LOCAL] + rows.x[:, METASTATIC] == 0
    assert _faults(_with_column(rows, CANCER_MISSING, reference.astype(float))) == []


def test_admission_finds_more_missing_marks_than_fill_values() -> None:
    rows = _with_column(simulate(500), CANCER_MISSING, np.ones(500))
    assert _has(_faults(rows), "admission.variable_missing", variable="cancer")


def _encoded(natural: np.ndarray, factor: float) -> np.ndarray:
    column = dictionary().columns[CREATININE]
    return np.clip((natural * factor - column.centre) / column.scale, -4, 4)


@pytest.mark.parametrize(("factor", "code"), [(10.0, "admission.column_above"), (0.1, "admission.column_tenth")])
def test_admission_finds_a_unit_wrong_by_a_factor_of_ten(factor: float, code: str) -> None:
    natural = np.random.default_rng(2).gamma(4.0, 0.27, 800)
    assert _faults(_with_column(simulate(800), CREATININE, _encoded(natural, 1.0))) == []
    faults = _faults(_with_column(simulate(800), CREATININE, _encoded(natural, factor)))
    assert _has(faults, code, column="creatinine", remedy=Said("admission.unit_asked", unit="mg/dl"))


def test_admission_finds_a_centred_column_times_ten_by_its_clipped_values() -> None:
    values = np.clip(np.random.default_rng(2).normal(size=800) * 10, -4, 4)
    assert _has(_faults(_with_column(simulate(800), AGE, values)), "admission.column_clipped", column="age")


def test_admission_answers_garbage_with_one_reason() -> None:
    garbage = tuple(np.random.default_rng(4).normal(scale=1e12, size=24))
    (fault,) = find_faults(BatchSums(500, garbage, 8), dictionary())
    assert holds(fault, "admission.no_rows", rows=500)


def test_admission_answers_sums_that_are_not_numbers() -> None:
    sums = (float("nan"), *batch_sums(simulate(500)).sums[1:])
    assert len(find_faults(BatchSums(500, sums, 8), dictionary())) == 1


def test_admission_reasons_hold_no_opened_value() -> None:
    rows = _with_column(simulate(500), SEX, np.full(500, 0.7312))
    text = " ".join(map(words, _faults(rows, 431)))
    sums = batch_sums(rows)
    opened = {f"{value:.{digits}f}" for value in sums.sums for digits in (1, 2, 3)} | {f"{sums.events:.0f}"}
    assert text
    assert not opened & set(re.findall(r"-?\d+(?:\.\d+)?", text))


def test_admission_lists_at_most_a_dozen_reasons() -> None:
    names = "\n".join(f"v{j},V,feature,binary,,,,,," for j in range(40))
    header = "name,label,role,kind,unit,levels,centre,scale,fill,indicator\nid,Id,id,,,,,,,\ny,Y,outcome,binary,,,,,,\n"
    wide = DataDictionary.from_csv(header + names)
    rows = Rows(np.column_stack([np.ones(100), np.full((100, 40), 0.5)]), np.tile([0.0, 1.0], 50))
    faults = find_faults(batch_sums(rows), wide)
    assert len(faults) == 13
    assert faults[-1] == Said("admission.more_faults", count=28)


def test_copy_is_recognised_through_the_noise() -> None:
    sums = batch_sums(simulate(500))
    noise = np.random.default_rng(3).normal(scale=1e-3, size=len(sums.sums))
    assert is_copy(sums, replace(sums, sums=tuple(np.array(sums.sums) + noise)), dictionary().columns)


def test_copy_is_not_seen_in_another_batch_of_the_same_size() -> None:
    assert not is_copy(batch_sums(simulate(500, 1)), batch_sums(simulate(500, 2)), dictionary().columns)


def test_copy_is_not_claimed_of_a_few_0_1_columns_that_agree_by_chance() -> None:
    columns = [column for column in dictionary().columns if column.kind != "continuous"][:3]
    sums = BatchSums(60, (60.0, 30.0, 10.0, 30.0, 10.0, 6.0, 3.0, 1.0, 6.0), 3)
    assert not is_copy(sums, sums, columns)
