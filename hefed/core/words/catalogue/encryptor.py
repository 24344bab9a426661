"""The hospital's command line: table, encryption, batch file, upload."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "encryptor.cause",
        en="column {column}: {cell} in {where}; {remedy}",
        ko="{column} 열: {cell}, {where}; {remedy}",
    ),
    entry(
        "encryptor.more_causes",
        en="and {n|further reason|further reasons}; --refused-rows FILE lists all",
        ko="그 밖의 사유 {n}개; --refused-rows FILE로 모두 볼 수 있습니다",
    ),
    entry(
        "encryptor.table_changed",
        en="cannot encrypt: the table changed after it was checked; check and encrypt it again",
        ko="암호화할 수 없습니다: 검사한 뒤에 표가 바뀌었습니다; 다시 검사하고 암호화하세요",
    ),
    entry(
        "encryptor.changed_while_read",
        en="cannot encrypt {name}: it changed while it was read ({kind}); start again",
        ko="{name}을(를) 암호화할 수 없습니다: 읽는 동안 바뀌었습니다({kind}); 처음부터 다시 하세요",
    ),
    entry(
        "encryptor.process_ended",
        en=(
            "cannot encrypt: one of {workers|process|processes} was ended from outside, often for want of memory; "
            "try again with --workers 1"
        ),
        ko=(
            "암호화할 수 없습니다: 프로세스 {workers}개 중 하나가 밖에서 끝났습니다(대개 메모리 부족); --workers 1로 "
            "다시 하세요"
        ),
    ),
    entry(
        "encryptor.key_size",
        en="cannot use the public key: it has {size:,} bytes, the limit is {limit:,}; check --server",
        ko="공개 키를 쓸 수 없습니다: {size:,}바이트로 한도 {limit:,}바이트를 넘습니다; --server를 확인하세요",
    ),
    entry(
        "encryptor.block_refused",
        en="cannot send block {index}: the server refused it ({reason}); run the same command again",
        ko="블록 {index}을(를) 보낼 수 없습니다: 서버가 받지 않았습니다({reason}); 같은 명령을 다시 실행하세요",
    ),
    entry(
        "encryptor.offset",
        en="cannot append: the server holds {expected|byte|bytes} of this block; continue from there",
        ko="이어 보낼 수 없습니다: 서버에 이 블록의 {expected}바이트가 있습니다; 거기서 이어 가세요",
    ),
    entry(
        "encryptor.no_id_column",
        en="cannot list held-out patients: {name} has no heading '{column}'; add the column",
        ko="홀드아웃 환자를 나열할 수 없습니다: {name}에 제목 '{column}'이(가) 없습니다; 열을 추가하세요",
    ),
    entry(
        "encryptor.state_key",
        en="cannot use {path}: it has {size|byte|bytes}, not {wanted}; restore it, or choose another --state-dir",
        ko=(
            "{path}을(를) 쓸 수 없습니다: {wanted}바이트가 아니라 {size}바이트입니다; 복원하거나 다른 --state-dir을 "
            "고르세요"
        ),
    ),
    entry(
        "encryptor.rows_refused",
        en=(
            "cannot use {name}: {refused} of {rows|row|rows} {refused?is|are} refused; correct them, or leave them "
            "out with --skip-invalid"
        ),
        ko=("{name}을(를) 쓸 수 없습니다: {rows}행 중 {refused}행이 제외되었습니다; 고치거나 --skip-invalid로 빼세요"),
    ),
    entry(
        "encryptor.no_patient",
        en="cannot use {name}: no patient is left; check the table's rows",
        ko="{name}을(를) 쓸 수 없습니다: 남은 환자가 없습니다; 표의 행을 확인하세요",
    ),
    entry(
        "encryptor.package",
        en="cannot use the study package: {why}",
        ko="연구 패키지를 쓸 수 없습니다: {why}",
    ),
    entry(
        "encryptor.package_digest",
        en=(
            "cannot use the study package: its dictionary has digest {digest}, it announces {announced}; fetch the "
            "package again"
        ),
        ko=(
            "연구 패키지를 쓸 수 없습니다: 데이터 사전의 다이제스트가 {digest}인데 {announced}(이)라고 알립니다; "
            "패키지를 다시 받으세요"
        ),
    ),
    entry(
        "encryptor.no_package",
        en="cannot use {name} as a study package: {place}: {message}; fetch it again from the server",
        ko="{name}을(를) 연구 패키지로 쓸 수 없습니다: {place}: {message}; 서버에서 다시 받으세요",
    ),
    entry(
        "encryptor.no_key",
        en="cannot encrypt: the custodian has not published a key for this study; ask the custodian",
        ko="암호화할 수 없습니다: 키 관리자가 이 연구의 키를 게시하지 않았습니다; 키 관리자에게 물어보세요",
    ),
    entry(
        "encryptor.public_key",
        en="cannot use the public key: {why}",
        ko="공개 키를 쓸 수 없습니다: {why}",
    ),
    entry(
        "encryptor.fingerprint_package",
        en=(
            "cannot use the public key: its fingerprint is {found}, the study package says {wanted}; do not encrypt, "
            "ask the custodian to read theirs out"
        ),
        ko=(
            "공개 키를 쓸 수 없습니다: 지문이 {found}인데 연구 패키지에는 {wanted}(으)로 되어 있습니다; 암호화하지 "
            "말고 키 관리자에게 지문을 읽어 달라고 하세요"
        ),
    ),
    entry(
        "encryptor.fingerprint_expected",
        en=(
            "cannot use the public key: its fingerprint is {found}, --expect-fingerprint says {wanted}; do not "
            "encrypt, ask the custodian to read theirs out"
        ),
        ko=(
            "공개 키를 쓸 수 없습니다: 지문이 {found}인데 --expect-fingerprint에는 {wanted}(으)로 되어 있습니다; "
            "암호화하지 말고 키 관리자에게 지문을 읽어 달라고 하세요"
        ),
    ),
    entry(
        "encryptor.no_server",
        en="cannot reach a server: --server and --token-file are needed; give both",
        ko="서버에 닿을 수 없습니다: --server와 --token-file이 필요합니다; 둘 다 주세요",
    ),
    entry(
        "encryptor.no_token",
        en="cannot use {name}: it does not hold a token; save the token alone in it",
        ko="{name}을(를) 쓸 수 없습니다: 토큰이 들어 있지 않습니다; 토큰만 저장하세요",
    ),
    entry(
        "encryptor.no_study",
        en="cannot know the study: no option names it; give --study-file, or --server with --token-file",
        ko=(
            "연구를 알 수 없습니다: 연구를 알려 주는 옵션이 없습니다; --study-file을 주거나 --server와 "
            "--token-file을 주세요"
        ),
    ),
    entry(
        "encryptor.no_key_option",
        en="cannot encrypt: no option names the public key; give --key-file, or --server with --token-file",
        ko=(
            "암호화할 수 없습니다: 공개 키를 알려 주는 옵션이 없습니다; --key-file을 주거나 --server와 "
            "--token-file을 주세요"
        ),
    ),
    entry(
        "encryptor.other_study",
        en=(
            "cannot upload {name}: its {field} is {found}, the study's is {wanted}; encrypt the table again with "
            "this study's package"
        ),
        ko=(
            "{name}을(를) 올릴 수 없습니다: {field}이(가) {found}인데 연구의 것은 {wanted}입니다; 이 연구의 패키지로 "
            "표를 다시 암호화하세요"
        ),
    ),
    entry(
        "encryptor.not_published",
        en="not published",
        ko="게시되지 않음",
    ),
    entry(
        "encryptor.not_yet",
        en=(
            "cannot say yet whether {batch} is admitted: it is '{state}' after {waited:.0f} seconds; the batch is "
            "safe at the server, run upload again to ask"
        ),
        ko=(
            "{batch}이(가) 받아들여졌는지 아직 알 수 없습니다: {waited:.0f}초가 지났지만 '{state}' 상태입니다; "
            "배치는 서버에 안전하게 있으니 upload를 다시 실행해 확인하세요"
        ),
    ),
    entry(
        "encryptor.quarantined",
        en=("cannot add batch {batch} to the pool: it was quarantined ({reason}); correct the table and send it again"),
        ko="배치 {batch}을(를) 풀에 넣을 수 없습니다: 격리되었습니다({reason}); 표를 고쳐 다시 보내세요",
    ),
    entry(
        "encryptor.batch_over",
        en="cannot use batch {batch}: it is {state} ({reason}); fetch the study again and send a new batch",
        ko="배치 {batch}을(를) 쓸 수 없습니다: {state} 상태입니다({reason}); 연구를 다시 받고 새 배치를 보내세요",
    ),
    entry(
        "encryptor.no_reason",
        en="no reason given",
        ko="사유 없음",
    ),
    entry(
        "encryptor.server_stays",
        en="cannot send block {index}: the server stays at {size|byte|bytes}; tell its administrator",
        ko="블록 {index}을(를) 보낼 수 없습니다: 서버가 {size}바이트에 머물러 있습니다; 서버 관리자에게 알리세요",
    ),
    entry(
        "encryptor.file",
        en="cannot read or write {path}: {message}; check path, rights and space",
        ko="{path}을(를) 읽거나 쓸 수 없습니다: {message}; 경로와 권한, 남은 공간을 확인하세요",
    ),
    entry(
        "encryptor.a_file",
        en="a file",
        ko="파일",
    ),
    entry(
        "encryptor.saved",
        en="Saved: {path}",
        ko="저장함: {path}",
    ),
    entry(
        "encryptor.table_follows",
        en="The table follows the dictionary",
        ko="표가 데이터 사전과 맞습니다",
    ),
    entry(
        "encryptor.held_out_listed",
        en="{n|held-out patient is|held-out patients are} listed in {path}",
        ko="홀드아웃 환자 {n}명의 목록: {path}",
    ),
    entry(
        "encryptor.fingerprint",
        en="Public key fingerprint: {groups}",
        ko="공개 키 지문: {groups}",
    ),
    entry(
        "encryptor.compare_fingerprint",
        en="Compare it with the custodian's, read out on another way, before you send patients.",
        ko="환자를 보내기 전에, 다른 경로로 들은 키 관리자의 지문과 비교하세요.",
    ),
    entry(
        "encryptor.table_read",
        en="Table: {encoding}, {delimiter}, {rows|row|rows}, {empty} empty {empty?one|ones} skipped",
        ko="표: {encoding}, {delimiter}, {rows}행, 빈 행 {empty}개는 건너뜀",
    ),
    entry(
        "encryptor.columns_stay",
        en="Not in the dictionary, stays here: {names}",
        ko="데이터 사전에 없어 여기에 남는 열: {names}",
    ),
    entry(
        "encryptor.no_heading",
        en="(no heading)",
        ko="(제목 없음)",
    ),
    entry(
        "encryptor.ready",
        en="Ready: {patients|patient|patients} ({held} held out for testing), {events} with the outcome",
        ko="준비됨: 환자 {patients}명(홀드아웃 {held}명), 결과 발생 {events}명",
    ),
    entry(
        "encryptor.refused_count",
        en="Refused: {rows|row|rows}",
        ko="제외: {rows}행",
    ),
    entry(
        "encryptor.checking",
        en="Checking",
        ko="검사",
    ),
    entry(
        "encryptor.encrypting",
        en="Encrypting",
        ko="암호화",
    ),
    entry(
        "encryptor.uploading",
        en="Uploading",
        ko="업로드",
    ),
    entry(
        "encryptor.blocks",
        en="blocks",
        ko="블록",
    ),
    entry(
        "encryptor.variable",
        en="variable",
        ko="변수",
    ),
    entry(
        "encryptor.kind",
        en="kind",
        ko="종류",
    ),
    entry(
        "encryptor.missing",
        en="missing",
        ko="결측",
    ),
    entry(
        "encryptor.filled",
        en="filled",
        ko="대체",
    ),
    entry(
        "encryptor.clipped",
        en="clipped",
        ko="잘림",
    ),
    entry(
        "encryptor.refused",
        en="refused",
        ko="제외",
    ),
    entry(
        "encryptor.refused_written",
        en="Row numbers and reasons are in {path}",
        ko="행 번호와 사유: {path}",
    ),
    entry(
        "encryptor.encrypted",
        en=(
            "Encrypted: {columns|column|columns} and the outcome of {patients|patient|patients}, "
            "{blocks|block|blocks}, {megabytes:.1f} MB, in {path}"
        ),
        ko=("암호화함: 환자 {patients}명의 열 {columns}개와 결과 변수, 블록 {blocks}개, {megabytes:.1f} MB, {path}"),
    ),
    entry(
        "encryptor.sent",
        en="Sent: batch {batch}, {megabytes:.1f} MB, state '{state}'",
        ko="보냄: 배치 {batch}, {megabytes:.1f} MB, '{state}' 상태",
    ),
    entry(
        "encryptor.awaiting",
        en="Waiting for the admission check by server and custodian",
        ko="서버와 키 관리자의 검사를 기다리는 중",
    ),
    entry(
        "encryptor.admitted",
        en="Admitted: batch {batch} is in the pool",
        ko="받아들여짐: 배치 {batch}이(가) 풀에 있습니다",
    ),
    entry(
        "encryptor.sent_before",
        en="Sent before: this table is batch {batch}, state '{state}'",
        ko="이미 보냄: 이 표는 배치 {batch}이며 '{state}' 상태입니다",
    ),
    entry(
        "encryptor.continuing",
        en="Continuing with the batch encrypted earlier: {patients|patient|patients}",
        ko="전에 암호화한 배치로 이어 갑니다: 환자 {patients}명",
    ),
)
