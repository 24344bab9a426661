"""Parameters, ciphertexts, keys and the operations on them."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "ckks.profile_by_seal",
        en="cannot use profile {name}: SEAL says {message}; correct ring degree or primes",
        ko="프로파일 {name}을(를) 쓸 수 없습니다: SEAL의 메시지: {message}; 링 차수나 소수를 고치세요",
    ),
    entry(
        "ckks.column_shape",
        en=(
            "cannot encrypt a column: it has shape {shape}, at most {slots:,} finite numbers fit; cut it into blocks "
            "and fill missing values"
        ),
        ko=(
            "열을 암호화할 수 없습니다: 모양이 {shape}이고, 유한한 수는 {slots:,}개까지 들어갑니다; 블록으로 나누고 "
            "결측값을 채우세요"
        ),
    ),
    entry(
        "ckks.encrypt_level",
        en="cannot encrypt at level {level}: {name} has levels 0 to {highest}",
        ko="레벨 {level}에서 암호화할 수 없습니다: {name}의 레벨은 0~{highest}입니다",
    ),
    entry(
        "ckks.block_columns",
        en=(
            "cannot use block: it does not hold {columns} columns and an outcome, {loaded} were read; encrypt it "
            "again with the study's dictionary"
        ),
        ko=(
            "블록을 쓸 수 없습니다: 열 {columns}개와 결과 변수가 들어 있지 않고, {loaded}개를 읽었습니다; 연구의 "
            "데이터 사전으로 다시 암호화하세요"
        ),
    ),
    entry(
        "ckks.cost_not_measured",
        en=(
            "cannot estimate: {name} at level {level} with {parts} parts was not measured ({missing} are missing); "
            "measure again with python -m bench.rounds --save-costs"
        ),
        ko=(
            "추정할 수 없습니다: 레벨 {level}, {parts}부분의 {name}은(는) 측정되지 않았습니다(빠진 것 {missing}개); "
            "python -m bench.rounds --save-costs로 다시 측정하세요"
        ),
    ),
    entry(
        "ckks.cost_profile",
        en="cannot estimate for profile {name}: only {measured} was measured; measure it",
        ko="프로파일 {name}의 비용을 추정할 수 없습니다: {measured}만 측정되었습니다; 이 프로파일을 측정하세요",
    ),
    entry(
        "ckks.level_exhausted",
        en="cannot {doing}: needs level {needed}, has {level}; refresh the ciphertext or plan a longer chain",
        ko=(
            "연산 {doing}을(를) 할 수 없습니다: 레벨 {needed}이(가) 필요한데 {level}입니다; 암호문을 새로 고치거나 "
            "더 긴 사슬을 계획하세요"
        ),
    ),
    entry(
        "ckks.levels_differ",
        en="cannot {doing}: operands are at levels {a} and {b}; drop the higher one first",
        ko="연산 {doing}을(를) 할 수 없습니다: 피연산자의 레벨이 {a}와(과) {b}입니다; 먼저 높은 쪽을 낮추세요",
    ),
    entry(
        "ckks.scales_differ",
        en=(
            "cannot {doing}: operands carry scales {a:.6g} and {b:.6g}; multiply one by a constant at the other's scale"
        ),
        ko=(
            "연산 {doing}을(를) 할 수 없습니다: 피연산자의 스케일이 {a:.6g}와(과) {b:.6g}입니다; 한쪽에 다른 쪽 "
            "스케일의 상수를 곱하세요"
        ),
    ),
    entry(
        "ckks.parts",
        en="cannot {doing}: the operand has {parts} parts, needs {wanted}; relinearise at the right place",
        ko=(
            "연산 {doing}을(를) 할 수 없습니다: 피연산자가 {parts}부분인데 {wanted}부분이어야 합니다; 알맞은 곳에서 "
            "재선형화하세요"
        ),
    ),
    entry(
        "ckks.scale_overflow",
        en=(
            "cannot {doing}: the scale would be {scale:.3g}, level {level} holds less than 2^{bits}; start the "
            "circuit higher"
        ),
        ko=(
            "연산 {doing}을(를) 할 수 없습니다: 스케일이 {scale:.3g}이(가) 되는데 레벨 {level}은(는) 2^{bits} 미만만 "
            "담습니다; 회로를 더 높은 레벨에서 시작하세요"
        ),
    ),
    entry(
        "ckks.profile_insecure",
        en=(
            "cannot use profile {name}: {bits} bits of modulus exceed the 128-bit limit {limit} at ring degree "
            "{ring_degree}; choose a larger ring"
        ),
        ko=(
            "프로파일 {name}을(를) 쓸 수 없습니다: 모듈러스 {bits}비트가 링 차수 {ring_degree}의 128비트 보안 한도 "
            "{limit}비트를 넘습니다; 더 큰 링을 고르세요"
        ),
    ),
    entry(
        "ckks.level_unknown",
        en="cannot use level {level}: profile {name} has levels 0 to {highest}",
        ko="레벨 {level}을(를) 쓸 수 없습니다: 프로파일 {name}의 레벨은 0~{highest}입니다",
    ),
    entry(
        "ckks.profile_unknown",
        en="cannot use profile '{name}': known profiles are {known}",
        ko="프로파일 '{name}'을(를) 쓸 수 없습니다: 아는 프로파일은 {known}입니다",
    ),
    entry(
        "ckks.insecure_name",
        en="cannot register {name}: its name must begin with {prefix}",
        ko="{name}을(를) 등록할 수 없습니다: 이름은 {prefix}(으)로 시작해야 합니다",
    ),
    entry(
        "ckks.key",
        en="cannot use {what}: {why}; publish it again with this study's custodian",
        ko="{what}을(를) 쓸 수 없습니다: {why}; 이 연구의 키 관리자로 다시 게시하세요",
    ),
    entry(
        "ckks.secret_key_sent",
        en=(
            "cannot accept key: its {bytes:,} bytes hold a SEAL plaintext, the form of a secret key; never send a "
            "secret key, publish the public parts, and make new keys if this one has travelled"
        ),
        ko=(
            "키를 받을 수 없습니다: {bytes:,}바이트가 SEAL 평문, 곧 비밀 키의 형식입니다; 비밀 키는 절대 보내지 말고 "
            "공개 부분만 게시하며, 이미 보낸 키라면 새로 만드세요"
        ),
    ),
    entry(
        "ckks.total_level",
        en=(
            "cannot extract a total: the ciphertext has level {level} and {parts} parts; relinearise and rescale it "
            "to level 0 and two parts"
        ),
        ko=(
            "총합을 추출할 수 없습니다: 암호문의 레벨이 {level}이고 {parts}부분입니다; 레벨 0과 두 부분이 되도록 "
            "재선형화하고 재스케일하세요"
        ),
    ),
    entry(
        "ckks.sealed_total_size",
        en=("cannot use sealed total: it has {bytes} bytes, profile {name} has {expected}; fetch the request again"),
        ko=(
            "봉인된 총합을 쓸 수 없습니다: {bytes}바이트인데 프로파일 {name}에서는 {expected}바이트입니다; 요청을 "
            "다시 받으세요"
        ),
    ),
    entry(
        "ckks.sealed_total_range",
        en="cannot use sealed total: b is {b}, not below {prime}; fetch it again",
        ko="봉인된 총합을 쓸 수 없습니다: b가 {b}(으)로 {prime}보다 작지 않습니다; 다시 받으세요",
    ),
    entry(
        "ckks.pack_width",
        en="cannot pack words of {bits} bits; widths from 1 to 63 are possible",
        ko="{bits}비트 단어를 묶을 수 없습니다; 1~63비트만 가능합니다",
    ),
    entry(
        "ckks.ciphertext",
        en="cannot use ciphertext: {why}; encrypt it again with this study's encryptor",
        ko="암호문을 쓸 수 없습니다: {why}; 이 연구의 암호화 프로그램으로 다시 암호화하세요",
    ),
    entry(
        "ckks.word_range",
        en="a word of prime {index} is {found}, which is not below {prime}",
        ko="{index}번째 소수의 단어가 {found}(으)로 {prime}보다 작지 않습니다",
    ),
    entry(
        "ckks.scale_range",
        en="its scale {scale} is outside 1 to 2^{bits} of level {level}",
        ko="스케일 {scale}이(가) 레벨 {level}의 범위 1~2^{bits}를 벗어납니다",
    ),
    entry(
        "ckks.size",
        en="it has {found} bytes, level {level} with {parts} parts of profile {profile} has {expected}",
        ko="{found}바이트인데, 프로파일 {profile}의 레벨 {level}, {parts}부분은 {expected}바이트입니다",
    ),
    entry(
        "ckks.field",
        en="its {name} is {found}, expected {wanted}",
        ko="{name} 값이 {found}인데 {wanted}이어야 합니다",
    ),
    entry(
        "ckks.cut_off",
        en="it ends at byte {size}, {needed} more are needed at {position}",
        ko="{size}바이트에서 끝나는데 {position}바이트부터 {needed}바이트가 더 필요합니다",
    ),
    entry(
        "ckks.trailing",
        en="{left|byte follows|bytes follow} its end",
        ko="끝 뒤에 {left}바이트가 더 있습니다",
    ),
    entry(
        "ckks.zero_polynomial",
        en="one of its polynomials is zero",
        ko="다항식 하나가 0입니다",
    ),
    entry(
        "ckks.no_header",
        en="it has {found} bytes, a SEAL header alone has {header}",
        ko="{found}바이트인데 SEAL 머리글만 {header}바이트입니다",
    ),
    entry(
        "ckks.too_long",
        en="it has {found} bytes, inflated it should have {inflated}",
        ko="{found}바이트인데 압축을 푼 크기가 {inflated}바이트여야 합니다",
    ),
    entry(
        "ckks.compression",
        en="its compression mode is {mode}, known are {stored} (none) and {zstd} (zstd)",
        ko="압축 방식이 {mode}인데, 아는 방식은 {stored}(없음)와(과) {zstd}(zstd)입니다",
    ),
    entry(
        "ckks.inflates",
        en="it inflates to more than the {limit} bytes that the profile allows",
        ko="압축을 풀면 프로파일이 허용하는 {limit}바이트를 넘습니다",
    ),
    entry(
        "ckks.seal_version",
        en="its SEAL version is 4.{minor}, known are 4.0 to 4.{newest}",
        ko="SEAL 버전이 4.{minor}인데, 아는 버전은 4.0~4.{newest}입니다",
    ),
    entry(
        "ckks.zstd",
        en="its zstd frame is damaged ({message})",
        ko="zstd 프레임이 손상되었습니다({message})",
    ),
    entry(
        "ckks.public_key",
        en="public key",
        ko="공개 키",
    ),
    entry(
        "ckks.relinearisation_key",
        en="relinearisation key",
        ko="재선형화 키",
    ),
    entry(
        "ckks.secret_key",
        en="secret key",
        ko="비밀 키",
    ),
    entry(
        "ckks.seal_says",
        en="cannot {doing}: SEAL says {message}; check levels, scales and that the key is this study's",
        ko=(
            "연산 {doing}을(를) 할 수 없습니다: SEAL의 메시지: {message}; 레벨과 스케일, 그리고 이 연구의 키인지 "
            "확인하세요"
        ),
    ),
)
