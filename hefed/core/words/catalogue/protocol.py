"""Messages between the parties: envelopes, batch files, signatures, verdicts."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "protocol.batch_file",
        en="cannot use batch file {name}: {why}; encrypt the table again",
        ko="배치 파일 {name}을(를) 쓸 수 없습니다: {why}; 표를 다시 암호화하세요",
    ),
    entry(
        "protocol.no_envelope",
        en="cannot read envelope: it does not begin with HEFED; send a file made by the HEFed tools",
        ko="봉투를 읽을 수 없습니다: HEFED로 시작하지 않습니다; HEFed 도구로 만든 파일을 보내세요",
    ),
    entry(
        "protocol.envelope_label",
        en=(
            "cannot use envelope: its {name} is {found}, expected {wanted}; send what was made for this study and "
            "this request"
        ),
        ko=(
            "봉투를 쓸 수 없습니다: {name} 값이 {found}인데 {wanted}이어야 합니다; 이 연구와 이 요청을 위해 만든 "
            "것을 보내세요"
        ),
    ),
    entry(
        "protocol.envelope_fields",
        en="cannot write envelope: {why}; correct the header fields",
        ko="봉투를 쓸 수 없습니다: {why}; 머리글의 항목을 고치세요",
    ),
    entry(
        "protocol.envelope_header_long",
        en="cannot write envelope: its header has {found} bytes, the limit is {limit}; split it",
        ko="봉투를 만들 수 없습니다: 머리글이 {found}바이트로 한도 {limit}바이트를 넘습니다; 나누세요",
    ),
    entry(
        "protocol.envelope_header",
        en="cannot read envelope header: {why}; make the file again with the HEFed tools",
        ko="봉투 머리글을 읽을 수 없습니다: {why}; HEFed 도구로 파일을 다시 만드세요",
    ),
    entry(
        "protocol.envelope_trailing",
        en="cannot use envelope: bytes follow its payload of {size} bytes; copy the file again",
        ko="봉투를 쓸 수 없습니다: 내용 {size}바이트 뒤에 바이트가 더 있습니다; 파일을 다시 복사하세요",
    ),
    entry(
        "protocol.envelope_digest",
        en=(
            "cannot use envelope: its payload digest begins {found}, its header announces {announced}; the file was "
            "damaged, upload it again"
        ),
        ko=(
            "봉투를 쓸 수 없습니다: 내용의 다이제스트가 {found}(으)로 시작하는데 머리글에는 {announced}(으)로 적혀 "
            "있습니다; 파일이 손상되었으니 다시 업로드하세요"
        ),
    ),
    entry(
        "protocol.fingerprint_length",
        en=(
            "cannot use the expected fingerprint: it has {found} characters, not 64 hex digits; copy it whole from "
            "the study page or the custodian"
        ),
        ko=(
            "예상 지문을 쓸 수 없습니다: 16진수 64자가 아니라 {found}자입니다; 연구 페이지나 키 관리자에게서 통째로 "
            "복사하세요"
        ),
    ),
    entry(
        "protocol.no_hand_over",
        en="cannot use the hand-over: the file is none; take the one that `lead` wrote at the earlier lead",
        ko="인계 파일을 쓸 수 없습니다: 인계 파일이 아닙니다; 이전 대표에서 `lead`가 쓴 파일을 가져오세요",
    ),
    entry(
        "protocol.hand_over_changed",
        en="cannot use the hand-over: its first lines were changed; take it anew",
        ko="인계 파일을 쓸 수 없습니다: 첫 줄들이 바뀌었습니다; 새로 가져오세요",
    ),
    entry(
        "protocol.no_point",
        en="cannot use the key: its coordinates are no point of P-256; make a new key",
        ko="키를 쓸 수 없습니다: 좌표가 P-256의 점이 아닙니다; 새 키를 만드세요",
    ),
    entry(
        "protocol.no_statement",
        en="cannot use the statement: it is not a signed statement; sign it anew",
        ko="서명문을 쓸 수 없습니다: 서명된 문서가 아닙니다; 새로 서명하세요",
    ),
    entry(
        "protocol.statement_signature",
        en="cannot use the statement: it was not signed by the key {key}; sign it anew",
        ko="서명문을 쓸 수 없습니다: 키 {key}(으)로 서명되지 않았습니다; 새로 서명하세요",
    ),
    entry(
        "protocol.statement_key",
        en="cannot use the statement: it names the key {named}, signed by {key}",
        ko="서명문을 쓸 수 없습니다: 키 {named}을(를) 적었지만 {key}(으)로 서명되었습니다",
    ),
    entry(
        "protocol.no_seat",
        en=(
            "cannot use this sharing: the card {card} of {name} has no seat in it; the sharing must be made with "
            "this agent's own card"
        ),
        ko=(
            "이 키 공유를 쓸 수 없습니다: {name}의 카드 {card}에 자리가 없습니다; 이 에이전트의 카드로 만든 키 "
            "공유여야 합니다"
        ),
    ),
    entry(
        "protocol.other_signer",
        en="cannot use the message: it was signed by another key than expected; ask for it anew",
        ko="메시지를 쓸 수 없습니다: 예상과 다른 키로 서명되었습니다; 새로 요청하세요",
    ),
    entry(
        "protocol.signature",
        en="cannot use the message: it is no {message} with a valid signature; ask for it anew",
        ko="메시지를 쓸 수 없습니다: 유효한 서명이 있는 {message}이(가) 아닙니다; 새로 요청하세요",
    ),
    entry(
        "protocol.not_signed",
        en="cannot use the message: it is no signed {message}; sign it anew",
        ko="메시지를 쓸 수 없습니다: 서명된 {message}이(가) 아닙니다; 새로 서명하세요",
    ),
    entry(
        "protocol.sealed",
        en="cannot open the sealed {message}: it is not for this agent, or was changed; ask for it anew",
        ko=("봉인된 {message}을(를) 열 수 없습니다: 이 에이전트에게 온 것이 아니거나 바뀌었습니다; 새로 요청하세요"),
    ),
    entry(
        "protocol.verdict_card",
        en="cannot use the verdict: it names {name}, whose card did not sign it; sign it there",
        ko="판정을 쓸 수 없습니다: {name}을(를) 적었지만 그 카드로 서명되지 않았습니다; 그곳에서 서명하세요",
    ),
    entry(
        "protocol.no_verdict",
        en="cannot use the verdict: it is no signed verdict; sign it with `releases`",
        ko="판정을 쓸 수 없습니다: 서명된 판정이 아닙니다; `releases`로 서명하세요",
    ),
    entry(
        "protocol.verdict_sharing",
        en=(
            "cannot use the verdict: it was signed under sharing {found}, the key is shared by {current}; sign it "
            "with the share of that one"
        ),
        ko=(
            "판정을 쓸 수 없습니다: 키 공유 {found}에서 서명되었지만 지금 키는 {current}(으)로 공유됩니다; 그 키 "
            "공유의 몫으로 서명하세요"
        ),
    ),
    entry(
        "protocol.verdict_place",
        en="cannot use the verdict: it names place {place}, {seats} hospitals hold shares",
        ko="판정을 쓸 수 없습니다: {place}번 자리를 적었지만 몫을 가진 병원은 {seats}곳입니다",
    ),
    entry(
        "protocol.envelope_cut",
        en="cannot read envelope {part}: it ends {left} of {length} bytes early; upload or copy the file again",
        ko=(
            "봉투의 {part}을(를) 읽을 수 없습니다: {length}바이트 중 {left}바이트가 모자랍니다; 파일을 다시 "
            "업로드하거나 복사하세요"
        ),
    ),
    entry(
        "protocol.header",
        en="header",
        ko="머리글",
    ),
    entry(
        "protocol.payload",
        en="payload",
        ko="내용",
    ),
    entry(
        "protocol.field",
        en="field {place}: {message}",
        ko="항목 {place}: {message}",
    ),
    entry(
        "protocol.header_announced",
        en="it announces {length} bytes, the limit is {limit}",
        ko="{length}바이트라고 적혀 있는데 한도는 {limit}바이트입니다",
    ),
    entry(
        "protocol.header_kind",
        en="it has {length} bytes, the limit for kind {kind} is {limit}",
        ko="{length}바이트인데 종류 {kind}의 한도는 {limit}바이트입니다",
    ),
    entry(
        "protocol.header_json",
        en="it is not plain JSON ({error})",
        ko="일반 JSON이 아닙니다({error})",
    ),
    entry(
        "protocol.header_canonical",
        en="it is not canonical JSON (sorted keys, no spaces, no duplicate keys)",
        ko="표준 JSON이 아닙니다(키 정렬, 공백 없음, 중복 키 없음)",
    ),
    entry(
        "protocol.block_digest",
        en="block {index} does not match its digest",
        ko="블록 {index}이(가) 다이제스트와 다릅니다",
    ),
    entry(
        "protocol.block_absent",
        en="block {index} is absent, its manifest says {announced} bytes",
        ko="블록 {index}이(가) 없습니다. 매니페스트에는 {announced}바이트로 적혀 있습니다",
    ),
    entry(
        "protocol.block_size",
        en="block {index} is {size} bytes, its manifest says {announced} bytes",
        ko="블록 {index}이(가) {size}바이트인데 매니페스트에는 {announced}바이트로 적혀 있습니다",
    ),
    entry(
        "protocol.batch_file_unreadable",
        en=(
            "cannot use batch file {name}: it cannot be read ({reason}); check that it is still there, that you may "
            "read it and that its disk works, then try again, or encrypt the table again"
        ),
        ko=(
            "배치 파일 {name}을(를) 쓸 수 없습니다: 읽을 수 없습니다({reason}); 파일이 아직 있는지, 읽을 권한이 있는지"
            ", 디스크가 정상인지 확인한 뒤 다시 시도하거나 표를 다시 암호화하세요"
        ),
    ),
    entry(
        "protocol.zip_ends_early",
        en="it ends before its last entry does",
        ko="마지막 항목이 끝나기 전에 파일이 끝납니다",
    ),
    entry(
        "protocol.zip_damaged",
        en="it is damaged ({message})",
        ko="손상되었습니다({message})",
    ),
    entry(
        "protocol.no_zip",
        en="it is not a whole ZIP ({message})",
        ko="온전한 ZIP이 아닙니다({message})",
    ),
    entry(
        "protocol.zip_compressed",
        en="entry '{entry}' is compressed, only stored entries are allowed",
        ko="항목 '{entry}'이(가) 압축되어 있습니다. 압축하지 않은 항목만 허용됩니다",
    ),
    entry(
        "protocol.zip_password",
        en="entry '{entry}' has a ZIP password",
        ko="항목 '{entry}'에 ZIP 암호가 있습니다",
    ),
    entry(
        "protocol.manifest_missing",
        en="{name} is missing",
        ko="{name}이(가) 없습니다",
    ),
    entry(
        "protocol.manifest_long",
        en="{name} has {size} bytes, limit {limit}",
        ko="{name}이(가) {size}바이트로 한도 {limit}바이트를 넘습니다",
    ),
    entry(
        "protocol.blocks_numbered",
        en="its {blocks|block|blocks} {blocks?is|are} not numbered from 0 without gaps",
        ko="블록 {blocks}개의 번호가 0부터 빠짐없이 매겨져 있지 않습니다",
    ),
    entry(
        "protocol.blocks_add_up",
        en="its blocks do not add up to its patients",
        ko="블록의 합이 환자 수와 맞지 않습니다",
    ),
    entry(
        "protocol.entries_unknown",
        en="{entries|entry is|entries are} not in its manifest",
        ko="항목 {entries}개가 매니페스트에 없습니다",
    ),
    entry(
        "protocol.entry_twice",
        en="an entry appears twice",
        ko="한 항목이 두 번 들어 있습니다",
    ),
    entry(
        "protocol.about_another",
        en="{what} is about another {name} ({found}, not {wanted}); it must be made anew, with the shares of now",
        ko="{what}은(는) 다른 {name}에 대한 것입니다({found}, {wanted} 아님); 지금의 조각으로 새로 만들어야 합니다",
    ),
    entry(
        "protocol.answer_of",
        en="the answer of {name}",
        ko="{name}의 답",
    ),
    entry(
        "protocol.statement_of",
        en="the statement of {signer}",
        ko="{signer}의 서명문",
    ),
    entry(
        "protocol.verdict_of",
        en="the verdict of {name}",
        ko="{name}의 판정",
    ),
)
