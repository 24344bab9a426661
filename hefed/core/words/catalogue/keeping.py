"""A key holder's vault, store, ledger and backup."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "keeping.backup_exists",
        en="cannot write the backup: {path} exists; choose another --out, so that no backup is lost",
        ko="백업을 쓸 수 없습니다: {path}이(가) 이미 있습니다; 백업을 잃지 않도록 다른 --out을 고르세요",
    ),
    entry(
        "keeping.backup_unwritten",
        en="cannot write the backup to {path}: {why}; choose another --out",
        ko="{path}에 백업을 쓸 수 없습니다: {why}; 다른 --out을 고르세요",
    ),
    entry(
        "keeping.restore_occupied",
        en="cannot restore into {path}: it is not empty; choose a new --home, so that no key is overwritten",
        ko="{path}에 복원할 수 없습니다: 비어 있지 않습니다; 키를 덮어쓰지 않도록 새 --home을 고르세요",
    ),
    entry(
        "keeping.backup_unread",
        en="cannot read {path}: {why}; correct --from",
        ko="{path}을(를) 읽을 수 없습니다: {why}; --from을 고치세요",
    ),
    entry(
        "keeping.backup_cut",
        en=(
            "cannot restore {path}: it has {found} of {expected} sealed bytes, so it was cut off while it was "
            "copied; copy it again, or take another backup"
        ),
        ko=(
            "{path}을(를) 복원할 수 없습니다: 봉인된 {expected}바이트 중 {found}바이트만 있어 복사하다 잘렸습니다; "
            "다시 복사하거나 다른 백업을 쓰세요"
        ),
    ),
    entry(
        "keeping.backup_passphrase",
        en=(
            "cannot open {path}: the pass phrase is wrong, or the file was changed; use the pass phrase that the "
            "vault had when the backup was made"
        ),
        ko=(
            "{path}을(를) 열 수 없습니다: 암호 문구가 틀렸거나 파일이 바뀌었습니다; 백업을 만들 때 금고의 암호 "
            "문구를 쓰세요"
        ),
    ),
    entry(
        "keeping.no_backup",
        en="cannot restore {path}: it is no backup of a custodian; correct --from",
        ko="{path}을(를) 복원할 수 없습니다: 키 관리자의 백업이 아닙니다; --from을 고치세요",
    ),
    entry(
        "keeping.backup_header",
        en="cannot restore {path}: its header was changed; take another backup",
        ko="{path}을(를) 복원할 수 없습니다: 머리글이 바뀌었습니다; 다른 백업을 쓰세요",
    ),
    entry(
        "keeping.no_directory",
        en="cannot use {path} as a directory: {why}; choose a folder of your own",
        ko="{path}을(를) 폴더로 쓸 수 없습니다: {why}; 직접 소유한 폴더를 고르세요",
    ),
    entry(
        "keeping.already_running",
        en="cannot run: another agent works in {path}; stop it first",
        ko="실행할 수 없습니다: 다른 에이전트가 {path}에서 일하고 있습니다; 먼저 그것을 멈추세요",
    ),
    entry(
        "keeping.line_number",
        en="line {line}: it is numbered {found}; a line before it was removed or inserted",
        ko="{line}번째 줄: 번호가 {found}입니다; 앞줄이 지워졌거나 끼워졌습니다",
    ),
    entry(
        "keeping.line_order",
        en="line {line}: it does not follow from line {before}; one of the two was replaced",
        ko="{line}번째 줄: {before}번째 줄에서 이어지지 않습니다; 둘 중 하나가 바뀌었습니다",
    ),
    entry(
        "keeping.line_hash",
        en="line {line}: its hash does not match its content; it was changed after it was written",
        ko="{line}번째 줄: 해시가 내용과 맞지 않습니다; 쓴 뒤에 바뀌었습니다",
    ),
    entry(
        "keeping.head_missing",
        en="line {line}: {file} is missing, so lines may have been cut off",
        ko="{line}번째 줄: {file}이(가) 없어 줄이 잘렸을 수 있습니다",
    ),
    entry(
        "keeping.line_missing",
        en="line {line}: missing; {written} lines were written and {left} are left",
        ko="{line}번째 줄: 없습니다; {written}줄을 썼고 {left}줄이 남았습니다",
    ),
    entry(
        "keeping.head_other",
        en="line {line}: it is not the line that {file} recorded",
        ko="{line}번째 줄: {file}에 적힌 줄이 아닙니다",
    ),
    entry(
        "keeping.head_forged",
        en="line {line}: {file} was not written by the holder of this vault",
        ko="{line}번째 줄: {file}은(는) 이 금고의 주인이 쓴 것이 아닙니다",
    ),
    entry(
        "keeping.head_unread",
        en="line 0: {file} is not readable; restore it from its backup",
        ko="0번째 줄: {file}을(를) 읽을 수 없습니다; 백업에서 복원하세요",
    ),
    entry(
        "keeping.no_line",
        en="line {line}: it is not a ledger line; it was changed after it was written",
        ko="{line}번째 줄: 장부의 줄이 아닙니다; 쓴 뒤에 바뀌었습니다",
    ),
    entry(
        "keeping.other_public_key",
        en=(
            "cannot open {path}: the public key in it begins {found}, the vault's begins {wanted}; restore {file} "
            "from its backup"
        ),
        ko=(
            "{path}을(를) 열 수 없습니다: 안에 있는 공개 키는 {found}(으)로, 금고의 것은 {wanted}(으)로 시작합니다; "
            "{file}을(를) 백업에서 복원하세요"
        ),
    ),
    entry(
        "keeping.missing",
        en=("cannot read {path}: there is no such file; use the files of the ceremony, or restore it from its backup"),
        ko="{path}을(를) 읽을 수 없습니다: 그런 파일이 없습니다; 의식에서 나온 파일을 쓰거나 백업에서 복원하세요",
    ),
    entry(
        "keeping.id",
        en="cannot use '{name}' as an id: only letters, digits, - and _ (at most 100) are allowed",
        ko="'{name}'을(를) 이름으로 쓸 수 없습니다: 글자, 숫자, -, _만 최대 100자까지 쓸 수 있습니다",
    ),
    entry(
        "keeping.seal_broken",
        en=(
            "cannot open sealed bytes: they were changed, or sealed for something else; restore the file from its "
            "backup"
        ),
        ko="봉인된 바이트를 열 수 없습니다: 바뀌었거나 다른 용도로 봉인되었습니다; 파일을 백업에서 복원하세요",
    ),
    entry(
        "keeping.passphrase_short",
        en=(
            "cannot use the pass phrase: it has {found} characters and needs {minimum}; take four or more random words"
        ),
        ko="암호 문구를 쓸 수 없습니다: {found}자인데 {minimum}자가 필요합니다; 무작위 낱말을 네 개 이상 쓰세요",
    ),
    entry(
        "keeping.vault_exists",
        en="cannot create a vault: {path} exists and holds the key of a study; choose another --home",
        ko="금고를 만들 수 없습니다: {path}이(가) 있고 한 연구의 키를 담고 있습니다; 다른 --home을 고르세요",
    ),
    entry(
        "keeping.passphrase",
        en=(
            "cannot open {path}: the pass phrase is wrong, or the file was changed; check the pass phrase, else "
            "restore the file from its backup"
        ),
        ko=(
            "{path}을(를) 열 수 없습니다: 암호 문구가 틀렸거나 파일이 바뀌었습니다; 암호 문구를 확인하고, 아니면 "
            "파일을 백업에서 복원하세요"
        ),
    ),
    entry(
        "keeping.no_vault",
        en="cannot open {path}: there is no such file; run `init` first, or correct --home",
        ko="{path}을(를) 열 수 없습니다: 그런 파일이 없습니다; 먼저 `init`을 실행하거나 --home을 고치세요",
    ),
    entry(
        "keeping.vault_field",
        en="cannot open {path}: {place}: {why}; restore the file from its backup",
        ko="{path}을(를) 열 수 없습니다: {place}: {why}; 파일을 백업에서 복원하세요",
    ),
    entry(
        "keeping.memory",
        en="cannot derive the vault's key with {kib} KiB: {why}; free some memory",
        ko="{kib} KiB로 금고의 키를 만들 수 없습니다: {why}; 메모리를 비우세요",
    ),
    entry(
        "keeping.seal_base64",
        en="cannot open sealed bytes: they are not base64; restore the file from its backup",
        ko="봉인된 바이트를 열 수 없습니다: base64가 아닙니다; 파일을 백업에서 복원하세요",
    ),
    entry(
        "keeping.rule_key_made",
        en="key {fingerprint} of {study}",
        ko="{study}의 키 {fingerprint}",
    ),
    entry(
        "keeping.rule_key",
        en="key {fingerprint}",
        ko="키 {fingerprint}",
    ),
    entry(
        "keeping.rule_rotated",
        en="key {old} replaced by {fingerprint}; {batches|batch|batches} forgotten",
        ko="키 {old}을(를) {fingerprint}(으)로 바꿈; 배치 {batches}개를 잊음",
    ),
    entry(
        "keeping.rule_succession",
        en="key {fingerprint} shall take the place of {old}",
        ko="키 {fingerprint}이(가) {old}의 자리를 대신해야 함",
    ),
    entry(
        "keeping.rule_restored",
        en="from the backup of {made}; the chain had {lines|line|lines}, the last of {last}",
        ko="{made}의 백업에서 복원; 사슬은 {lines}줄이었고 마지막은 {last}",
    ),
    entry(
        "keeping.rule_wrong_answer",
        en="wrong answer of {wrong}; opened by {opened}",
        ko="{wrong}의 답이 틀림; {opened}이(가) 열었음",
    ),
    entry(
        "keeping.rule_batch",
        en="batch {batch}",
        ko="배치 {batch}",
    ),
    entry(
        "keeping.rule_trusted",
        en="key {fingerprint} of {institution}",
        ko="{institution}의 키 {fingerprint}",
    ),
    entry(
        "keeping.rule_trusted_handed",
        en="key {fingerprint} of {institution}, handed over by {giver}",
        ko="{institution}의 키 {fingerprint}, {giver}이(가) 넘겨줌",
    ),
    entry(
        "keeping.rule_verdict",
        en="digest {digest}; version {version}; items {items}",
        ko="다이제스트 {digest}; 버전 {version}; 항목 {items}",
    ),
    entry(
        "keeping.rule_share",
        en=("share {place} of {seats}, {threshold} open together; epoch {epoch}, sharing {sharing}, key {fingerprint}"),
        ko="{seats}개 중 {place}번 조각, {threshold}곳이 함께 엶; {epoch}기, 나눔 {sharing}, 키 {fingerprint}",
    ),
    entry(
        "keeping.rule_dealt",
        en="share {place} dealt anew: plan {plan}, sharing {sharing}",
        ko="{place}번 조각을 새로 나눔: 계획 {plan}, 나눔 {sharing}",
    ),
    entry(
        "keeping.rule_lead",
        en="{institution} leads",
        ko="{institution}이(가) 주도",
    ),
    entry(
        "keeping.rule_handed",
        en="hand-over {number} to {taker}: {counts}; digest {digest}",
        ko="{taker}에게 인계 {number}: {counts}; 다이제스트 {digest}",
    ),
    entry(
        "keeping.hand_over_counts",
        en=(
            "{batches|batch|batches}, {jobs|job|jobs} ({under_way} under way), {sealed|sealed result|sealed results}, "
            "{publications|publication|publications}, {keys|key|keys} of approvers"
        ),
        ko=(
            "배치 {batches}개, 작업 {jobs}개(진행 중 {under_way}개), 봉인된 결과 {sealed}개, 공개 {publications}개, "
            "승인자 키 {keys}개"
        ),
    ),
    entry(
        "keeping.rule_taken",
        en="hand-over {number} of {giver}: {counts}; digest {digest}",
        ko="{giver}의 인계 {number}: {counts}; 다이제스트 {digest}",
    ),
    entry(
        "keeping.rule_taken_without",
        en="without a hand-over of {giver}",
        ko="{giver}의 인계 없이",
    ),
    entry(
        "keeping.rule_release",
        en=(
            "digest {digest}; version {version}; items {items}; asked by {requester}; approved by {approvers}; "
            "{agents?agent|agents} that approved: {agents}"
        ),
        ko=(
            "다이제스트 {digest}; 버전 {version}; 항목 {items}; {requester}이(가) 요청; {approvers}이(가) 승인; "
            "승인한 에이전트: {agents}"
        ),
    ),
    entry(
        "keeping.rule_verdict_because",
        en="{read}; because: {reason}",
        ko="{read}; 까닭: {reason}",
    ),
)
