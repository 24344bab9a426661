"""Rounds of a fit: totals, columns, levels."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "rounds.scores",
        en="cannot evaluate: {scores} scores, {outcomes} outcomes; send one score per patient",
        ko="평가할 수 없습니다: 점수 {scores}개, 결과 {outcomes}개입니다; 환자마다 점수 하나를 보내세요",
    ),
    entry(
        "rounds.moment_totals",
        en="cannot read moments: {found} totals for {columns} columns, need {expected}; ask again",
        ko=(
            "모멘트를 읽을 수 없습니다: 열 {columns}개에 총합이 {found}개인데 {expected}개가 필요합니다; 다시 "
            "요청하세요"
        ),
    ),
    entry(
        "rounds.fit_complete",
        en="cannot advance: the fit is complete and awaits its {kind}; use fitted(state)",
        ko="다음 라운드로 갈 수 없습니다: 적합이 끝났고 {kind} 라운드를 기다립니다; fitted(state)를 쓰세요",
    ),
    entry(
        "rounds.totals",
        en="cannot advance: {found} totals for a {kind}, need {expected}; ask again",
        ko=(
            "다음 라운드로 갈 수 없습니다: {kind} 라운드의 총합이 {found}개인데 {expected}개가 필요합니다; 다시 "
            "요청하세요"
        ),
    ),
    entry(
        "rounds.not_fitted",
        en="cannot read the model: the fit awaits a {kind} round; advance it first",
        ko="모델을 읽을 수 없습니다: 적합이 {kind} 라운드를 기다립니다; 먼저 진행하세요",
    ),
    entry(
        "rounds.hessian_alone",
        en="cannot use a Hessian: no gradient belongs to it; start the fit again",
        ko="헤시안을 쓸 수 없습니다: 짝이 되는 그래디언트가 없습니다; 적합을 처음부터 시작하세요",
    ),
    entry(
        "rounds.no_sigmoid",
        en="cannot run a {kind} round: it has no sigmoid; ask for a gradient or a Hessian",
        ko="{kind} 라운드를 실행할 수 없습니다: 시그모이드가 없습니다; 그래디언트나 헤시안을 요청하세요",
    ),
    entry(
        "rounds.evaluation_has_no_totals",
        en="cannot {step} an evaluation: it carries row scores, not totals; use scores",
        ko="평가에는 {step}을(를) 할 수 없습니다: 총합이 아니라 행별 점수를 담고 있습니다; scores를 쓰세요",
    ),
    entry(
        "rounds.no_scores",
        en="cannot score rows in a round of kind {kind}: it carries totals; use accumulate",
        ko="{kind} 라운드에서는 행을 점수화할 수 없습니다: 총합을 담고 있습니다; accumulate를 쓰세요",
    ),
    entry(
        "rounds.fit_takes_nothing",
        en="cannot advance: the fit takes nothing from a round of kind {kind}",
        ko="다음 라운드로 갈 수 없습니다: 적합은 {kind} 라운드에서 아무것도 받지 않습니다",
    ),
    entry(
        "rounds.kind_unknown",
        en="cannot use a round of kind {kind}: known kinds are {known}",
        ko="{kind} 종류의 라운드를 쓸 수 없습니다: 아는 종류는 {known}입니다",
    ),
    entry(
        "rounds.block_columns",
        en=(
            "cannot run a {kind} round: the block has {found} columns, the study {columns}; encrypt it again with "
            "the study's dictionary"
        ),
        ko=(
            "{kind} 라운드를 실행할 수 없습니다: 블록의 열은 {found}개, 연구의 열은 {columns}개입니다; 연구의 데이터 "
            "사전으로 다시 암호화하세요"
        ),
    ),
    entry(
        "rounds.coefficients",
        en="cannot multiply {columns} columns by {coefficients} coefficients; ask the custodian for one of each",
        ko="열 {columns}개에 계수 {coefficients}개를 곱할 수 없습니다; 하나씩 짝이 맞게 키 관리자에게 요청하세요",
    ),
    entry(
        "rounds.no_columns",
        en="cannot build a linear predictor of 0 columns; a block has an intercept at least",
        ko="열 0개로 선형 예측값을 만들 수 없습니다; 블록에는 적어도 절편이 있습니다",
    ),
    entry(
        "rounds.not_lowered",
        en="cannot finish totals: a sum is at level {level}; lower the chunk's sums first",
        ko="총합을 마무리할 수 없습니다: 레벨 {level}의 합이 있습니다; 먼저 조각의 합을 낮추세요",
    ),
    entry(
        "rounds.slope_degree",
        en="cannot fit the sigmoid's slope at degree {degree}: the Hessian circuit has degree 31",
        ko="{degree}차에서 시그모이드의 기울기를 맞출 수 없습니다: 헤시안 회로는 31차입니다",
    ),
    entry(
        "rounds.degree_unknown",
        en="cannot start a {kind} round at degree {degree}: known are {known}",
        ko="{degree}차의 {kind} 라운드를 시작할 수 없습니다: 아는 것은 {known}입니다",
    ),
    entry(
        "rounds.admission_totals",
        en="cannot read admission sums: {found} totals for {columns} columns, need {expected}; ask again",
        ko=(
            "편입 검사의 합을 읽을 수 없습니다: 열 {columns}개에 총합이 {found}개인데 {expected}개가 필요합니다; "
            "다시 요청하세요"
        ),
    ),
    entry(
        "rounds.sigmoid_missing",
        en="cannot build a {kind} round: it needs a sigmoid; take the one its request names",
        ko="{kind} 라운드를 만들 수 없습니다: 시그모이드가 필요합니다; 요청에 적힌 것을 쓰세요",
    ),
    entry(
        "rounds.sigmoid_unused",
        en="cannot build a {kind} round: it has no use for a sigmoid; take the one its request names",
        ko="{kind} 라운드를 만들 수 없습니다: 시그모이드를 쓰지 않습니다; 요청에 적힌 것을 쓰세요",
    ),
)
