"""Times of the day as people say them: `15:30`, `下午三点一刻`, `3pm`, `half past two`; and a day with a time.

`两点半` is in the night or in the afternoon: unless the words or the question say which, both are meant.
The words must be folded already.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from handlers.forms.days import day, is_any_year
from handlers.forms.form import Question
from handlers.forms.numerals import number
from handlers.forms.understand import Meant, asked, hear

_MORNING = {hour: hour for hour in range(4, 12)}
_EVENING = {12: 0, **{hour: hour + 12 for hour in range(5, 12)}}
_NIGHT_HOURS = {12: 0, **{hour: hour for hour in range(6)}, **{hour: hour + 12 for hour in range(9, 12)}}
_PARTS = {
    "凌晨": {12: 0, **{hour: hour for hour in range(7)}},
    "清晨": {hour: hour for hour in range(4, 9)},
    "早上": _MORNING,
    "早晨": _MORNING,
    "早": _MORNING,
    "上午": {hour: hour for hour in range(5, 12)},
    "正午": {12: 12},
    "中午": {11: 11, 12: 12, 1: 13, 2: 14},
    "下午": {hour: hour + 12 for hour in range(1, 8)},
    "傍晚": {hour: hour + 12 for hour in range(4, 9)},
    "晚上": _EVENING,
    "晚间": _EVENING,
    "晚": _EVENING,
    "夜里": _NIGHT_HOURS,
    "半夜": _NIGHT_HOURS,
    "深夜": _NIGHT_HOURS,
    "午夜": _NIGHT_HOURS,
    "am": {hour: hour for hour in range(1, 12)},
    "pm": {12: 12, **{hour: hour + 12 for hour in range(1, 12)}},
}
"""What an hour said with a part of the day is on the 24-hour clock; what is missing is no such hour, or unclear."""
_IN_ENGLISH = {"in the morning": "am", "in the afternoon": "pm", "in the evening": "晚上", "at night": "晚上"}
_SPOKEN = {
    **dict.fromkeys(("noon", "12 noon", "midday", "正午"), "12:00"),
    **dict.fromkeys(("midnight", "午夜", "零点", "零时"), "00:00"),
}
_ABOUT = {"中午": "12:00", "24:00": "00:00", "24点": "00:00", "12am": "00:00", "12 am": "00:00"}
"""What may mean this time, but is often said for another."""

_N = r"(?:\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"
_PART = "|".join(sorted((part for part in _PARTS if part > "z"), key=len, reverse=True))
_CHINESE = re.compile(
    rf"(?P<part>{_PART})? ?"
    rf"(?P<less>差(?:(?P<lessquarter>一刻)|(?P<lessminutes>{_N})分钟?))? ?(?P<hour>{_N}) ?[点时]"
    rf"(?: ?(?P<sharp>钟|整)|(?P<half>半)|(?P<quarter>[一三])刻钟?|过?(?P<minutes>[零〇]?{_N}) ?(?P<sign>分)?)?",
    re.ASCII,
)
_WRITTEN = re.compile(
    rf"(?P<part>{_PART})? ?(?P<hour>\d{{1,2}})"
    r"(?:(?P<sign>[:.])(?P<minutes>\d\d)(?P<seconds>:\d\d)?)? ?(?P<m>[ap]\.?m\.?)?",
    re.ASCII,
)
_PLAIN = re.compile(r"(0\d|1[3-9]|2[0-3])([0-5]\d)", re.ASCII)
_ENGLISH = re.compile(
    r"(?:(?P<half>half past)|(?P<quarter>(?:a )?quarter (?P<way>past|to))) (?P<h1>[a-z]{2,6}|\d{1,2})"
    r"|(?P<h2>[a-z]{2,6}|\d{1,2})(?P<clock> o'?clock)?"
)
_TAIL = re.compile(r"(.+?) ?(in the morning|in the afternoon|in the evening|at night|[ap]\.?m\.?)")

_FIRST_UNCLEAR = 5
"""Before this hour `02:30` is the night, whatever part of the day is asked for."""

Times = Meant[str]
Found = Iterator[tuple[int, bool]]
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
            named = tuple(f"{at // 60:02}:{at % 60:02}" for at, _ in sorted(set(found)))
            return Meant(named, all(sure for _, sure in found))
    return _NONE


def part_of(about: str) -> str:
    """Which part of the day a question asks for, if it names one: a key for `time`."""
    morning = bool(re.search(r"早上|早晨|上午|清晨|morning", about))
    afternoon, evening = bool(re.search("下午|afternoon", about)), bool(re.search("晚上|晚间|傍晚|夜里|evening", about))
    named = [part for part, there in (("上午", morning), ("下午", afternoon), ("晚上", evening)) if there]
    return named[0] if len(named) == 1 else ""


def _hours(hour: int, part: str, asked: str, exact: bool) -> Meant[int]:
    """The hours of the 24-hour clock that may be meant. `exact`: written with two figures, as in `07:30`."""
    if part:
        known = _PARTS[part]
        late = (hour,) if hour > 12 and hour in known.values() else ()
        return Meant((known[hour],) if hour in known else late)
    if hour > 12 or hour == 0 or (exact and (asked in ("", "上午") or hour < _FIRST_UNCLEAR)):
        return Meant((hour,) if hour < 24 else ())
    if asked and hour in _PARTS[asked] and hour < 12:
        return Meant((_PARTS[asked][hour],), sure=not exact)
    return Meant((12 if asked == "下午" else 0,), sure=False) if asked and exact else Meant((hour % 12, hour % 12 + 12))


def _chinese(words: str, asked: str) -> Found:
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


def _written(words: str, asked: str) -> Found:
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


def _english(words: str, asked: str) -> Found:
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


def _at(hour: Decimal | int | None, minutes: int, part: str, asked: str, exact: bool = False) -> Found:
    """Minutes since midnight, and whether they are surely meant if they are the only ones."""
    meant = _hours(int(hour), part, asked, exact) if hour is not None and minutes < 60 else Meant()
    yield from (((each * 60 + minutes) % 1440, meant.sure) for each in meant.things)


# A day with a time ---------------------------------------------------------------------------------------

_LONGEST = 60
"""Characters of a day with a time; each place between two of them is tried as the seam."""
_JOINED = re.compile(r"(今|昨|明)(晚上?|早上?)")
_NIGHT = re.compile(r"晚|夜|凌晨|night|24[:点]")
_DAWN = "05:00"
"""Midnight and the small hours belong to the day before for some, to the day after for others."""
_LETTERS = re.compile(r"[0-9a-z]{2}", re.ASCII)


def moment(words: str, today: date | None, part: str = "", long_ago: bool = False) -> Meant[str]:
    """The `YYYY-MM-DDTHH:MM` these words name, however day and time stand to each other."""
    if len(words) > _LONGEST:
        return Meant()
    dark = bool(_NIGHT.search(words))
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
                    meant[f"{that.isoformat()}T{at}"] = days.sure and clock.sure and not (dark and at < _DAWN)
    return Meant(tuple(sorted(meant)), all(meant.values()))


def named_time(question: Question, text: str) -> Times:
    """The time the words name as an answer to this question."""
    part = part_of(asked(question))
    return hear(text, lambda words: time(words, part))


def named_moment(question: Question, text: str, today: date | None) -> Meant[str]:
    """The day and time the words name as an answer to this question."""
    about = asked(question)
    part, long_ago = part_of(about), is_any_year(about)
    return hear(text, lambda words: moment(words, today, part, long_ago))
