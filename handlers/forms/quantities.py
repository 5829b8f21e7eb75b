"""Numbers with what stands around them: `约3次`, `一个半小时`, `20%`, read with the question in view.

A unit that can be converted (days and hours, 元 and 万元) must be the one the question asks for; with another one, or
where the question names none, the number is not read.
"""

import re
from decimal import Decimal

from handlers.forms.form import Question
from handlers.forms.numerals import number
from handlers.forms.understand import Meant, asked, hear

_UNITS = {
    "#": "个",
    "#things": "项 件 条 份 篇 场 起 台 辆 间 张 本 页 point points",
    "#times": "次 回 趟 遍 time times",
    "#people": "位 名 人 个人 people person persons",
    "#households": "户",
    "score": "分",
    "second": "秒 秒钟 second seconds",
    "minute": "分钟 minute minutes min mins",
    "hour": "小时 个小时 钟头 个钟头 hour hours hr hrs h",
    "day": "天 日 个工作日 day days",
    "week": "周 个星期 星期 个礼拜 礼拜 week weeks",
    "month": "个月 月 month months",
    "year": "年 工龄 教龄 党龄 司龄 year years",
    "age": "岁 周岁 年龄 years_old age old",
    "yuan": "元 块 块钱 圆 元整 yuan rmb",
    "km": "公里 千米 km kilometers kilometres",
    "m": "米 m meters metres",
    "li": "里 里路 里地",
    "kg": "公斤 千克 kg kilograms",
    "jin": "斤",
    "g": "克 g",
    "ton": "吨",
    "mu": "亩",
    "hectare": "公顷",
    "m2": "平方米 平米 ㎡",
    "%": "% percent per_cent 百分比",
    "degree": "度 ℃ °c 摄氏度 degrees",
}
_MEANING = {name.replace("_", " "): unit for unit, names in _UNITS.items() for name in names.split()}
_UNIT = "|".join(
    rf"(?<![a-z]){name}(?![a-z])" if name.isascii() and name.isalpha() else re.escape(name)
    for name in sorted(_MEANING, key=len, reverse=True)
)
_NAMED = re.compile(_UNIT)
_DIRECT = re.compile(
    rf"(?:几|多少)个?(?P<a>{_UNIT})|\([^()]{{0,8}}?(?P<b>{_UNIT})\)|(?P<c>{_UNIT})数|how many (?P<d>{_UNIT})"
)
_SCALED = re.compile(
    r"(?P<scale>[百千万亿])(?:元|块|人|户|吨|亩|公里|次|平|美)|\([^()]{0,4}(?P<bare>[千万亿])\)|thousand|million"
)
_CALENDAR = re.compile(
    r"(?:\d+|[一二两三四五六七八九十半]+|每一?|[本上下这今去前后明当全])个?(?:天|日|周|月|年|星期|礼拜|季度)"
    r"|per \w+|(?:last|this|next|every|each) \w+"
)
_SHARE = re.compile(r"比例|占比|率|share|proportion|rate")

_NUMBER = re.compile(
    r"(?:大约|大概|约|差不多|估计|一共|总共|共|今年|打|给"
    r"|about |around |roughly |approximately |in total |a total of )?\s?"
    r"(?P<yuan>[¥￥])?(?P<minus>-|负|零下|minus )?\s?(?P<percent>百分之)?(?P<number>[^半]{1,60}?|半)\s?"
    r"(?P<and>个(?=半))?(?P<half>(?<=个)半|and a half)?\s?"
    rf"(?P<unit>{_UNIT})?(?P<after>半| and a half)?"
    r"(?:左右|上下)?了?"
)
_HALF_A = re.compile(rf"half an? (?P<half>{_UNIT})|an? (?P<more>{_UNIT}) and a half")
_OFTEN = {"once": 1, "twice": 2, "thrice": 3}
_SHORT = re.compile(r".*[百千万亿][一二两三四五六七八九1-9]")
_A_YEAR = re.compile(r"(?:19|20)\d\d")
_THOUSAND_OR_ONE = re.compile(r"\d{1,3}\.\d{3}")
_NOTHING = re.compile(
    r"没|没有|无|(?:从来?)?没(?:有|去|加|参|用|请|出)\S{0,4}|一\S(?:也|都)没有?|none|never|no|not once|nothing"
)


def quantity(question: Question, text: str) -> Meant[int | float]:
    """The one number the words mean as an answer to this question; whole ones are int."""
    about = asked(question)
    meant = hear(text, lambda words: _read(question, about, words))
    return Meant(
        tuple(int(each) if each == each.to_integral_value() else float(each) for each in meant.things), meant.sure
    )


