"""Batches on the server: upload, admission, withdrawal, replacement."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "batches.study_not_open",
        en="cannot accept batch: study {study} is {state} and takes no batches; upload to an open study",
        ko=(
            "배치를 받을 수 없습니다: 연구 {study}의 상태가 {state}(이)라 추가할 수 없습니다; 진행 중인 연구에 올리세요"
        ),
    ),
    entry(
        "batches.no_key_yet",
        en="cannot accept batch: the custodian has not published its keys; try again later",
        ko="배치를 받을 수 없습니다: 키 관리자가 아직 키를 게시하지 않았습니다; 나중에 다시 시도하세요",
    ),
    entry(
        "batches.terms_not_accepted",
        en=(
            "cannot accept batch: {institution} has not accepted version {version} of the study's terms; a "
            "coordinator reads and accepts them on the page Terms"
        ),
        ko=(
            "배치를 받을 수 없습니다: {institution}이(가) 연구 약정 버전 {version}에 동의하지 않았습니다; "
            "코디네이터가 약정 페이지에서 읽고 동의하세요"
        ),
    ),
    entry(
        "batches.key_expired",
        en=(
            "cannot accept batch: the study's key expired on {day}; ask the custodian to run `rotate`, then encrypt "
            "under the new key"
        ),
        ko=(
            "배치를 받을 수 없습니다: 연구의 키가 {day}에 만료되었습니다; 키 관리자에게 `rotate` 실행을 부탁하고 새 "
            "키로 암호화하세요"
        ),
    ),
    entry(
        "batches.key_not_confirmed",
        en=(
            "cannot accept batch: nobody of {institution} has confirmed key {key} yet; a coordinator compares its "
            "fingerprint with the custodian on the telephone and confirms it on the page Keys"
        ),
        ko=(
            "배치를 받을 수 없습니다: {institution}에서 아직 아무도 키 {key}를 확인하지 않았습니다; 담당자가 전화로 "
            "키 관리자와 지문을 비교하고 키 페이지에서 확인합니다"
        ),
    ),
    entry(
        "batches.no_dictionary_yet",
        en="cannot accept batch: the study has no data dictionary; publish one first",
        ko="배치를 받을 수 없습니다: 연구에 데이터 사전이 없습니다; 먼저 게시하세요",
    ),
    entry(
        "batches.other_dictionary",
        en=(
            "cannot accept batch: it follows dictionary version {found} ({found_digest}), the study uses version "
            "{wanted} ({wanted_digest}); fetch the study again and encrypt anew"
        ),
        ko=(
            "배치를 받을 수 없습니다: 데이터 사전 버전 {found}({found_digest})을 따르지만 연구는 버전 "
            "{wanted}({wanted_digest})을 씁니다; 연구 정보를 다시 받아 새로 암호화하세요"
        ),
    ),
    entry(
        "batches.other_columns",
        en=(
            "cannot accept batch: it announces {columns|column|columns} that are not the dictionary's {known}; "
            "encrypt anew with this study's encryptor"
        ),
        ko=(
            "배치를 받을 수 없습니다: 알린 열 {columns}개가 데이터 사전의 열 {known}개와 다릅니다; 이 연구의 암호화 "
            "프로그램으로 새로 암호화하세요"
        ),
    ),
    entry(
        "batches.no_such_batch",
        en="cannot find {batch}: there is no such batch here; check the id",
        ko="{batch}을(를) 찾을 수 없습니다: 그런 배치가 없습니다; 번호를 확인하세요",
    ),
    entry(
        "batches.same_patients",
        en=(
            "cannot accept batch: its {patients|patient|patients} {patients?is one|are those} of {where}; nothing "
            "was lost, withdraw that batch first if this one replaces it"
        ),
        ko=(
            "배치를 받을 수 없습니다: 환자 {patients}명이 {where}의 환자와 같습니다; 잃은 것은 없으니, 이 배치로 "
            "바꾸려면 먼저 그 배치를 철회하세요"
        ),
    ),
    entry(
        "batches.blocks_missing",
        en="cannot complete {batch}: {missing|block is|blocks are} not stored yet; upload the rest first",
        ko="{batch}을(를) 완료할 수 없습니다: 블록 {missing}개가 아직 저장되지 않았습니다; 먼저 올리세요",
    ),
    entry(
        "batches.in_use",
        en="cannot withdraw {batch}: {job} computes on it; cancel the job or wait for its end",
        ko=(
            "{batch}을(를) 철회할 수 없습니다: {job}이(가) 이 배치로 계산하고 있습니다; 작업을 취소하거나 끝날 "
            "때까지 기다리세요"
        ),
    ),
    entry(
        "batches.block_too_long",
        en=(
            "cannot take {length} bytes at byte {offset}: block {index} was announced with {bytes} bytes; send the "
            "announced file"
        ),
        ko=(
            "바이트 {offset}에서 {length}바이트를 받을 수 없습니다: 블록 {index}은(는) {bytes}바이트로 알려졌습니다; "
            "알린 파일을 보내세요"
        ),
    ),
    entry(
        "batches.no_digest",
        en="cannot upload block {index}: its manifest has no digest; send it in header Upload-Digest",
        ko=(
            "블록 {index}을(를) 업로드할 수 없습니다: 매니페스트에 다이제스트가 없습니다; Upload-Digest 헤더로 보내세요"
        ),
    ),
    entry(
        "batches.block_busy",
        en="cannot take bytes of block {index}: another upload of it is under way; try again in a moment",
        ko=("블록 {index}을(를) 받을 수 없습니다: 같은 블록의 다른 업로드가 진행 중입니다; 잠시 뒤에 다시 시도하세요"),
    ),
    entry(
        "batches.not_uploading",
        en=("cannot take bytes of block {index}: its batch is {state}, no longer uploading; announce the batch anew"),
        ko=(
            "블록 {index}을(를) 받을 수 없습니다: 배치 상태가 {state}(이)라 더 이상 업로드할 수 없습니다; 배치를 "
            "다시 알리세요"
        ),
    ),
    entry(
        "batches.connection_broke",
        en="cannot read on: the connection broke at byte {position} of block {index}; continue from there",
        ko="계속 읽을 수 없습니다: 블록 {index}의 바이트 {position}에서 연결이 끊겼습니다; 거기서 이어 보내세요",
    ),
    entry(
        "batches.other_digest",
        en=(
            "cannot store block {index}: its digest begins {digest}, {announced} was announced; it was damaged on "
            "the way, send it again from byte 0"
        ),
        ko=(
            "블록 {index}을(를) 저장할 수 없습니다: 다이제스트가 {digest}로 시작하지만 알린 값은 {announced}입니다; "
            "전송 중 손상되었으니 바이트 0부터 다시 보내세요"
        ),
    ),
    entry(
        "batches.other_envelope",
        en=(
            "cannot store block {index}: its envelope says {field} {found}, the manifest says {wanted}; encrypt the "
            "batch anew"
        ),
        ko=(
            "블록 {index}을(를) 저장할 수 없습니다: 봉투에는 {field}이(가) {found}(으)로, 매니페스트에는 "
            "{wanted}(으)로 되어 있습니다; 배치를 새로 암호화하세요"
        ),
    ),
    entry(
        "batches.other_items",
        en=(
            "cannot store block {index}: its {items|item is|items are} not one ciphertext per column and one for the "
            "outcome; encrypt the batch anew"
        ),
        ko=(
            "블록 {index}을(를) 저장할 수 없습니다: 항목 {items}개가 열마다 하나와 결과 변수 하나의 암호문이 "
            "아닙니다; 배치를 새로 암호화하세요"
        ),
    ),
    entry(
        "batches.id_not_typed",
        en="cannot withdraw {batch}: its id was not typed; go back and type {batch}",
        ko="{batch}을(를) 철회할 수 없습니다: 번호를 입력하지 않았습니다; 돌아가서 {batch}을(를) 입력하세요",
    ),
    entry(
        "batches.no_hospital",
        en="cannot add patients: you act for no hospital of this study; ask a project administrator",
        ko="환자를 추가할 수 없습니다: 이 연구에서 담당하는 병원이 없습니다; 연구 관리자에게 문의하세요",
    ),
    entry(
        "batches.retired_key",
        en=(
            "cannot accept batch: it is encrypted under key {key}, which was retired on {day}; the study uses "
            "{present}; fetch the study again, encrypt the same table anew and upload that"
        ),
        ko=(
            "배치를 받을 수 없습니다: {day}에 폐기된 키 {key}로 암호화되었고 연구는 {present}를 씁니다; 연구 정보를 "
            "다시 받아 같은 표를 새로 암호화해 올리세요"
        ),
    ),
    entry(
        "batches.other_key",
        en=(
            "cannot accept batch: it is encrypted under key {key}; the study uses {present}; fetch the study again, "
            "encrypt the same table anew and upload that"
        ),
        ko=(
            "배치를 받을 수 없습니다: 키 {key}로 암호화되었지만 연구는 {present}를 씁니다; 연구 정보를 다시 받아 "
            "같은 표를 새로 암호화해 올리세요"
        ),
    ),
    entry(
        "batches.other_study",
        en="cannot accept batch: its study is {found}, this address takes {wanted}; use the token of that study",
        ko=(
            "배치를 받을 수 없습니다: 연구가 {found}이지만 이 주소는 {wanted}만 받습니다; 해당 연구의 토큰을 사용하세요"
        ),
    ),
    entry(
        "batches.other_institution",
        en=(
            "cannot accept batch: its institution is {found}, this address takes {wanted}; use the token of that "
            "institution"
        ),
        ko=(
            "배치를 받을 수 없습니다: 기관이 {found}이지만 이 주소는 {wanted}만 받습니다; 해당 기관의 토큰을 사용하세요"
        ),
    ),
    entry(
        "batches.other_profile",
        en=(
            "cannot accept batch: its profile is {found}, the study's is {wanted}; fetch the study again and encrypt "
            "anew"
        ),
        ko=(
            "배치를 받을 수 없습니다: 프로필이 {found}이지만 연구의 프로필은 {wanted}입니다; 연구 정보를 다시 받아 "
            "새로 암호화하세요"
        ),
    ),
    entry(
        "batches.too_many_blocks",
        en="cannot accept batch: it has {blocks|block|blocks}, the limit is {most}; split it",
        ko="배치를 받을 수 없습니다: 블록이 {blocks}개로 한도 {most}개를 넘습니다; 나누세요",
    ),
    entry(
        "batches.blocks_not_numbered",
        en="cannot accept batch: its blocks are not numbered 0, 1, 2, ...; encrypt anew",
        ko="배치를 받을 수 없습니다: 블록 번호가 0, 1, 2, ... 순서가 아닙니다; 새로 암호화하세요",
    ),
    entry(
        "batches.holdout_first",
        en="cannot accept batch: a holdout block stands before a training block; encrypt anew",
        ko="배치를 받을 수 없습니다: 검증용 블록이 학습용 블록보다 앞에 있습니다; 새로 암호화하세요",
    ),
    entry(
        "batches.patients_differ",
        en="cannot accept batch: its blocks do not add up to its {patients|patient|patients}; encrypt anew",
        ko="배치를 받을 수 없습니다: 블록의 환자 수를 더해도 {patients}명이 되지 않습니다; 새로 암호화하세요",
    ),
    entry(
        "batches.no_order",
        en=(
            "cannot accept batch: it has blocks without digest and no order_digest; say in which order its patients "
            "stay"
        ),
        ko=(
            "배치를 받을 수 없습니다: 다이제스트가 없는 블록이 있는데 order_digest가 없습니다; 환자가 어떤 순서로 "
            "있는지 알리세요"
        ),
    ),
    entry(
        "batches.block_too_full",
        en=("cannot accept batch: block {index} has {patients|patient|patients}, a block holds {most}; encrypt anew"),
        ko=(
            "배치를 받을 수 없습니다: 블록 {index}에 환자가 {patients}명인데 한 블록에는 {most}명까지 들어갑니다; "
            "새로 암호화하세요"
        ),
    ),
    entry(
        "batches.block_size",
        en="cannot accept batch: block {index} has {bytes} bytes, expected {least} to {most}; encrypt anew",
        ko=(
            "배치를 받을 수 없습니다: 블록 {index}이(가) {bytes}바이트인데 {least}~{most}바이트여야 합니다; 새로 "
            "암호화하세요"
        ),
    ),
    entry(
        "batches.another_batch",
        en="another batch",
        ko="다른 배치",
    ),
    entry(
        "batches.batch_in_state",
        en="{batch}, which is {state}",
        ko="{batch}(현재 {state})",
    ),
    entry(
        "batches.other_offset",
        en="cannot continue block {index} at byte {offset}: byte {start} comes next; go on from there",
        ko=(
            "블록 {index}을(를) 바이트 {offset}부터 이을 수 없습니다: 다음은 바이트 {start}입니다; 거기서 이어 보내세요"
        ),
    ),
    entry(
        "batches.begins_anew",
        en=("cannot continue block {index} with another digest: byte 0 comes next; send the block from its beginning"),
        ko=(
            "블록 {index}을(를) 다른 다이제스트로 이을 수 없습니다: 바이트 0부터 보내야 합니다; 블록을 처음부터 "
            "보내세요"
        ),
    ),
    entry(
        "batches.withdrawn_by_hospital",
        en="withdrawn by its hospital",
        ko="소속 병원이 철회함",
    ),
    entry(
        "batches.key_replaced",
        en="its key was replaced; encrypt the same table again under the new key and upload it",
        ko="키가 바뀌었습니다; 같은 표를 새 키로 다시 암호화하여 업로드하세요",
    ),
    entry(
        "batches.person_withdraws",
        en="cannot withdraw {batch}: a token alone deletes nothing; a coordinator withdraws it on its page",
        ko="{batch}을(를) 철회할 수 없습니다: 토큰만으로는 지울 수 없습니다; 담당자가 배치 페이지에서 철회합니다",
    ),
    entry(
        "batches.withdrawn_by_administrator",
        en="withdrawn by an administrator",
        ko="관리자가 철회함",
    ),
)
