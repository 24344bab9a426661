"""Sign-in, roles, invitations, institutions, second factors and tokens."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "people.no_such_study",
        en="cannot open study {slug}: there is none of that name for you; check the address or sign in",
        ko=(
            "연구 {slug}을(를) 열 수 없습니다: 볼 수 있는 연구 중에 그 이름이 없습니다; 주소를 확인하거나 로그인하세요"
        ),
    ),
    entry(
        "people.not_signed_in",
        en="cannot do this: nobody is signed in; sign in first",
        ko="이 작업을 할 수 없습니다: 로그인하지 않았습니다; 먼저 로그인하세요",
    ),
    entry(
        "people.no_such_administrator_invitation",
        en="cannot withdraw invitation {number}: there is none of that number for administrators; reload",
        ko="초대 {number}을(를) 철회할 수 없습니다: 관리자 초대 중에 그 번호가 없습니다; 새로 고치세요",
    ),
    entry(
        "people.no_such_administrator",
        en="cannot remove administrator {number}: there is none of that number; reload the page",
        ko="관리자 {number}을(를) 해제할 수 없습니다: 그 번호가 없습니다; 페이지를 새로 고치세요",
    ),
    entry(
        "people.not_signed_in_page",
        en="cannot open this page: nobody is signed in; sign in first",
        ko="이 페이지를 열 수 없습니다: 로그인하지 않았습니다; 먼저 로그인하세요",
    ),
    entry(
        "people.username_taken",
        en="cannot use the name {name}: somebody has it; choose another",
        ko="{name}은(는) 쓸 수 없습니다: 이미 쓰는 사람이 있습니다; 다른 이름을 고르세요",
    ),
    entry(
        "people.no_address",
        en="cannot create the administrator: {email} is not an e-mail address; write it as name@example.org",
        ko="관리자를 만들 수 없습니다: {email}은(는) 이메일 주소가 아닙니다; name@example.org처럼 쓰세요",
    ),
    entry(
        "people.address_taken",
        en="cannot create the administrator: {email} has a sign-in; let an administrator invite them on the pages",
        ko="관리자를 만들 수 없습니다: {email}은(는) 이미 로그인 계정이 있습니다; 관리자가 페이지에서 초대하게 하세요",
    ),
    entry(
        "people.administrator_created",
        en="{name} is platform administrator; they choose a password at {page} and sign in",
        ko="{name}은(는) 이제 플랫폼 관리자입니다; {page}에서 비밀번호를 정하고 로그인합니다",
    ),
    entry(
        "people.cannot_act_for",
        en=(
            "cannot act for {institution}: you have no role of project administrator that names no institution; see "
            "who acts for whom in the list"
        ),
        ko=(
            "{institution}을(를) 대표할 수 없습니다: 기관이 비어 있는 연구 관리자 역할이 없습니다; 누가 어느 기관을 "
            "대표하는지 목록에서 확인하세요"
        ),
    ),
    entry(
        "people.act_for_outsider",
        en="cannot act for {institution}: it does not take part in {study}; add it on the page Set-up first",
        ko=(
            "{institution}을(를) 대표할 수 없습니다: {study}에 참여하지 않는 기관입니다; 먼저 설정 페이지에서 "
            "추가하세요"
        ),
    ),
    entry(
        "people.invitation_waits",
        en="cannot invite {email}: an invitation for this role waits already; withdraw it first",
        ko="{email}을(를) 초대할 수 없습니다: 같은 역할의 초대가 이미 있습니다; 먼저 철회하세요",
    ),
    entry(
        "people.invitation_at_odds",
        en=(
            "cannot invite {email}: an invitation as {other} waits, and nobody is both in one study; withdraw it first"
        ),
        ko=(
            "{email}을(를) 초대할 수 없습니다: {other}(으)로 초대한 것이 기다리고 있으며, 한 연구에서 둘 다 맡을 수 "
            "없습니다; 먼저 그 초대를 거두세요"
        ),
    ),
    entry(
        "people.no_institution_chosen",
        en="cannot invite this person as {role}: no institution is chosen; choose for whom",
        ko="이 사람을 {role}(으)로 초대할 수 없습니다: 기관을 고르지 않았습니다; 소속 기관을 고르세요",
    ),
    entry(
        "people.institution_not_approved",
        en="cannot invite for {institution}: it is {state}; approve it first",
        ko="{institution}의 사람을 초대할 수 없습니다: 상태가 {state}입니다; 먼저 승인하세요",
    ),
    entry(
        "people.institution_not_in_study",
        en="cannot invite for {institution}: it does not take part in {study}; add it first",
        ko="{institution}의 사람을 초대할 수 없습니다: {study}에 참여하지 않습니다; 먼저 추가하세요",
    ),
    entry(
        "people.invitation_used",
        en="cannot withdraw the invitation of {email}: it was used or withdrawn; reload",
        ko="{email}의 초대를 철회할 수 없습니다: 이미 사용되었거나 철회되었습니다; 새로 고치세요",
    ),
    entry(
        "people.invitation_void",
        en="cannot open the invitation: it was used, withdrawn or is older than 14 days; ask for a new one",
        ko="초대를 열 수 없습니다: 이미 사용되었거나 철회되었거나 14일이 지났습니다; 새 초대를 요청하세요",
    ),
    entry(
        "people.has_sign_in",
        en="cannot make a second sign-in for {email}: sign in with the one that exists",
        ko="{email}로 계정을 하나 더 만들 수 없습니다: 이미 있는 계정으로 로그인하세요",
    ),
    entry(
        "people.invitation_of_another",
        en="cannot accept: the invitation is for {email}, you are signed in as {own}; sign out",
        ko="수락할 수 없습니다: {email}에게 보낸 초대이지만 {own}(으)로 로그인했습니다; 로그아웃하세요",
    ),
    entry(
        "people.bad_password",
        en="cannot use this password: {problems}",
        ko="이 비밀번호는 쓸 수 없습니다: {problems}",
    ),
    entry(
        "people.invitation_just_used",
        en="cannot accept: the invitation was used a moment ago; sign in",
        ko="수락할 수 없습니다: 초대가 방금 사용되었습니다; 로그인하세요",
    ),
    entry(
        "people.last_of_role",
        en="cannot remove {user}: nobody else is {role}; invite another one first",
        ko="{user}의 역할을 해제할 수 없습니다: 다른 {role}이(가) 없습니다; 먼저 다른 사람을 초대하세요",
    ),
    entry(
        "people.no_such_token",
        en="cannot revoke token {number}: there is none of that number for you; reload the page",
        ko=(
            "토큰 {number}을(를) 폐기할 수 없습니다: 다룰 수 있는 토큰 중에 그 번호가 없습니다; 페이지를 새로 고치세요"
        ),
    ),
    entry(
        "people.token_not_yours",
        en="cannot create a token: you are neither coordinator nor custodian; ask one of them",
        ko="토큰을 만들 수 없습니다: 코디네이터도 키 관리자도 아닙니다; 두 사람 중 한 명에게 요청하세요",
    ),
    entry(
        "people.token_outsider",
        en="cannot issue a token: {institution} does not take part in {study}; add it first",
        ko="토큰을 발급할 수 없습니다: {institution}은(는) {study}에 참여하지 않습니다; 먼저 추가하세요",
    ),
    entry(
        "people.token_invalid",
        en="cannot sign in: the token is unknown, expired or revoked; ask for a new one",
        ko="로그인할 수 없습니다: 토큰이 없거나 만료되었거나 폐기되었습니다; 새 토큰을 요청하세요",
    ),
    entry(
        "people.no_such_invitation",
        en="cannot withdraw invitation {number}: this study has none of that number; reload",
        ko="초대 {number}을(를) 철회할 수 없습니다: 이 연구에 그 번호가 없습니다; 새로 고치세요",
    ),
    entry(
        "people.no_such_role",
        en="cannot remove role {number}: this study has none of that number; reload the page",
        ko="역할 {number}을(를) 해제할 수 없습니다: 이 연구에 그 번호가 없습니다; 페이지를 새로 고치세요",
    ),
    entry(
        "people.no_such_institution",
        en="cannot find institution {slug}: there is none of that name; check the address",
        ko="기관 {slug}을(를) 찾을 수 없습니다: 그 이름의 기관이 없습니다; 주소를 확인하세요",
    ),
    entry(
        "people.short_name_taken",
        en="cannot register {slug}: the short name is taken; choose another",
        ko="{slug}을(를) 등록할 수 없습니다: 이미 쓰이는 약칭입니다; 다른 약칭을 고르세요",
    ),
    entry(
        "people.institution_name_taken",
        en="cannot use the name {name}: it is taken; choose another",
        ko="이름 {name}을(를) 쓸 수 없습니다: 이미 쓰이고 있습니다; 다른 이름을 고르세요",
    ),
    entry(
        "people.link_too_old",
        en="cannot confirm the address: the link is incomplete or older than 7 days; register again",
        ko="주소를 확인할 수 없습니다: 링크가 완전하지 않거나 7일이 지났습니다; 다시 등록하세요",
    ),
    entry(
        "people.registration_gone",
        en="cannot confirm the address: the registration is gone; register again",
        ko="주소를 확인할 수 없습니다: 등록 정보가 없습니다; 다시 등록하세요",
    ),
    entry(
        "people.address_not_confirmed",
        en=(
            "cannot approve {institution}: {email} is not confirmed; ask the contact person to open the link in the "
            "mail"
        ),
        ko=(
            "{institution}을(를) 승인할 수 없습니다: {email}이(가) 확인되지 않았습니다; 담당자에게 메일의 링크를 "
            "열도록 요청하세요"
        ),
    ),
    entry(
        "people.no_reason",
        en="cannot decide: no reason is given; write one or two sentences for the contact person",
        ko="결정할 수 없습니다: 사유가 없습니다; 담당자에게 전할 한두 문장을 쓰세요",
    ),
    entry(
        "people.platform_administrator",
        en="platform administrator",
        ko="플랫폼 관리자",
    ),
    entry(
        "people.project_administrator",
        en="project administrator",
        ko="연구 관리자",
    ),
    entry(
        "people.coordinator",
        en="coordinator",
        ko="코디네이터",
    ),
    entry(
        "people.custodian",
        en="key custodian",
        ko="키 관리자",
    ),
    entry(
        "people.approver",
        en="approver",
        ko="승인자",
    ),
    entry(
        "people.clinician",
        en="clinician",
        ko="임상의",
    ),
    entry(
        "people.auditor",
        en="auditor",
        ko="감사자",
    ),
    entry(
        "people.takes_role",
        en=(
            "cannot do this: your roles do not allow it; ask a project administrator for {roles?this role|one of "
            "these roles}: {roles}"
        ),
        ko=(
            "이 작업을 할 수 없습니다: 가진 역할로는 허용되지 않습니다; 다음 역할 중 하나를 연구 관리자에게 "
            "요청하세요: {roles}"
        ),
    ),
    entry(
        "people.roles_at_odds",
        en=(
            "cannot do this: you hold roles in one study that exclude each other ({roles}); ask an administrator to "
            "end one of them"
        ),
        ko=(
            "이 작업을 할 수 없습니다: 한 연구에서 함께 맡을 수 없는 역할({roles})을 맡고 있습니다; 역할 하나를 끝내 "
            "달라고 관리자에게 부탁하세요"
        ),
    ),
    entry(
        "people.hospital_stopped",
        en="cannot change anything for {hospital}: it is {state}; ask a platform administrator",
        ko="{hospital}에 대해서는 아무것도 바꿀 수 없습니다: 상태가 {state}입니다; 플랫폼 관리자에게 문의하세요",
    ),
    entry(
        "people.short_name_form",
        en=(
            "cannot use the short name {slug}: it needs 1 to 63 letters, digits and hyphens, a letter or digit "
            "first; choose another"
        ),
        ko=(
            "짧은 이름 {slug}을(를) 쓸 수 없습니다: 글자, 숫자, 하이픈 1~63자로 하고 글자나 숫자로 시작해야 합니다; "
            "다른 이름을 고르세요"
        ),
    ),
    entry(
        "people.short_name_reserved",
        en="cannot use the short name {slug}: it is a word of the program; choose another",
        ko="짧은 이름 {slug}을(를) 쓸 수 없습니다: 프로그램이 쓰는 낱말입니다; 다른 이름을 고르세요",
    ),
    entry(
        "people.control_character",
        en="cannot use the {field} {text}: it has a control character; write it without",
        ko="{field} {text}을(를) 쓸 수 없습니다: 제어 문자가 있습니다; 빼고 쓰세요",
    ),
    entry(
        "people.field_name",
        en="name",
        ko="이름",
    ),
    entry(
        "people.field_contact",
        en="contact person",
        ko="담당자",
    ),
    entry(
        "people.field_domain",
        en="domain",
        ko="도메인",
    ),
    entry(
        "people.field_approval_number",
        en="approval number",
        ko="승인 번호",
    ),
    entry(
        "people.field_reason",
        en="reason",
        ko="사유",
    ),
    entry(
        "people.field_question",
        en="question",
        ko="질문",
    ),
    entry(
        "people.field_text",
        en="text",
        ko="글",
    ),
)
