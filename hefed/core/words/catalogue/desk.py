"""What a key holder checks before it answers: pinned study, cohorts, admission."""

from hefed.core.words.template import Entry, entry

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
            "cannot answer: study {study} uses the key {used}, this custodian holds {held}; use the --home of that key "
            "or, if people replaced it on the Keys page, run `rotate`"
        ),
        ko=(
            "답할 수 없습니다: 연구 {study}은(는) 키 {used}를 쓰는데 이 키 관리자는 {held}를 가지고 있습니다; 그 "
            "키의 --home을 쓰거나, 키 페이지에서 바뀌었다면 `rotate`를 실행하세요"
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
        "desk.pin_differs",
        en=(
            "cannot answer: the study's fingerprint is {found}... and {pinned}... is pinned here; find out what "
            "changed and run `pin` once people agreed to it"
        ),
        ko=(
            "답할 수 없습니다: 연구의 지문은 {found}...인데 여기에는 {pinned}...이(가) 고정되어 있습니다; 무엇이 "
            "바뀌었는지 알아보고 합의한 뒤 `pin`을 실행하세요"
        ),
    ),
    entry(
        "desk.replaced_changed",
        en=(
            "cannot open rows of batch {batch}: what it is said to share with earlier batches is not what an earlier "
            "job was told; the server must make the request anew"
        ),
        ko=(
            "배치 {batch}의 행을 열 수 없습니다: 앞선 배치와 겹치는 환자 수가 앞선 작업에서 말한 것과 다릅니다; "
            "서버가 요청을 새로 만들어야 합니다"
        ),
    ),
    entry(
        "desk.batch_seen",
        en=(
            "cannot check batch {batch}: a batch of that id was checked before and stands for its rows for good; "
            "upload the table as a new batch"
        ),
        ko=(
            "배치 {batch}을(를) 검사할 수 없습니다: 그 이름의 배치는 이미 검사했고 영구히 그 행을 뜻합니다; 표를 새 "
            "배치로 올리세요"
        ),
    ),
    entry(
        "desk.replaced_few",
        en=(
            "cannot check this batch: {small_cell} or fewer patients joined or left since batch {batch}, whose sums "
            "were opened; send it once more patients joined or left"
        ),
        ko=(
            "이 배치를 검사할 수 없습니다: 이미 합계를 연 배치 {batch}와 환자 {small_cell}명 이하로 다릅니다; 더 많은 "
            "환자가 들어오거나 나간 뒤에 보내세요"
        ),
    ),
    entry(
        "desk.count_missing",
        en=(
            "cannot compare the pool of {institution} with an earlier one: batch {batch} does not say how many "
            "patients it shares with the batch before it; encrypt the table again with the command line program, "
            "which counts them"
        ),
        ko=(
            "{institution}의 풀을 앞선 풀과 비교할 수 없습니다: 배치 {batch}이(가) 이전 배치와 겹치는 환자 수를 말하지 "
            "않습니다; 겹치는 수를 세는 명령줄 프로그램으로 표를 다시 암호화하세요"
        ),
    ),
    entry(
        "desk.count_wrong",
        en=(
            "cannot compare batch {batch} with {before}: the numbers of patients who joined and left do not fit their "
            "rows; encrypt the table again"
        ),
        ko=(
            "배치 {batch}을(를) {before}와(과) 비교할 수 없습니다: 들어오고 나간 환자 수가 행 수와 맞지 않습니다; 표를 "
            "다시 암호화하세요"
        ),
    ),
    entry(
        "desk.versions",
        en=(
            "cannot open a pool with {institution}: {versions} versions of its patients overlap and {most} can be "
            "compared; leave the hospital out, or train on an earlier pool"
        ),
        ko=(
            "{institution}이(가) 든 풀을 열 수 없습니다: 겹치는 환자 구성이 {versions}개인데 {most}개까지 비교할 수 "
            "있습니다; 이 병원을 빼거나 앞선 풀로 학습하세요"
        ),
    ),
    entry(
        "desk.combination",
        en=(
            "cannot open this cohort: together with earlier ones it isolates {small_cell} or fewer patients; choose a "
            "pool that was opened before, or wait for more patients"
        ),
        ko=(
            "이 코호트를 열 수 없습니다: 앞선 코호트와 합치면 환자 {small_cell}명 이하가 드러납니다; 이미 연 풀을 "
            "고르거나 환자가 늘 때까지 기다리세요"
        ),
    ),
    entry(
        "desk.part_of_hospital",
        en=(
            "cannot open a part of {institution}: batches {batches} are not all that it had at any time; launch the "
            "job anew, and run `forget` here for a batch that was withdrawn"
        ),
        ko=(
            "{institution}의 일부만 열 수 없습니다: 배치 {batches}은(는) 어느 시점에도 그 병원의 전부가 아니었습니다; "
            "작업을 새로 시작하고, 철회된 배치는 여기서 `forget`을 실행하세요"
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
