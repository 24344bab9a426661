"""Keys that a study publishes, and their replacement."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "keys.cannot_share_so",
        en=(
            "cannot share the key so: {threshold} of {parties} hospitals cannot hold it; choose 2 to {most} "
            "hospitals, and of them 2 or more to open together"
        ),
        ko=(
            "키를 이렇게 나눌 수 없습니다: 병원 {parties}곳 중 {threshold}곳으로는 보관할 수 없습니다; "
            "병원을 2~{most}곳 고르고 그중 2곳 이상이 함께 열게 하세요"
        ),
    ),
    entry(
        "keys.custody_agreed",
        en="cannot change who holds the key: hospitals agreed to {known}; draft a new study",
        ko="키를 보관하는 쪽을 바꿀 수 없습니다: 병원들이 동의한 것은 {known}입니다; 새 연구를 작성하세요",
    ),
    entry(
        "keys.cannot_decide_so",
        en="cannot decide so: {fault}; choose what the key in use is",
        ko="이렇게 정할 수 없습니다: {fault}; 사용 중인 키에 맞게 고르세요",
    ),
    entry(
        "keys.nobody_decided",
        en=("cannot publish the study: nobody decided who holds the key; choose one custodian or several hospitals"),
        ko=(
            "연구를 게시할 수 없습니다: 키를 누가 보관할지 정하지 않았습니다; 키 관리자 한 명 또는 여러 병원을 고르세요"
        ),
    ),
    entry(
        "keys.too_few_hospitals",
        en=(
            "cannot publish the study: {parties} hospitals shall hold the key and {invited} {invited?is|are} "
            "invited; invite more, or share it among fewer"
        ),
        ko=(
            "연구를 게시할 수 없습니다: 키를 나누어 가질 병원은 {parties}곳인데 초대한 병원은 {invited}곳입니다; "
            "병원을 더 초대하거나 더 적은 병원에 나누세요"
        ),
    ),
    entry(
        "keys.held_otherwise",
        en="cannot use this key: {fault}; publish a key that is held as the study says",
        ko="이 키를 쓸 수 없습니다: {fault}; 연구에서 정한 대로 보관하는 키를 게시하세요",
    ),
    entry(
        "keys.sharing_otherwise",
        en="cannot take this sharing: {fault}; share the key as the study says",
        ko="이 분배를 받을 수 없습니다: {fault}; 연구에서 정한 대로 키를 나누세요",
    ),
    entry(
        "keys.code_wrong",
        en="cannot enrol: the code is wrong or void; check it, or make a new one on the Keys page",
        ko="등록할 수 없습니다: 코드가 틀렸거나 무효입니다; 코드를 확인하거나 키 페이지에서 새로 만드세요",
    ),
    entry(
        "keys.code_used",
        en=(
            "cannot enrol: this code was used at {clock}; if that was not you, revoke the token it gave on the "
            "Tokens page, then make a new code"
        ),
        ko=(
            "등록할 수 없습니다: 이 코드는 {clock}에 사용되었습니다; 본인이 아니라면 토큰 페이지에서 발급된 토큰을 "
            "폐기하고 새 코드를 만드세요"
        ),
    ),
    entry(
        "keys.code_expired",
        en="cannot enrol: the code was valid until {clock}; make a new one",
        ko="등록할 수 없습니다: 코드가 {clock}까지만 유효했습니다; 새로 만드세요",
    ),
    entry(
        "keys.code_busy",
        en="cannot enrol: this code is being used by another machine; make a new one",
        ko="등록할 수 없습니다: 다른 컴퓨터가 이 코드를 사용하고 있습니다; 새로 만드세요",
    ),
    entry(
        "keys.job_under_way",
        en="cannot make this change: {jobs} {jobs?is|are} under way; wait for the end or cancel first",
        ko="바꿀 수 없습니다: {jobs}이(가) 진행 중입니다; 기다리거나 먼저 취소하세요",
    ),
    entry(
        "keys.key_retired",
        en="cannot publish key {fingerprint}: it was retired or serves another study; make new keys",
        ko="키 {fingerprint}를 게시할 수 없습니다: 폐기되었거나 다른 연구의 키입니다; 새 키를 만드세요",
    ),
    entry(
        "keys.other_last_digits",
        en=(
            "cannot confirm the key: the last eight characters are not those of the key on this server; if the "
            "custodian reads out others, do not upload and tell the project administrator"
        ),
        ko=(
            "키를 확인할 수 없습니다: 마지막 여덟 글자가 이 서버의 키와 다릅니다; 키 관리자가 다르게 읽는다면 "
            "업로드하지 말고 연구 관리자에게 알리세요"
        ),
    ),
    entry(
        "keys.confirmed_already",
        en="cannot confirm the key: it is confirmed already, or no longer in use; reload the page",
        ko="키를 확인할 수 없습니다: 이미 확인되었거나 더 이상 쓰이지 않습니다; 페이지를 새로 고치세요",
    ),
    entry(
        "keys.confirmed_by_its_coordinator",
        en="cannot confirm the key for {hospital}: a coordinator of it does this; ask one",
        ko="{hospital}의 키를 확인할 수 없습니다: 그 병원의 담당자가 하는 일입니다; 담당자에게 부탁하세요",
    ),
    entry(
        "keys.confirmed_by_another",
        en=(
            "cannot confirm the key: you made the code or token with which it was published; another coordinator of "
            "the hospital compares it"
        ),
        ko="키를 확인할 수 없습니다: 당신이 만든 코드나 토큰으로 공개되었습니다; 병원의 다른 담당자가 비교합니다",
    ),
    entry(
        "keys.no_public_key",
        en="cannot publish a relinearisation key: no public key is published; publish that first",
        ko="재선형화 키를 게시할 수 없습니다: 게시된 공개 키가 없습니다; 공개 키를 먼저 게시하세요",
    ),
    entry(
        "keys.not_published",
        en="cannot send the public key: the custodian has not published one yet; try again later",
        ko="공개 키를 보낼 수 없습니다: 키 관리자가 아직 게시하지 않았습니다; 나중에 다시 시도하세요",
    ),
    entry(
        "keys.not_seal_stream",
        en="cannot use public key: it is not SEAL's plain stream; publish it with this study's custodian",
        ko=(
            "공개 키를 쓸 수 없습니다: SEAL의 압축하지 않은 형식이 아닙니다; 이 연구의 키 관리자 프로그램으로 "
            "게시하세요"
        ),
    ),
    entry(
        "keys.other_public_key",
        en=(
            "cannot accept {kind}: it belongs to public key {found}, this study uses {wanted}; publish both keys of "
            "one custodian"
        ),
        ko=(
            "{kind}을(를) 받을 수 없습니다: 공개 키 {found}에 속하지만 이 연구는 {wanted}를 씁니다; 한 키 관리자의 "
            "두 키를 함께 게시하세요"
        ),
    ),
    entry(
        "keys.key_items",
        en=(
            "cannot accept {kind}: its {items|item has|items have} {bytes} bytes, one of at most {most} is expected; "
            "publish it again"
        ),
        ko=(
            "{kind}을(를) 받을 수 없습니다: 항목 {items}개가 {bytes}바이트입니다. 최대 {most}바이트의 항목 하나여야 "
            "합니다; 다시 게시하세요"
        ),
    ),
    entry(
        "keys.other_relinearisation",
        en=(
            "cannot take the relinearisation key: key {fingerprint} has another one, which somebody else may have "
            "sent; discard the proposal, revoke tokens that are not yours, and publish again"
        ),
        ko=(
            "재선형화 키를 받을 수 없습니다: 키 {fingerprint}에는 다른 것이 있으며 다른 사람이 보냈을 수 있습니다; "
            "제안을 버리고 본인 것이 아닌 토큰을 폐기한 뒤 다시 게시하세요"
        ),
    ),
    entry(
        "keys.no_voice",
        en="cannot use public key: the key in its envelope that shall sign answers is none; publish the file of `init`",
        ko="공개 키를 쓸 수 없습니다: 봉투 안의 답변 서명 키가 올바르지 않습니다; `init`이 만든 파일을 게시하세요",
    ),
    entry(
        "keys.no_such_proposal",
        en="cannot find the key {fingerprint}: no such key is proposed; let its holder publish it",
        ko="키 {fingerprint}을(를) 찾을 수 없습니다: 그런 키가 제안되지 않았습니다; 그 키를 가진 쪽이 게시하게 하세요",
    ),
    entry(
        "keys.proposal_incomplete",
        en=(
            "cannot agree to the key {fingerprint}: its relinearisation key is missing, and the study would have no "
            "complete key; let its holder publish both"
        ),
        ko=(
            "키 {fingerprint}에 동의할 수 없습니다: 재선형화 키가 없어 연구에 완전한 키가 없게 됩니다; 그 키를 가진 "
            "쪽이 둘 다 게시하게 하세요"
        ),
    ),
    entry(
        "keys.other_proposal_digits",
        en=(
            "cannot replace the key: the last eight characters are not those of the proposed key; read them on the "
            "machine that made the key, and if they differ discard the proposal and revoke the token it came with"
        ),
        ko=(
            "키를 바꿀 수 없습니다: 마지막 여덟 글자가 제안된 키와 다릅니다; 키를 만든 컴퓨터에서 읽고, 다르면 제안을 "
            "버리고 함께 온 토큰을 폐기하세요"
        ),
    ),
    entry(
        "keys.cards_must_sign",
        en=(
            "cannot replace the key: hospitals hold shares of it, and {needed} of them must sign; each runs `python -m "
            "hefed.custodian replace-key`"
        ),
        ko=(
            "키를 바꿀 수 없습니다: 병원들이 조각을 가지고 있고 그중 {needed}곳이 서명해야 합니다; 각 병원이 `python "
            "-m hefed.custodian replace-key`를 실행합니다"
        ),
    ),
    entry(
        "keys.custodian_replaces",
        en="cannot replace the key or put one back: you are not the study's custodian; ask the custodian",
        ko="키를 바꾸거나 되돌릴 수 없습니다: 이 연구의 키 관리자가 아닙니다; 키 관리자에게 요청하세요",
    ),
    entry(
        "keys.agreement_of_another",
        en="cannot take the signature: it is about replacing the key {found}, and {wanted} is in use; sign again",
        ko="서명을 받을 수 없습니다: 키 {found}을(를) 바꾸자는 서명인데 {wanted}이(가) 사용 중입니다; 다시 서명하세요",
    ),
    entry(
        "keys.agreement_unsigned",
        en=(
            "cannot take the signature: no hospital that holds a share of the key in use signed it; run `replace-key` "
            "at one of them"
        ),
        ko=(
            "서명을 받을 수 없습니다: 사용 중인 키의 조각을 가진 병원이 서명하지 않았습니다; 그중 한 병원에서 "
            "`replace-key`를 실행하세요"
        ),
    ),
    entry(
        "keys.nothing_to_take_back",
        en="cannot put a key back: none was replaced within the last {days|day|days}; reload the page",
        ko="키를 되돌릴 수 없습니다: 지난 {days}일 안에 바뀐 키가 없습니다; 페이지를 새로 고치세요",
    ),
    entry(
        "keys.none_in_place",
        en="cannot replace a key: the study has none; publish the first one",
        ko="키를 바꿀 수 없습니다: 연구에 키가 없습니다; 첫 키를 게시하세요",
    ),
    entry(
        "keys.shared_too_late",
        en=(
            "cannot say who holds shares of the key {fingerprint}: batches came under it before anybody said so; make "
            "a new key in a ceremony"
        ),
        ko=(
            "키 {fingerprint}의 조각을 누가 가지고 있는지 받을 수 없습니다: 아무도 알리기 전에 배치가 왔습니다; "
            "의식에서 새 키를 만드세요"
        ),
    ),
    entry(
        "keys.no_key_to_share",
        en="cannot say who holds shares: the study has no complete key; publish both public keys first",
        ko=("키 조각을 누가 가지고 있는지 알 수 없습니다: 연구에 완전한 키가 없습니다; 먼저 두 공개 키를 게시하세요"),
    ),
    entry(
        "keys.not_of_the_sharing",
        en=(
            "cannot say who holds shares: no hospital of that sharing signed it; run `lead` and `publish` at one of "
            "them"
        ),
        ko=(
            "키 조각을 누가 가지고 있는지 알 수 없습니다: 그 분배에 속한 병원이 서명하지 않았습니다; 그중 한 "
            "병원에서 `lead`와 `publish`를 실행하세요"
        ),
    ),
    entry(
        "keys.no_share_in_use",
        en=(
            "cannot say who holds shares: {hospital} has no share of the sharing in use; hospitals that have one and "
            "keep one must say it"
        ),
        ko=(
            "키 조각을 누가 가지고 있는지 알 수 없습니다: {hospital}에는 현재 분배의 조각이 없습니다; 조각을 가지고 "
            "있고 계속 가질 병원들이 알려야 합니다"
        ),
    ),
    entry(
        "keys.sharing_of_another_key",
        en=(
            "cannot say who holds shares: the sharing is of key {found}, this study uses {wanted}; publish the "
            "sharing of the key in use"
        ),
        ko=(
            "키 조각을 누가 가지고 있는지 알 수 없습니다: 나눈 키는 {found}이지만 이 연구는 {wanted}를 씁니다; 사용 "
            "중인 키의 분배 정보를 게시하세요"
        ),
    ),
    entry(
        "keys.sharing_too_old",
        en=(
            "cannot say who holds shares: sharing {epoch} of the key came before {known}, which is known; take the "
            "share of the newest sharing"
        ),
        ko=(
            "키 조각을 누가 가지고 있는지 알 수 없습니다: 키 분배 {epoch}은(는) 이미 알려진 {known}보다 "
            "오래되었습니다; 가장 새로운 분배의 조각을 쓰세요"
        ),
    ),
    entry(
        "keys.clocks_differ",
        en=(
            "cannot take the sign of life: it is of {at} UTC and this server's clock says {now} UTC; set the clock "
            "of the agent's machine"
        ),
        ko=(
            "작동 신호를 받을 수 없습니다: 신호의 시각은 {at} UTC인데 이 서버의 시각은 {now} UTC입니다; 에이전트 "
            "컴퓨터의 시계를 맞추세요"
        ),
    ),
    entry(
        "keys.later_sign_of_life",
        en="cannot take the sign of life: a later one is known; send one of now",
        ko="작동 신호를 받을 수 없습니다: 더 나중의 신호가 이미 있습니다; 지금 시각의 신호를 보내세요",
    ),
    entry(
        "keys.sign_of_life_unsigned",
        en=(
            "cannot take the sign of life: no hospital of the sharing in use signed it; take the share of that sharing"
        ),
        ko=(
            "작동 신호를 받을 수 없습니다: 사용 중인 분배에 속한 병원이 서명하지 않았습니다; 그 분배의 조각을 받으세요"
        ),
    ),
    entry(
        "keys.not_the_custodian",
        en="cannot make an enrolment code: you are not the study's custodian; ask the custodian",
        ko="등록 코드를 만들 수 없습니다: 이 연구의 키 관리자가 아닙니다; 키 관리자에게 요청하세요",
    ),
    entry(
        "keys.no_key_in_use",
        en="cannot confirm a key: none is in use; the custodian must publish it first",
        ko="키를 확인할 수 없습니다: 사용 중인 키가 없습니다; 키 관리자가 먼저 게시해야 합니다",
    ),
    entry(
        "keys.acts_for_no_hospital",
        en="cannot confirm the key: you act for no hospital; a coordinator of each hospital does it",
        ko="키를 확인할 수 없습니다: 병원을 대신하지 않습니다; 각 병원의 담당자가 합니다",
    ),
    entry(
        "keys.digits_missing",
        en="cannot confirm the key: its last eight characters are missing; type what the custodian reads",
        ko="키를 확인할 수 없습니다: 마지막 여덟 글자가 없습니다; 키 관리자가 읽어 주는 대로 입력하세요",
    ),
    entry(
        "keys.one_custodian",
        en="one custodian",
        ko="키 관리자 한 명",
    ),
    entry(
        "keys.of_hospitals",
        en="{threshold} of {parties} hospitals",
        ko="병원 {parties}곳 중 {threshold}곳",
    ),
    entry(
        "keys.custody_differs",
        en="the study says that {wanted} can open, and with this key {found} can",
        ko="연구에서는 {wanted}이(가) 열도록 정했는데 이 키는 {found}이(가) 열 수 있습니다",
    ),
)
