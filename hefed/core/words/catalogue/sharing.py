"""A shared key: cards, ceremony, shares, re-sharing, the lead and its hand-over."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "sharing.out_not_empty",
        en="cannot hold the ceremony: {out} is not empty; choose a new --out",
        ko="의식을 치를 수 없습니다: {out}이(가) 비어 있지 않습니다; 새 --out을 고르세요",
    ),
    entry(
        "sharing.plan",
        en="cannot share a key so: {why}; correct it",
        ko="키를 이렇게 나눌 수 없습니다: {why}; 고치세요",
    ),
    entry(
        "sharing.other_ceremony",
        en=(
            "cannot take the share: the files are of the sharing {digest}, expected is {expected}; compare it again "
            "with the person who held the ceremony"
        ),
        ko=(
            "조각을 받을 수 없습니다: 파일은 공유 {digest}의 것인데 {expected}이어야 합니다; 의식을 치른 사람과 다시 "
            "대조하세요"
        ),
    ),
    entry(
        "sharing.share_missing",
        en="cannot take the share: {path} is missing; ask for the file of this hospital",
        ko="조각을 받을 수 없습니다: {path}이(가) 없습니다; 이 병원의 파일을 요청하세요",
    ),
    entry(
        "sharing.other_share",
        en="cannot take the share: {name} is not the share that the record names; ask for it anew",
        ko="조각을 받을 수 없습니다: {name}은(는) 기록에 있는 조각이 아닙니다; 새로 요청하세요",
    ),
    entry(
        "sharing.answer_differs",
        en="cannot take over: the answer to {request} is another one than its record says",
        ko="넘겨받을 수 없습니다: {request}의 답이 기록과 다릅니다",
    ),
    entry(
        "sharing.awaits_itself",
        en=(
            "cannot hand over: this hospital waits for the hand-over of {awaits} itself; `take-over` first, or name "
            "{awaits} again"
        ),
        ko=(
            "넘겨줄 수 없습니다: 이 병원도 {awaits}의 인계를 기다립니다; 먼저 `take-over`를 실행하거나 "
            "{awaits}을(를) 다시 지명하세요"
        ),
    ),
    entry(
        "sharing.awaits_none",
        en="cannot go on without a hand-over: this hospital waits for none",
        ko="인계 없이 계속할 수 없습니다: 이 병원은 기다리는 인계가 없습니다",
    ),
    entry(
        "sharing.hand_over_study",
        en="cannot take over: the hand-over is of study {study}, this share of {own}",
        ko="넘겨받을 수 없습니다: 인계는 연구 {study}의 것이고 이 조각은 {own}의 것입니다",
    ),
    entry(
        "sharing.hand_over_sharing",
        en=(
            "cannot take over: the hand-over was made in the sharing {sharing}, this hospital has a share of {own}; "
            "move the lead before a re-sharing, or after it"
        ),
        ko=(
            "넘겨받을 수 없습니다: 인계는 공유 {sharing}에서 만들어졌고 이 병원은 {own}의 조각을 가지고 있습니다; "
            "재공유 전이나 후에 대표를 옮기세요"
        ),
    ),
    entry(
        "sharing.hand_over_stranger",
        en="cannot take over: the hand-over is signed by no hospital of this sharing; ask for it anew",
        ko="넘겨받을 수 없습니다: 인계에 서명한 것이 이 공유의 병원이 아닙니다; 새로 요청하세요",
    ),
    entry(
        "sharing.hand_over_other",
        en="cannot take over: the hand-over is for {taker}, this is {own}; give it to them",
        ko="넘겨받을 수 없습니다: 인계는 {taker} 앞으로 되어 있고 여기는 {own}입니다; 그쪽에 주세요",
    ),
    entry(
        "sharing.hand_over_bytes",
        en=(
            "cannot take over: {received} bytes arrived that are not the {announced} announced ones; copy the "
            "hand-over again"
        ),
        ko=(
            "넘겨받을 수 없습니다: 도착한 {received}바이트가 예고된 {announced}바이트가 아닙니다; 인계를 다시 "
            "복사하세요"
        ),
    ),
    entry(
        "sharing.awaits_nobody",
        en=("cannot take over: this hospital waits for no hand-over; `lead {own} --after {giver}` says that it does"),
        ko=(
            "넘겨받을 수 없습니다: 이 병원은 인계를 기다리지 않습니다; `lead {own} --after {giver}`(으)로 기다린다고 "
            "밝히세요"
        ),
    ),
    entry(
        "sharing.awaits_another",
        en="cannot take over: this hospital waits for the hand-over of {awaits}, not of {giver}",
        ko="넘겨받을 수 없습니다: 이 병원은 {giver}이(가) 아니라 {awaits}의 인계를 기다립니다",
    ),
    entry(
        "sharing.hand_over_old",
        en=(
            "cannot take over: the hand-over is number {number}, and number {seen} was seen here already; take the "
            "newest"
        ),
        ko="넘겨받을 수 없습니다: 인계는 {number}번인데 여기서 {seen}번을 이미 보았습니다; 가장 새 것을 쓰세요",
    ),
    entry(
        "sharing.hand_over_content",
        en="cannot take over: what is sealed in the hand-over is another one than its note says",
        ko="넘겨받을 수 없습니다: 인계에 봉인된 내용이 쪽지와 다릅니다",
    ),
    entry(
        "sharing.hand_over_batch",
        en=(
            "cannot take over: batch {batch} has {rows} rows of {institution} in the hand-over, and {own_rows} of "
            "{own} were asked for here; find out which is right before anybody leads"
        ),
        ko=(
            "넘겨받을 수 없습니다: 인계에서 배치 {batch}은(는) {institution}의 {rows}행인데 여기서는 {own}의 "
            "{own_rows}행이 요청되었습니다; 누구든 대표하기 전에 어느 쪽이 맞는지 알아보세요"
        ),
    ),
    entry(
        "sharing.hand_over_pool",
        en=(
            "cannot take over: job {job} runs over another pool in the hand-over than the one that was asked for "
            "here; find out which is right before anybody leads"
        ),
        ko=(
            "넘겨받을 수 없습니다: 인계에서 작업 {job}의 풀이 여기서 요청된 풀과 다릅니다; 누구든 대표하기 전에 어느 "
            "쪽이 맞는지 알아보세요"
        ),
    ),
    entry(
        "sharing.hand_over_round",
        en=(
            "cannot take over: job {job} is at round {round} in the hand-over, and round {seen} was seen here; ask "
            "the earlier lead for a newer hand-over"
        ),
        ko=(
            "넘겨받을 수 없습니다: 인계에서 작업 {job}은(는) 라운드 {round}인데 여기서는 라운드 {seen}을(를) "
            "보았습니다; 이전 대표에게 더 새 인계를 요청하세요"
        ),
    ),
    entry(
        "sharing.key_differs",
        en=(
            "cannot take the share: {path} is the key {key}, the sharing is of {expected}; use the files of one "
            "ceremony"
        ),
        ko=("조각을 받을 수 없습니다: {path}은(는) 키 {key}인데 공유는 {expected}의 것입니다; 한 의식의 파일을 쓰세요"),
    ),
    entry(
        "sharing.no_share_in_vault",
        en=(
            "cannot open a share of study {study}: its vault holds a whole key or was made by another version; use "
            "the directory of a hospital that took a share"
        ),
        ko=(
            "연구 {study}의 조각을 열 수 없습니다: 금고에 온전한 키가 있거나 다른 판이 만든 것입니다; 조각을 받은 "
            "병원의 디렉터리를 쓰세요"
        ),
    ),
    entry(
        "sharing.not_rotated",
        en=(
            "cannot rotate: {path} holds a share of a key; `reshare` renews the shares, and a new `ceremony` makes a "
            "new key"
        ),
        ko=(
            "교체할 수 없습니다: {path}에는 키의 조각이 있습니다; `reshare`는 조각을 새로 하고, 새 `ceremony`는 새 "
            "키를 만듭니다"
        ),
    ),
    entry(
        "sharing.home_of_other_key",
        en=(
            "cannot take the share: {path} holds something of the key {key}, the share is of {expected}; choose "
            "another --home"
        ),
        ko=(
            "조각을 받을 수 없습니다: {path}에는 키 {key}의 것이 있고 조각은 {expected}의 것입니다; 다른 --home을 "
            "고르세요"
        ),
    ),
    entry(
        "sharing.file_missing",
        en="cannot read {path}: there is no such file; ask for it anew",
        ko="{path}을(를) 읽을 수 없습니다: 그런 파일이 없습니다; 새로 요청하세요",
    ),
    entry(
        "sharing.not_signed",
        en="cannot use {path}: it is no signed message; ask for it anew",
        ko="{path}을(를) 쓸 수 없습니다: 서명된 메시지가 아닙니다; 새로 요청하세요",
    ),
    entry(
        "sharing.card_exists",
        en="cannot make a card: {path} exists, and a share may be sealed to it; choose another --home",
        ko=(
            "카드를 만들 수 없습니다: {path}이(가) 있고 조각이 그 카드에 봉인되어 있을 수 있습니다; 다른 --home을 "
            "고르세요"
        ),
    ),
    entry(
        "sharing.card_field",
        en="cannot make a card: {field}: {why}; correct it",
        ko="카드를 만들 수 없습니다: {field}: {why}; 고치세요",
    ),
    entry(
        "sharing.identity_passphrase",
        en=(
            "cannot open {path}: the pass phrase is wrong, or the file was changed; check the pass phrase, else "
            "restore the file from its backup"
        ),
        ko=(
            "{path}을(를) 열 수 없습니다: 비밀 문구가 틀렸거나 파일이 바뀌었습니다; 비밀 문구를 확인하고, 아니면 "
            "백업에서 파일을 복원하세요"
        ),
    ),
    entry(
        "sharing.card_missing",
        en="cannot read {path}: there is no such file; `card` at the hospital makes it",
        ko="{path}을(를) 읽을 수 없습니다: 그런 파일이 없습니다; 병원에서 `card`가 만듭니다",
    ),
    entry(
        "sharing.no_card",
        en="cannot use {path} as a card: {field}: {why}; ask the hospital for it anew",
        ko="{path}을(를) 카드로 쓸 수 없습니다: {field}: {why}; 병원에 새로 요청하세요",
    ),
    entry(
        "sharing.identity_missing",
        en="cannot open {path}: there is no such file; run `card` first, or correct --home",
        ko="{path}을(를) 열 수 없습니다: 그런 파일이 없습니다; 먼저 `card`를 실행하거나 --home을 고치세요",
    ),
    entry(
        "sharing.identity_changed",
        en="cannot open {path}: it was changed; restore the file from its backup",
        ko="{path}을(를) 열 수 없습니다: 바뀌었습니다; 백업에서 파일을 복원하세요",
    ),
    entry(
        "sharing.after_holds_no_share",
        en="cannot take over from {institution}: it holds no share; correct --after",
        ko="{institution}에게서 넘겨받을 수 없습니다: 조각이 없습니다; --after를 고치세요",
    ),
    entry(
        "sharing.nobody_leads",
        en="cannot run: nobody was named to lead; `lead INSTITUTION` at every hospital names it",
        ko="실행할 수 없습니다: 대표로 지명된 병원이 없습니다; 모든 병원에서 `lead INSTITUTION`으로 지명하세요",
    ),
    entry(
        "sharing.lead_of_earlier",
        en=(
            "cannot tell the server who leads: {institution} was named under an earlier sharing; run `lead "
            "{institution}` again"
        ),
        ko=(
            "누가 대표하는지 서버에 알릴 수 없습니다: {institution}은(는) 이전 공유에서 지명되었습니다; `lead "
            "{institution}`을(를) 다시 실행하세요"
        ),
    ),
    entry(
        "sharing.file_changed",
        en="cannot use {path}: it was changed; restore it from its backup",
        ko="{path}을(를) 쓸 수 없습니다: 바뀌었습니다; 백업에서 복원하세요",
    ),
    entry(
        "sharing.lead_changed",
        en="cannot use {path}: it was changed; run `lead INSTITUTION` again",
        ko="{path}을(를) 쓸 수 없습니다: 바뀌었습니다; `lead INSTITUTION`을 다시 실행하세요",
    ),
    entry(
        "sharing.lead_holds_no_share",
        en="cannot let {institution} lead: it holds no share; choose one of {names}",
        ko="{institution}을(를) 대표로 할 수 없습니다: 조각이 없습니다; {names} 중에서 고르세요",
    ),
    entry(
        "sharing.new_plan",
        en="cannot share anew: {why}; correct the plan",
        ko="새로 나눌 수 없습니다: {why}; 계획을 고치세요",
    ),
    entry(
        "sharing.plan_missing",
        en="cannot read {path}: there is no such file; `reshare plan` makes it",
        ko="{path}을(를) 읽을 수 없습니다: 그런 파일이 없습니다; `reshare plan`이 만듭니다",
    ),
    entry(
        "sharing.no_plan",
        en="cannot use {path} as a plan: {why}; ask for it anew",
        ko="{path}을(를) 계획으로 쓸 수 없습니다: {why}; 새로 요청하세요",
    ),
    entry(
        "sharing.other_plan",
        en=(
            "cannot use {path}: the plan is {digest}, expected is {expected}; compare it again with the person who "
            "made it"
        ),
        ko=("{path}을(를) 쓸 수 없습니다: 계획이 {digest}인데 {expected}이어야 합니다; 만든 사람과 다시 대조하세요"),
    ),
    entry(
        "sharing.plan_begins",
        en=(
            "cannot deal: the plan begins with the sharing {digest}, this hospital holds a share of {own}; make a "
            "plan from the sharing in use"
        ),
        ko=(
            "나눌 수 없습니다: 계획은 공유 {digest}에서 시작하는데 이 병원은 {own}의 조각을 가지고 있습니다; 쓰고 "
            "있는 공유에서 계획을 만드세요"
        ),
    ),
    entry(
        "sharing.no_dealer",
        en="cannot deal: hospitals {dealers} deal in this plan, this one is number {point}",
        ko="나눌 수 없습니다: 이 계획에서는 병원 {dealers}이(가) 나누고 이 병원은 {point}번입니다",
    ),
    entry(
        "sharing.share_of_other_plan",
        en=(
            "cannot take the share: the plan is {digest}, expected is {expected}; compare it again with the person "
            "who made it"
        ),
        ko="조각을 받을 수 없습니다: 계획이 {digest}인데 {expected}이어야 합니다; 만든 사람과 다시 대조하세요",
    ),
    entry(
        "sharing.dealing_signer",
        en=(
            "cannot use the dealing of hospital {dealer}: it is of another plan, or was signed by another key than "
            "the plan names; ask for it anew"
        ),
        ko=(
            "병원 {dealer}의 분배를 쓸 수 없습니다: 다른 계획의 것이거나 계획에 있는 키로 서명되지 않았습니다; 새로 "
            "요청하세요"
        ),
    ),
    entry(
        "sharing.dealings_missing",
        en="cannot take the share: the dealings of hospitals {missing} are missing; all of them are needed",
        ko="조각을 받을 수 없습니다: 병원 {missing}의 분배가 없습니다; 모두 있어야 합니다",
    ),
    entry(
        "sharing.dealing_no_piece",
        en="cannot use the dealing of hospital {dealer}: a seat has no piece; ask for it anew",
        ko="병원 {dealer}의 분배를 쓸 수 없습니다: 조각이 없는 자리가 있습니다; 새로 요청하세요",
    ),
    entry(
        "sharing.dealing_other_seat",
        en="cannot use the dealing of hospital {dealer}: its piece is for another seat",
        ko="병원 {dealer}의 분배를 쓸 수 없습니다: 조각이 다른 자리의 것입니다",
    ),
    entry(
        "sharing.dealing_noise_keys",
        en=(
            "cannot use the dealing of hospital {dealer}: its noise keys are not the ones it committed to, so others "
            "may have received different ones; it must deal anew"
        ),
        ko=(
            "병원 {dealer}의 분배를 쓸 수 없습니다: 잡음 키가 약속한 것과 달라 다른 병원이 다른 키를 받았을 수 "
            "있습니다; 새로 나누어야 합니다"
        ),
    ),
    entry(
        "sharing.other_result",
        en="cannot take over: this hospital holds another result of {name}; keep that one",
        ko="넘겨받을 수 없습니다: 이 병원에는 {name}의 다른 결과가 있습니다; 그것을 두세요",
    ),
    entry(
        "sharing.other_publication",
        en="cannot take over: this hospital holds another publication of {name}; keep that one",
        ko="넘겨받을 수 없습니다: 이 병원에는 {name}의 다른 공개가 있습니다; 그것을 두세요",
    ),
    entry(
        "sharing.not_shown",
        en="cannot show this hospital's share: {why}",
        ko="이 병원의 조각을 보여 줄 수 없습니다: {why}",
    ),
    entry(
        "sharing.share_changed",
        en="its description was changed; restore it from its backup",
        ko="설명이 바뀌었습니다; 백업에서 복원하세요",
    ),
)
