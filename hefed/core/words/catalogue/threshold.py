"""Shares of a key: what they add up to, whose answers agree."""

from hefed.core.words.template import Entry, entry

ENTRIES: tuple[Entry, ...] = (
    entry(
        "threshold.answers_missing",
        en="cannot open: {answered} of {parties} hospitals have answered and {threshold} must; wait for another",
        ko=(
            "열 수 없습니다: 병원 {parties}곳 중 {answered}곳이 답했고 {threshold}곳이 답해야 합니다; 하나 더 "
            "기다리세요"
        ),
    ),
    entry(
        "threshold.known_total",
        en=(
            "cannot open: the answers of hospitals {places} do not open the known total, so at least one is wrong; "
            "wait for one more answer, it tells which"
        ),
        ko=(
            "열 수 없습니다: 병원 {places}의 답이 알려진 합계를 열지 못하므로 하나 이상이 틀렸습니다; 답을 하나 더 "
            "기다리면 어느 것인지 알 수 있습니다"
        ),
    ),
    entry(
        "threshold.no_majority",
        en=(
            "cannot open: of {answers} answers {most} agree at most, in {ways} ways; wait for one more answer, or "
            "compare what the hospitals hold"
        ),
        ko=(
            "열 수 없습니다: 답 {answers}개 중 많아야 {most}개가 서로 맞고, 그런 묶음이 {ways}가지입니다; 답을 하나 "
            "더 기다리거나 병원들이 가진 것을 비교하세요"
        ),
    ),
    entry(
        "threshold.nothing_for",
        en=(
            "cannot open: the answer of hospital {place} has nothing for the ciphertext {digest}; it must answer the "
            "request anew"
        ),
        ko="열 수 없습니다: 병원 {place}의 답에 암호문 {digest}에 대한 것이 없습니다; 요청에 새로 답해야 합니다",
    ),
    entry(
        "threshold.wide_prime",
        en=(
            "cannot share a key of profile {profile}: its first prime has {bits} bits, at most {limit} can be "
            "computed with; choose another profile"
        ),
        ko=(
            "프로필 {profile}의 키를 나눌 수 없습니다: 첫 소수가 {bits}비트인데 계산할 수 있는 것은 "
            "{limit}비트까지입니다; 다른 프로필을 고르세요"
        ),
    ),
    entry(
        "threshold.other_sharing",
        en="cannot use the share: it is of the sharing {found}, not of {wanted}; use the files of one ceremony",
        ko="조각을 쓸 수 없습니다: {wanted}이 아니라 {found} 나눔의 것입니다; 한 의식에서 나온 파일을 쓰세요",
    ),
    entry(
        "threshold.words_base64",
        en="cannot use the words of a share: they are not base64; ask for the share anew",
        ko="조각의 낱말을 쓸 수 없습니다: base64가 아닙니다; 조각을 다시 요청하세요",
    ),
    entry(
        "threshold.words_size",
        en=(
            "cannot use the words of a share: {size} bytes, a share of {profile} has {expected}; ask for the share anew"
        ),
        ko=(
            "조각의 낱말을 쓸 수 없습니다: {size}바이트인데 {profile}의 조각은 {expected}바이트입니다; 조각을 다시 "
            "요청하세요"
        ),
    ),
    entry(
        "threshold.words_large",
        en="cannot use the words of a share: one is not below the first prime; ask for the share anew",
        ko="조각의 낱말을 쓸 수 없습니다: 첫 소수보다 작지 않은 것이 있습니다; 조각을 다시 요청하세요",
    ),
    entry(
        "threshold.scheme",
        en=(
            "cannot share a key among {parties} hospitals so that {threshold} open together: 2 to {limit} hospitals "
            "and a threshold from 2 to their number are possible; choose others"
        ),
        ko=(
            "병원 {parties}곳이 키를 나누어 {threshold}곳이 함께 열게 할 수 없습니다: 병원은 2~{limit}곳, 함께 여는 "
            "수는 2부터 병원 수까지 가능합니다; 다른 수를 고르세요"
        ),
    ),
    entry(
        "threshold.share_size",
        en=(
            "cannot use the share: it is number {place} with {words} words, the sharing has {parties} shares of "
            "{expected} words; ask for it anew"
        ),
        ko=(
            "조각을 쓸 수 없습니다: {place}번이고 낱말이 {words}개인데, 나눔에는 조각이 {parties}개이고 낱말이 "
            "{expected}개씩입니다; 다시 요청하세요"
        ),
    ),
    entry(
        "threshold.noise_keys",
        en=(
            "cannot use the share: it comes with {found} noise keys, hospital {place} holds {expected}; ask for it anew"
        ),
        ko=(
            "조각을 쓸 수 없습니다: 잡음 키가 {found}개인데 병원 {place}에는 {expected}개가 있어야 합니다; 다시 "
            "요청하세요"
        ),
    ),
    entry(
        "threshold.answers_incomplete",
        en=(
            "cannot open: {answered} of {parties} hospitals have answered and {threshold} must, and "
            "{places?hospital|hospitals} {places} left out a part of the request; wait for another"
        ),
        ko=(
            "열 수 없습니다: 병원 {parties}곳 중 {answered}곳이 답했고 {threshold}곳이 답해야 하며, 병원 "
            "{places}은(는) 요청의 일부를 빠뜨렸습니다; 하나 더 기다리세요"
        ),
    ),
)
