"""How people say that amounts are no single units: ``TEUR``, ``in Mio. €``, ``千円``, ``€000``, ``INR lakh``, cents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from portfolio.call.currencynames import CODES, NAMES, TWOFOLD, apart

SINGLE = "amounts are in single units, 1500000 and not 1.5 Mio.: convert them, or mend {} if they are"
"""The hint to what is not; it takes what may say so wrongly."""

# Powers of ten and words for them, in small letters and without dots.
_WORDS = {
    2: "hundreds hunderte hunderten hunderter hundertern centinaia centaines centenas centenares cientos honderden "
    "honderdtallen hundratal hundratals satoina sadoissa setki setkach stovky stovkách сотни сотнях",
    3: "thousand thousands thous thou thsd thsnd ths thds tausend tausende tausenden tausender tausendern "
    "zehntausend zehntausende zehntausenden hunderttausend hunderttausende hunderttausenden tsd tds "
    "millier milliers migliaia migl mgl millares milers milhar milhares tys "
    "tysiące tysięcy tysiącach tis tisíc tisíce tisíců tisíce tisoc "
    "tisoč tisočih tisuća tisuće tisućama hiljada hiljadama tusen "
    "tusind tusinde tusinder tusental tusentals duizend duizenden duizendtallen tuh tuhat tuhandetes tuhatta tuhansia "
    "tuhansina tuhansissa ezer ezerben tūkst tūkstoši tūkstošos tūkstančiai "
    "tūkstančių tūkstančiais þús þúsund mijë ribu nghìn ngàn хил хиляди хиљада тыс тысяч тысячи тысячах тис тисяч "
    "тисячі χιλ χιλιάδες χιλιάδων हजार ألف אלפי",
    5: "lakh lakhs lacs lkh lks लाख",
    6: "million millions millionen millones milioni milhão milhões milhoes mio mln mn milj miljon miljoner miljoen "
    "miljoenen miljoonaa miljoonina miljoonissa miljontal milion miliony milionów milionů milijuna milijonov "
    "miljoni miljonit milijonų milioane millió millióban milyon juta triệu млн мільйонів мільйони "
    "миллионов миллионы миллионах εκατ εκατομμύρια مليون",
    7: "crore crores करोड़",
    9: "billion billions bn bln mrd mld mlrd milliard milliards milliarden miliard miljard miljarder milyar miliar "
    "miliardi tỷ миллиардов млрд δισ",
    12: "trillion trillions trilhões triliun billones biliun",
}
# What is a scale only beside a currency, in brackets, or behind "in".
_SHORT = {
    2: "hundred hundert hundra hundre",
    3: "k t th mil mila mille miles mii bin",
    5: "lac",
    6: "m mm mi mil mill mdp",
    7: "cr crs",
    9: "bi",
}
# What stands before its currency without a blank, in scripts that have none.
_JOINED = {
    2: "百 백",
    3: "千 仟 천 พัน",
    4: "万 萬 만 หมื่น",
    5: "十万 十萬 십만 แสน",
    6: "百万 百萬 백만 ล้าน",
    7: "千万 千萬 천만",
    8: "億 亿 억",
    12: "兆 조",
}
# What is a scale in the format of a cell, where it can be seen whether it is true.
_SHOWN = {3: "000 '000 ’000 e", 9: "b md"}
# Smaller units.
_CENTS = (
    "cent cents eurocent eurocents pennies pence centime centimes céntimo céntimos centimos cêntimos centavo "
    "centavos centesimi rappen öre øre grosz grosze groszy groszach haléř haléře haléřů haléřích halier halierov "
    "fillér fillérben kuruş kuruşlar sentti senttiä senteissä paise paisa kopecks kopeks копеек копейки копейках "
    "коп копійок стотинки agorot satang"
)

_EVERY = 0
"""Stands for any power."""


def _any(words: Iterable[str]) -> str:
    """Return a pattern for some words, in small letters, the long ones first."""
    folded = sorted({word.casefold() for word in words}, key=lambda word: (-len(word), word))
    return "(?:" + "|".join(map(re.escape, folded)) + ")"


def _of(*tables: Mapping[int, str], power: int = _EVERY) -> str:
    """Return a pattern for the words of some tables, of one power or of all."""
    return _any(
        word
        for table in tables
        for own, text in table.items()
        if power in (_EVERY, own)
        for word in text.split()
    )


# What is also a part of words, as R is and Fr, names a currency only if a blank stands between it and the scale.
_WRITTEN = {name for name in NAMES if not name.isdigit()}
_UNIT = _any((CODES | _WRITTEN) - {"R", "Р", "Đ", "F"})
_GLUED = _any(
    (CODES - TWOFOLD)
    | {name for name in _WRITTEN if not name.isalpha()}
    | {"EURO", "EUROS", "KR", "FT", "FCFA"}
)
_BEGIN, _END = r"(?<![^\W\d_])", r"(?![^\W\d_])"
_LONG, _BRIEF, _STUCK = _of(_WORDS), _of(_SHORT), _of(_JOINED)
_ROUND = r"10{0,2}(?:[., '’]?000)+"
_TIMES = r"(?:(?<!\w)(?:in|en|em|x|units? of|einheiten (?:von|zu))|(?<!\d)[×*·/÷])\s*"
# Behind a short scale: mi-parcours and bi-annual are none.
_SHUT = r"(?!\w|(?<=[mb]i)-\w)"
_RUPEES = r"(?:rs|rupees?|inr|pkr|npr|lkr|₹)"
_SCALED = re.compile(
    "|".join(
        [
            rf"{_BEGIN}(?:{_LONG}{_END}|(?:miles|mii|mil|mi|bi) de{_END}|mill\.|e ?ft{_END})",
            rf"{_BEGIN}(?:{_BRIEF}(?:{_GLUED}|(?:\.|\.?[\s-]){_UNIT})|(?:kilo|mega)[\s-]?{_UNIT}){_END}",
            rf"{_BEGIN}(?:{_GLUED}|{_UNIT}(?:\.|\.?\s)){_BRIEF}{_SHUT}|[€$£¥₹]b(?!\w)",
            rf"[(\[]\s*(?:in\s+)?{_BRIEF}\.?\s*[)\]]|{_BEGIN}(?:in|en|em)[\s.-]+{_BRIEF}{_SHUT}",
            # AmountK, amount_m; Betrag in TE and Montant (kE) are euros, Rs. L and (in L) lakh.
            r"(?<=[^\W\d_]{2}[\s.-])[km]$|(?:[(\[]\s*|(?<!\w)(?:in|en|em)\s+)[tkm]\s?e\s*(?:[)\]]|$)",
            rf"{_BEGIN}{_RUPEES}\W{{0,3}}l(?!\w)|(?<!\w)l\s?{_RUPEES}(?!\w)|(?<!\w)in\s+l\s*(?:[)\]]|$)",
            rf"{_STUCK}\s?(?:{_UNIT}|[)\]]|$)",
            rf"(?<![\d.,])['’]?000s?(?!\w)|{_TIMES}{_ROUND}(?!\w)|[(\[]\s*{_ROUND}\s*[)\]]",
            rf"(?<![\w.,]){_ROUND}['’]?(?:s|er)(?!\w)|(?<![\d.,])10(?:\^|\*\*)|(?<![\w.,])1e\+?0?[369](?!\w)",
            # In 100 EUR, (100 EUR), in 100s.
            rf"{_TIMES}100?\s*(?:{_UNIT}{_END}|[)\]]|$)|(?<![\w.,])100['’]?s(?!\w)",
            rf"[(\[]\s*(?:100\s*{_UNIT}|{_UNIT}\W{{0,3}}100)\s*[)\]]",
            rf"(?<![\d.,]){_ROUND}\s*(?:{_UNIT}|e(?!\w))|{_BEGIN}{_UNIT}\W{{0,3}}{_ROUND}(?!\w)",
        ]
    )
)
# What joins the parts of a name as a blank does; in a heading with blanks a hyphen is one of compounds: mi-parcours.
_JOINTS = re.compile(r"_|(?<=\w)\.(?=[^\W\d_])|(?<=[^\W\d_])\.(?=\w)")
_HYPHENS = re.compile(r"(?<=\w)-(?=[^\W\d_])|(?<=[^\W\d_])-(?=\w)")
_POWER = re.compile("10(?=[⁰¹²³⁴⁵⁶⁷⁸⁹])")
_SMALL = _any(_CENTS.split())
_SMALLER = re.compile(
    # Cent. may be central.
    rf"{_BEGIN}{_SMALL}{_END}(?!\.\s*\w)|{_BEGIN}(?:{_UNIT}[\s-]|[€$£])\s?cts?{_END}|[(/]\s?分\s?(?:\)|$)"
)
# The share of a hundred, and what is said of the digits behind the decimal mark.
_NO_UNIT = re.compile(
    rf"{_BEGIN}(?:per|pro|por|no|not|without|w/o|with|and|incl\w*\.?|excl\w*\.?|rounded|nearest|to the"
    r"|ohne|mit|und|inkl\w*\.?|auf|auf den|sans|avec|et|sin|con|y|senza|sem|com|zonder|utan|uden|uten|bez)"
    rf"{_END}[\s-]+{_SMALL}{_END}"
)
_OF_RAND = re.compile(rf"{_BEGIN}R\s?(?:k|m|mn|bn)(?!\w)")

# An amount that may not be left or reached says nothing of how the others are written; 2026 is a year.
_AMOUNT = (
    rf"(?<![\d.,])(?!(?:19|20)\d\d(?!\d))\d{{1,4}}(?:[., '’]?\d{{3}}){{0,4}}(?:[.,]\d{{1,2}})?(?![.,]?\d)"
    rf"(?:{_BRIEF}{_END}|\s?(?:(?:{_LONG}|mila){_END}|{_STUCK})\.?)?\s?{_UNIT}?"
)
_LIMIT = (
    rf"(?:{_BEGIN}(?:m[aá]x(?:im\w{{1,6}})?|massimo|min(?:im\w{{1,6}})?|up to|at (?:most|least)|(?:more|less) than"
    r"|exceed(?:s|ing)?|below|under|above|over|limit|ceiling|cap"
    r"|bis(?: zu)?|höchstens|mindestens|(?:mehr|weniger) als|unter|über|(?:meer|minder) dan"
    r"|plafond|jusqu['’]à|(?:plus|moins) de|(?:dépass|excéd)\w{1,4}(?: pas)?|(?:inf|sup)érieure?s? à"
    r"|hasta|(?:más|menos|mais|acima|abaixo) de|(?:ex[ck]eda|supere)n?|(?:inf|sup)eriore? a|até|fino a|più di"
    r"|högst|minst|upp till|op til|inntil|opp til|mer än|mere end|mer enn|enintään|vähintään|yli"
    r"|do|nad|(?:więcej|mniej) niż|(?:více|méně) než|legfeljebb|legalább|en (?:fazla|çok|az)"
    r"|до|свыше|(?:более|больше|менее|меньше)(?: чем)?)"
    r"|上限|最大|最高|不超过|超过|不超過|최대|최소|[<>≤≥]=?)"
)
_BETWEEN = (
    rf"[\s.:=]{{0,3}}(?:(?:amount|grant|award|budget|sum|of)[\s:]{{1,3}}){{0,3}}(?:{_UNIT}[\s.]{{0,2}})?"
)
_LIMITED = re.compile(
    rf"{_LIMIT}{_BETWEEN}{_AMOUNT}|{_AMOUNT}\s?(?:max(?:imum)?{_END}|以下|以内|以上|まで|未満|이하|이내|이상|上限)"
    # The 4th, that is.
    rf"|\dth{_END}"
)


def scale_of(heading: str) -> str:
    """Return what a heading says that its amounts are, in words: hundreds or more, or cents; nothing of single units.

    ``Amount (TEUR)``, ``in Mio. EUR`` and ``€000`` are thousands or more, ``Amount (cents)`` is cents. A limit that a
    heading states is no scale: ``Amount (max. 2 million)``.
    """
    # Characters in their usual forms have no powers: 10³ would be 103.
    heading = _parted(apart(_POWER.sub("10^", heading)))
    folded = _LIMITED.sub(" ", heading.casefold())
    if _SCALED.search(folded) or _OF_RAND.search(heading):
        return "hundreds, thousands or more"
    return "cents or the like" if _SMALLER.search(_NO_UNIT.sub(" ", folded)) else ""


def _parted(heading: str) -> str:
    """Return a heading with blanks between its parts: those of ``amount_in_1000_eur`` and ``amount-in.1000``."""
    parted = _JOINTS.sub(" ", heading)
    return parted if " " in heading.strip() else _HYPHENS.sub(" ", parted)


def is_scale(text: str) -> bool:
    """Whether a text is a scale, alone or beside what names a currency: ``k``, ``Mio. €``, ``TEUR``."""
    return any(form.fullmatch("".join(text.split())) for form in _forms(_EVERY))


def unscaled(word: str, power: int) -> str:
    """Return what a word says beside a scale that is true: ``TEUR`` is EUR where three digits are left out."""
    for form in _forms(power):
        if found := form.fullmatch(word):
            return found["unit"] or ""
    return word


@cache
def _forms(power: int) -> tuple[re.Pattern[str], ...]:
    scale = _of(_WORDS, _SHORT, _JOINED, _SHOWN, power=power)
    units = (_UNIT, "(?-i:[A-Z]{3})", "(?-i:R(?=[a-z]))")
    forms = [
        form for unit in units for form in (rf"{scale}\.?(?P<unit>{unit})?", rf"(?P<unit>{unit}){scale}\.?")
    ]
    return tuple(re.compile(form, re.IGNORECASE) for form in forms)
