"""The server itself: API messages, pages, files, processes."""

from hefed.core.words.entry import Entry, entry

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
)
