"""Command lines of the key holders and of the server."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "commands.no_code",
        en="cannot enrol: that is no code; copy it from the Keys page, such as demo.7KQF-9XWM-T3PA",
        ko="등록할 수 없습니다: 코드가 아닙니다; 키 페이지에서 demo.7KQF-9XWM-T3PA와 같은 코드를 복사하세요",
    ),
    entry(
        "commands.holds_token",
        en="cannot enrol: {path} holds a token already; remove it first if it no longer works",
        ko="등록할 수 없습니다: {path}에 이미 토큰이 있습니다; 더 이상 쓸 수 없는 것이면 먼저 지우세요",
    ),
    entry(
        "commands.not_enrolled",
        en="cannot tell the server: {home} is not enrolled; give --server, or run `enrol` first",
        ko=("서버에 알릴 수 없습니다: {home}은(는) 등록되지 않았습니다; --server를 주거나 먼저 `enrol`을 실행하세요"),
    ),
    entry(
        "commands.enrolment_changed",
        en="cannot use {path}: it was changed; run `enrol` with a new code",
        ko="{path}을(를) 쓸 수 없습니다: 바뀌었습니다; 새 코드로 `enrol`을 실행하세요",
    ),
    entry(
        "commands.other_study",
        en=(
            "cannot enrol: {path} holds the key of {study}, the code is for {code_study}; choose another --home and "
            "ask for a new code"
        ),
        ko=(
            "등록할 수 없습니다: {path}에는 {study}의 키가 있고 코드는 {code_study}의 것입니다; 다른 --home을 고르고 "
            "새 코드를 요청하세요"
        ),
    ),
    entry(
        "commands.not_this_key",
        en="cannot publish: the server stored the key {key}, not this one",
        ko="게시할 수 없습니다: 서버가 이 키가 아니라 키 {key}을(를) 저장했습니다",
    ),
    entry(
        "commands.rotation_not_confirmed",
        en="nothing was changed: the rotation was not confirmed; run it again when you are ready",
        ko="아무것도 바뀌지 않았습니다: 교체가 확인되지 않았습니다; 준비되면 다시 실행하세요",
    ),
    entry(
        "commands.no_such_proposal",
        en="cannot agree to the key {key}: the server has no such proposal; compare the fingerprint with its holders",
        ko="키 {key}에 동의할 수 없습니다: 서버에 그런 제안이 없습니다; 지문을 그 키를 가진 쪽과 비교하세요",
    ),
    entry(
        "commands.succession_not_agreed",
        en="nothing was signed: you did not agree; run it again when the fingerprint was compared",
        ko="아무것도 서명되지 않았습니다: 동의하지 않았습니다; 지문을 비교한 뒤 다시 실행하세요",
    ),
    entry(
        "commands.does_not_lead",
        en="cannot write a hand-over: this hospital does not lead, or not yet; leave out --out",
        ko="인계를 쓸 수 없습니다: 이 병원은 대표가 아니거나 아직 대표가 아닙니다; --out을 빼세요",
    ),
    entry(
        "commands.source_unreadable",
        en="cannot read {path}: {why}; correct --from",
        ko="{path}을(를) 읽을 수 없습니다: {why}; --from을 고치세요",
    ),
    entry(
        "commands.release_not_confirmed",
        en="nothing was signed: {release} was not confirmed; `releases reject` says no",
        ko=("아무것도 서명되지 않았습니다: {release}이(가) 확인되지 않았습니다; 거절하려면 `releases reject`를 쓰세요"),
    ),
    entry(
        "commands.digest_not_expected",
        en="cannot approve {release}: it has digest {digest} now, not the expected one; `releases show` it again",
        ko=(
            "{release}을(를) 승인할 수 없습니다: 지금 다이제스트는 {digest}(으)로 기대한 것과 다릅니다; `releases "
            "show`로 다시 보세요"
        ),
    ),
    entry(
        "commands.cards",
        en="cannot hold the ceremony: {cards} cards for {parties} hospitals; give one --card for each",
        ko="의식을 치를 수 없습니다: 병원 {parties}곳에 카드가 {cards}개입니다; 병원마다 --card 하나를 주세요",
    ),
    entry(
        "commands.fingerprints_not_compared",
        en="nothing was made: the fingerprints were not compared; run it again when they are",
        ko="아무것도 만들어지지 않았습니다: 지문이 대조되지 않았습니다; 대조한 뒤 다시 실행하세요",
    ),
    entry(
        "commands.days",
        en="cannot use {days} days: shares are made for 1 day to ten years; correct --days",
        ko="{days}일은 쓸 수 없습니다: 조각은 1일에서 10년까지 쓰도록 만듭니다; --days를 고치세요",
    ),
    entry(
        "commands.secret_unreadable",
        en="cannot read the {what} from {file}: {why}; correct the path",
        ko="{file}에서 {what}을(를) 읽을 수 없습니다: {why}; 경로를 고치세요",
    ),
    entry(
        "commands.secret_lines",
        en="cannot read the {what} from {file}: it must hold exactly one line",
        ko="{file}에서 {what}을(를) 읽을 수 없습니다: 정확히 한 줄이어야 합니다",
    ),
    entry(
        "commands.holds_key",
        en="cannot create keys: {path} holds the key of a study; choose another --home",
        ko="키를 만들 수 없습니다: {path}에 연구의 키가 있습니다; 다른 --home을 고르세요",
    ),
    entry(
        "commands.jobs_under_way",
        en="cannot rotate: {jobs} {jobs?is|are} under way under the key in use; wait for them or cancel them",
        ko="교체할 수 없습니다: 쓰고 있는 키로 {jobs}이(가) 진행 중입니다; 기다리거나 취소하세요",
    ),
    entry(
        "commands.not_the_new_key",
        en="cannot rotate: the server stored the key {key}, not the new one",
        ko="교체할 수 없습니다: 서버가 새 키가 아니라 키 {key}을(를) 저장했습니다",
    ),
    entry(
        "commands.no_held_result",
        en="cannot approve {request}: no result is held under that id; `status` lists them",
        ko="{request}을(를) 승인할 수 없습니다: 그 id로 보류된 결과가 없습니다; `status`가 목록을 보여 줍니다",
    ),
    entry(
        "commands.no_sums",
        en="cannot forget batch {batch}: this custodian holds no sums of it; check the id",
        ko="배치 {batch}을(를) 잊을 수 없습니다: 이 키 관리자에게 그 합계가 없습니다; id를 확인하세요",
    ),
    entry(
        "commands.pin_digits",
        en="cannot pin the study: {found} hexadecimal digits were given; give at least {least} of the fingerprint",
        ko="연구를 고정할 수 없습니다: 16진수 {found}자리를 받았습니다; 지문의 {least}자리 이상을 넣으세요",
    ),
    entry(
        "commands.pin_other",
        en=(
            "cannot pin the study: the server's dictionary, profile or rounds give another fingerprint than you typed; "
            "compare the dictionary with the one that was agreed"
        ),
        ko=(
            "연구를 고정할 수 없습니다: 서버의 사전, 프로파일 또는 라운드의 지문이 입력한 것과 다릅니다; 사전을 합의한 "
            "것과 비교하세요"
        ),
    ),
    entry(
        "commands.not_pinned",
        en=(
            "cannot answer for the study: nobody pinned its dictionary and rounds here; run `pin` with the fingerprint "
            "that the dictionary's author reads to you"
        ),
        ko=(
            "이 연구에 답할 수 없습니다: 사전과 라운드를 여기서 고정하지 않았습니다; 사전을 만든 사람이 읽어 주는 "
            "지문으로 `pin`을 실행하세요"
        ),
    ),
    entry(
        "commands.no_failures",
        en="cannot forgive {institution}: none of its batches failed here, or all are forgiven; check the short name",
        ko=(
            "{institution}을(를) 용서할 수 없습니다: 여기서 실패한 배치가 없거나 이미 모두 용서했습니다; 짧은 이름을 "
            "확인하세요"
        ),
    ),
    entry(
        "commands.ledger_empty",
        en="line 1: missing; {ledger} holds no line, and `init` writes the first",
        ko="1번째 줄: 없습니다; {ledger}에 줄이 없으며 `init`이 첫 줄을 씁니다",
    ),
    entry(
        "commands.page_port",
        en=(
            "cannot show the page: port {port} of this machine cannot be used ({why}); choose another --page, or run "
            "without it"
        ),
        ko=(
            "페이지를 보여 줄 수 없습니다: 이 컴퓨터의 포트 {port}을(를) 쓸 수 없습니다({why}); 다른 --page를 "
            "고르거나 빼고 실행하세요"
        ),
    ),
    entry(
        "commands.token",
        en="token",
        ko="토큰",
    ),
    entry(
        "commands.passphrase",
        en="pass phrase",
        ko="비밀 문구",
    ),
)