def _read(question: Question, about: str, words: str) -> Meant[Decimal]:
    if words in _OFTEN:
        return Meant((Decimal(_OFTEN[words]),))
    if _NOTHING.fullmatch(words) or (words[:1] == "不" and 1 < len(words) < 6 and words[1:] in about):
        return Meant((Decimal(0),), sure=False)
    if words in ("一半", "half") and _percent(question, about):
        return Meant((Decimal(50),), sure=False)
    if half := _HALF_A.fullmatch(words):
        fits = _fits(question, about, half["half"] or half["more"])
        return Meant((Decimal("0.5" if half["half"] else "1.5"),)) if fits else Meant()
    found = _NUMBER.fullmatch(words)
    return _value(question, about, found) if found else Meant()


def _value(question: Question, about: str, found: re.Match[str]) -> Meant[Decimal]:
    written, unit = found["number"].strip(), found["unit"] or ""
    if found["yuan"] or found["percent"]:
        unit = unit or ("元" if found["yuan"] else "%")
    half = bool(found["half"] or found["after"])
    counted = bool(unit) and _MEANING[unit][0] == "#"
    if _odd(found, written, unit) or (not unit and written.endswith("千") and _wanted(about) & {"km", "kg"}):
        return Meant()
    if written == "半":
        value = Decimal("0.5") if not half and not counted else None
    elif found["percent"] and written == "百":
        value = Decimal(100)
    else:
        value = number(written)
    if value is None or (half and (counted or not unit) and found["half"] != "and a half"):
        return Meant()
    if unit and _SHORT.fullmatch(written) and _MEANING[unit] != "yuan":
        return Meant()  # 三百二次: the unit speaks for 302
    if question.type == "integer" and _THOUSAND_OR_ONE.fullmatch(written):
        return Meant()
    if unit == "年" and _A_YEAR.fullmatch(written):
        return Meant()
    value = (value + (Decimal("0.5") if half else 0)) * (-1 if found["minus"] else 1)
    return (
        _scaled(about, written, unit, value)
        if _SCALED.search(about)
        else (Meant((value,)) if not unit or _fits(question, about, unit) else Meant())
    )


def _odd(found: re.Match[str], written: str, unit: str) -> bool:
    """Halves and units that say two things at once: `两个半天` is one day."""
    halves = bool(found["half"]) + bool(found["after"])
    if halves and (
        halves > 1 or "." in written or (found["and"] and _MEANING.get(unit) not in ("hour", "week", "month"))
    ):
        return True
    return bool(found["percent"]) and unit != "%"


def _scaled(about: str, written: str, unit: str, value: Decimal) -> Meant[Decimal]:
    """The question counts in 万元: `3` is 3, `3万` may be 3, `3元` is neither."""
    if not unit and not any(char in written for char in "百千万亿"):
        return Meant((value,))
    scale = _SCALED.search(about)
    name = (scale["scale"] or scale["bare"]) if scale else None
    meant = number(written.removesuffix(name)) if name and written.endswith(name) else None
    return Meant((meant,), sure=False) if meant is not None else Meant()


def _fits(question: Question, about: str, unit: str) -> bool:
    """Is this the unit the question asks for, or one that cannot be another's?"""
    meaning, wanted = _MEANING[unit], _wanted(about)
    counted = {each for each in wanted if each[0] == "#"}
    if meaning[0] == "#":
        return not wanted or bool(counted & {meaning, "#"}) or (meaning == "#" and bool(counted))
    if meaning == "score":
        return not wanted - {"score"}
    if unit in ("year", "years") and "age" in wanted:
        return True
    if meaning == "%":
        return _percent(question, about)
    return meaning in wanted or (meaning == "yuan" and not wanted)


def _wanted(about: str) -> set[str]:
    """The units the question asks for; none if it names several without saying which it wants."""
    about = _CALENDAR.sub(" ", about)
    direct = {_MEANING[name] for found in _DIRECT.finditer(about) for name in found.groups() if name}
    named = direct or {_MEANING[name] for name in _NAMED.findall(about)} - {
        "#",
        "#things",
        "#times",
        "#people",
        "#households",
        "score",
    }
    return named if direct or len(named) == 1 else set()


def _percent(question: Question, about: str) -> bool:
    """Is a share asked for, so that `20%` is 20 and not 0.2?"""
    return "%" in _wanted(about) or "%" in about or (question.type == "integer" and bool(_SHARE.search(about)))
