"""Small numbers that are not shown, and what may be released."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "disclosure.below_floor",
        en="cannot use {name} = {value}: the floor is {floor}; choose {floor} or more",
        ko="{name} = {value}을(를) 쓸 수 없습니다: 하한은 {floor}입니다; {floor} 이상을 고르세요",
    ),
    entry(
        "disclosure.rounding_too_coarse",
        en=(
            "cannot round to {round_to} with {curve_events} deaths a step: steps would vanish; raise curve_events to "
            "{round_to}"
        ),
        ko=(
            "구간당 사망 {curve_events}건에서 {round_to} 단위로 반올림할 수 없습니다: 구간이 사라집니다; "
            "curve_events를 {round_to}(으)로 올리세요"
        ),
    ),
    entry(
        "disclosure.cohort_differs",
        en=(
            "cannot open this cohort: at a hospital it differs from an opened one by {small_cell} or fewer patients "
            "who joined or left; choose a pool that differs by none or at least {least}"
        ),
        ko=(
            "이 코호트를 열 수 없습니다: 한 병원에서 이미 연 코호트와 들어오거나 나간 환자 {small_cell}명 이하로 "
            "다릅니다; 차이가 없거나 {least}명 이상인 풀을 고르세요"
        ),
    ),
    entry(
        "disclosure.few_events",
        en="cannot release the model: {small_cell} or fewer deaths or survivors in training; widen the pool",
        ko="모델을 공개할 수 없습니다: 학습 환자의 사망 또는 생존이 {small_cell}건 이하입니다; 풀을 넓히세요",
    ),
    entry(
        "disclosure.small",
        en="suppressed: {small_cell} or fewer",
        ko="비공개: {small_cell} 이하",
    ),
    entry(
        "disclosure.complement",
        en="suppressed: would reveal a small number elsewhere",
        ko="비공개: 다른 곳의 작은 수가 드러날 수 있음",
    ),
    entry(
        "disclosure.small_patients",
        en="suppressed: {small_cell} or fewer patients",
        ko="비공개: 환자 {small_cell}명 이하",
    ),
    entry(
        "disclosure.small_deaths",
        en="suppressed: {small_cell} or fewer deaths or survivors",
        ko="비공개: 사망 또는 생존 {small_cell}건 이하",
    ),
    entry(
        "disclosure.deaths",
        en="number of deaths {why}",
        ko="사망 수 {why}",
    ),
    entry(
        "disclosure.patients",
        en="number of patients {why}",
        ko="환자 수 {why}",
    ),
    entry(
        "disclosure.nearly_everybody",
        en=("suppressed: pooled and own patients differ by {small_cell} or fewer, and the pooled numbers are shown"),
        ko="비공개: 전체 환자와 이 병원 환자의 차이가 {small_cell}명 이하이고 전체의 수가 표시됨",
    ),
    entry(
        "disclosure.few_held_out_here",
        en="suppressed: fewer than {minimum} deaths or survivors among this hospital's held-out patients",
        ko="비공개: 이 병원 홀드아웃 환자의 사망 또는 생존이 {minimum}건 미만",
    ),
    entry(
        "disclosure.few_held_out",
        en="suppressed: fewer than {minimum} deaths or survivors among the held-out patients",
        ko="비공개: 홀드아웃 환자의 사망 또는 생존이 {minimum}건 미만",
    ),
    entry(
        "disclosure.few_in_step",
        en="suppressed: fewer than {minimum} deaths or survivors in a step",
        ko="비공개: 한 구간의 사망 또는 생존이 {minimum}건 미만",
    ),
    entry(
        "disclosure.reasons",
        en="{reasons}",
        ko="비공개 사유: {reasons}",
    ),
    entry(
        "disclosure.no_batch",
        en="no batch admitted yet",
        ko="아직 승인된 배치가 없음",
    ),
    entry(
        "disclosure.unstable",
        en=(
            "fewer than {per_column} deaths (or survivors) per column, with {columns|column|columns}: estimates are "
            "unstable and too extreme; widen the pool or drop columns"
        ),
        ko=(
            "열당 사망(또는 생존)이 {per_column}건 미만이고 열이 {columns}개입니다: 추정값이 불안정하고 지나치게 "
            "극단적입니다; 풀을 넓히거나 열을 빼세요"
        ),
    ),
)
