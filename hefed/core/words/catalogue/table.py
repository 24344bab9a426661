"""A hospital's table: what stands in a cell instead of a value, what to do about it, and files that are no table.

The hospital's command line and the page that encrypts say it by the same codes.
"""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "table.cell_empty",
        en="empty cell",
        ko="빈 셀",
    ),
    entry(
        "table.cell_missing_word",
        en="a word for a missing value",
        ko="결측을 뜻하는 단어",
    ),
    entry(
        "table.cell_infinity",
        en="infinity",
        ko="무한대",
    ),
    entry(
        "table.cell_date",
        en="date or time",
        ko="날짜 또는 시각",
    ),
    entry(
        "table.cell_comma",
        en="number with a comma",
        ko="쉼표가 있는 숫자",
    ),
    entry(
        "table.cell_negative",
        en="negative number",
        ko="음수",
    ),
    entry(
        "table.cell_number",
        en="number",
        ko="숫자",
    ),
    entry(
        "table.cell_comparison",
        en="number with a comparison sign",
        ko="비교 기호가 있는 숫자",
    ),
    entry(
        "table.cell_unit",
        en="number with a unit",
        ko="단위가 붙은 숫자",
    ),
    entry(
        "table.cell_text",
        en="text",
        ko="문자",
    ),
    entry(
        "table.cells_few",
        en="fewer cells than the header's {width}",
        ko="셀이 제목 행의 {width}개보다 적음",
    ),
    entry(
        "table.cells_many",
        en="more cells than the header's {width}",
        ko="셀이 제목 행의 {width}개보다 많음",
    ),
    entry(
        "table.id_twice",
        en="duplicate id",
        ko="중복 식별자",
    ),
    entry(
        "table.id_sent",
        en="patient of an earlier batch",
        ko="이전 배치의 환자",
    ),
    entry(
        "table.write_value",
        en="write the value, or ask the study to document a fill value for it in the dictionary",
        ko="값을 쓰거나, 데이터 사전에 대체값을 정하도록 연구에 요청하세요",
    ),
    entry(
        "table.name_word",
        en="leave the cell empty, or name the word with --missing",
        ko="셀을 비우거나 --missing으로 그 단어를 알려 주세요",
    ),
    entry(
        "table.write_point",
        en="write 1234.5: a point for decimals and no separators of thousands",
        ko="1234.5처럼 쓰세요: 소수점은 마침표로, 천 단위 구분 없이",
    ),
    entry(
        "table.write_measured",
        en="write the value that was measured, or leave the cell empty",
        ko="측정한 값을 쓰거나 셀을 비우세요",
    ),
    entry(
        "table.write_number",
        en="write a number in the dictionary's unit",
        ko="데이터 사전의 단위로 숫자를 쓰세요",
    ),
    entry(
        "table.write_limit",
        en="write the number alone; agree in the study how limits of detection are written",
        ko="숫자만 쓰세요; 검출 한계를 어떻게 쓸지는 연구에서 정하세요",
    ),
    entry(
        "table.write_alone",
        en="write the number alone, in the dictionary's unit",
        ko="데이터 사전의 단위로 숫자만 쓰세요",
    ),
    entry(
        "table.write_level",
        en="write one of the {n} values of the dictionary, exactly: {values}",
        ko="데이터 사전의 {n}개 값 중 하나를 그대로 쓰세요: {values}",
    ),
    entry(
        "table.write_decimal",
        en="write a number with a point for decimals, or leave the cell empty",
        ko="소수점을 마침표로 쓴 숫자를 쓰거나 셀을 비우세요",
    ),
    entry(
        "table.quote_cells",
        en="put cells with a delimiter in quotes",
        ko="구분자가 들어 있는 셀은 따옴표로 묶으세요",
    ),
    entry(
        "table.give_id",
        en="give every patient a pseudonymous id",
        ko="모든 환자에게 가명 식별자를 주세요",
    ),
    entry(
        "table.keep_one",
        en="keep one row a patient",
        ko="환자마다 한 행만 남기세요",
    ),
    entry(
        "table.leave_sent",
        en="leave out patients already sent, or use --replace",
        ko="이미 보낸 환자를 빼거나 --replace를 쓰세요",
    ),
    entry(
        "table.rows",
        en="{rows|row|rows}",
        ko="{rows}행",
    ),
    entry(
        "table.rows_more",
        en="rows {rows} and {more} more",
        ko="{rows}행 외 {more}행",
    ),
    entry(
        "table.headings",
        en="cannot use {name}: {count|heading is|headings are} wrong; correct the first row{problems:lines}",
        ko="{name}을(를) 쓸 수 없습니다: 제목 {count}개가 잘못되었습니다; 첫 행을 고치세요{problems:lines}",
    ),
    entry(
        "table.heading_missing",
        en="heading '{name}' is missing; add the column (an empty cell is a missing value)",
        ko="제목 '{name}'이(가) 없습니다; 열을 추가하세요(빈 셀은 결측값입니다)",
    ),
    entry(
        "table.heading_spelt",
        en="heading '{name}' is written '{found}'; rename it as the dictionary does",
        ko="제목 '{name}'이(가) '{found}'(으)로 쓰여 있습니다; 데이터 사전처럼 고치세요",
    ),
    entry(
        "table.heading_twice",
        en="heading '{name}' appears twice; keep one",
        ko="제목 '{name}'이(가) 두 번 나옵니다; 하나만 남기세요",
    ),
    entry(
        "table.encoding",
        en="cannot read {name}: its text is neither UTF-8, UTF-16 nor CP949; save the table as CSV UTF-8",
        ko=("{name}을(를) 읽을 수 없습니다: UTF-8, UTF-16, CP949 중 어느 것도 아닙니다; 표를 CSV UTF-8로 저장하세요"),
    ),
    entry(
        "table.utf16",
        en="cannot read {name}: it begins like UTF-16 but is not ({kind}); save it as CSV UTF-8",
        ko="{name}을(를) 읽을 수 없습니다: UTF-16처럼 시작하지만 아닙니다({kind}); CSV UTF-8로 저장하세요",
    ),
    entry(
        "table.row_unreadable",
        en="cannot read {name}: row {row}: {fault}; correct that row, or save the table again as CSV",
        ko="{name}을(를) 읽을 수 없습니다: {row}행: {fault}; 그 행을 고치거나 표를 CSV로 다시 저장하세요",
    ),
    entry(
        "table.quote_open",
        en="a quotation mark is opened and not closed",
        ko="따옴표가 닫히지 않았습니다",
    ),
    entry(
        "table.quote_wrong",
        en="a quotation mark is opened and not closed, or stands inside a cell",
        ko="따옴표가 닫히지 않았거나 셀 안에 있습니다",
    ),
    entry(
        "table.line_ends",
        en="lines end in a carriage return alone",
        ko="줄이 캐리지 리턴만으로 끝납니다",
    ),
    entry(
        "table.comma",
        en="comma",
        ko="쉼표",
    ),
    entry(
        "table.semicolon",
        en="semicolon",
        ko="세미콜론",
    ),
    entry(
        "table.tab",
        en="tab",
        ko="탭",
    ),
    entry(
        "table.cell_formula",
        en="formula",
        ko="수식",
    ),
    entry(
        "table.cell_error",
        en="spreadsheet error",
        ko="스프레드시트 오류",
    ),
    entry(
        "table.quote_inside",
        en="a quotation mark inside a cell",
        ko="셀 안의 따옴표",
    ),
    entry(
        "table.double_quote",
        en="double the quotation mark, or save the table again as CSV",
        ko="따옴표를 두 번 쓰거나 표를 CSV로 다시 저장하세요",
    ),
    entry(
        "table.name_word_page",
        en="leave the cell empty, or name the word under 'Words that mean missing'",
        ko="셀을 비우거나 '결측을 뜻하는 단어'에 그 단어를 적으세요",
    ),
    entry(
        "table.write_point_page",
        en="say under 'How numbers are written' what the comma means, or write 1234.5",
        ko="'숫자 표기'에서 쉼표의 뜻을 고르거나 1234.5처럼 쓰세요",
    ),
    entry(
        "table.replace_formula",
        en="replace the formula by its value (copy, then paste values only), and save again",
        ko="수식을 값으로 바꾸어(복사한 뒤 값만 붙여넣기) 다시 저장하세요",
    ),
    entry(
        "table.correct_formula",
        en="correct the formula that fails, or leave the cell empty",
        ko="실패한 수식을 고치거나 셀을 비우세요",
    ),
)
