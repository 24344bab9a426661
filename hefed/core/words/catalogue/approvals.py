"""Releases on the server: asked for, signed, approved, published."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "approvals.for_none",
        en="cannot approve {name}: you are approver for no institution; ask to be invited",
        ko="{name}을(를) 승인할 수 없습니다: 승인자로서 대표하는 기관이 없습니다; 초대를 요청하세요",
    ),
    entry(
        "approvals.own_request",
        en="cannot approve {name}: it was asked for by your own institution; approvers of two others decide",
        ko="{name}을(를) 승인할 수 없습니다: 본인의 기관이 요청했습니다; 다른 두 기관의 승인자가 결정합니다",
    ),
    entry(
        "approvals.not_waiting",
        en="cannot approve {name}: {state}; reload the page",
        ko="{name}을(를) 승인할 수 없습니다: {state}; 페이지를 새로 고치세요",
    ),
    entry(
        "approvals.overdue",
        en="cannot approve {name}: it was to be decided until {date}; ask for it anew",
        ko="{name}을(를) 승인할 수 없습니다: {date}까지 결정해야 했습니다; 새로 요청하세요",
    ),
    entry(
        "approvals.no_agents",
        en="cannot take the verdict on {name}: no hospital's agent is asked to approve it; people sign it alone",
        ko=(
            "{name}에 대한 결정을 받을 수 없습니다: 승인을 요청받은 병원 에이전트가 없습니다; 사람들의 서명만으로 "
            "공개됩니다"
        ),
    ),
    entry(
        "approvals.verdict_version",
        en="cannot take the verdict on {name} version {given}: it is version {number} now; read that one",
        ko="{name} 버전 {given}에 대한 결정을 받을 수 없습니다: 지금은 버전 {number}입니다; 그 버전을 읽으세요",
    ),
    entry(
        "approvals.verdict_other",
        en=(
            "cannot take the verdict on {name}: it was signed for another study, release or other numbers; read it anew"
        ),
        ko=(
            "{name}에 대한 결정을 받을 수 없습니다: 다른 연구, 다른 공개 요청 또는 다른 수치에 서명한 것입니다; 다시 "
            "읽으세요"
        ),
    ),
    entry(
        "approvals.verdict_final",
        en=("cannot take the verdict on {name}: {hospital} rejected version {number} already; a change begins anew"),
        ko=(
            "{name}에 대한 결정을 받을 수 없습니다: {hospital}이(가) 이미 버전 {number}을(를) 반려했습니다; 요청을 "
            "변경하면 새로 시작합니다"
        ),
    ),
    entry(
        "approvals.report_late",
        en="cannot take this for {name}: {state}; ask for the list again",
        ko="{name}에 대해 이것을 받을 수 없습니다: {state}; 목록을 다시 요청하세요",
    ),
    entry(
        "approvals.report_version",
        en="cannot take this for {name} version {given}: it is version {number} now; ask for the list again",
        ko=("{name} 버전 {given}에 대해 이것을 받을 수 없습니다: 지금은 버전 {number}입니다; 목록을 다시 요청하세요"),
    ),
    entry(
        "approvals.preview_stranger",
        en=(
            "cannot take the preview for key {key}: it belongs to no approver of another institution; ask for the "
            "list again"
        ),
        ko=(
            "키 {key}의 미리보기를 받을 수 없습니다: 다른 기관의 어떤 승인자에게도 속하지 않는 키입니다; 목록을 다시 "
            "요청하세요"
        ),
    ),
    entry(
        "approvals.agents_lacking",
        en=(
            "cannot publish {name}: agents of {approved|hospital|hospitals} approved version {number}, {needed} are "
            "needed; wait for the others"
        ),
        ko=(
            "{name}을(를) 공개할 수 없습니다: 버전 {number}을(를) 승인한 병원 에이전트가 {approved}곳이고 "
            "{needed}곳이 필요합니다; 나머지를 기다리세요"
        ),
    ),
    entry(
        "approvals.publish_digest",
        en=("cannot publish {name}: people signed digest {wanted}, these items have {found}; publish what was signed"),
        ko=(
            "{name}을(를) 공개할 수 없습니다: 사람들이 서명한 다이제스트는 {wanted}이고 이 항목들은 {found}입니다; "
            "서명된 것을 공개하세요"
        ),
    ),
    entry(
        "approvals.institutions_lacking",
        en=(
            "cannot publish {name}: {approved|institution|institutions} approved version {number}, {needed} are "
            "needed; wait for the others"
        ),
        ko=(
            "{name}을(를) 공개할 수 없습니다: 버전 {number}을(를) 승인한 기관이 {approved}곳이고 "
            "{needed}곳이 필요합니다; 나머지를 기다리세요"
        ),
    ),
    entry(
        "approvals.publish_other",
        en=(
            "cannot publish {name}: {items} {items?is|are} not what was committed to and asked for; publish the sealed "
            "items with their salts"
        ),
        ko=(
            "{name}을(를) 공개할 수 없습니다: 확약하고 요청한 것과 다른 항목이 있습니다({items}); 봉인된 항목을 "
            "솔트와 함께 공개하세요"
        ),
    ),
    entry(
        "approvals.no_release",
        en="cannot find {name}: this study has no such release; check the id",
        ko="{name}을(를) 찾을 수 없습니다: 이 연구에 그런 공개 요청이 없습니다; 번호를 확인하세요",
    ),
    entry(
        "approvals.no_agent_preview",
        en=(
            "cannot show {name} to the hospital at place {place}: the lead has sealed no preview to it; ask again later"
        ),
        ko=(
            "{place}번 병원에 {name}을(를) 보여 줄 수 없습니다: 주관 병원이 아직 이 병원용 미리보기를 봉인하지 "
            "않았습니다; 나중에 다시 요청하세요"
        ),
    ),
    entry(
        "approvals.no_key",
        en="cannot sign: you have no key; make one on the page Approval key first",
        ko="서명할 수 없습니다: 키가 없습니다; 먼저 승인 키 페이지에서 만드세요",
    ),
    entry(
        "approvals.signature_differs",
        en="cannot use the signature: it names another {fields} than {version}; reload the page and sign again",
        ko=("서명을 쓸 수 없습니다: 가리키는 {fields}이(가) {version}과 다릅니다; 페이지를 새로 고쳐 다시 서명하세요"),
    ),
    entry(
        "approvals.open_already",
        en="cannot ask for {job} again: {release} is open; change or withdraw that",
        ko="{job}의 공개를 다시 요청할 수 없습니다: {release}이(가) 진행 중입니다; 그것을 바꾸거나 철회하세요",
    ),
    entry(
        "approvals.not_requester",
        en="cannot sign the request of {name}: {who} wrote it; change it to ask yourself",
        ko="{name}의 요청에 서명할 수 없습니다: {who} 님이 작성했습니다; 직접 요청하려면 내용을 바꾸세요",
    ),
    entry(
        "approvals.asks_for_none",
        en=(
            "cannot ask for a release: you are project administrator for no institution, and approvers must come "
            "from others than yours; say on the page People for which institution you act"
        ),
        ko=(
            "결과 공개를 요청할 수 없습니다: 연구 관리자로서 대표하는 기관이 없고, 승인자는 다른 기관에서 나와야 "
            "합니다; 사람 페이지에서 어느 기관을 대표하는지 밝히세요"
        ),
    ),
    entry(
        "approvals.asks_without_key",
        en="cannot ask for a release: you have no key to sign with; make one on the page Approval key first",
        ko="공개를 요청할 수 없습니다: 서명할 키가 없습니다; 먼저 승인 키 페이지에서 만드세요",
    ),
    entry(
        "approvals.items_not_sealed",
        en="cannot ask for the release: choose items of {job} that are still sealed",
        ko="공개를 요청할 수 없습니다: {job}의 항목 중 아직 봉인된 것을 고르세요",
    ),
    entry(
        "approvals.date_too_far",
        en="cannot ask until {date}: choose a day within the next {days} days",
        ko="{date}까지로 요청할 수 없습니다: 앞으로 {days}일 안의 날짜를 고르세요",
    ),
    entry(
        "approvals.text_length",
        en="cannot take the {what}: it has {count:,|character|characters}; write 1 to {most:,}",
        ko="{what}을(를) 받을 수 없습니다: {count:,}자입니다; 1~{most:,}자로 쓰세요",
    ),
    entry(
        "approvals.not_good_any_more",
        en="cannot sign {name}: its date has passed or an item is public now; change it",
        ko="{name}에 서명할 수 없습니다: 기한이 지났거나 이미 공개된 항목이 있습니다; 내용을 바꾸세요",
    ),
    entry(
        "approvals.preview_without_key",
        en="cannot show the preview: you have no key; make one on the page Approval key",
        ko="미리보기를 보여 줄 수 없습니다: 키가 없습니다; 승인 키 페이지에서 만드세요",
    ),
    entry(
        "approvals.no_statement",
        en="cannot use the signature: it is no signed statement; reload the page",
        ko="서명을 쓸 수 없습니다: 서명된 문서가 아닙니다; 페이지를 새로 고치세요",
    ),
    entry(
        "approvals.no_reason",
        en="cannot end the release: no reason is given; write one or two sentences",
        ko="공개 요청을 끝낼 수 없습니다: 사유가 없습니다; 한두 문장으로 쓰세요",
    ),
    entry(
        "approvals.no_comment",
        en="cannot comment: the text is empty; write a sentence",
        ko="의견을 남길 수 없습니다: 내용이 비어 있습니다; 한 문장을 쓰세요",
    ),
    entry(
        "approvals.no_public_keys",
        en="cannot register the key: it is not two public P-256 keys; make a new one",
        ko="키를 등록할 수 없습니다: P-256 공개 키 두 개가 아닙니다; 새 키를 만드세요",
    ),
    entry(
        "approvals.is_draft",
        en="it is not signed yet",
        ko="아직 서명되지 않았습니다",
    ),
    entry(
        "approvals.is_collecting",
        en="it waits for approvals",
        ko="승인을 기다리고 있습니다",
    ),
    entry(
        "approvals.is_published",
        en="it is published",
        ko="이미 공개되었습니다",
    ),
    entry(
        "approvals.is_rejected",
        en="it is rejected",
        ko="반려되었습니다",
    ),
    entry(
        "approvals.is_withdrawn",
        en="it is withdrawn",
        ko="철회되었습니다",
    ),
    entry(
        "approvals.is_expired",
        en="it is expired",
        ko="기한이 지났습니다",
    ),
    entry(
        "approvals.again",
        en="cannot approve {name} again: {institution} or you approved this version already",
        ko="{name}을(를) 다시 승인할 수 없습니다: {institution} 또는 본인이 이 버전을 이미 승인했습니다",
    ),
    entry(
        "approvals.key_replaced",
        en="cannot register the key: it was replaced before; make a new one",
        ko="키를 등록할 수 없습니다: 이전에 교체된 키입니다; 새 키를 만드세요",
    ),
    entry(
        "approvals.key_of_another",
        en="cannot register the key: somebody else registered it; make a new one",
        ko="키를 등록할 수 없습니다: 다른 사람이 등록한 키입니다; 새 키를 만드세요",
    ),
    entry(
        "approvals.the_reason",
        en="reason",
        ko="사유",
    ),
    entry(
        "approvals.the_reader",
        en="reader",
        ko="대상",
    ),
    entry(
        "approvals.the_comment",
        en="comment",
        ko="의견",
    ),
    entry(
        "approvals.preview_key_unknown",
        en=(
            "cannot show the preview of {name}: the custodian does not know your key yet; read its fingerprint to "
            "the custodian by telephone"
        ),
        ko=(
            "{name}의 미리보기를 보여 줄 수 없습니다: 키 관리자가 아직 당신의 키를 모릅니다; 전화로 키 관리자에게 "
            "지문을 읽어 주세요"
        ),
    ),
    entry(
        "approvals.preview_not_yet",
        en=(
            "cannot show the preview of {name}: the custodian has not prepared it for your key yet; its program does "
            "so when it next calls"
        ),
        ko=(
            "{name}의 미리보기를 보여 줄 수 없습니다: 키 관리자가 아직 당신의 키로 준비하지 않았습니다; 다음 접속 때 "
            "저절로 준비합니다"
        ),
    ),
)
