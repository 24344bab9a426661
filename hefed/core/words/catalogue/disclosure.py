"""Small numbers that are not shown, and what may be released."""

from hefed.core.words.entry import Entry, entry

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
            "cannot release: the cohort differs from a released one by {small_cell} patients or fewer; choose a pool "
            "that differs by at least {least}"
        ),
        ko=(
            "공개할 수 없습니다: 이미 공개한 코호트와 환자 {small_cell}명 이하로 다릅니다; {least}명 이상 다른 풀을 "
            "고르세요"
        ),
    ),
    entry(
        "disclosure.few_events",
        en="cannot release the model: {small_cell} or fewer deaths or survivors in training; widen the pool",
        ko="모델을 공개할 수 없습니다: 학습 환자의 사망 또는 생존이 {small_cell}건 이하입니다; 풀을 넓히세요",
    ),
)
