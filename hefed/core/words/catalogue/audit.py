"""Events of the audit log."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "audit.ledger_not_json",
        en="cannot use the ledger: line {number} is not JSON; ask the custodian for a new copy",
        ko="원장을 쓸 수 없습니다: {number}번째 줄이 JSON이 아닙니다; 키 관리자에게 새 사본을 요청하세요",
    ),
    entry(
        "audit.ledger_not_line",
        en="cannot use the ledger: line {number} is not a ledger line; ask the custodian for a new copy",
        ko="원장을 쓸 수 없습니다: {number}번째 줄이 원장의 줄이 아닙니다; 키 관리자에게 새 사본을 요청하세요",
    ),
    entry(
        "audit.ledger_broken",
        en="cannot use the ledger: its chain breaks at line {number}; compare it with the custodian's own",
        ko="원장을 쓸 수 없습니다: {number}번째 줄에서 연결이 끊깁니다; 키 관리자의 원본과 비교하세요",
    ),
    entry(
        "audit.no_such_form",
        en="cannot export as {form}: only csv and json are offered; choose one of the two",
        ko="{form} 형식으로 내보낼 수 없습니다: csv와 json만 있습니다; 둘 중에서 고르세요",
    ),
    entry(
        "audit.chain_broken",
        en=(
            "cannot trust the audit log: its chain breaks at event {number}, which was changed, removed or inserted; "
            "compare it with a backup"
        ),
        ko=(
            "감사 기록을 믿을 수 없습니다: {number}번 사건에서 연결이 끊깁니다. 바뀌었거나 지워졌거나 끼워 "
            "넣어졌습니다; 백업과 비교하세요"
        ),
    ),
    entry(
        "audit.head_gone",
        en=(
            "cannot trust the audit log: it no longer has event {head}, so it was rewritten after that check; "
            "compare it with a backup"
        ),
        ko=(
            "감사 기록을 믿을 수 없습니다: 사건 {head}이(가) 더 이상 없으니 그 확인 뒤에 다시 쓰인 것입니다; 백업과 "
            "비교하세요"
        ),
    ),
    entry(
        "audit.chain_whole",
        en="audit log: {events|event|events}, chain whole; head {events}:{head}",
        ko="감사 기록: 사건 {events}개, 연결이 온전함; 끝 {events}:{head}",
    ),
    entry(
        "audit.same_as_ledger",
        en=(
            "custodian's ledger: {answers|answer|answers}, {publications|publication|publications}, chain whole; "
            "both tell the same"
        ),
        ko="키 관리자의 원장: 응답 {answers}개, 공개 {publications}개, 연결이 온전함; 둘의 내용이 같음",
    ),
    entry(
        "audit.ledger_differs",
        en=(
            "cannot confirm the audit log: it and the ledger differ in {count:,|place|places}; ask the custodian and "
            "the administrator what happened:\n{differences:lines}"
        ),
        ko=(
            "감사 기록을 확인할 수 없습니다: 기록과 원장이 {count:,}곳에서 다릅니다; "
            "키 관리자와 관리자에게 무슨 일이 있었는지 물어보세요:\n{differences:lines}"
        ),
    ),
    entry(
        "audit.file_unreadable",
        en="cannot read {path}: {problem}; correct the path",
        ko="{path}을(를) 읽을 수 없습니다: {problem}; 경로를 고치세요",
    ),
    entry(
        "audit.verdict_unknown",
        en="{release}: the hospital's agent said {verdict}, the server's log does not know",
        ko="{release}: 병원의 에이전트는 {verdict}라고 했지만 서버의 기록에는 없습니다",
    ),
    entry(
        "audit.share_unknown",
        en="{request}: the hospital answered it with its share, the server's log does not know those bytes",
        ko="{request}: 병원은 자기 조각으로 응답했지만 서버의 기록에는 그 바이트가 없습니다",
    ),
    entry(
        "audit.answer_unknown",
        en="{request}: the custodian answered it, the server's log does not know",
        ko="{request}: 키 관리자는 응답했지만 서버의 기록에는 없습니다",
    ),
    entry(
        "audit.answer_not_given",
        en="{request}: the server's log has an answer, the custodian gave none",
        ko="{request}: 서버의 기록에는 응답이 있지만 키 관리자는 응답하지 않았습니다",
    ),
    entry(
        "audit.other_outcome",
        en="{request}: the server says {server}, the custodian {custodian}",
        ko="{request}: 서버는 {server}, 키 관리자는 {custodian}(이)라고 합니다",
    ),
    entry(
        "audit.other_bytes",
        en="{request}: the server stored other bytes than the custodian answered",
        ko="{request}: 서버가 저장한 바이트가 키 관리자가 응답한 것과 다릅니다",
    ),
    entry(
        "audit.publication_unknown",
        en="{release}: the custodian published it, the server's log does not know",
        ko="{release}: 키 관리자는 공개했지만 서버의 기록에는 없습니다",
    ),
    entry(
        "audit.publication_not_sent",
        en="{release}: the server's log has a publication, the custodian sent none like it",
        ko="{release}: 서버의 기록에는 공개가 있지만 키 관리자는 그런 것을 보내지 않았습니다",
    ),
    entry(
        "audit.other_release",
        en="{release}: the server's log names another release, job or signed digest than the ledger",
        ko="{release}: 서버의 기록에 있는 공개, 작업 또는 서명된 다이제스트가 원장과 다릅니다",
    ),
    entry(
        "audit.by_token",
        en="token {name}",
        ko="토큰 {name}",
    ),
    entry(
        "audit.by_visitor",
        en="a visitor",
        ko="방문자",
    ),
    entry(
        "audit.by_server",
        en="the server ({part})",
        ko="서버({part})",
    ),
)
