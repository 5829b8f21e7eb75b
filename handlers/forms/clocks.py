"""Times of the day as people say them: `15:30`, `下午三点一刻`, `3pm`, `half past two`; and a day with a time.

`两点半` is in the night or in the afternoon: unless the words or the question say which, both are meant.
The words must be folded already.
"""

import re
from collections.abc import Iterator
from datetime import date

from handlers.forms.days import day, is_any_year
from handlers.forms.form import Question
from handlers.forms.numerals import number
from handlers.forms.understand import Meant, asked, hear

_PARTS = {
    "凌晨": {12: 0, **{hour: hour for hour in range(7)}},
    "清晨": {hour: hour for hour in range(4, 9)},
    **dict.fromkeys(("早上", "早晨", "早"), {hour: hour for hour in range(4, 12)}),
    "上午": {hour: hour for hour in range(5, 13)},
    "正午": {12: 12},
    "中午": {11: 11, 12: 12, 1: 13, 2: 14},
    "下午": {hour: hour + 12 for hour in range(1, 8)},
    "傍晚": {hour: hour + 12 for hour in range(4, 9)},
    **dict.fromkeys(("晚上", "晚间", "晚"), {12: 0, **{hour: hour + 12 for hour in range(5, 12)}}),
    **dict.fromkeys(("夜里", "半夜", "深夜", "午夜"), {12: 0, **{h: h for h in range(6)}, **{h: h + 12 for h in range(9, 12)}}),
    "am": {hour: hour for hour in range(1, 12)},
    "pm": {12: 12, **{hour: hour + 12 for hour in range(1, 12)}},
}  # fmt: skip
"""What an hour said with a part of the day is on the 24-hour clock; what is missing is no such hour, or unclear."""
_IN_ENGLISH = {"in the morning": "am", "in the afternoon": "pm", "in the evening": "pm", "at night": "晚上"}
_SPOKEN = {"noon": "12:00", "12 noon": "12:00", "midday": "12:00", "正午": "12:00", "midnight": "00:00", "午夜": "00:00",
           "零点": "00:00", "零时": "00:00"}  # fmt: skip
_ABOUT = {"中午": "12:00", "24:00": "00:00", "24点": "00:00", "12am": "00:00", "12 am": "00:00"}
"""What may mean this time, but is often said for another."""

_N = r"(?:\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"
_PART = "|".join(sorted((part for part in _PARTS if part > "z"), key=len, reverse=True))
_CHINESE = re.compile(
    rf"(?P<part>{_PART})? ?(?P<less>差(?:(?P<lessquarter>一刻)|(?P<lessminutes>{_N})分钟?))? ?(?P<hour>{_N}) ?[点时]"
    rf"(?: ?(?P<sharp>钟|整)|(?P<half>半)|(?P<quarter>[一三])刻钟?|过?(?P<minutes>[零〇]?{_N}) ?(?P<sign>分)?)?",
    re.ASCII,
)
_WRITTEN = re.compile(
    rf"(?P<part>{_PART})? ?(?P<hour>\d{{1,2}})(?:(?P<sign>[:.])(?P<minutes>\d\d)(?P<seconds>:\d\d)?)? ?(?P<m>[ap]\.?m\.?)?",
    re.ASCII,
)
_PLAIN = re.compile(r"(0\d|1[3-9]|2[0-3])([0-5]\d)", re.ASCII)
_ENGLISH = re.compile(
    r"(?:(?P<half>half past)|(?P<quarter>(?:a )?quarter (?P<way>past|to))) (?P<h1>[a-z]{2,6}|\d{1,2})"
    r"|(?P<h2>[a-z]{2,6}|\d{1,2})(?P<clock> o'?clock)?"
)
_TAIL = re.compile(r"(.+?) ?(in the morning|in the afternoon|in the evening|at night|[ap]\.?m\.?)")

Times = Meant[str]
_NONE: Times = Meant()


def time(words: str, part: str = "") -> Times:
    """The time `HH:MM` these words name, or the two they may name. `part`: of which part of the day the question
    is, a key such as `早上` or `pm`; empty if it does not say."""
    words = re.sub(r"^(?:大概|大约|约|差不多|at |about |around )|左右$", "", words.strip(" ,。.，"))
    if words in _SPOKEN:
        return Meant((_SPOKEN[words],))
    if words in _ABOUT:
        return Meant((_ABOUT[words],), sure=False)
    if plain := _PLAIN.fullmatch(words):
        return Meant((f"{plain[1]}:{plain[2]}",))
    for read in (_chinese, _written, _english):
        found = list(read(words, part))
        if found:
            return Meant(tuple(f"{at // 60:02}:{at % 60:02}" for at in sorted(set(found))))
    return _NONE


def part_of(about: str) -> str:
    """Which part of the day a question asks for, if it names one: a key for `time`."""
    morning = bool(re.search(r"早|上午|清晨|morning", about))
    afternoon, evening = bool(re.search("下午|afternoon", about)), bool(re.search("晚|evening|傍晚", about))
    named = [part for part, there in (("上午", morning), ("下午", afternoon), ("晚上", evening)) if there]
    return named[0] if len(named) == 1 else ""


