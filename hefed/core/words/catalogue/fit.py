"""Why a model cannot be fitted."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "fit.constant",
        en=(
            "cannot fit: {columns|column|columns} {columns?is|are} the same for all {patients:,} training patients; "
            "drop the column or merge its level with another"
        ),
        ko=(
            "적합할 수 없습니다: {columns} 열이 학습 환자 {patients:,}명 모두에서 같습니다; 열을 빼거나 범주를 다른 "
            "범주와 합치세요"
        ),
    ),
    entry(
        "fit.deciding",
        en=("cannot fit: {found}, so that a coefficient is infinite; merge the level with another or drop the column"),
        ko="적합할 수 없습니다: {found}, 그래서 계수가 무한대가 됩니다; 범주를 다른 범주와 합치거나 열을 빼세요",
    ),
    entry(
        "fit.collinear",
        en=(
            "cannot fit: {columns|column|columns} {columns?is|are} collinear: one can be computed exactly from the "
            "others; drop {surplus} of them"
        ),
        ko=(
            "적합할 수 없습니다: {columns} 열은 서로 일차 종속입니다: 하나를 나머지로 정확히 계산할 수 있습니다; "
            "그중 {surplus}개를 빼세요"
        ),
    ),
    entry(
        "fit.interval_left",
        en=(
            "cannot fit: rows leave even the widest interval of the linear predictor (half-width {half_width:.0f}); "
            "drop or transform columns with extreme values or that nearly decide the outcome, candidates: "
            "{candidates}"
        ),
        ko=(
            "적합할 수 없습니다: 행들이 선형 예측값의 가장 넓은 구간(반너비 {half_width:.0f})도 벗어납니다; 극단값이 "
            "있거나 결과를 거의 결정하는 열을 빼거나 변환하세요. 후보: {candidates}"
        ),
    ),
    entry(
        "fit.no_convergence",
        en=(
            "cannot fit: no convergence in {rounds} rounds (criterion {criterion:.1g}, needs {stop:.1g}); look for "
            "columns that nearly separate deaths from survivors, candidates: {candidates}"
        ),
        ko=(
            "적합할 수 없습니다: {rounds}라운드 안에 수렴하지 않았습니다(기준값 {criterion:.1g}, 필요한 값 "
            "{stop:.1g}); 사망과 생존을 거의 갈라놓는 열을 찾으세요. 후보: {candidates}"
        ),
    ),
    entry(
        "fit.separated_by_combination",
        en=(
            "cannot fit: {columns|column|columns} {columns?is|are} without a finite coefficient (standard errors up "
            "to {largest:.0f}): a combination separates deaths from survivors; drop or merge columns"
        ),
        ko=(
            "적합할 수 없습니다: {columns} 열에는 유한한 계수가 없습니다(표준오차 최대 {largest:.0f}): 열의 조합이 "
            "사망과 생존을 갈라놓습니다; 열을 빼거나 합치세요"
        ),
    ),
    entry(
        "fit.separated",
        en=(
            "cannot fit: the linear predictor keeps growing (SD past {sd:.1f}): a column or a combination separates "
            "deaths from survivors; drop or merge columns, candidates: {candidates}"
        ),
        ko=(
            "적합할 수 없습니다: 선형 예측값이 계속 커집니다(표준편차 {sd:.1f} 초과): 어떤 열 또는 조합이 사망과 "
            "생존을 갈라놓습니다; 열을 빼거나 합치세요. 후보: {candidates}"
        ),
    ),
    entry(
        "fit.singular",
        en=(
            "cannot fit the reference: Newton's steps end at a singular Hessian; columns are collinear, or a "
            "combination separates deaths from survivors"
        ),
        ko=(
            "기준 모델을 적합할 수 없습니다: 뉴턴 단계가 특이 헤시안에서 끝납니다; 열이 일차 종속이거나 열의 조합이 "
            "사망과 생존을 갈라놓습니다"
        ),
    ),
    entry(
        "fit.interval_too_wide",
        en=(
            "cannot fit: the linear predictor (SD {sd:.1f}) needs an interval of half-width {half_width:.0f}, and "
            "{widest:.0f} is the widest that degree 63 follows; look for columns that separate deaths from "
            "survivors, or drop the strongest column"
        ),
        ko=(
            "적합할 수 없습니다: 선형 예측값(표준편차 {sd:.1f})에 반너비 {half_width:.0f}의 구간이 필요한데, 63차 "
            "다항식이 따라갈 수 있는 가장 넓은 값은 {widest:.0f}입니다; 사망과 생존을 갈라놓는 열을 찾거나 가장 강한 "
            "열을 빼세요"
        ),
    ),
    entry(
        "fit.no_deaths",
        en="cannot fit: no deaths among {patients:,} training patients; widen the pool or choose another outcome",
        ko=("적합할 수 없습니다: 학습 환자 {patients:,}명 중 사망이 없습니다; 풀을 넓히거나 다른 결과 변수를 고르세요"),
    ),
    entry(
        "fit.few_deaths",
        en=(
            "cannot fit: fewer than {minimum} deaths among {patients:,} training patients; widen the pool or choose "
            "another outcome"
        ),
        ko=(
            "적합할 수 없습니다: 학습 환자 {patients:,}명 중 사망이 {minimum}명 미만입니다; 풀을 넓히거나 다른 결과 "
            "변수를 고르세요"
        ),
    ),
    entry(
        "fit.no_survivors",
        en=("cannot fit: no survivors among {patients:,} training patients; widen the pool or choose another outcome"),
        ko=("적합할 수 없습니다: 학습 환자 {patients:,}명 중 생존이 없습니다; 풀을 넓히거나 다른 결과 변수를 고르세요"),
    ),
    entry(
        "fit.few_survivors",
        en=(
            "cannot fit: fewer than {minimum} survivors among {patients:,} training patients; widen the pool or "
            "choose another outcome"
        ),
        ko=(
            "적합할 수 없습니다: 학습 환자 {patients:,}명 중 생존이 {minimum}명 미만입니다; 풀을 넓히거나 다른 결과 "
            "변수를 고르세요"
        ),
    ),
    entry(
        "fit.same_outcome",
        en="all patients with {column} = {value} have the same outcome",
        ko="{column} = {value}인 환자는 모두 결과가 같습니다",
    ),
    entry(
        "fit.same_outcome_at_reference",
        en="all patients with {variable} at its reference level have the same outcome",
        ko="{variable}이(가) 기준 범주인 환자는 모두 결과가 같습니다",
    ),
)
