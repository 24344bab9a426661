"""What a key holder's program says of its rounds: no answer, answers that disagree, a job that it does not know."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "agent.too_many_refuse",
        en=(
            "cannot open: {threshold} hospitals must and too many refuse: {refusals}; see the pages of those "
            "hospitals' agents"
        ),
        ko=(
            "열 수 없습니다: 병원 {threshold}곳이 열어야 하는데 너무 많은 곳이 거부했습니다: {refusals}; 그 병원들의 "
            "에이전트 화면을 보세요"
        ),
    ),
    entry(
        "agent.no_hand_over",
        en=(
            "cannot take over: the server has no hand-over for this hospital; `lead` and `run` at the earlier lead "
            "bring it there, `--from` takes a file"
        ),
        ko=(
            "넘겨받을 수 없습니다: 서버에 이 병원으로 온 인계가 없습니다; 앞선 주도 병원에서 `lead`와 `run`을 "
            "실행하면 오고, `--from`은 파일을 받습니다"
        ),
    ),
    entry(
        "agent.other_payload",
        en=(
            "cannot use the answer of hospital {place}: it is to {request} with another payload; it must answer the "
            "request that waits"
        ),
        ko=("병원 {place}의 답을 쓸 수 없습니다: 다른 내용의 {request}에 대한 답입니다; 기다리는 요청에 답해야 합니다"),
    ),
    entry(
        "agent.outside_field",
        en="cannot use the answer of hospital {place}: a number is outside the field; it must answer anew",
        ko="병원 {place}의 답을 쓸 수 없습니다: 수가 체 밖에 있습니다; 새로 답해야 합니다",
    ),
    entry(
        "agent.shared",
        en="answered with its share",
        ko="조각으로 답했습니다",
    ),
    entry(
        "agent.refuses",
        en="{name} says: {why}",
        ko="{name}의 답: {why}",
    ),
    entry(
        "agent.daily_limit",
        en="the custodian's daily limit of requests was reached; it goes on tomorrow (UTC)",
        ko="키 관리자의 하루 요청 한도에 이르렀습니다; 내일(UTC) 이어 갑니다",
    ),
    entry(
        "agent.answers_missing",
        en="too few hospitals have answered to open this; it goes on when another hospital's agent runs",
        ko="이것을 열기에는 답한 병원이 모자랍니다; 다른 병원의 에이전트가 실행되면 이어 갑니다",
    ),
    entry(
        "agent.answers_disagree",
        en=(
            "the answers of the hospitals disagree, so at least one is wrong; it goes on when another hospital answers"
        ),
        ko="병원들의 답이 서로 맞지 않아 하나 이상이 틀렸습니다; 다른 병원이 답하면 이어 갑니다",
    ),
    entry(
        "agent.awaits_hand_over",
        en="the lead has moved, and the new lead waits for the hand-over of the earlier one; run the agent there",
        ko="주도 병원이 바뀌어 새 주도 병원이 앞선 병원의 인계를 기다립니다; 그곳에서 에이전트를 실행하세요",
    ),
)
