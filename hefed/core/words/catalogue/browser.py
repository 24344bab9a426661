"""The pages' scripts: encrypting in the browser, a key of an approver in the browser."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "browser.the_file",
        en="the file",
        ko="파일",
    ),
    entry(
        "browser.unexpected",
        en=(
            "{doing}: this browser reports {message}; reload the page, and tell the study's administrator if it "
            "comes back"
        ),
        ko=(
            "{doing}: 브라우저가 알린 오류는 {message}입니다; 페이지를 새로 고치고, 다시 나타나면 연구 관리자에게 "
            "알리세요"
        ),
    ),
    entry(
        "browser.network",
        en="cannot reach the server: the network did not answer; check your connection and try again",
        ko="서버에 닿을 수 없습니다: 네트워크가 응답하지 않습니다; 연결을 확인하고 다시 시도하세요",
    ),
    entry(
        "browser.server_failed",
        en=(
            "cannot go on: the server answered {status}; load this page again, and tell the study's administrator if "
            "it comes back"
        ),
        ko=(
            "계속할 수 없습니다: 서버 응답이 {status}입니다; 페이지를 다시 열고, 다시 나타나면 연구 관리자에게 알리세요"
        ),
    ),
    entry(
        "browser.session_ended",
        en="cannot go on: your session has ended; load this page again and sign in",
        ko="계속할 수 없습니다: 로그인 세션이 끝났습니다; 페이지를 다시 열고 로그인하세요",
    ),
    entry(
        "browser.call",
        en="cannot do “{method}”",
        ko="“{method}”을(를) 할 수 없습니다",
    ),
    entry(
        "browser.task_ended",
        en=(
            "cannot go on: a background task ended ({message}); reload the page, choose the same file, and the "
            "upload continues"
        ),
        ko=(
            "계속할 수 없습니다: 백그라운드 작업이 끝났습니다({message}); 페이지를 새로 고치고 같은 파일을 고르면 "
            "업로드가 이어집니다"
        ),
    ),
    entry(
        "browser.dictionary_digest",
        en=("cannot use the data dictionary: its digest begins {found}, {announced} was announced; reload the page"),
        ko=(
            "데이터 사전을 쓸 수 없습니다: 다이제스트가 {found}(으)로 시작하지만 알린 값은 {announced}입니다; "
            "페이지를 새로 고치세요"
        ),
    ),
    entry(
        "browser.public_key",
        en="cannot use the study's public key: {why}; reload the page, and tell the custodian if it comes back",
        ko="연구의 공개 키를 쓸 수 없습니다: {why}; 페이지를 새로 고치고, 다시 나타나면 키 관리자에게 알리세요",
    ),
    entry(
        "browser.key_field",
        en="its {name} is {found}, expected {wanted}",
        ko="{name} 값이 {found}인데 {wanted}이어야 합니다",
    ),
    entry(
        "browser.key_cut",
        en="it holds {found} of {announced} bytes",
        ko="{announced}바이트 중 {found}바이트만 들어 있습니다",
    ),
    entry(
        "browser.key_digest",
        en="its payload does not match its digest",
        ko="내용이 다이제스트와 다릅니다",
    ),
    entry(
        "browser.key_magic",
        en="it does not begin with HEFED",
        ko="HEFED로 시작하지 않습니다",
    ),
    entry(
        "browser.key_header",
        en="its header announces {size} bytes",
        ko="머리글의 크기가 {size}바이트라고 합니다",
    ),
    entry(
        "browser.stream",
        en=(
            "cannot use the study's public key or a ciphertext: its {name} is {found}, expected {wanted}; reload the "
            "page, and tell the custodian if it comes back"
        ),
        ko=(
            "연구의 공개 키나 암호문을 쓸 수 없습니다: {name} 값이 {found}인데 {wanted}이어야 합니다; 페이지를 새로 "
            "고치고, 다시 나타나면 키 관리자에게 알리세요"
        ),
    ),
    entry(
        "browser.no_key",
        en=(
            "cannot encrypt yet: the custodian has not published the study's key; come back when the study page "
            "shows its fingerprint"
        ),
        ko=(
            "아직 암호화할 수 없습니다: 키 관리자가 연구의 키를 게시하지 않았습니다; 연구 페이지에 키 지문이 "
            "나타나면 다시 오세요"
        ),
    ),
    entry(
        "browser.insecure",
        en=("cannot encrypt here: the page was not opened over https; ask the administrator for the secure address"),
        ko="여기서는 암호화할 수 없습니다: 페이지를 https로 열지 않았습니다; 관리자에게 보안 주소를 물어보세요",
    ),
    entry(
        "browser.too_old",
        en=(
            "cannot encrypt here: this browser is too old; use Chrome or Edge from version 119, Firefox 120 or "
            "Safari 18.2"
        ),
        ko=(
            "여기서는 암호화할 수 없습니다: 브라우저가 오래되었습니다; Chrome이나 Edge 119, Firefox 120, Safari 18.2 "
            "이상을 쓰세요"
        ),
    ),
    entry(
        "browser.withdraw",
        en="cannot withdraw {batch}",
        ko="{batch}을(를) 철회할 수 없습니다",
    ),
    entry(
        "browser.prepare",
        en="cannot prepare the encryption",
        ko="암호화를 준비할 수 없습니다",
    ),
    entry(
        "browser.send",
        en="cannot send the batch",
        ko="배치를 보낼 수 없습니다",
    ),
    entry(
        "browser.open_page",
        en="cannot open this page",
        ko="이 페이지를 열 수 없습니다",
    ),
    entry(
        "browser.check_table",
        en="cannot check the table",
        ko="표를 검사할 수 없습니다",
    ),
    entry(
        "browser.read_file",
        en="cannot read the file",
        ko="파일을 읽을 수 없습니다",
    ),
    entry(
        "browser.read_that_way",
        en="cannot read the file that way",
        ko="그 방식으로 파일을 읽을 수 없습니다",
    ),
    entry(
        "browser.profile",
        en="cannot encrypt for profile {name}: this page knows {known}; reload the page, or use the command line",
        ko=(
            "프로파일 {name}(으)로 암호화할 수 없습니다: 이 페이지가 아는 것은 {known}입니다; 페이지를 새로 고치거나 "
            "명령줄을 쓰세요"
        ),
    ),
    entry(
        "browser.no_patient",
        en="cannot send anything: no usable patient is left; correct the rows listed below, or go back to step 2",
        ko="아무것도 보낼 수 없습니다: 쓸 수 있는 환자가 없습니다; 아래의 행을 고치거나 2단계로 돌아가세요",
    ),
    entry(
        "browser.columns_unknown",
        en=(
            "cannot match the columns: {found} of {all} headings are known, the first row has {n|cell|cells}; "
            "correct 'Between columns' or 'Headings are in row' above, or choose the columns by hand"
        ),
        ko=(
            "열을 맞출 수 없습니다: 제목 {all}개 중 {found}개만 알 수 있고 첫 행의 셀은 {n}개입니다; 위의 '열 "
            "구분'이나 '제목 행 번호'를 고치거나 열을 직접 고르세요"
        ),
    ),
    entry(
        "browser.columns_open",
        en=(
            "cannot go on: {n|variable has|variables have} no column of {n?its|their} own; choose one for each, or "
            "add the column to your file (an empty cell is a missing value)"
        ),
        ko=(
            "계속할 수 없습니다: 변수 {n}개에 맞는 열이 없습니다; 각각 열을 고르거나 파일에 열을 추가하세요(빈 셀은 "
            "결측값입니다)"
        ),
    ),
    entry(
        "browser.headings_empty",
        en=(
            "{open}. {n|heading is|headings are} empty, as after merged cells: say in which row the headings are, or "
            "unmerge them"
        ),
        ko="{open}. 제목 {n}개가 비어 있습니다. 병합된 셀이 있을 수 있으니 제목 행 번호를 고치거나 병합을 푸세요",
    ),
    entry(
        "browser.batch_changed",
        en=(
            "cannot go on with {batch}: the study's key or dictionary, or the way this page reads the file, changed "
            "since it began; withdraw {batch} in step 1 and send the file as a new batch"
        ),
        ko=(
            "{batch}을(를) 계속할 수 없습니다: 시작한 뒤에 연구의 키나 데이터 사전, 또는 파일을 읽는 방식이 "
            "바뀌었습니다; 1단계에서 {batch}을(를) 철회하고 파일을 새 배치로 보내세요"
        ),
    ),
    entry(
        "browser.other_key",
        en=(
            "cannot encrypt: the key that arrived is not the one that the custodian published; call the custodian "
            "before you go on"
        ),
        ko=("암호화할 수 없습니다: 받은 키가 키 관리자가 게시한 키가 아닙니다; 계속하기 전에 키 관리자에게 전화하세요"),
    ),
    entry(
        "browser.other_tab",
        en="cannot go on with {batch}: another tab of this browser is sending it; use that tab, or close it",
        ko="{batch}을(를) 계속할 수 없습니다: 이 브라우저의 다른 탭이 보내고 있습니다; 그 탭을 쓰거나 닫으세요",
    ),
    entry(
        "browser.stopped",
        en="the upload was stopped",
        ko="업로드를 중지했습니다",
    ),
    entry(
        "browser.file_empty",
        en="cannot read the file: it is empty; choose the table again",
        ko="파일을 읽을 수 없습니다: 비어 있습니다; 표를 다시 고르세요",
    ),
    entry(
        "browser.old_excel",
        en=(
            "cannot read the file: it is an old Excel format (.xls) or has a password; save it as .xlsx without a "
            "password, or as CSV UTF-8"
        ),
        ko=(
            "파일을 읽을 수 없습니다: 이전 Excel 형식(.xls)이거나 암호가 걸려 있습니다; 암호 없는 .xlsx나 CSV "
            "UTF-8로 저장하세요"
        ),
    ),
    entry(
        "browser.not_checked",
        en="cannot go on: no table was checked; choose the file and check it first",
        ko="계속할 수 없습니다: 검사한 표가 없습니다; 파일을 골라 먼저 검사하세요",
    ),
    entry(
        "browser.workbook_unpacked",
        en=(
            "cannot read the workbook: it unpacks to more than {size} MiB, the limit is {limit}; save the sheet as "
            "CSV UTF-8, which has no limit"
        ),
        ko=(
            "통합 문서를 읽을 수 없습니다: 압축을 풀면 {size} MiB를 넘습니다. 한도는 {limit} MiB입니다; 한도가 없는 "
            "CSV UTF-8로 시트를 저장하세요"
        ),
    ),
    entry(
        "browser.workbook_size",
        en=(
            "cannot read the workbook: it has {size} MiB, the limit is {limit}; save the sheet as CSV UTF-8, which "
            "has no limit"
        ),
        ko=(
            "통합 문서를 읽을 수 없습니다: {size} MiB로 한도 {limit} MiB를 넘습니다; 한도가 없는 CSV UTF-8로 시트를 "
            "저장하세요"
        ),
    ),
    entry(
        "browser.workbook_formula",
        en=(
            "cannot read the workbook: the formula in row {row}, column {column} has no stored result; open it in "
            "Excel, save it, or paste values only"
        ),
        ko=(
            "통합 문서를 읽을 수 없습니다: {row}행 {column}열 수식에 저장된 결과가 없습니다; Excel에서 열어 "
            "저장하거나 값만 붙여넣으세요"
        ),
    ),
    entry(
        "browser.workbook",
        en="cannot read the workbook: {message}; save it again as .xlsx without a password, or as CSV UTF-8",
        ko="통합 문서를 읽을 수 없습니다: {message}; 암호 없는 .xlsx나 CSV UTF-8로 다시 저장하세요",
    ),
    entry(
        "browser.preview_version",
        en=(
            "cannot show the preview: it was made for version {old}, the release is at version {version}; wait until "
            "the custodian has sent a new one, then load this page again"
        ),
        ko=(
            "미리보기를 보여 줄 수 없습니다: 버전 {old}용으로 만들어졌지만 공개 요청은 버전 {version}입니다; 키 "
            "관리자가 새로 보낼 때까지 기다렸다가 이 페이지를 다시 여세요"
        ),
    ),
    entry(
        "browser.preview_changed",
        en="cannot approve: {why}; do not sign, and tell the custodian",
        ko="승인할 수 없습니다: {why}; 서명하지 말고 키 관리자에게 알리세요",
    ),
    entry(
        "browser.preview_items",
        en="it was made for another list of items",
        ko="다른 항목 목록으로 만들어진 것입니다",
    ),
    entry(
        "browser.preview_digest",
        en="the digest to sign is not that of the items shown",
        ko="서명할 다이제스트가 보이는 항목의 것이 아닙니다",
    ),
    entry(
        "browser.preview_release",
        en="it belongs to {release} of the study {study}",
        ko="연구 {study}의 {release}에 속한 것입니다",
    ),
    entry(
        "browser.preview_twice",
        en="an item is in it twice",
        ko="같은 항목이 두 번 들어 있습니다",
    ),
    entry(
        "browser.preview_count",
        en="it holds {n} of {all} items",
        ko="항목 {all}개 중 {n}개만 들어 있습니다",
    ),
    entry(
        "browser.preview_item",
        en="the item {item} does not match what the custodian committed to",
        ko="항목 {item}이(가) 키 관리자가 약속한 값과 다릅니다",
    ),
    entry(
        "browser.preview_sealed",
        en=(
            "cannot open the preview: it was not encrypted to the key in this browser, or it was changed on its way; "
            "do not approve, and ask the custodian to look at it"
        ),
        ko=(
            "미리보기를 열 수 없습니다: 이 브라우저의 키로 암호화되지 않았거나 오는 중에 바뀌었습니다; 승인하지 말고 "
            "키 관리자에게 확인을 요청하세요"
        ),
    ),
    entry(
        "browser.make_key",
        en="cannot make a key",
        ko="키를 만들 수 없습니다",
    ),
    entry(
        "browser.make_key_insecure",
        en="cannot make a key here: browsers make keys on secure pages only; open this page with https",
        ko=("여기서는 키를 만들 수 없습니다: 브라우저는 보안 페이지에서만 키를 만듭니다; 이 페이지를 https로 여세요"),
    ),
    entry(
        "browser.key_place",
        en="cannot open the place where this browser keeps keys",
        ko="브라우저의 키 보관소를 열 수 없습니다",
    ),
    entry(
        "browser.use_key_insecure",
        en="cannot use your key here: browsers sign on secure pages only; open this page with https",
        ko="여기서는 키를 쓸 수 없습니다: 브라우저는 보안 페이지에서만 서명합니다; 이 페이지를 https로 여세요",
    ),
    entry(
        "browser.sign",
        en="cannot sign",
        ko="서명할 수 없습니다",
    ),
    entry(
        "browser.open_release",
        en="cannot open this release",
        ko="이 공개 요청을 열 수 없습니다",
    ),
    entry(
        "browser.server_full",
        en=(
            "cannot store anything: the server's disk is full; tell its administrator, then choose the same file "
            "again, and the upload goes on"
        ),
        ko=(
            "저장할 수 없습니다: 서버의 디스크가 가득 찼습니다; 서버 관리자에게 알린 뒤 같은 파일을 다시 선택하면 "
            "업로드가 이어집니다"
        ),
    ),
)