def _hours(hour: int, part: str, asked: str, exact: bool) -> list[int]:
    """The hours of the 24-hour clock that may be meant."""
    if hour > 23:
        return []
    if part:
        known = _PARTS[part]
        if hour in known:
            return [known[hour]]
        return [hour] if hour > 12 and hour in known.values() else []
    if exact or hour > 12 or hour == 0:
        return [hour]
    if asked:
        return [_PARTS[asked][hour]] if hour in _PARTS[asked] and hour < 12 else []
    return [hour % 12, hour % 12 + 12]


def _chinese(words: str, asked: str) -> Iterator[int]:
    found = _CHINESE.fullmatch(words)
    if not found:
        return
    minutes = 30 if found["half"] else 0
    if found["quarter"]:
        minutes = 15 if found["quarter"] == "一" else 45
    if said := found["minutes"]:
        value = number(said.lstrip("零〇") or "零")
        if value is None or (value < 10 and not found["sign"] and said[0] not in "0零〇"):
            return  # 8点5: 8:05 or 8:50
        minutes = int(value)
    if found["less"]:
        minutes -= 15 if found["lessquarter"] else int(number(found["lessminutes"]) or 0)
    yield from _at(number(found["hour"]), minutes, found["part"] or "", asked)


def _written(words: str, asked: str) -> Iterator[int]:
    found = _WRITTEN.fullmatch(words)
    if not found or (found["seconds"] and found["seconds"] != ":00") or (found["sign"] == "." and not found["m"]):
        return
    half = (found["m"] or "").replace(".", "")
    if not found["minutes"] and not half:
        return
    exact = bool(found["minutes"]) and len(found["hour"]) == 2
    if half and found["part"]:
        return
    yield from _at(int(found["hour"]), int(found["minutes"] or 0), found["part"] or half, asked, exact)


def _english(words: str, asked: str) -> Iterator[int]:
    tail = _TAIL.fullmatch(words)
    part = _IN_ENGLISH.get(tail[2], tail[2].replace(".", "")) if tail else ""
    body = tail[1] if tail else words
    if part and (written := _WRITTEN.fullmatch(body)) and not written["m"] and not written["part"]:
        yield from _at(int(written["hour"]), int(written["minutes"] or 0), part, asked)
        return
    found = _ENGLISH.fullmatch(body)
    if not found or not (part or found["clock"] or found["half"] or found["quarter"]):
        return
    minutes = 30 if found["half"] else {"past": 15, "to": -15}.get(found["way"] or "", 0)
    yield from _at(number(found["h1"] or found["h2"]), minutes, part, asked)


def _at(hour: object, minutes: int, part: str, asked: str, exact: bool = False) -> Iterator[int]:
    """Minutes since midnight."""
    if hour is not None and minutes < 60:
        for each in _hours(int(str(hour)), part, asked, exact):
            yield (each * 60 + minutes) % 1440


# A day with a time ---------------------------------------------------------------------------------------

_JOINED = re.compile(r"(今|昨|明)(晚上?|早上?)")
_NIGHT = re.compile(r"半夜|凌晨|深夜|夜|晚上?1?[12零十]|midnight|24|午夜|(?:晚上?|夜里)(?:12|十二)")
_LETTERS = re.compile(r"[0-9a-z]{2}", re.ASCII)


def moment(words: str, today: date | None, part: str = "", long_ago: bool = False) -> Meant[str]:
    """The `YYYY-MM-DDTHH:MM` these words name, however day and time stand to each other."""
    words = re.sub(r"^tonight(?: at)? (.+)|^(.+) tonight$", r"today \1\2 ", words).strip()
    words = _JOINED.sub(lambda found: f"{found[1]}天{'晚上' if found[2][0] == '晚' else '早上'}", words)
    meant: dict[str, bool] = {}
    for cut in range(1, len(words)):
        if _LETTERS.fullmatch(words[cut - 1 : cut + 1]) and words[cut : cut + 1] != "t":
            continue
        for first, second in ((words[:cut], words[cut:]), (words[cut:], words[:cut])):
            clock = time(re.sub(r"^[t,，]|(?: at| on)$|[,，]$", "", second.strip()).strip(), part)
            days = (
                day(re.sub(r"^on |(?: at| on)$|[,，]$", "", first.strip()), today, long_ago) if clock.things else None
            )
            if days and days.things:
                for that, at in ((that, at) for that in days.things for at in clock.things):
                    meant[f"{that.isoformat()}T{at}"] = days.sure and clock.sure and not _unclear_night(second, at)
    return Meant(tuple(sorted(meant)), all(meant.values()))


def _unclear_night(words: str, at: str) -> bool:
    """Midnight and the small hours belong to the day before for some, to the day after for others."""
    return at < "05:00" and not words.strip(" t").startswith(("0", "2")) and bool(_NIGHT.search(words))


def named_time(question: Question, text: str) -> Times:
    """The time the words name as an answer to this question."""
    part = part_of(asked(question))
    return hear(text, lambda words: time(words, part))


def named_moment(question: Question, text: str, today: date | None) -> Meant[str]:
    """The day and time the words name as an answer to this question."""
    about = asked(question)
    part, long_ago = part_of(about), is_any_year(about)
    return hear(text, lambda words: moment(words, today, part, long_ago))
