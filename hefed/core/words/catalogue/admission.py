"""What a key holder finds in the sums of a batch before it admits it."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "admission.row_mask",
        en="row mask",
        ko="행 표시",
    ),
    entry(
        "admission.outcome",
        en="outcome",
        ko="결과 변수",
    ),
    entry(
        "admission.no_rows",
        en=(
            "{outside:,} of {sums:,} sums lie outside anything that {rows:,|encoded row|encoded rows} can add up to: "
            "the ciphertexts hold no encoded rows, or were not made with this study's public key; encrypt the table "
            "again"
        ),
        ko=(
            "합계 {sums:,}개 중 {outside:,}개가 인코딩된 {rows:,}행에서 나올 수 있는 범위를 벗어납니다: 암호문에 "
            "인코딩된 행이 없거나 이 연구의 공개 키로 만든 것이 아닙니다; 표를 다시 암호화하세요"
        ),
    ),
    entry(
        "admission.intercept",
        en=(
            "the sum of the intercept column is not the {rows:,|row|rows} that the manifest declares; encrypt the "
            "table again"
        ),
        ko="절편 열의 합이 매니페스트의 {rows:,}행과 다릅니다; 표를 다시 암호화하세요",
    ),
    entry(
        "admission.column_values",
        en=(
            "column {column}: the sum of squares is not the sum, so it holds values other than 0 and 1; encrypt the "
            "table again"
        ),
        ko="열 {column}: 제곱합이 합과 달라 0과 1이 아닌 값이 있습니다; 표를 다시 암호화하세요",
    ),
    entry(
        "admission.column_count",
        en=(
            "column {column}: the sum of a 0/1 column must lie between 0 and the number of rows; encrypt the table "
            "again"
        ),
        ko="열 {column}: 0/1 열의 합은 0과 행 수 사이여야 합니다; 표를 다시 암호화하세요",
    ),
    entry(
        "admission.column_events",
        en="column {column}: more events than patients with a 1, or than events in all; encrypt the table again",
        ko="열 {column}: 사건 수가 값이 1인 환자 수나 전체 사건 수보다 많습니다; 표를 다시 암호화하세요",
    ),
    entry(
        "admission.column_not_encoded",
        en="column {column}: the sum of squares is larger than values within +-4 allow; it was not encoded",
        ko="열 {column}: 제곱합이 ±4 범위의 값으로 나올 수 있는 것보다 커서 인코딩되지 않은 값입니다",
    ),
    entry(
        "admission.column_squares",
        en=(
            "column {column}: the sum of squares is smaller than the sum allows (Cauchy-Schwarz); encrypt the table "
            "again"
        ),
        ko="열 {column}: 제곱합이 합에 비해 작습니다(코시-슈바르츠); 표를 다시 암호화하세요",
    ),
    entry(
        "admission.column_event_sum",
        en=("column {column}: the sum over the events is larger than values within +-4 allow; encrypt the table again"),
        ko="열 {column}: 사건에 대한 합이 ±4 범위의 값으로 나올 수 있는 것보다 큽니다; 표를 다시 암호화하세요",
    ),
    entry(
        "admission.column_above",
        en="column {column}: its mean lies more than 3 scale units above the dictionary's centre; {remedy}",
        ko="열 {column}: 평균이 데이터 사전의 중심값보다 척도의 3배 넘게 큽니다; {remedy}",
    ),
    entry(
        "admission.column_below",
        en="column {column}: its mean lies more than 3 scale units below the dictionary's centre; {remedy}",
        ko="열 {column}: 평균이 데이터 사전의 중심값보다 척도의 3배 넘게 작습니다; {remedy}",
    ),
    entry(
        "admission.column_clipped",
        en="column {column}: about half of its values or more lie 4 scale units from the centre; {remedy}",
        ko="열 {column}: 값의 절반쯤 또는 그 이상이 중심값에서 척도의 4배 떨어져 있습니다; {remedy}",
    ),
    entry(
        "admission.column_tenth",
        en="column {column}: its values look ten times too small against the dictionary's centre; {remedy}",
        ko="열 {column}: 값이 데이터 사전의 중심값에 비해 열 배 작아 보입니다; {remedy}",
    ),
    entry(
        "admission.unit_asked",
        en="check the unit (the dictionary asks for {unit}), a factor of 10 for instance",
        ko="단위를 확인하세요(데이터 사전의 단위는 {unit}). 예를 들어 10배 차이일 수 있습니다",
    ),
    entry(
        "admission.unit_none",
        en="check the unit (the dictionary names no unit), a factor of 10 for instance",
        ko="단위를 확인하세요(데이터 사전에 단위가 없음). 예를 들어 10배 차이일 수 있습니다",
    ),
    entry(
        "admission.variable_levels",
        en="variable {variable}: its levels add up to more than the number of rows; a patient has one level",
        ko="변수 {variable}: 범주의 합이 행 수보다 많습니다; 환자 한 명에게 범주는 하나입니다",
    ),
    entry(
        "admission.variable_missing",
        en=("variable {variable}: more values are marked missing than have the fill value; encrypt the table again"),
        ko="변수 {variable}: 결측으로 표시된 값이 채움값인 것보다 많습니다; 표를 다시 암호화하세요",
    ),
    entry(
        "admission.outcome_values",
        en=(
            "outcome {outcome}: the sum of squares is not the sum, so it holds values other than 0 and 1; encrypt "
            "the table again"
        ),
        ko="결과 변수 {outcome}: 제곱합이 합과 달라 0과 1이 아닌 값이 있습니다; 표를 다시 암호화하세요",
    ),
    entry(
        "admission.outcome_events",
        en=(
            "outcome {outcome}: the number of events must lie between 0 and the number of rows; encrypt the table again"
        ),
        ko="결과 변수 {outcome}: 사건 수는 0과 행 수 사이여야 합니다; 표를 다시 암호화하세요",
    ),
    entry(
        "admission.more_faults",
        en="and {count} more of the same kind",
        ko="같은 종류가 {count}개 더 있습니다",
    ),
    entry(
        "admission.copy",
        en=(
            "all its sums equal those of batch {batch} of {institution}: it is a copy of it; if that batch was "
            "withdrawn, ask the custodian to forget it, then send this one again"
        ),
        ko=(
            "모든 합계가 {institution}의 배치 {batch}와 같습니다: 그 사본입니다; 그 배치가 철회되었다면 키 "
            "관리자에게 잊어 달라고 요청한 뒤 다시 보내세요"
        ),
    ),
    entry(
        "admission.faults",
        en="the batch is kept out: {faults}",
        ko="배치를 받아들이지 않았습니다: {faults}",
    ),
    entry(
        "admission.sums_fit",
        en="all invariants hold",
        ko="모든 불변식이 성립합니다",
    ),
)
