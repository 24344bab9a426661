"""Jobs, rounds and requests on the server."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "jobs.answer_field",
        en="cannot use the answer: field {place}: {problem}; update the custodian",
        ko="응답을 쓸 수 없습니다: 필드 {place}: {problem}; 키 관리자 프로그램을 업데이트하세요",
    ),
    entry(
        "jobs.no_request",
        en="cannot find {name}: there is no such request in this study; check the id",
        ko="{name}을(를) 찾을 수 없습니다: 이 연구에 그런 요청이 없습니다; 번호를 확인하세요",
    ),
    entry(
        "jobs.no_job",
        en="cannot find {name}: there is no such job in this study; check the id",
        ko="{name}을(를) 찾을 수 없습니다: 이 연구에 그런 작업이 없습니다; 번호를 확인하세요",
    ),
    entry(
        "jobs.no_key",
        en="cannot launch: study {study} has no keys in use; the custodian must publish them",
        ko="시작할 수 없습니다: 연구 {study}에 사용 중인 키가 없습니다; 키 관리자가 게시해야 합니다",
    ),
    entry(
        "jobs.all_held_out",
        en="cannot launch: the chosen hospitals hold out all of their patients; add patients first",
        ko="시작할 수 없습니다: 고른 병원의 환자가 모두 홀드아웃입니다; 먼저 환자를 추가하세요",
    ),
    entry(
        "jobs.request_of_nothing",
        en="cannot use {name}: it belongs to no job and no batch; answer another request",
        ko="{name}을(를) 쓸 수 없습니다: 어떤 작업이나 배치에도 속하지 않습니다; 다른 요청에 응답하세요",
    ),
    entry(
        "jobs.key_not_shared",
        en=("cannot take an answer of one of several key holders: this key has one custodian; post the whole answer"),
        ko=("여러 키 보관자 중 한 명의 응답을 받을 수 없습니다: 이 키의 관리자는 한 명입니다; 전체 응답을 보내세요"),
    ),
    entry(
        "jobs.no_share",
        en="cannot send the answer of hospital {point} to {name}: there is none, or the request is closed",
        ko="병원 {point}의 응답을 {name}에 보낼 수 없습니다: 응답이 없거나 요청이 끝났습니다",
    ),
    entry(
        "jobs.holder_unsigned",
        en=(
            "cannot take this: whoever holds the key {key} must have signed it, and a token alone does not; run it "
            "with the --home of that key"
        ),
        ko=(
            "받을 수 없습니다: 키 {key}을(를) 가진 쪽이 서명해야 하며 토큰만으로는 안 됩니다; 그 키의 --home으로 "
            "실행하세요"
        ),
    ),
    entry(
        "jobs.lead_unsigned",
        en=(
            "cannot take this: only the hospital that leads may post it, which is {lead}, and nobody signed it; run "
            "it at {lead}, or let enough hospitals name another lead"
        ),
        ko=(
            "받을 수 없습니다: 주관 병원인 {lead}만 보낼 수 있는데, 아무도 서명하지 않았습니다; {lead}에서 "
            "실행하거나, 충분한 수의 병원이 다른 주관 병원을 지정하게 하세요"
        ),
    ),
    entry(
        "jobs.lead_other",
        en=(
            "cannot take this: only the hospital that leads may post it, which is {lead}, and somebody else signed "
            "it, or it was signed for something else; run it at {lead}, or let enough hospitals name another lead"
        ),
        ko=(
            "받을 수 없습니다: 주관 병원인 {lead}만 보낼 수 있는데, 다른 곳이 서명했거나 다른 내용에 서명했습니다; "
            "{lead}에서 실행하거나, 충분한 수의 병원이 다른 주관 병원을 지정하게 하세요"
        ),
    ),
    entry(
        "jobs.request_closed",
        en="cannot answer {name}: it is {state}; drop this answer",
        ko="{name}에 응답할 수 없습니다: 상태가 {state}입니다; 이 응답을 버리세요",
    ),
    entry(
        "jobs.share_unsigned",
        en="cannot use the answer: it is no signed message; update the custodian",
        ko="응답을 쓸 수 없습니다: 서명된 메시지가 아닙니다; 키 관리자 프로그램을 업데이트하세요",
    ),
    entry(
        "jobs.share_stranger",
        en="cannot use the answer: no hospital of the sharing in use signed it; take the share of that sharing",
        ko="응답을 쓸 수 없습니다: 현재 키 분배에 속한 병원이 서명하지 않았습니다; 그 분배의 조각을 받으세요",
    ),
    entry(
        "jobs.share_other_request",
        en="cannot use the answer to {name}: it was made for another request; answer the one that waits",
        ko="{name}의 응답을 쓸 수 없습니다: 다른 요청에 대한 응답입니다; 기다리는 요청에 응답하세요",
    ),
    entry(
        "jobs.no_lead_to_move",
        en="cannot move the lead: no key is shared in this study; a single custodian moves by a backup",
        ko="주관 병원을 옮길 수 없습니다: 이 연구에는 나눈 키가 없습니다; 키 관리자가 하나이면 백업으로 옮기세요",
    ),
    entry(
        "jobs.no_hand_over",
        en="cannot find the hand-over {digest}: there is none; ask for the list",
        ko="인계 자료 {digest}을(를) 찾을 수 없습니다: 그런 것이 없습니다; 목록을 요청하세요",
    ),
    entry(
        "jobs.hand_over_old",
        en="cannot keep the hand-over: it is number {number}, and number {newest} is known; send the newest",
        ko=("인계 자료를 보관할 수 없습니다: {number}번이지만 {newest}번이 이미 있습니다; 가장 새로운 것을 보내세요"),
    ),
    entry(
        "jobs.hand_over_taker",
        en="cannot delete the hand-over: only {name}, for which it is, may say that it was taken",
        ko="인계 자료를 지울 수 없습니다: 받는 병원인 {name}만 인계받았다고 알릴 수 있습니다",
    ),
    entry(
        "jobs.hand_over_stranger",
        en=("cannot keep the hand-over: no hospital of the sharing in use signed it; take the share of that sharing"),
        ko=(
            "인계 자료를 보관할 수 없습니다: 현재 키 분배에 속한 병원이 서명하지 않았습니다; 그 분배의 조각을 받으세요"
        ),
    ),
    entry(
        "jobs.hand_over_torn",
        en="cannot keep the hand-over: it is not whole, or another than announced; send it again",
        ko="인계 자료를 보관할 수 없습니다: 온전하지 않거나 알린 것과 다릅니다; 다시 보내세요",
    ),
    entry(
        "jobs.launch_blocked",
        en="cannot launch: {blocker}",
        ko="시작할 수 없습니다: {blocker}",
    ),
    entry(
        "jobs.cancel_not_typed",
        en="cannot cancel {job}: its id was not typed; go back and type {job}",
        ko="{job}을(를) 취소할 수 없습니다: 번호를 입력하지 않았습니다; 돌아가서 {job}을(를) 입력하세요",
    ),
    entry(
        "jobs.still_runs",
        en="cannot try {job} again: it is still {state}; wait or cancel it",
        ko="{job}을(를) 다시 시도할 수 없습니다: 아직 {state} 상태입니다; 기다리거나 취소하세요",
    ),
    entry(
        "jobs.chunk_lost",
        en="cannot go on with chunk {index} of round {round}: it is no longer held here",
        ko="라운드 {round}의 청크 {index}을(를) 계속할 수 없습니다: 더는 이 작업자가 맡고 있지 않습니다",
    ),
    entry(
        "jobs.chunk_lost_at_end",
        en="cannot finish chunk {index} of round {round}: it is no longer held here",
        ko="라운드 {round}의 청크 {index}을(를) 끝낼 수 없습니다: 더는 이 작업자가 맡고 있지 않습니다",
    ),
    entry(
        "jobs.sum_lost",
        en="cannot go on adding up round {round}: it is no longer held here",
        ko="라운드 {round}의 합산을 계속할 수 없습니다: 더는 이 작업자가 맡고 있지 않습니다",
    ),
    entry(
        "jobs.partial_gone",
        en="cannot add up round {round}: chunk {index} has no partial sum any more",
        ko="라운드 {round}을(를) 합산할 수 없습니다: 청크 {index}의 부분합이 더는 없습니다",
    ),
    entry(
        "jobs.sum_lost_at_end",
        en="cannot hand over round {round}: it is no longer held here",
        ko="라운드 {round}을(를) 넘길 수 없습니다: 더는 이 작업자가 맡고 있지 않습니다",
    ),
    entry(
        "jobs.item_field",
        en="cannot use item {item}: field {place}: {problem}; update the custodian or the server",
        ko=("항목 {item}을(를) 쓸 수 없습니다: 필드 {place}: {problem}; 키 관리자 프로그램이나 서버를 업데이트하세요"),
    ),
    entry(
        "jobs.result_of_stranger",
        en="cannot store the result: it has numbers of {hospital}, no hospital of the study; answer anew",
        ko="결과를 저장할 수 없습니다: 연구의 병원이 아닌 {hospital}의 수치가 들어 있습니다; 다시 응답하세요",
    ),
    entry(
        "jobs.no_table_one",
        en="cannot download Table 1 of {job}: it is not released; ask for its release",
        ko="{job}의 표 1을 내려받을 수 없습니다: 공개되지 않았습니다; 공개를 요청하세요",
    ),
    entry(
        "jobs.no_chart",
        en="cannot download chart {name}: {job} has none of that name; see its result page",
        ko="차트 {name}을(를) 내려받을 수 없습니다: {job}에 그런 차트가 없습니다; 결과 페이지를 보세요",
    ),
    entry(
        "jobs.result_sealed",
        en="cannot show a result of {job}: nothing was released, it is sealed; ask for its release",
        ko="{job}의 결과를 보여 줄 수 없습니다: 공개된 것이 없습니다. 봉인되어 있습니다; 공개를 요청하세요",
    ),
    entry(
        "jobs.no_result",
        en="cannot show a result of {job}: nothing was released, it is {state}; see the job page",
        ko="{job}의 결과를 보여 줄 수 없습니다: 공개된 것이 없습니다. 상태가 {state}입니다; 작업 페이지를 보세요",
    ),
    entry(
        "jobs.no_hospital_chosen",
        en="cannot launch: no hospital is chosen; choose hospitals whose patients are admitted",
        ko="시작할 수 없습니다: 고른 병원이 없습니다; 편입된 환자가 있는 병원을 고르세요",
    ),
    entry(
        "jobs.hospitals_empty",
        en=(
            "cannot launch: {hospitals} {hospitals?has|have} no admitted batch; choose hospitals whose patients are "
            "admitted"
        ),
        ko="시작할 수 없습니다: {hospitals}에 편입된 배치가 없습니다; 편입된 환자가 있는 병원을 고르세요",
    ),
    entry(
        "jobs.chunk_abandoned",
        en=(
            "cannot finish chunk {index} of round {round}: {attempts|worker|workers} {attempts?was|were} lost on it; "
            "see the workers' logs, perhaps they need more memory"
        ),
        ko=(
            "라운드 {round}의 청크 {index}을(를) 끝낼 수 없습니다: 작업자 {attempts}개가 이 일을 하다가 "
            "사라졌습니다; 작업자 로그를 보세요. 메모리가 더 필요할 수 있습니다"
        ),
    ),
    entry(
        "jobs.sum_abandoned",
        en=(
            "cannot add up round {round}: {attempts|worker|workers} {attempts?was|were} lost on it; see the workers' "
            "logs, perhaps they need more memory"
        ),
        ko=(
            "라운드 {round}을(를) 합산할 수 없습니다: 작업자 {attempts}개가 이 일을 하다가 사라졌습니다; 작업자 "
            "로그를 보세요. 메모리가 더 필요할 수 있습니다"
        ),
    ),
    entry(
        "jobs.cancelled",
        en="cancelled by {who}",
        ko="{who} 님이 취소했습니다",
    ),
    entry(
        "jobs.none_held_out",
        en="cannot evaluate: no admitted batch of the study holds out patients; add patients and launch again",
        ko="평가할 수 없습니다: 연구의 편입된 배치에 홀드아웃 환자가 없습니다; 환자를 추가하고 다시 시작하세요",
    ),
    entry(
        "jobs.answered_already",
        en="cannot answer {name}: it has another answer already; drop this answer",
        ko="{name}에 응답할 수 없습니다: 이미 다른 응답이 있습니다; 이 응답을 버리세요",
    ),
    entry(
        "jobs.request_withdrawn",
        en="cannot answer {name}: it was withdrawn; drop this answer",
        ko="{name}에 응답할 수 없습니다: 철회되었습니다; 이 응답을 버리세요",
    ),
    entry(
        "jobs.answer_unfit",
        en="cannot use answer to {name}: {why}; answer the request that waits",
        ko="{name}의 응답을 쓸 수 없습니다: {why}; 기다리는 요청에 응답하세요",
    ),
    entry(
        "jobs.answer_parts",
        en="outcome {outcome} goes with other parts than it has",
        ko="결과 {outcome}에 맞는 부분이 아닙니다",
    ),
    entry(
        "jobs.answer_twice",
        en="it seals an item twice",
        ko="한 항목을 두 번 봉인했습니다",
    ),
    entry(
        "jobs.answer_order",
        en="a {next} round cannot follow {kind}",
        ko="{next} 라운드는 {kind} 다음에 올 수 없습니다",
    ),
    entry(
        "jobs.answer_no_reason",
        en="outcome {outcome} gives no reason",
        ko="결과 {outcome}에 이유가 없습니다",
    ),
    entry(
        "jobs.answer_items",
        en="its {found} items are not the {expected} coefficients of the expected size",
        ko="항목 {found}개가 정해진 크기의 계수 {expected}개와 맞지 않습니다",
    ),
    entry(
        "jobs.answer_sigmoid",
        en="a {kind} round and its sigmoid do not go together",
        ko="{kind} 라운드와 시그모이드가 서로 맞지 않습니다",
    ),
    entry(
        "jobs.answer_other",
        en="it answers {given} with payload {payload}",
        ko="페이로드가 {payload}인 {given}에 대한 응답입니다",
    ),
    entry(
        "jobs.answer_outcome",
        en="outcome {outcome} does not go with a request of kind {kind}",
        ko="결과 {outcome}은(는) {kind} 종류의 요청에 맞지 않습니다",
    ),
)
