"""The rehearsal: the whole pipeline on local files."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "rehearsal.threshold",
        en=(
            "cannot rehearse: {threshold} hospitals must open together and {hospitals} take part, of which {shares} "
            "at most hold shares; choose a --threshold from 1 (one custodian) to {most}"
        ),
        ko=(
            "리허설할 수 없습니다: 병원 {threshold}곳이 함께 열어야 하는데 병원 {hospitals}곳이 참여하고 그중 최대 "
            "{shares}곳이 조각을 가집니다; --threshold를 1(키 관리자 하나)에서 {most} 사이로 고르세요"
        ),
    ),
    entry(
        "rehearsal.threshold_began",
        en=(
            "cannot go on with --threshold {threshold}: the key of this --workdir was made for {began}; leave "
            "--threshold out, or choose another --workdir"
        ),
        ko=(
            "--threshold {threshold}(으)로 계속할 수 없습니다: 이 --workdir의 키는 {began}(으)로 만들었습니다; "
            "--threshold를 빼거나 다른 --workdir를 고르세요"
        ),
    ),
    entry(
        "rehearsal.quarantined",
        en="cannot go on: {batch} of {hospital} was quarantined: {why}",
        ko="계속할 수 없습니다: {hospital}의 {batch}이(가) 격리되었습니다: {why}",
    ),
    entry(
        "rehearsal.job_ended",
        en="cannot report: {name} ended as {state}: {why}",
        ko="보고할 수 없습니다: {name}이(가) {state} 상태로 끝났습니다: {why}",
    ),
    entry(
        "rehearsal.sealed",
        en="cannot report on {name}: its coefficients are sealed; ask for their release",
        ko="{name}을(를) 보고할 수 없습니다: 계수가 봉인되어 있습니다; 공개를 요청하세요",
    ),
    entry(
        "rehearsal.no_answer",
        en="cannot reach {url}: no answer within {seconds:.0f} s; see the logs in {logs}",
        ko="{url}에 연결할 수 없습니다: {seconds:.0f}초 동안 응답이 없습니다; {logs}의 로그를 보세요",
    ),
    entry(
        "rehearsal.program_failed",
        en="cannot run {name}: it ended with code {status}; it said:\n{output}",
        ko="{name}을(를) 실행할 수 없습니다: 코드 {status}(으)로 끝났습니다; 출력:\n{output}",
    ),
    entry(
        "rehearsal.process_ended",
        en="cannot go on: process {name} ended with code {status}; its last words:\n{output}",
        ko="계속할 수 없습니다: 프로세스 {name}이(가) 코드 {status}(으)로 끝났습니다; 마지막 출력:\n{output}",
    ),
    entry(
        "rehearsal.name_taken",
        en="cannot rehearse with two hospitals {name}: the name is taken; choose another",
        ko="이름이 {name}인 병원 두 곳으로 리허설할 수 없습니다: 이미 쓰인 이름입니다; 다른 이름을 고르세요",
    ),
    entry(
        "rehearsal.hospital_text",
        en="cannot read --hospital {text}: it is not NAME=FILE; write for example A=a.csv",
        ko="--hospital {text}을(를) 읽을 수 없습니다: NAME=FILE 형식이 아닙니다; 예를 들어 A=a.csv처럼 쓰세요",
    ),
    entry(
        "rehearsal.no_file",
        en="cannot read {path}: there is no such file; correct the path",
        ko="{path}을(를) 읽을 수 없습니다: 그런 파일이 없습니다; 경로를 고치세요",
    ),
)
