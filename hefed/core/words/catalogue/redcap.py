"""What a REDCap data dictionary leaves open."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "redcap.too_long",
        en="cannot import the REDCap dictionary: {length} characters, limit {limit}; export fewer forms",
        ko=(
            "REDCap 데이터 사전을 가져올 수 없습니다: {length:,}자로 한도 {limit:,}자를 넘습니다; 양식을 줄여 "
            "내보내세요"
        ),
    ),
    entry(
        "redcap.not_csv",
        en="cannot import the REDCap dictionary: {message}; export it from REDCap again",
        ko="REDCap 데이터 사전을 가져올 수 없습니다: {message}; REDCap에서 다시 내보내세요",
    ),
    entry(
        "redcap.heading_missing",
        en=(
            "cannot import the REDCap dictionary: heading '{heading}' is missing; in REDCap choose Dictionary, "
            "Download the current data dictionary, and load that file unchanged"
        ),
        ko=(
            "REDCap 데이터 사전을 가져올 수 없습니다: 제목 '{heading}'이(가) 없습니다; REDCap에서 Dictionary, "
            "Download the current data dictionary를 골라 그 파일을 그대로 불러오세요"
        ),
    ),
    entry(
        "redcap.fields",
        en=(
            "cannot import the REDCap dictionary: it has {fields|field|fields}, 1 to {most} are expected; export the "
            "forms that the study needs"
        ),
        ko=(
            "REDCap 데이터 사전을 가져올 수 없습니다: 필드가 {fields}개인데 1~{most}개여야 합니다; 연구에 필요한 "
            "양식만 내보내세요"
        ),
    ),
    entry(
        "redcap.record_id",
        en="is REDCap's record id: check that it is a pseudonym, no name or hospital number",
        ko="REDCap의 레코드 ID입니다: 이름이나 병원 등록번호가 아니라 가명인지 확인하세요",
    ),
    entry(
        "redcap.left_out",
        en="{name} was left out: {why}",
        ko="{name}을(를) 제외했습니다: {why}",
    ),
    entry(
        "redcap.identifier",
        en="marked as an identifier in REDCap: identifying data never enter a study",
        ko="REDCap에서 식별자로 표시됨: 식별 정보는 연구에 들어갈 수 없습니다",
    ),
    entry(
        "redcap.date",
        en="a {kind}: make a number of it first, such as age or days since admission",
        ko="{kind} 값: 먼저 나이나 입원 후 일수 같은 숫자로 바꾸세요",
    ),
    entry(
        "redcap.free_text",
        en="free text: only numbers and choices can be encrypted as columns",
        ko="자유 텍스트: 숫자와 선택형만 열로 암호화할 수 있습니다",
    ),
    entry(
        "redcap.type",
        en="REDCap's type {kind} holds no number and no choice",
        ko="REDCap의 {kind} 형식에는 숫자도 선택지도 없습니다",
    ),
    entry(
        "redcap.no_scale",
        en="centre and scale are not in REDCap: give a typical value and a typical spread",
        ko="중심값과 척도는 REDCap에 없습니다: 전형적인 값과 퍼짐을 쓰세요",
    ),
    entry(
        "redcap.range",
        en="REDCap allows {low} to {high}",
        ko="REDCap 허용 범위는 {low}~{high}입니다",
    ),
    entry(
        "redcap.at_least",
        en="REDCap allows {low} and more",
        ko="REDCap 허용 범위는 {low} 이상입니다",
    ),
    entry(
        "redcap.at_most",
        en="REDCap allows {high} and less",
        ko="REDCap 허용 범위는 {high} 이하입니다",
    ),
    entry(
        "redcap.no_unit",
        en="unit is not in REDCap: write the one that every hospital uses",
        ko="단위는 REDCap에 없습니다: 모든 병원이 쓰는 단위를 쓰세요",
    ),
    entry(
        "redcap.few_choices",
        en="{n|choice|choices}: a choice needs at least two",
        ko="선택지 {n}개: 선택형에는 2개 이상 필요합니다",
    ),
    entry(
        "redcap.codes",
        en="levels are REDCap's codes: {meaning}",
        ko="범주는 REDCap의 코드입니다: {meaning}",
    ),
    entry(
        "redcap.counts_as_0",
        en="{level} ({label}) counts as 0 because it comes first: check that",
        ko="{level}({label})이(가) 처음에 있어 0으로 셉니다: 맞는지 확인하세요",
    ),
    entry(
        "redcap.reference",
        en="{level} ({label}) is the reference level because it comes first: check that",
        ko="{level}({label})이(가) 처음에 있어 기준 범주입니다: 맞는지 확인하세요",
    ),
    entry(
        "redcap.asked_only_if",
        en="is asked only if {condition}: say what a missing value becomes (fill), or it is refused",
        ko="{condition}일 때만 묻습니다: 결측값이 무엇이 되는지(fill) 쓰지 않으면 그 행은 제외됩니다",
    ),
    entry(
        "redcap.may_be_empty",
        en="may be empty in REDCap: say what a missing value becomes (fill), or it is refused",
        ko="REDCap에서 비어 있을 수 있습니다: 결측값이 무엇이 되는지(fill) 쓰지 않으면 그 행은 제외됩니다",
    ),
)
