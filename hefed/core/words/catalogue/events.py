"""Events of the audit log and who did them."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "events.approver_key_registered",
        en="approval key registered",
        ko="승인 키 등록",
    ),
    entry(
        "events.approver_key_retired",
        en="approval key retired",
        ko="승인 키 폐기",
    ),
    entry(
        "events.batch_announced",
        en="upload begun",
        ko="업로드 시작",
    ),
    entry(
        "events.batch_uploading",
        en="batch: uploading",
        ko="배치: 업로드 중",
    ),
    entry(
        "events.batch_checking",
        en="batch: uploaded, being checked",
        ko="배치: 업로드 완료, 검사 중",
    ),
    entry(
        "events.batch_custodian",
        en="batch: waits for the custodian",
        ko="배치: 키 관리자 대기",
    ),
    entry(
        "events.batch_admitted",
        en="batch admitted to the pool",
        ko="배치를 풀에 편입",
    ),
    entry(
        "events.batch_quarantined",
        en="batch kept out of the pool",
        ko="배치를 풀에서 제외",
    ),
    entry(
        "events.batch_withdrawn",
        en="batch withdrawn",
        ko="배치 철회",
    ),
    entry(
        "events.batch_outdated",
        en="batch outdated",
        ko="배치 갱신 필요",
    ),
    entry(
        "events.custodian_code_issued",
        en="one-time code shown",
        ko="일회용 코드 표시",
    ),
    entry(
        "events.custodian_enrolled",
        en="custodian's machine enrolled",
        ko="키 관리자의 컴퓨터 등록",
    ),
    entry(
        "events.custodian_note",
        en="the custodian left a note",
        ko="키 관리자가 메모를 남김",
    ),
    entry(
        "events.dictionary_drafted",
        en="dictionary draft saved",
        ko="데이터 사전 초안 저장",
    ),
    entry(
        "events.dictionary_published",
        en="dictionary published",
        ko="데이터 사전 게시",
    ),
    entry(
        "events.institution_requested",
        en="asked to join",
        ko="참여 신청",
    ),
    entry(
        "events.institution_contact_confirmed",
        en="contact address confirmed",
        ko="담당자 주소 확인",
    ),
    entry(
        "events.institution_approved",
        en="institution approved",
        ko="기관 승인",
    ),
    entry(
        "events.institution_refused",
        en="institution refused",
        ko="기관 거절",
    ),
    entry(
        "events.institution_suspended",
        en="institution suspended",
        ko="기관 정지",
    ),
    entry(
        "events.institution_closed",
        en="institution closed",
        ko="기관 종료",
    ),
    entry(
        "events.invitation_accepted",
        en="invitation accepted",
        ko="초대 수락",
    ),
    entry(
        "events.invitation_withdrawn",
        en="invitation withdrawn",
        ko="초대 취소",
    ),
    entry(
        "events.job_launched",
        en="job launched",
        ko="작업 시작",
    ),
    entry(
        "events.job_finished",
        en="job finished",
        ko="작업 완료",
    ),
    entry(
        "events.job_failed",
        en="job failed",
        ko="작업 실패",
    ),
    entry(
        "events.job_refused",
        en="job refused by the custodian",
        ko="키 관리자가 작업을 거절",
    ),
    entry(
        "events.job_cancelled",
        en="job cancelled",
        ko="작업 취소",
    ),
    entry(
        "events.key_published",
        en="key published",
        ko="키 게시",
    ),
    entry(
        "events.key_active",
        en="key in use",
        ko="키 사용 시작",
    ),
    entry(
        "events.key_confirmed",
        en="key's fingerprint confirmed",
        ko="키 지문 확인",
    ),
    entry(
        "events.key_proposed",
        en="key proposed",
        ko="키 제안",
    ),
    entry(
        "events.key_proposal_complete",
        en="proposed key complete",
        ko="제안된 키 완비",
    ),
    entry(
        "events.key_proposal_discarded",
        en="proposed key discarded",
        ko="제안된 키 버림",
    ),
    entry(
        "events.key_agreed",
        en="hospital agreed to another key",
        ko="병원이 다른 키에 동의",
    ),
    entry(
        "events.key_replaced",
        en="key replaced",
        ko="키 교체",
    ),
    entry(
        "events.key_taken_back",
        en="earlier key put back",
        ko="이전 키 되돌림",
    ),
    entry(
        "events.key_retired",
        en="key retired",
        ko="키 폐기",
    ),
    entry(
        "events.key_shared",
        en="key shared among hospitals",
        ko="키를 여러 병원이 나누어 가짐",
    ),
    entry(
        "events.key_lead_named",
        en="a hospital named the lead",
        ko="한 병원이 주관 병원을 지정함",
    ),
    entry(
        "events.lead_handed",
        en="lead handed over",
        ko="주관 병원 인계",
    ),
    entry(
        "events.lead_taken",
        en="lead taken over",
        ko="주관 병원 인수",
    ),
    entry(
        "events.person_signed_in",
        en="signed in",
        ko="로그인",
    ),
    entry(
        "events.release_drafted",
        en="release drafted",
        ko="공개 요청 작성",
    ),
    entry(
        "events.release_requested",
        en="release asked for, signed",
        ko="공개 요청 서명",
    ),
    entry(
        "events.release_approved",
        en="release approved, signed",
        ko="공개 승인 서명",
    ),
    entry(
        "events.release_agent_approved",
        en="release approved by a hospital that holds the key",
        ko="키를 보관하는 병원이 결과 공개를 승인함",
    ),
    entry(
        "events.release_agent_rejected",
        en="release rejected by a hospital that holds the key",
        ko="키를 보관하는 병원이 결과 공개를 반려함",
    ),
    entry(
        "events.release_approval_voided",
        en="approval of a release no longer counts",
        ko="공개 승인 무효",
    ),
    entry(
        "events.release_commented",
        en="comment on a release",
        ko="공개 요청에 의견",
    ),
    entry(
        "events.release_reported",
        en="the custodian's check of a release",
        ko="키 관리자의 공개 요청 확인",
    ),
    entry(
        "events.release_published",
        en="result released",
        ko="결과 공개",
    ),
    entry(
        "events.release_rejected",
        en="release rejected",
        ko="공개 요청 반려",
    ),
    entry(
        "events.release_withdrawn",
        en="release withdrawn",
        ko="공개 요청 철회",
    ),
    entry(
        "events.release_expired",
        en="release expired",
        ko="공개 요청 만료",
    ),
    entry(
        "events.request_created",
        en="request to the custodian",
        ko="키 관리자에게 요청",
    ),
    entry(
        "events.request_answered",
        en="answer of the custodian",
        ko="키 관리자의 응답",
    ),
    entry(
        "events.request_share",
        en="a hospital's share of an answer",
        ko="한 병원의 응답 조각",
    ),
    entry(
        "events.result_sealed",
        en="result sealed",
        ko="결과 봉인",
    ),
    entry(
        "events.study_created",
        en="study created",
        ko="연구 생성",
    ),
    entry(
        "events.study_drafted",
        en="study drafted",
        ko="연구 초안 작성",
    ),
    entry(
        "events.study_published",
        en="study published",
        ko="연구 게시",
    ),
    entry(
        "events.study_institution_added",
        en="hospital takes part",
        ko="병원 참여",
    ),
    entry(
        "events.study_question_changed",
        en="question changed",
        ko="질문 변경",
    ),
    entry(
        "events.study_rules_changed",
        en="rules changed",
        ko="규칙 변경",
    ),
    entry(
        "events.study_custody_decided",
        en="decided who holds the key",
        ko="키 보관 방법 결정",
    ),
    entry(
        "events.terms_published",
        en="terms published",
        ko="약정 게시",
    ),
    entry(
        "events.terms_accepted",
        en="terms accepted",
        ko="약정 동의",
    ),
    entry(
        "events.token_issued_encryptor",
        en="access token made for an encryptor",
        ko="암호화 프로그램용 토큰 생성",
    ),
    entry(
        "events.token_issued_custodian",
        en="access token made for the custodian",
        ko="키 관리자용 토큰 생성",
    ),
    entry(
        "events.token_revoked",
        en="access token revoked",
        ko="토큰 폐기",
    ),
    entry(
        "events.user_created",
        en="sign-in made",
        ko="계정 생성",
    ),
    entry(
        "events.role_granted",
        en="role given: {role}",
        ko="역할 부여: {role}",
    ),
    entry(
        "events.role_ended",
        en="role ended: {role}",
        ko="역할 해제: {role}",
    ),
    entry(
        "events.role_acts_for",
        en="says for whom they act: {role}",
        ko="대표 기관을 밝힘: {role}",
    ),
    entry(
        "events.invitation_sent",
        en="invited as {role}",
        ko="{role}(으)로 초대",
    ),
)
