"""The server itself: API messages, pages, files, processes."""

from hefed.core.words.entry import Entry, entry

ENTRIES: tuple[Entry, ...] = (
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
