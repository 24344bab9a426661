"""What a key holder checks before it answers: pinned study, cohorts, admission."""

from hefed.core.words.entry import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "desk.other_study_token",
        en=(
            "cannot answer: the token is for study {study} ({profile}), this key for {own} ({own_profile}); use the "
            "token of {own}"
        ),
        ko=(
            "답할 수 없습니다: 토큰은 연구 {study}({profile})의 것이고 이 키는 {own}({own_profile})의 것입니다; "
            "{own}의 토큰을 쓰세요"
        ),
    ),
    entry(
        "desk.other_key",
        en=(
            "cannot answer: study {study} uses the key {used}, this custodian holds {held}; use the --home of that key"
        ),
        ko=(
            "답할 수 없습니다: 연구 {study}은(는) 키 {used}를 쓰는데 이 키 관리자는 {held}를 가지고 있습니다; 그 "
            "키의 --home을 쓰세요"
        ),
    ),
    entry(
        "desk.other_study",
        en=(
            "cannot answer: the request is of study {study}, this key is for {own}; the server must ask the "
            "custodian of that study"
        ),
        ko=(
            "답할 수 없습니다: 요청은 연구 {study}의 것이고 이 키는 {own}의 것입니다; 서버는 그 연구의 키 관리자에게 "
            "물어야 합니다"
        ),
    ),
    entry(
        "desk.shares_expired",
        en="cannot answer: the shares were made for use until {day}; share the key anew",
        ko="답할 수 없습니다: 조각은 {day}까지 쓰도록 만들어졌습니다; 키를 새로 나누세요",
    ),
    entry(
        "desk.one_batch",
        en=(
            "cannot admit: the request names {batches} batches and must name one; the server must make the request anew"
        ),
        ko=(
            "받아들일 수 없습니다: 요청이 배치 {batches}개를 가리키는데 하나여야 합니다; 서버가 요청을 새로 만들어야 "
            "합니다"
        ),
    ),
    entry(
        "desk.other_hospital",
        en=(
            "cannot open rows of batch {batch}: it was a batch of {before} before, and is said to be one of {now} "
            "now; the server must make the request anew"
        ),
        ko=(
            "배치 {batch}의 행을 열 수 없습니다: 전에는 {before}의 배치였는데 이제 {now}의 것이라고 합니다; 서버가 "
            "요청을 새로 만들어야 합니다"
        ),
    ),
    entry(
        "desk.round_seen",
        en=(
            "cannot answer {kind} as round {round} of job '{job}': this hospital has seen round {seen} of it; launch "
            "a new job"
        ),
        ko=(
            "작업 '{job}'의 {round}회차 {kind}에 답할 수 없습니다: 이 병원은 {seen}회차까지 보았습니다; 새 작업을 "
            "시작하세요"
        ),
    ),
    entry(
        "desk.begins_later",
        en="cannot begin job '{job}' at round {round}: moments are round 0; launch a new job",
        ko="작업 '{job}'을(를) {round}회차에서 시작할 수 없습니다: 모멘트는 0회차입니다; 새 작업을 시작하세요",
    ),
    entry(
        "desk.begun_before",
        en="cannot begin job {job}: its moments were opened before; launch a new job",
        ko="작업 {job}을(를) 시작할 수 없습니다: 모멘트가 이미 열렸습니다; 새 작업을 시작하세요",
    ),
    entry(
        "desk.not_begun",
        en="cannot go on with job '{job}': its moments were not opened here; launch a new job",
        ko="작업 '{job}'을(를) 이어 갈 수 없습니다: 모멘트가 여기에서 열리지 않았습니다; 새 작업을 시작하세요",
    ),
    entry(
        "desk.not_expected",
        en="cannot answer {kind} as round {round} of job {job}: expected is {expected}; launch a new job",
        ko=("작업 {job}의 {round}회차 {kind}에 답할 수 없습니다: 기다리는 것은 {expected}입니다; 새 작업을 시작하세요"),
    ),
    entry(
        "desk.dictionary_changed",
        en="cannot go on with job {job}: the dictionary changed since round 0; launch a new job",
        ko="작업 {job}을(를) 이어 갈 수 없습니다: 0회차 뒤에 사전이 바뀌었습니다; 새 작업을 시작하세요",
    ),
    entry(
        "desk.not_admitted",
        en=(
            "cannot open rows of batch {batch}: this custodian did not admit {rows} rows of {institution} under that "
            "id; the batch must pass the admission check first"
        ),
        ko=(
            "배치 {batch}의 행을 열 수 없습니다: 이 키 관리자는 그 이름으로 {institution}의 행 {rows}개를 받아들인 "
            "적이 없습니다; 배치가 먼저 입장 검사를 통과해야 합니다"
        ),
    ),
    entry(
        "desk.not_whole",
        en=(
            "cannot evaluate on batch {batch}: {trained} rows trained the model and {held_out} are held out, but "
            "{admitted} were admitted; the server must make the request anew"
        ),
        ko=(
            "배치 {batch}에서 평가할 수 없습니다: 행 {trained}개로 학습했고 {held_out}개를 남겨 두었는데, 받아들인 "
            "것은 {admitted}개입니다; 서버가 요청을 새로 만들어야 합니다"
        ),
    ),
    entry(
        "desk.other_cohort",
        en=("cannot go on with this job: its cohort is not the one that its moments were opened for; launch a new job"),
        ko="이 작업을 이어 갈 수 없습니다: 코호트가 모멘트를 열 때의 것이 아닙니다; 새 작업을 시작하세요",
    ),
    entry(
        "desk.rows_changed",
        en=(
            "cannot open {rows} rows of batch {batch}: an earlier job ran over {before} of its rows, and a batch "
            "never changes; the server must make the request anew"
        ),
        ko=(
            "배치 {batch}의 행 {rows}개를 열 수 없습니다: 앞선 작업은 그 행 {before}개를 썼고, 배치는 바뀌지 "
            "않습니다; 서버가 요청을 새로 만들어야 합니다"
        ),
    ),
    entry(
        "desk.rows_declared",
        en=(
            "cannot train on this pool: the totals do not run over the {rows} rows that the request declares; the "
            "server must make the request anew"
        ),
        ko=(
            "이 풀로 학습할 수 없습니다: 합계가 요청이 밝힌 행 {rows}개에 대한 것이 아닙니다; 서버가 요청을 새로 "
            "만들어야 합니다"
        ),
    ),
    entry(
        "desk.no_table",
        en=(
            "cannot fit: the opened totals are not those of any table ({error} while computing with them); check the "
            "batches of the pool, then launch a new job"
        ),
        ko=(
            "적합할 수 없습니다: 열린 합계가 어떤 표의 것도 아닙니다(계산 중 {error}); 풀의 배치를 확인한 뒤 새 "
            "작업을 시작하세요"
        ),
    ),
    entry(
        "desk.state_unknown",
        en="cannot go on with job {job}: field {field} of its stored state is unknown here; launch a new job",
        ko=(
            "작업 {job}을(를) 이어 갈 수 없습니다: 저장된 상태의 항목 {field}을(를) 여기서는 알 수 없습니다; 새 "
            "작업을 시작하세요"
        ),
    ),
    entry(
        "desk.announced_as",
        en=(
            "cannot open the totals: they are announced as {found}, the request is for {kind}; the server must make "
            "the request anew"
        ),
        ko=("합계를 열 수 없습니다: {found}(으)로 알려졌는데 요청은 {kind}입니다; 서버가 요청을 새로 만들어야 합니다"),
    ),
    entry(
        "desk.total_names",
        en=(
            "cannot open the totals: their names are not the {names} of a {kind} request over the dictionary's "
            "{columns} columns; server and custodian must use one dictionary"
        ),
        ko=(
            "합계를 열 수 없습니다: 이름이 사전의 열 {columns}개에 대한 {kind} 요청의 {names}개가 아닙니다; 서버와 "
            "키 관리자는 같은 사전을 써야 합니다"
        ),
    ),
    entry(
        "desk.item_sizes",
        en=(
            "cannot open the payload: {items} items of up to {largest} bytes, expected {expected} of {item_bytes}; "
            "the server must make the request anew"
        ),
        ko=(
            "내용을 열 수 없습니다: 최대 {largest}바이트인 항목이 {items}개인데 {item_bytes}바이트인 것이 "
            "{expected}개여야 합니다; 서버가 요청을 새로 만들어야 합니다"
        ),
    ),
    entry(
        "desk.scales",
        en=(
            "cannot open the totals: {scales} usable scales for {totals} totals; the server must make the request anew"
        ),
        ko=(
            "합계를 열 수 없습니다: 합계 {totals}개에 쓸 수 있는 배율이 {scales}개입니다; 서버가 요청을 새로 "
            "만들어야 합니다"
        ),
    ),
    entry(
        "desk.no_scores",
        en="cannot open the scores: no block names its hospital; the server must make them anew",
        ko="점수를 열 수 없습니다: 병원을 밝힌 블록이 없습니다; 서버가 새로 만들어야 합니다",
    ),
    entry(
        "desk.stranger_block",
        en=(
            "cannot evaluate: a block is of {institution}, which is not in the request's cohort; the server must "
            "make the request anew"
        ),
        ko=(
            "평가할 수 없습니다: 블록 하나가 요청의 코호트에 없는 {institution}의 것입니다; 서버가 요청을 새로 "
            "만들어야 합니다"
        ),
    ),
    entry(
        "desk.not_zero_or_one",
        en=(
            "cannot evaluate: the {what} of {wrong} of {slots} slots is neither 0 nor 1; the server must compute the "
            "scores anew, or a batch was encrypted wrongly"
        ),
        ko=(
            "평가할 수 없습니다: {slots}개 중 {wrong}개 칸의 {what}이(가) 0도 1도 아닙니다; 서버가 점수를 새로 "
            "계산해야 하거나, 배치가 잘못 암호화되었습니다"
        ),
    ),
    entry(
        "desk.held_out_rows",
        en=(
            "cannot evaluate: the blocks of {institution} do not hold the {rows} held-out rows that the request "
            "declares; the server must make the request anew"
        ),
        ko=(
            "평가할 수 없습니다: {institution}의 블록에 요청이 밝힌 평가용 행 {rows}개가 들어 있지 않습니다; 서버가 "
            "요청을 새로 만들어야 합니다"
        ),
    ),
    entry(
        "desk.expected_round",
        en="{kind} as round {round}",
        ko="{round}회차 {kind}",
    ),
    entry(
        "desk.expected_nothing",
        en="nothing, for the job has ended",
        ko="없음(작업이 끝났습니다)",
    ),
    entry(
        "desk.row_mask",
        en="row mask",
        ko="행 표시",
    ),
    entry(
        "desk.outcome",
        en="outcome",
        ko="결과 변수",
    ),
    entry(
        "desk.no_rows",
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
        "desk.intercept",
        en=(
            "the sum of the intercept column is not the {rows:,|row|rows} that the manifest declares; encrypt the "
            "table again"
        ),
        ko="절편 열의 합이 매니페스트의 {rows:,}행과 다릅니다; 표를 다시 암호화하세요",
    ),
    entry(
        "desk.column_values",
        en=(
            "column {column}: the sum of squares is not the sum, so it holds values other than 0 and 1; encrypt the "
            "table again"
        ),
        ko="열 {column}: 제곱합이 합과 달라 0과 1이 아닌 값이 있습니다; 표를 다시 암호화하세요",
    ),
    entry(
        "desk.column_count",
        en=(
            "column {column}: the sum of a 0/1 column must lie between 0 and the number of rows; encrypt the table "
            "again"
        ),
        ko="열 {column}: 0/1 열의 합은 0과 행 수 사이여야 합니다; 표를 다시 암호화하세요",
    ),
    entry(
        "desk.column_events",
        en="column {column}: more events than patients with a 1, or than events in all; encrypt the table again",
        ko="열 {column}: 사건 수가 값이 1인 환자 수나 전체 사건 수보다 많습니다; 표를 다시 암호화하세요",
    ),
    entry(
        "desk.column_not_encoded",
        en="column {column}: the sum of squares is larger than values within +-4 allow; it was not encoded",
        ko="열 {column}: 제곱합이 ±4 범위의 값으로 나올 수 있는 것보다 커서 인코딩되지 않은 값입니다",
    ),
    entry(
        "desk.column_squares",
        en=(
            "column {column}: the sum of squares is smaller than the sum allows (Cauchy-Schwarz); encrypt the table "
            "again"
        ),
        ko="열 {column}: 제곱합이 합에 비해 작습니다(코시-슈바르츠); 표를 다시 암호화하세요",
    ),
    entry(
        "desk.column_event_sum",
        en=("column {column}: the sum over the events is larger than values within +-4 allow; encrypt the table again"),
        ko="열 {column}: 사건에 대한 합이 ±4 범위의 값으로 나올 수 있는 것보다 큽니다; 표를 다시 암호화하세요",
    ),
    entry(
        "desk.column_above",
        en="column {column}: its mean lies more than 3 scale units above the dictionary's centre; {remedy}",
        ko="열 {column}: 평균이 데이터 사전의 중심값보다 척도의 3배 넘게 큽니다; {remedy}",
    ),
    entry(
        "desk.column_below",
        en="column {column}: its mean lies more than 3 scale units below the dictionary's centre; {remedy}",
        ko="열 {column}: 평균이 데이터 사전의 중심값보다 척도의 3배 넘게 작습니다; {remedy}",
    ),
    entry(
        "desk.column_clipped",
        en="column {column}: about half of its values or more lie 4 scale units from the centre; {remedy}",
        ko="열 {column}: 값의 절반쯤 또는 그 이상이 중심값에서 척도의 4배 떨어져 있습니다; {remedy}",
    ),
    entry(
        "desk.column_tenth",
        en="column {column}: its values look ten times too small against the dictionary's centre; {remedy}",
        ko="열 {column}: 값이 데이터 사전의 중심값에 비해 열 배 작아 보입니다; {remedy}",
    ),
    entry(
        "desk.unit_asked",
        en="check the unit (the dictionary asks for {unit}), a factor of 10 for instance",
        ko="단위를 확인하세요(데이터 사전의 단위는 {unit}). 예를 들어 10배 차이일 수 있습니다",
    ),
    entry(
        "desk.unit_none",
        en="check the unit (the dictionary names no unit), a factor of 10 for instance",
        ko="단위를 확인하세요(데이터 사전에 단위가 없음). 예를 들어 10배 차이일 수 있습니다",
    ),
    entry(
        "desk.variable_levels",
        en="variable {variable}: its levels add up to more than the number of rows; a patient has one level",
        ko="변수 {variable}: 범주의 합이 행 수보다 많습니다; 환자 한 명에게 범주는 하나입니다",
    ),
    entry(
        "desk.variable_missing",
        en=("variable {variable}: more values are marked missing than have the fill value; encrypt the table again"),
        ko="변수 {variable}: 결측으로 표시된 값이 채움값인 것보다 많습니다; 표를 다시 암호화하세요",
    ),
    entry(
        "desk.outcome_values",
        en=(
            "outcome {outcome}: the sum of squares is not the sum, so it holds values other than 0 and 1; encrypt "
            "the table again"
        ),
        ko="결과 변수 {outcome}: 제곱합이 합과 달라 0과 1이 아닌 값이 있습니다; 표를 다시 암호화하세요",
    ),
    entry(
        "desk.outcome_events",
        en=(
            "outcome {outcome}: the number of events must lie between 0 and the number of rows; encrypt the table again"
        ),
        ko="결과 변수 {outcome}: 사건 수는 0과 행 수 사이여야 합니다; 표를 다시 암호화하세요",
    ),
    entry(
        "desk.more_faults",
        en="and {count} more of the same kind",
        ko="같은 종류가 {count}개 더 있습니다",
    ),
    entry(
        "desk.copy",
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
        "desk.faults",
        en="the batch is kept out: {faults}",
        ko="배치를 받아들이지 않았습니다: {faults}",
    ),
    entry(
        "desk.sums_fit",
        en="all invariants hold",
        ko="모든 불변식이 성립합니다",
    ),
    entry(
        "desk.next_round",
        en="next is {kind}",
        ko="다음은 {kind}",
    ),
    entry(
        "desk.rules_applied",
        en="all disclosure rules were applied",
        ko="모든 공개 규칙을 적용했습니다",
    ),
    entry(
        "desk.sealed",
        en="sealed until {approvals|institution signs|institutions sign}; all disclosure rules were applied",
        ko="기관 {approvals}곳이 서명할 때까지 봉인됩니다; 모든 공개 규칙을 적용했습니다",
    ),
)
