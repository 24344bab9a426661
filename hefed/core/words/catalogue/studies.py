"""Setting up a study: draft, terms, data dictionary versions."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "studies.dictionary_unreadable",
        en="cannot read {path}: {problem}; correct the path",
        ko="{path}을(를) 읽을 수 없습니다: {problem}; 경로를 고치세요",
    ),
    entry(
        "studies.no_such_study",
        en="cannot find study {slug}: there is none of that name; check the spelling",
        ko="연구 {slug}을(를) 찾을 수 없습니다: 그 이름의 연구가 없습니다; 철자를 확인하세요",
    ),
    entry(
        "studies.name_taken",
        en="cannot create study {slug}: the short name is taken; choose another",
        ko="연구 {slug}을(를) 만들 수 없습니다: 이미 쓰이는 약칭입니다; 다른 약칭을 고르세요",
    ),
    entry(
        "studies.batches_changed",
        en=(
            "cannot publish a new dictionary: {live|batch follows|batches follow} the present one, {outdates} "
            "{outdates?was|were} agreed to; reload the page and look again"
        ),
        ko=(
            "새 데이터 사전을 게시할 수 없습니다: 배치 {live}개가 현재 버전을 따르지만 {outdates}개에 동의했습니다; "
            "페이지를 새로 고쳐 다시 확인하세요"
        ),
    ),
    entry(
        "studies.institution_not_approved",
        en="cannot add {institution}: it is {state}; approve it first",
        ko="{institution}을(를) 추가할 수 없습니다: 상태가 {state}입니다; 먼저 승인하세요",
    ),
    entry(
        "studies.takes_part_already",
        en="cannot add {institution}: it takes part already; nothing to do",
        ko="{institution}을(를) 추가할 수 없습니다: 이미 참여하고 있습니다; 할 일이 없습니다",
    ),
    entry(
        "studies.institution_missing",
        en="cannot make {user} {role}: such a person acts for an institution; name it",
        ko="{user}에게 {role} 역할을 줄 수 없습니다: 기관을 대표하는 역할입니다; 기관을 지정하세요",
    ),
    entry(
        "studies.role_held",
        en="cannot make {user} {role}: the role is held already or needs a study; look at the list of people",
        ko=("{user}에게 {role} 역할을 줄 수 없습니다: 이미 있거나 연구가 필요한 역할입니다; 사람 목록을 확인하세요"),
    ),
    entry(
        "studies.roles_exclude",
        en=(
            "cannot make {user} {role}: this person is {held} in {where}, and nobody is both; choose somebody else, "
            "or end that role first"
        ),
        ko=(
            "{user} 님을 {role}(으)로 정할 수 없습니다: {where}에서 {held}이며, 한 사람이 둘 다 맡을 수 없습니다; "
            "다른 사람을 고르거나 그 역할을 먼저 끝내세요"
        ),
    ),
    entry(
        "studies.draft_name_taken",
        en="cannot draft study {slug}: the short name is taken; choose another",
        ko="연구 {slug}의 초안을 만들 수 없습니다: 이미 쓰이는 약칭입니다; 다른 약칭을 고르세요",
    ),
    entry(
        "studies.no_agents_to_ask",
        en="cannot ask agents to approve releases: one custodian holds the key alone; choose 0, or share the key",
        ko=(
            "에이전트에 결과 공개 승인을 요청할 수 없습니다: 키 관리자 하나가 키를 단독으로 보관합니다; 0을 "
            "선택하거나 키를 나누어 보관하세요"
        ),
    ),
    entry(
        "studies.too_many_agents",
        en=(
            "cannot ask the agents of {value|hospital|hospitals} to approve: {holders} can hold shares of the key; "
            "choose fewer, or share the key among more"
        ),
        ko=(
            "병원 {value}곳의 에이전트에 승인을 요청할 수 없습니다: 키 조각을 보관할 수 있는 병원은 "
            "{holders}곳입니다; 더 적게 선택하거나 더 많은 병원이 키를 나누어 보관하게 하세요"
        ),
    ),
    entry(
        "studies.still_draft",
        en="cannot publish the dictionary: the study is a draft; publish the study, with its dictionary",
        ko="데이터 사전을 게시할 수 없습니다: 연구가 초안입니다; 데이터 사전과 함께 연구를 게시하세요",
    ),
    entry(
        "studies.nobody_invited",
        en="cannot publish the study: no hospital is invited; invite at least one",
        ko="연구를 게시할 수 없습니다: 초대된 병원이 없습니다; 하나 이상 초대하세요",
    ),
    entry(
        "studies.no_terms",
        en="cannot publish the study: it has no terms; write what a hospital agrees to",
        ko="연구를 게시할 수 없습니다: 약정이 없습니다; 병원이 동의할 내용을 쓰세요",
    ),
    entry(
        "studies.dictionary_empty",
        en="cannot publish: the data dictionary is empty; write, upload or import it first",
        ko="게시할 수 없습니다: 데이터 사전이 비어 있습니다; 먼저 쓰거나 올리거나 가져오세요",
    ),
    entry(
        "studies.terms_length",
        en="cannot publish terms: the text has {length|character|characters}; write 1 to {most}",
        ko="약정을 게시할 수 없습니다: 글자 수가 {length}입니다; 1~{most}자로 쓰세요",
    ),
    entry(
        "studies.terms_replaced",
        en="cannot accept terms version {version}: a newer one is in force; reload the page",
        ko="약정 버전 {version}에 동의할 수 없습니다: 더 새로운 버전이 시행 중입니다; 페이지를 새로 고치세요",
    ),
    entry(
        "studies.outsider",
        en="cannot accept terms: {institution} does not take part in {study}; add it first",
        ko="약정에 동의할 수 없습니다: {institution}은(는) {study}에 참여하지 않습니다; 먼저 추가하세요",
    ),
    entry(
        "studies.terms_accepted_already",
        en="cannot accept terms: {institution} accepted version {version} already; nothing to do",
        ko="약정에 동의할 수 없습니다: {institution}은(는) 이미 버전 {version}에 동의했습니다; 할 일이 없습니다",
    ),
    entry(
        "studies.not_your_terms",
        en="cannot accept the terms: you act for no hospital of this study; its coordinator accepts them",
        ko="약정에 동의할 수 없습니다: 이 연구에서 담당하는 병원이 없습니다; 병원의 코디네이터가 동의합니다",
    ),
    entry(
        "studies.terms_changed",
        en="cannot accept the terms: they changed since you read them; read them again and accept then",
        ko="약정에 동의할 수 없습니다: 읽는 동안 내용이 바뀌었습니다; 다시 읽고 동의하세요",
    ),
    entry(
        "studies.may_not_draft",
        en="cannot draft a study: it takes the role project administrator; ask a platform administrator",
        ko="연구 초안을 만들 수 없습니다: 연구 관리자 역할이 필요합니다; 플랫폼 관리자에게 문의하세요",
    ),
    entry(
        "studies.none_chosen",
        en="cannot invite: no hospital was chosen; choose one from the list",
        ko="초대할 수 없습니다: 병원을 고르지 않았습니다; 목록에서 고르세요",
    ),
    entry(
        "studies.file_too_large",
        en="cannot read {name}: it has {bytes:,} bytes, the limit is {most:,}; split it",
        ko="{name}을(를) 읽을 수 없습니다: {bytes:,}바이트로 한도 {most:,}을 넘습니다; 나누세요",
    ),
    entry(
        "studies.file_not_utf8",
        en="cannot read {name}: it is not UTF-8 text; save it as CSV UTF-8",
        ko="{name}을(를) 읽을 수 없습니다: UTF-8 텍스트가 아닙니다; CSV UTF-8로 저장하세요",
    ),
    entry(
        "studies.name_not_typed",
        en="cannot publish the dictionary: {slug} was not typed; go back, read what it means, type {slug}",
        ko=(
            "데이터 사전을 게시할 수 없습니다: {slug}을(를) 입력하지 않았습니다; 돌아가서 어떤 영향이 있는지 읽고 "
            "{slug}을(를) 입력하세요"
        ),
    ),
    entry(
        "studies.outdates_missing",
        en="cannot publish the dictionary: the page did not say what it means; reload it",
        ko="데이터 사전을 게시할 수 없습니다: 페이지에 영향이 표시되지 않았습니다; 새로 고치세요",
    ),
    entry(
        "studies.no_template",
        en="cannot make a template for {study}: no dictionary is published yet; wait for it",
        ko="{study}의 양식을 만들 수 없습니다: 게시된 데이터 사전이 없습니다; 게시될 때까지 기다리세요",
    ),
    entry(
        "studies.no_file",
        en="cannot load the dictionary: no file was chosen; choose a CSV file",
        ko="데이터 사전을 불러올 수 없습니다: 파일을 고르지 않았습니다; CSV 파일을 고르세요",
    ),
    entry(
        "studies.no_dictionary",
        en="cannot download the dictionary of {study}: none is published yet; publish one first",
        ko="{study}의 데이터 사전을 내려받을 수 없습니다: 아직 게시되지 않았습니다; 먼저 게시하세요",
    ),
    entry(
        "studies.whole_platform",
        en="the whole platform",
        ko="전체 플랫폼",
    ),
    entry(
        "studies.below_floor",
        en="cannot set {rule} to {value}: no study may go below {floor}; choose more",
        ko=("{rule}을(를) {value}(으)로 정할 수 없습니다: 어떤 연구도 {floor}보다 작을 수 없습니다; 더 크게 정하세요"),
    ),
    entry(
        "studies.only_stricter",
        en=(
            "cannot set {rule} to {value}: hospitals agreed to {present}, and a published study may only become "
            "stricter; keep it or choose more"
        ),
        ko=(
            "{rule}을(를) {value}(으)로 정할 수 없습니다: 병원들이 {present}에 동의했으며 게시된 연구는 더 "
            "엄격하게만 바꿀 수 있습니다; 그대로 두거나 더 크게 정하세요"
        ),
    ),
    entry(
        "studies.question_published",
        en="cannot change its question: study {study} is published; draft a new study for another question",
        ko=(
            "연구 질문을 바꿀 수 없습니다: 연구 {study}은(는) 게시되었습니다; 다른 질문이라면 새 연구의 초안을 만드세요"
        ),
    ),
    entry(
        "studies.minimum_rows",
        en="minimum rows",
        ko="최소 환자 수",
    ),
    entry(
        "studies.small_cell",
        en="small cell",
        ko="작은 칸 기준",
    ),
    entry(
        "studies.round_to",
        en="round to",
        ko="반올림 단위",
    ),
    entry(
        "studies.min_events",
        en="min events",
        ko="최소 사건 수",
    ),
    entry(
        "studies.curve_events",
        en="curve events",
        ko="곡선 한 단계의 최소 사건 수",
    ),
    entry(
        "studies.agents_must_approve",
        en="agents must approve",
        ko="승인해야 하는 에이전트 수",
    ),
    entry(
        "studies.description_unreadable",
        en="cannot use the description: field {place}: {problem}; correct it",
        ko="설명 파일을 쓸 수 없습니다: 필드 {place}: {problem}; 고치세요",
    ),
    entry(
        "studies.description_missing",
        en="cannot read the description {path}: {problem}; correct the path",
        ko="설명 파일 {path}을(를) 읽을 수 없습니다: {problem}; 경로를 고치세요",
    ),
)
