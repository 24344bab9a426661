"""Problems of a data dictionary."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "dictionary.too_long",
        en="cannot read the dictionary: {length} characters, limit {limit}; split the study or drop variables",
        ko=(
            "데이터 사전을 읽을 수 없습니다: {length:,}자로 한도 {limit:,}자를 넘습니다; 연구를 나누거나 변수를 "
            "줄이세요"
        ),
    ),
    entry(
        "dictionary.not_csv",
        en="cannot read the dictionary: {message}; save it again as CSV",
        ko="데이터 사전을 읽을 수 없습니다: {message}; CSV로 다시 저장하세요",
    ),
    entry(
        "dictionary.invalid",
        en="cannot use the dictionary: {count|problem|problems}; correct and load it again{problems:lines}",
        ko="데이터 사전을 쓸 수 없습니다: 문제 {count}개; 고쳐서 다시 불러오세요{problems:lines}",
    ),
    entry(
        "dictionary.problem",
        en="row {row}, column {column}: {what}",
        ko="{row}행 {column} 열: {what}",
    ),
    entry(
        "dictionary.heading_unknown",
        en="unknown heading; use {known}",
        ko="알 수 없는 제목입니다; 다음을 쓰세요: {known}",
    ),
    entry(
        "dictionary.heading_twice",
        en="heading appears twice; keep one",
        ko="제목이 두 번 나옵니다; 하나만 남기세요",
    ),
    entry(
        "dictionary.heading_missing",
        en="heading is missing; the first row must name {known}",
        ko="제목이 없습니다; 첫 행에 다음이 있어야 합니다: {known}",
    ),
    entry(
        "dictionary.ragged",
        en="{cells|cell|cells}, the header has {known}; put cells with a delimiter in quotes",
        ko="셀이 {cells}개인데 제목은 {known}개입니다; 구분자가 든 셀은 따옴표로 묶으세요",
    ),
    entry(
        "dictionary.unprintable",
        en="holds a line break or an invisible character; type the cell again",
        ko="줄바꿈이나 보이지 않는 문자가 있습니다; 셀을 다시 입력하세요",
    ),
    entry(
        "dictionary.role",
        en="must be id, feature or outcome",
        ko="id, feature, outcome 중 하나여야 합니다",
    ),
    entry(
        "dictionary.name_empty",
        en="is empty; give the heading of the table's column",
        ko="비어 있습니다; 표에 있는 열 제목을 쓰세요",
    ),
    entry(
        "dictionary.name_marks",
        en="holds '=', '|' or an invisible character; rename the variable",
        ko="'=', '|' 또는 보이지 않는 문자가 있습니다; 변수 이름을 바꾸세요",
    ),
    entry(
        "dictionary.kind",
        en="must be continuous, binary or categorical",
        ko="continuous, binary, categorical 중 하나여야 합니다",
    ),
    entry(
        "dictionary.outcome_kind",
        en="must be binary for the outcome; only yes/no outcomes can be modelled",
        ko="결과 변수는 binary여야 합니다; 예/아니요 결과만 모델로 만들 수 있습니다",
    ),
    entry(
        "dictionary.levels_of_number",
        en="must be empty for a continuous variable; clear the cell or make it categorical",
        ko="연속형 변수에서는 비어 있어야 합니다; 셀을 비우거나 categorical로 바꾸세요",
    ),
    entry(
        "dictionary.must_be_empty",
        en="must be empty for the {role}; clear the cell",
        ko="{role}에서는 비어 있어야 합니다; 셀을 비우세요",
    ),
    entry(
        "dictionary.levels_few",
        en="has {n}, needs at least 2; list them separated by '|', reference first",
        ko="{n}개이지만 2개 이상이어야 합니다; 기준 범주부터 '|'로 나누어 쓰세요",
    ),
    entry(
        "dictionary.levels_of_binary",
        en="has {n}, a binary needs 2 (first = 0) or none (cells hold 0 and 1)",
        ko="{n}개입니다; binary는 2개(첫째가 0)이거나 없어야 합니다(셀에 0과 1)",
    ),
    entry(
        "dictionary.level_empty",
        en="holds an empty level; a missing value is described by 'fill', not by a level",
        ko="빈 범주가 있습니다; 결측값은 범주가 아니라 fill로 정합니다",
    ),
    entry(
        "dictionary.level_marks",
        en="a level holds '='; rename it, column names are built as name=level",
        ko="범주에 '='이 있습니다; 열 이름을 '이름=범주'로 만들므로 범주 이름을 바꾸세요",
    ),
    entry(
        "dictionary.level_twice",
        en="names a level twice; keep one",
        ko="같은 범주가 두 번 있습니다; 하나만 남기세요",
    ),
    entry(
        "dictionary.scale_positive",
        en="must be above 0; use about one standard deviation",
        ko="0보다 커야 합니다; 표준편차 정도의 값을 쓰세요",
    ),
    entry(
        "dictionary.not_scaled",
        en="0/1 columns are not scaled; clear the cell",
        ko="0/1 열에는 척도를 쓰지 않습니다; 셀을 비우세요",
    ),
    entry(
        "dictionary.number_empty",
        en="is empty; a continuous variable needs a number",
        ko="비어 있습니다; 연속형 변수에는 숫자가 필요합니다",
    ),
    entry(
        "dictionary.decimal_comma",
        en="has a decimal comma; write the number with a point",
        ko="소수점이 쉼표입니다; 마침표로 쓰세요",
    ),
    entry(
        "dictionary.not_a_number",
        en="is not a finite number; write digits with an optional point",
        ko="숫자가 아닙니다; 숫자와 마침표만 쓰세요",
    ),
    entry(
        "dictionary.yes_no",
        en="must be yes, no or empty",
        ko="yes, no 또는 빈칸이어야 합니다",
    ),
    entry(
        "dictionary.fill_empty",
        en="is empty, but an indicator of missing values is asked for; say what a missing value becomes",
        ko="비어 있지만 결측 표시 열을 만들도록 되어 있습니다; 결측값이 무엇이 되는지 쓰세요",
    ),
    entry(
        "dictionary.fill_level",
        en="is not one of the levels; use a level, or clear the cell to refuse missing values",
        ko="범주에 없는 값입니다; 범주 중 하나를 쓰거나, 결측값을 제외하려면 셀을 비우세요",
    ),
    entry(
        "dictionary.role_missing",
        en="no variable is the {role}; give one row the role {role}",
        ko="{role} 변수가 없습니다; 한 행의 역할을 {role}(으)로 하세요",
    ),
    entry(
        "dictionary.role_twice",
        en="{n} variables are the {role}; keep one",
        ko="{role} 변수가 {n}개입니다; 하나만 남기세요",
    ),
    entry(
        "dictionary.no_feature",
        en="no variable is a feature; a model needs at least one",
        ko="feature 변수가 없습니다; 모델에는 하나 이상 필요합니다",
    ),
    entry(
        "dictionary.name_taken",
        en="column name '{name}' is taken: row {row} has it too; rename the variable or level",
        ko="열 이름 '{name}'은(는) 이미 쓰이고 있습니다: {row}행에도 있습니다; 변수나 범주 이름을 바꾸세요",
    ),
    entry(
        "dictionary.name_of_constant",
        en="column name '{name}' is taken: it is the model's constant; rename the variable or level",
        ko="열 이름 '{name}'은(는) 이미 쓰이고 있습니다: 모델의 절편 이름입니다; 변수나 범주 이름을 바꾸세요",
    ),
)
