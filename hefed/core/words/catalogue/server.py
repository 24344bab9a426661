"""The server itself: API messages, pages, files, processes."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "server.disk_full",
        en="cannot store anything: the server's disk is full; wait and try again, and tell its administrator",
        ko="저장할 수 없습니다: 서버의 디스크가 가득 찼습니다; 기다렸다가 다시 시도하고 서버 관리자에게 알리세요",
    ),
    entry(
        "server.no_token",
        en="cannot sign in: header 'Authorization: Bearer hefed_...' is missing; send the token you were given",
        ko="로그인할 수 없습니다: 'Authorization: Bearer hefed_...' 헤더가 없습니다; 받은 토큰을 보내세요",
    ),
    entry(
        "server.not_json",
        en="cannot read the message: it is not JSON; send what the API page describes",
        ko="메시지를 읽을 수 없습니다: JSON이 아닙니다; API 페이지에 적힌 형식으로 보내세요",
    ),
    entry(
        "server.too_many_bytes",
        en="cannot read the message: it has more than {limit:,} bytes; send less",
        ko="메시지를 읽을 수 없습니다: {limit:,}바이트를 넘습니다; 더 적게 보내세요",
    ),
    entry(
        "server.wrong_field",
        en="cannot read the message: field {place}: {problem}; send what the API page describes",
        ko="메시지를 읽을 수 없습니다: 필드 {place}: {problem}; API 페이지에 적힌 형식으로 보내세요",
    ),
    entry(
        "server.not_allowed",
        en="cannot do this: the server does not allow it to this caller; use a token or a sign-in that may",
        ko="할 수 없습니다: 서버가 이 호출자에게 허용하지 않습니다; 허용된 토큰이나 로그인을 사용하세요",
    ),
    entry(
        "server.no_address",
        en="cannot answer: there is nothing at this address; see the addresses at /api/v1/docs",
        ko="응답할 수 없습니다: 이 주소에는 아무것도 없습니다; /api/v1/docs에서 주소를 확인하세요",
    ),
    entry(
        "server.no_method",
        en="cannot answer: this address does not take this method; see what it takes at /api/v1/docs",
        ko="응답할 수 없습니다: 이 주소는 이 메서드를 받지 않습니다; /api/v1/docs에서 무엇을 받는지 확인하세요",
    ),
    entry(
        "server.too_large",
        en="cannot read the message: it is larger than this address takes; send less",
        ko="메시지를 읽을 수 없습니다: 이 주소가 받는 것보다 큽니다; 더 적게 보내세요",
    ),
    entry(
        "server.too_often",
        en="cannot answer: this was asked too often; wait five minutes and try again",
        ko="응답할 수 없습니다: 너무 자주 요청되었습니다; 5분 기다렸다가 다시 시도하세요",
    ),
    entry(
        "server.failed",
        en="cannot answer: the server failed; try again, and tell the platform administrator if it comes back",
        ko="응답할 수 없습니다: 서버에 오류가 났습니다; 다시 시도하고, 다시 나타나면 플랫폼 관리자에게 알리세요",
    ),
    entry(
        "server.not_taken",
        en="cannot read the request: its address, host name or form is not taken here; see /api/v1/docs",
        ko="요청을 읽을 수 없습니다: 주소, 호스트 이름 또는 형식이 여기서 받지 않는 것입니다; /api/v1/docs를 보세요",
    ),
    entry(
        "server.no_such_move",
        en=(
            "cannot move {thing} to “{new}”: it is “{old}”, from where only these are possible: {possible}; reload "
            "the page"
        ),
        ko=(
            "{thing}의 상태를 ‘{new}’(으)로 바꿀 수 없습니다: 현재 ‘{old}’이며 다음만 될 수 있습니다: {possible}; "
            "페이지를 새로 고치세요"
        ),
    ),
    entry(
        "server.no_move_left",
        en="cannot move {thing} to “{new}”: it is “{old}” for good; reload the page",
        ko=(
            "{thing}의 상태를 ‘{new}’(으)로 바꿀 수 없습니다: ‘{old}’ 상태는 더 바뀌지 않습니다; 페이지를 새로 고치세요"
        ),
    ),
    entry(
        "server.state_requested",
        en="requested",
        ko="신청됨",
    ),
    entry(
        "server.state_approved",
        en="approved",
        ko="승인됨",
    ),
    entry(
        "server.state_refused",
        en="refused",
        ko="거절됨",
    ),
    entry(
        "server.state_suspended",
        en="suspended",
        ko="정지됨",
    ),
    entry(
        "server.state_closed",
        en="closed",
        ko="종료됨",
    ),
    entry(
        "server.state_draft",
        en="draft",
        ko="초안",
    ),
    entry(
        "server.state_open",
        en="open",
        ko="진행 중",
    ),
    entry(
        "server.state_uploading",
        en="uploading",
        ko="업로드 중",
    ),
    entry(
        "server.state_checking",
        en="checking",
        ko="검사 중",
    ),
    entry(
        "server.state_custodian",
        en="waiting for the custodian",
        ko="키 관리자 대기 중",
    ),
    entry(
        "server.state_admitted",
        en="admitted",
        ko="편입됨",
    ),
    entry(
        "server.state_quarantined",
        en="quarantined",
        ko="격리됨",
    ),
    entry(
        "server.state_outdated",
        en="outdated",
        ko="갱신 필요",
    ),
    entry(
        "server.state_withdrawn",
        en="withdrawn",
        ko="철회됨",
    ),
    entry(
        "server.state_incomplete",
        en="incomplete",
        ko="미완성",
    ),
    entry(
        "server.state_active",
        en="active",
        ko="사용 중",
    ),
    entry(
        "server.state_proposed",
        en="proposed",
        ko="제안됨",
    ),
    entry(
        "server.state_retired",
        en="retired",
        ko="폐기됨",
    ),
    entry(
        "server.state_queued",
        en="queued",
        ko="대기열",
    ),
    entry(
        "server.state_running",
        en="running",
        ko="실행 중",
    ),
    entry(
        "server.state_finished",
        en="finished",
        ko="완료",
    ),
    entry(
        "server.state_failed",
        en="failed",
        ko="실패",
    ),
    entry(
        "server.state_cancelled",
        en="cancelled",
        ko="취소됨",
    ),
    entry(
        "server.state_collecting",
        en="waiting for approvals",
        ko="승인 대기 중",
    ),
    entry(
        "server.state_published",
        en="published",
        ko="게시됨",
    ),
    entry(
        "server.state_rejected",
        en="rejected",
        ko="반려됨",
    ),
    entry(
        "server.state_expired",
        en="expired",
        ko="만료됨",
    ),
    entry(
        "server.blob_missing",
        en="cannot read blob {digest}: the storage does not hold it; restore it from the backup",
        ko="블롭 {digest}을(를) 읽을 수 없습니다: 저장소에 없습니다; 백업에서 복원하세요",
    ),
    entry(
        "server.setting_missing",
        en="cannot start: {name} is not set; set {name} or {name}_FILE",
        ko="시작할 수 없습니다: {name}이(가) 설정되지 않았습니다; {name} 또는 {name}_FILE을 설정하세요",
    ),
    entry(
        "server.setting_file_unreadable",
        en="cannot start: {name}_FILE={path} cannot be read ({problem}); point it at a readable file",
        ko=(
            "시작할 수 없습니다: {name}_FILE={path}을(를) 읽을 수 없습니다({problem}); 읽을 수 있는 파일을 가리키게 "
            "하세요"
        ),
    ),
    entry(
        "server.setting_no_flag",
        en="cannot start: {name}={value} is not a yes or no; use 1 or 0",
        ko="시작할 수 없습니다: {name}={value}은(는) 예 또는 아니요가 아닙니다; 1 또는 0을 쓰세요",
    ),
    entry(
        "server.setting_no_number",
        en="cannot start: {name}={value} is not a whole number; use digits only",
        ko="시작할 수 없습니다: {name}={value}은(는) 정수가 아닙니다; 숫자만 쓰세요",
    ),
    entry(
        "server.no_payload",
        en="cannot send the payload of {name}: the request is {state}; ask for the list again",
        ko="{name}의 페이로드를 보낼 수 없습니다: 요청 상태가 {state}입니다; 목록을 다시 요청하세요",
    ),
    entry(
        "server.body_too_large",
        en="cannot take the body: it has more than {limit:,} bytes; send what this address takes",
        ko="본문을 받을 수 없습니다: {limit:,}바이트를 넘습니다; 이 주소가 받는 크기로 보내세요",
    ),
    entry(
        "server.hand_over_taken",
        en="cannot send the hand-over: it was taken, and deleted here",
        ko="인계 자료를 보낼 수 없습니다: 이미 인계되어 여기서 지워졌습니다",
    ),
    entry(
        "server.token_scope",
        en="cannot do this with a token of scope {scope}: it takes {scopes}",
        ko="범위가 {scope}인 토큰으로는 이 작업을 할 수 없습니다: {scopes} 범위가 필요합니다",
    ),
    entry(
        "server.no_dictionary",
        en="cannot describe the study: it has no data dictionary yet; publish one first",
        ko="연구 정보를 보낼 수 없습니다: 아직 데이터 사전이 없습니다; 먼저 게시하세요",
    ),
    entry(
        "server.no_block",
        en="cannot upload block {index}: {batch} has blocks 0 to {last}; send one of these",
        ko=(
            "블록 {index}을(를) 업로드할 수 없습니다: {batch}에는 블록 0부터 {last}까지 있습니다; 그중 하나를 보내세요"
        ),
    ),
    entry(
        "server.token_of_none",
        en="cannot do this: the token belongs to no institution; use an encryptor token",
        ko="이 작업을 할 수 없습니다: 토큰에 연결된 기관이 없습니다; 암호화 프로그램용 토큰을 사용하세요",
    ),
    entry(
        "server.upload_offset",
        en="cannot upload: header Upload-Offset is {text}; send the offset of the first byte",
        ko="업로드할 수 없습니다: Upload-Offset 헤더가 {text}입니다; 첫 바이트의 위치를 보내세요",
    ),
    entry(
        "server.upload_digest",
        en="cannot upload: header Upload-Digest is {text}; send the block's SHA-256 in hex, or none",
        ko=(
            "업로드할 수 없습니다: Upload-Digest 헤더가 {text}입니다; 블록의 SHA-256을 16진수로 보내거나 헤더를 빼세요"
        ),
    ),
    entry(
        "server.page_token",
        en="cannot do this: the page's security token is missing or old; reload the page",
        ko="이 작업을 할 수 없습니다: 페이지의 보안 토큰이 없거나 오래되었습니다; 페이지를 새로 고치세요",
    ),
    entry(
        "server.signed_out",
        en="cannot do this: nobody is signed in any more; sign in again, the upload goes on",
        ko="이 작업을 할 수 없습니다: 로그인이 끊겼습니다; 다시 로그인하면 업로드가 이어집니다",
    ),
    entry(
        "server.no_hospital",
        en="cannot do this: you act for no hospital of this study; ask a project administrator",
        ko="이 작업을 할 수 없습니다: 이 연구에서 담당하는 병원이 없습니다; 연구 관리자에게 문의하세요",
    ),
    entry(
        "server.hospital_state",
        en="cannot do this: {institution} is {state}; ask an administrator",
        ko="이 작업을 할 수 없습니다: {institution}의 상태가 {state}입니다; 관리자에게 문의하세요",
    ),
    entry(
        "server.payload",
        en=(
            "cannot use the payload of {request}: {received} bytes arrived that are not the {announced} announced "
            "ones; the server must make the request anew"
        ),
        ko=(
            "{request}의 내용을 쓸 수 없습니다: 도착한 {received}바이트가 예고된 {announced}바이트가 아닙니다; "
            "서버가 요청을 새로 만들어야 합니다"
        ),
    ),
    entry(
        "server.not_understood",
        en=(
            "cannot understand the answer to {path} from the server: {field}: {why}; server and program must be of one "
            "version"
        ),
        ko="{path}에 대한 서버의 답을 이해할 수 없습니다: {field}: {why}; 서버와 프로그램은 같은 판이어야 합니다",
    ),
    entry(
        "server.unreachable",
        en="cannot reach the server for {what}: {attempts|attempt|attempts} failed ({why}); {advice}",
        ko="{what}을(를) 위해 서버에 연결할 수 없습니다: {attempts}번 실패했습니다({why}); {advice}",
    ),
    entry(
        "server.status",
        en="status {status}: {why}",
        ko="상태 {status}: {why}",
    ),
    entry(
        "server.check_address",
        en="check --server",
        ko="--server를 확인하세요",
    ),
    entry(
        "server.check_network",
        en="check --server and the network, then run the same command again: it continues where it stopped",
        ko="--server와 네트워크를 확인한 뒤 같은 명령을 다시 실행하세요: 멈춘 곳에서 이어집니다",
    ),
    entry(
        "server.refused",
        en="the server refused {path} (status {status}): {why}",
        ko="서버가 {path}을(를) 거절했습니다(상태 {status}): {why}",
    ),
    entry(
        "server.said",
        en="{text}",
        ko="서버의 말: {text}",
    ),
    entry(
        "server.no_reason",
        en="no reason given",
        ko="이유를 밝히지 않았습니다",
    ),
)
