"""Releases: requests, statements, approvals, previews, publication."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "releases.key_speaks_already",
        en="cannot trust {key}: it speaks for {institution} already; `approvers distrust` it first",
        ko=("{key}을(를) 신뢰할 수 없습니다: 이미 {institution}을(를) 대표합니다; 먼저 `approvers distrust`를 하세요"),
    ),
    entry(
        "releases.nobody_vouched_here",
        en="cannot distrust {key}: nobody vouched for it; `approvers list` shows whom",
        ko=("{key}의 신뢰를 거둘 수 없습니다: 아무도 보증하지 않았습니다; `approvers list`가 보증된 키를 보여 줍니다"),
    ),
    entry(
        "releases.no_institution",
        en=(
            "cannot use '{institution}' as an institution: give its short name as the Keys page shows it, such as "
            "north-hospital"
        ),
        ko=("'{institution}'을(를) 기관으로 쓸 수 없습니다: north-hospital처럼 키 페이지에 있는 짧은 이름을 쓰세요"),
    ),
    entry(
        "releases.published_otherwise",
        en=(
            "cannot publish version {version} of {release}: it was published with other items before; change the "
            "release, so that it becomes a new version"
        ),
        ko=(
            "{release} 버전 {version}을(를) 공개할 수 없습니다: 전에 다른 항목으로 공개되었습니다; 새 버전이 되도록 "
            "공개 요청을 바꾸세요"
        ),
    ),
    entry(
        "releases.no_sealed_result",
        en=(
            "cannot release {job} of {study}: no sealed result of it under {request} is held here; launch the job again"
        ),
        ko=(
            "{study}의 {job}을(를) 공개할 수 없습니다: 그 봉인된 결과가 {request}(으)로 여기 없습니다; 작업을 다시 "
            "시작하세요"
        ),
    ),
    entry(
        "releases.items",
        en="cannot release {items} of {job}: each of {known} can be asked for once",
        ko="{job}의 {items}을(를) 공개할 수 없습니다: {known} 각각은 한 번만 요청할 수 있습니다",
    ),
    entry(
        "releases.no_share",
        en=(
            "cannot review releases in {path}: it holds no share of a key; where one custodian holds it all, people "
            "approve in the browser"
        ),
        ko=(
            "{path}에서 공개를 검토할 수 없습니다: 키의 조각이 없습니다; 키 관리자 한 명이 키 전체를 가진 곳에서는 "
            "사람이 브라우저에서 승인합니다"
        ),
    ),
    entry(
        "releases.preview_digest",
        en=(
            "cannot use the preview of {release}: its numbers have digest {digest}, people are asked for {expected}; "
            "ask the lead's custodian"
        ),
        ko=(
            "{release}의 미리보기를 쓸 수 없습니다: 숫자의 다이제스트가 {digest}인데 사람들에게는 {expected}(으)로 "
            "요청되었습니다; 대표의 키 관리자에게 문의하세요"
        ),
    ),
    entry(
        "releases.waits_for_no_hospital",
        en="cannot read {release}: it waits for no hospital's approval; `releases list` shows those that do",
        ko=(
            "{release}을(를) 읽을 수 없습니다: 병원의 승인을 기다리지 않습니다; `releases list`가 기다리는 것을 보여 "
            "줍니다"
        ),
    ),
    entry(
        "releases.other_sharing",
        en=(
            "cannot read {release}: the key is shared by sharing {sharing}, this hospital holds a share of {own}; "
            "take the newer share, or tell the server of yours with `lead`"
        ),
        ko=(
            "{release}을(를) 읽을 수 없습니다: 키는 공유 {sharing}(으)로 나뉘었고 이 병원은 {own}의 조각을 가지고 "
            "있습니다; 새 조각을 받거나 `lead`로 서버에 알리세요"
        ),
    ),
    entry(
        "releases.no_preview_yet",
        en=(
            "cannot read {release}: the lead has sealed no preview to this hospital yet; its program does so when it "
            "next looks"
        ),
        ko=(
            "{release}을(를) 읽을 수 없습니다: 대표가 이 병원에 미리보기를 아직 봉인하지 않았습니다; 대표의 "
            "프로그램이 다음에 볼 때 합니다"
        ),
    ),
    entry(
        "releases.verdict_field",
        en="cannot decide on {release}: {why}; correct the reason",
        ko="{release}에 대해 결정할 수 없습니다: {why}; 이유를 고치세요",
    ),
    entry(
        "releases.preview_version",
        en=(
            "cannot use the preview of {release}: it is of {shown} version {shown_version}, people are asked for "
            "version {version}; wait until the lead has looked again"
        ),
        ko=(
            "{release}의 미리보기를 쓸 수 없습니다: {shown} 버전 {shown_version}의 것인데 사람들에게는 버전 "
            "{version}이(가) 요청되었습니다; 대표가 다시 볼 때까지 기다리세요"
        ),
    ),
    entry(
        "releases.preview_items",
        en=(
            "cannot use the preview of {release}: {items} {items?is|are} not what was committed to when the job "
            "ended; ask the lead's custodian"
        ),
        ko=(
            "{release}의 미리보기를 쓸 수 없습니다: {items}이(가) 작업이 끝날 때 약속된 것과 다릅니다; 대표의 키 "
            "관리자에게 문의하세요"
        ),
    ),
    entry(
        "releases.key_not_registered",
        en="the key {key} is registered no more; sign with the key in use",
        ko="키 {key}은(는) 더 이상 등록되어 있지 않습니다; 쓰고 있는 키로 서명하세요",
    ),
    entry(
        "releases.nobody_vouched",
        en="nobody vouched for the key {key}; read its groups to the custodian by telephone",
        ko="아무도 키 {key}을(를) 보증하지 않았습니다; 전화로 키 관리자에게 그 숫자 묶음을 읽어 주세요",
    ),
    entry(
        "releases.statement_expired",
        en="the statement of {key} expired on {expires_on}; ask anew",
        ko="{key}의 진술은 {expires_on}에 만료되었습니다; 새로 요청하세요",
    ),
    entry(
        "releases.metrics_sealed",
        en="the metrics are sealed",
        ko="지표가 봉인되어 있음",
    ),
    entry(
        "releases.note_metrics",
        en="Metrics: counts of 1 to {small_cell} are suppressed, others are multiples of {round_to}.",
        ko="지표: 1에서 {small_cell}까지의 수는 비공개이고 다른 수는 {round_to}의 배수입니다.",
    ),
    entry(
        "releases.note_estimates",
        en="Coefficients and errors are rounded to a thousandth of the standard error, odds ratios to 4 digits.",
        ko="계수와 오차는 표준오차의 1000분의 1로, 오즈비는 네 자리로 반올림했습니다.",
    ),
    entry(
        "releases.note_curves",
        en=(
            "Curves: each step holds at least {events} deaths and {events} survivors; rates come from counts rounded "
            "to {round_to}."
        ),
        ko=(
            "곡선: 구간마다 사망이 {events}건 이상, 생존이 {events}건 이상입니다; 비율은 {round_to} 단위로 반올림한 "
            "수에서 나옵니다."
        ),
    ),
    entry(
        "releases.note_table_one",
        en=(
            "Table 1 counts all patients of the pool's batches, held-out ones included. Counts of 1 to {small_cell} "
            "are suppressed, others are multiples of {round_to}."
        ),
        ko=(
            "표 1은 홀드아웃 환자를 포함해 풀의 배치에 있는 모든 환자를 셉니다. 1에서 {small_cell}까지의 수는 "
            "비공개이고 다른 수는 {round_to}의 배수입니다."
        ),
    ),
    entry(
        "releases.note_nearest",
        en="nearest earlier pool: {job}; since then {added} patients joined and {removed} left, rounded",
        ko="가장 가까운 앞선 풀: {job}; 그 뒤 환자 {added}명이 들어오고 {removed}명이 나갔습니다(반올림)",
    ),
    entry(
        "releases.note_no_neighbour",
        en="no earlier job ran over another pool",
        ko="다른 풀로 돌린 앞선 작업이 없습니다",
    ),
    entry(
        "releases.note_of_metrics",
        en="Metrics of {scope}: {why}.",
        ko="지표({scope}): {why}.",
    ),
    entry(
        "releases.note_of_curves",
        en="Curves of {scope}: {why}.",
        ko="곡선({scope}): {why}.",
    ),
    entry(
        "releases.note_of_table",
        en="Table 1 of {scope}: {why}.",
        ko="표 1({scope}): {why}.",
    ),
    entry(
        "releases.note_of_columns",
        en="Table 1 of {scope}, {columns}: {why}.",
        ko="표 1({scope}), {columns}: {why}.",
    ),
    entry(
        "releases.waits_for_request",
        en="waits for a request that a known key signed",
        ko="알려진 키로 서명된 요청을 기다립니다",
    ),
    entry(
        "releases.approved_by",
        en="approved by {count} of {needed} institutions ({names})",
        ko="기관 {needed}곳 중 {count}곳이 승인했습니다({names})",
    ),
    entry(
        "releases.approved_by_none",
        en="approved by 0 of {needed} institutions (none yet)",
        ko="기관 {needed}곳 중 0곳이 승인했습니다(아직 없음)",
    ),
    entry(
        "releases.own_approval",
        en=(
            "the approval of {key} ({institution}) does not count: that institution asked for the release; somebody "
            "of another one must approve"
        ),
        ko=(
            "{key}({institution})의 승인은 인정되지 않습니다: 공개를 요청한 기관입니다; 다른 기관의 사람이 승인해야 "
            "합니다"
        ),
    ),
    entry(
        "releases.second_approval",
        en=(
            "the approval of {key} ({institution}) does not count: that institution has approved already; somebody "
            "of another one must approve"
        ),
        ko=(
            "{key}({institution})의 승인은 인정되지 않습니다: 이미 승인한 기관입니다; 다른 기관의 사람이 승인해야 "
            "합니다"
        ),
    ),
    entry(
        "releases.agents_approved",
        en="agents of {count} of {needed} hospitals approved ({names})",
        ko="병원 {needed}곳 중 {count}곳의 에이전트가 승인했습니다({names})",
    ),
    entry(
        "releases.agents_none",
        en="agents of 0 of {needed} hospitals approved (none yet)",
        ko="병원 {needed}곳 중 0곳의 에이전트가 승인했습니다(아직 없음)",
    ),
    entry(
        "releases.rejected_by",
        en='rejected by {hospital} ("{reason}")',
        ko='{hospital}이(가) 거절했습니다("{reason}")',
    ),
    entry(
        "releases.agents_cannot",
        en="so many cannot any more: change the request, or withdraw it",
        ko="그만큼 승인할 수 없게 되었습니다: 요청을 바꾸거나 철회하세요",
    ),
    entry(
        "releases.agents_waiting",
        en="{parts}",
        ko="대기: {parts}",
    ),
    entry(
        "releases.second_verdict",
        en="a second approval of {hospital} does not count: one is enough; another hospital must approve",
        ko="{hospital}의 두 번째 승인은 인정되지 않습니다: 하나면 됩니다; 다른 병원이 승인해야 합니다",
    ),
    entry(
        "releases.agents_of_one_key",
        en=(
            "agents of {needed} hospitals must approve, and one custodian holds the key alone; share the key, or let "
            "the study ask for none"
        ),
        ko=(
            "병원 {needed}곳의 에이전트가 승인해야 하는데 키 관리자 한 명이 키를 혼자 가지고 있습니다; 키를 나누거나 "
            "연구에서 요구하지 않게 하세요"
        ),
    ),
    entry(
        "releases.key_not_vouched",
        en="does not count: nobody vouched for it",
        ko="인정되지 않습니다: 아무도 보증하지 않았습니다",
    ),
    entry(
        "releases.key_unused",
        en="counts, but nobody uses it at the server any more",
        ko="인정되지만 서버에서 더 이상 아무도 쓰지 않습니다",
    ),
    entry(
        "releases.key_of_another",
        en="counts, but for another institution than the server says: ask its owner",
        ko="인정되지만 서버가 말하는 기관과 다릅니다: 주인에게 물어보세요",
    ),
    entry(
        "releases.key_counts",
        en="counts",
        ko="인정됩니다",
    ),
)
