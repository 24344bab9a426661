"""A custodian's policy."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "policy.missing",
        en="cannot read {path}: there is no such file; run `init` first, or restore it",
        ko="{path}을(를) 읽을 수 없습니다: 그런 파일이 없습니다; 먼저 `init`을 실행하거나 복원하세요",
    ),
    entry(
        "policy.toml",
        en="cannot read {path}: {why}; correct that line",
        ko="{path}을(를) 읽을 수 없습니다: {why}; 그 줄을 고치세요",
    ),
    entry(
        "policy.setting",
        en="cannot use {path}: {setting}: {why}; correct that setting",
        ko="{path}을(를) 쓸 수 없습니다: {setting}: {why}; 그 설정을 고치세요",
    ),
    entry(
        "policy.kinds",
        en=("cannot answer the {kind} request: the policy allows {allowed}; ask the custodian to add it to `kinds`"),
        ko=(
            "{kind} 요청에 답할 수 없습니다: 정책은 {allowed}만 허용합니다; 키 관리자에게 `kinds`에 추가해 달라고 "
            "요청하세요"
        ),
    ),
    entry(
        "policy.jobs_per_pool",
        en=(
            "cannot begin a job over this pool: {most:,|job|jobs} ran over it and the policy allows no more; ask the "
            "custodian to raise `jobs_per_pool`, or use the models that there are"
        ),
        ko=(
            "이 풀로 작업을 시작할 수 없습니다: 이미 {most:,}개가 돌았고 정책은 더 허용하지 않습니다; 키 관리자에게 "
            "`jobs_per_pool`을 올려 달라고 요청하거나 있는 모형을 쓰세요"
        ),
    ),
    entry(
        "policy.openings_per_cohort",
        en=(
            "cannot evaluate on these held-out patients: {most:,|evaluation was|evaluations were} opened of them and "
            "the policy allows no more; ask the custodian to raise `openings_per_cohort`"
        ),
        ko=(
            "남겨 둔 이 환자들로 평가할 수 없습니다: 이미 평가 {most:,}번을 열었고 정책은 더 허용하지 않습니다; 키 "
            "관리자에게 `openings_per_cohort`를 올려 달라고 요청하세요"
        ),
    ),
    entry(
        "policy.failures_per_hospital",
        en=(
            "cannot check another batch of {institution}: {failures:,|batch|batches} of it failed; find out why, then "
            "the custodian lets it send again with `forgive {institution}`"
        ),
        ko=(
            "{institution}의 배치를 더 검사할 수 없습니다: 배치 {failures:,}개가 실패했습니다; 이유를 알아본 뒤 키 "
            "관리자가 `forgive {institution}`로 다시 보낼 수 있게 합니다"
        ),
    ),
    entry(
        "policy.minimum_events",
        en=(
            "cannot train on this pool: it holds fewer events than the policy's minimum of {minimum}; add a hospital "
            "to the pool"
        ),
        ko="이 풀로 학습할 수 없습니다: 사건이 정책의 최소 {minimum}건보다 적습니다; 풀에 병원을 추가하세요",
    ),
    entry(
        "policy.institutions",
        en=(
            "cannot open rows of {hospitals}: the policy allows {allowed}; ask the custodian to add the hospital to "
            "`institutions`"
        ),
        ko=(
            "{hospitals}의 행을 열 수 없습니다: 정책은 {allowed}만 허용합니다; 키 관리자에게 병원을 `institutions`에 "
            "추가해 달라고 요청하세요"
        ),
    ),
    entry(
        "policy.minimum_rows",
        en=(
            "cannot train on this pool: it has {rows} rows and the policy asks for {minimum}; add a hospital to the "
            "pool"
        ),
        ko=("이 풀로 학습할 수 없습니다: 행이 {rows}개인데 정책은 {minimum}개를 요구합니다; 풀에 병원을 추가하세요"),
    ),
    entry(
        "policy.pools",
        en=(
            "cannot train on the pool {pool}: it is not among the pools of the policy; ask the custodian to add it "
            "to `pools`"
        ),
        ko=(
            "풀 {pool}로 학습할 수 없습니다: 정책에 있는 풀이 아닙니다; 키 관리자에게 `pools`에 추가해 달라고 "
            "요청하세요"
        ),
    ),
)
