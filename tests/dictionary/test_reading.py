"""Any spreadsheet's spelling of the same dictionary gives the same digest and the same encoded columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hefed.core.dictionary.variables import Column, DataDictionary, Variable

TEXT = """name,label,role,kind,unit,levels,centre,scale,fill,indicator
pid,Patient,id,,,,,,,
age,Age,feature,continuous,years,,65,12.5,60,yes
sex,Sex,feature,binary,,F|M,,,,
cancer,Cancer,feature,categorical,,none|local|metastatic,,,none,yes
dead,Died within 30 days,outcome,binary,,,,,,
"""


def test_columns_are_the_intercept_then_each_feature_expanded() -> None:
    columns = DataDictionary.from_csv(TEXT).columns

    names = [column.name for column in columns]
    assert names == ["intercept", "age", "age=missing", "sex", "cancer=local", "cancer=metastatic", "cancer=missing"]
    assert columns[1] == Column("age", "Age", "age", "continuous", "years", centre=65.0, scale=12.5)
    assert columns[3] == Column("sex", "Sex", "sex", "indicator01", level="M")
    assert columns[5] == Column("cancer=metastatic", "Cancer: metastatic", "cancer", "indicator01", level="metastatic")


def test_roles_are_found_by_name() -> None:
    dictionary = DataDictionary.from_csv(TEXT)

    assert dictionary.id_variable.name == "pid"
    assert dictionary.outcome.name == "dead"
    assert [feature.name for feature in dictionary.features] == ["age", "sex", "cancer"]


@pytest.mark.parametrize(
    "spelling",
    [
        "\ufeff" + TEXT,
        TEXT.replace("\n", "\r\n"),
        TEXT.replace(",", ";"),
        TEXT.replace(",", "\t"),
        TEXT.replace("65,12.5", "65.0,1.25e1"),
        TEXT.replace("age,Age", " age , Age "),
        TEXT.replace(",60,yes", ",60,TRUE"),
        TEXT.replace("pid,Patient,id,,", "pid,Patient,id,continuous,"),
        TEXT.replace("outcome,binary", "outcome,"),
        TEXT.replace("none|local", "none | local"),
        TEXT + "\n,,,,,,,,,\n",
    ],
)
def test_spelling_does_not_change_the_digest(spelling: str) -> None:
    assert DataDictionary.from_csv(spelling).digest == DataDictionary.from_csv(TEXT).digest


def test_decomposed_korean_name_equals_the_composed_one() -> None:
    decomposed = TEXT.replace("age,Age", "\u1102\u1161\u110b\u1175,Age")
    assert DataDictionary.from_csv(decomposed).features[0].name == "\ub098\uc774"


def test_changed_scale_changes_the_digest() -> None:
    assert DataDictionary.from_csv(TEXT.replace("12.5", "12")).digest != DataDictionary.from_csv(TEXT).digest


words = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x17E, exclude_characters="=|;\"'"), min_size=1, max_size=8
).filter(lambda word: word.isprintable() and word.strip() == word and word not in ("intercept", "missing"))
finite = st.floats(-1e9, 1e9)


@st.composite
def features(draw: st.DrawFn, name: str) -> Variable:
    kind = draw(st.sampled_from(["continuous", "binary", "categorical"]))
    label, unit, indicator = draw(words), draw(words), draw(st.booleans())
    if kind == "continuous":
        fill = repr(draw(finite)) if indicator else ""
        return Variable(
            name, label, "feature", kind, unit, (), draw(finite), draw(st.floats(1e-9, 1e9)), fill, indicator
        )
    sizes = {"min_size": 2, "max_size": 2 if kind == "binary" else 5}
    levels = tuple(draw(st.lists(words, unique=True, **sizes)))
    return Variable(
        name, label, "feature", kind, unit, levels, fill=levels[0] if indicator else "", indicator=indicator
    )


@st.composite
def dictionaries(draw: st.DrawFn) -> DataDictionary:
    names = draw(st.lists(words, unique=True, min_size=3, max_size=6))
    middle = [draw(features(name)) for name in names[2:]]
    outcome = Variable(names[1], draw(words), "outcome", "binary")
    return DataDictionary((Variable(names[0], draw(words), "id", ""), *middle, outcome))


@given(dictionaries())
def test_canonical_text_reads_back_as_the_same_dictionary(dictionary: DataDictionary) -> None:
    again = DataDictionary.from_csv(dictionary.to_csv())

    assert again == dictionary
    assert again.to_csv() == dictionary.to_csv()
    assert len({column.name for column in again.columns}) == len(again.columns)
