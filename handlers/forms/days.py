"""Days as people name them: `2026/10/1`, `10月1日`, `上周五`, `三天前`, `1 Oct 2026`. The words must be folded already.

Weeks begin on Monday in one country and on Sunday in another: where that makes a difference, both days are meant.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from handlers.forms.form import Question
from handlers.forms.numerals import DIGITS, number
from handlers.forms.understand import Meant, asked, bare, hear

_NAMED = {
    **dict.fromkeys(("大前天",), -3),
    **dict.fromkeys(("前天", "前日", "the day before yesterday"), -2),
    **dict.fromkeys(("昨天", "昨日", "昨儿", "yesterday"), -1),
    **dict.fromkeys(("今天", "今日", "今儿", "today"), 0),
    **dict.fromkeys(("明天", "明日", "明儿", "tomorrow"), 1),
    **dict.fromkeys(("后天", "后日", "the day after tomorrow"), 2),
    **dict.fromkeys(("大后天",), 3),
}
_HALVES = re.compile(r"(.{1,20}?[天日\d号一二三四五六七八九十])(?:上午|下午|早上|早晨|中午|傍晚|晚上)")
_PARTS_OF_TODAY = ("this morning", "this afternoon", "this evening")
_YEARS = {"今年": 0, "本年": 0, "去年": -1, "前年": -2, "明年": 1, "后年": 2}
_MONTHS = {
    name: month
    for month, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), 1)
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = {
    **{f"{week}{day}": at for week in ("周", "星期", "礼拜") for at, day in enumerate("一二三四五六日")},
    **{f"{week}{day}": at for week in ("周", "星期", "礼拜") for at, day in enumerate("123456", 0)},
    **{f"{week}天": 6 for week in ("周", "星期", "礼拜")},
    **{name: at for at, names in enumerate(
        ("mon monday", "tue tues tuesday", "wed wednesday", "thu thur thurs thursday", "fri friday", "sat saturday",
         "sun sunday")) for name in names.split()},
}  # fmt: skip
_IN_WEEK = re.compile(r"(上上|下下|上|下|这|本)(个)?((?:周|星期|礼拜).)|(last|next|this) ([a-z]{3,9})")
_WEEKS = {"上上": -2, "上": -1, "last": -1, "这": 0, "本": 0, "this": 0, "下": 1, "next": 1, "下下": 2}

_NUMERAL = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_AGO = re.compile(
    r"(?P<n>\d{1,4}|[一二两三四五六七八九十百]{1,5}) ?(?P<what>天|日|周|个星期|个礼拜)(?:以|之)?(?P<way>前|后)"
    r"|(?P<in>in )?(?P<en>a|\d{1,4}|[a-z]{3,9}(?:-[a-z]{3,5})?) (?P<unit>days?|weeks?)(?P<ago> ago)?"
)
_OF_MONTH = re.compile(rf"(?:(?P<month>本月|这个?月|上个?月|下个?月)的? ?)?(?P<day>{_NUMERAL}) ?[日号]", re.ASCII)
_CHINESE = re.compile(
    r"(?:(?P<roc>民国) ?(?P<rocyear>\d{1,3}|[一二三四五六七八九十百]{1,7}) ?年"
    r"|(?P<year>\d{4}|[〇零一二三四五六七八九]{4}) ?年"
    rf"|(?P<short>\d{{2,3}})年|(?P<named>{'|'.join(_YEARS)})的?)? ?"
    rf"(?P<month>{_NUMERAL}) ?月 ?(?P<day>{_NUMERAL}) ?(?P<sign>[日号])?",
    re.ASCII,
)
_YEAR_FIRST = re.compile(
    r"(\d{4})([-/.年]) ?(\d{1,2})[-/.月] ?(\d{1,2})[日号]?|((?:19|20|21)\d\d)(\d\d)(\d\d)", re.ASCII
)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", re.ASCII)
_SHORT = re.compile(r"(\d{1,2})[-/](\d{1,2})", re.ASCII)
_ENGLISH = re.compile(
    r"(?:on )?(?:(?:the )?(?P<d1>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?P<m1>[a-z]{3,9})"
    r"|(?P<m2>[a-z]{3,9})\.? (?P<d2>\d{1,2})(?:st|nd|rd|th)?)"
    r"\.?(?:,? (?P<year>\d{4}))?",
    re.ASCII,
)
_NEAR = timedelta(days=183)
"""A day without a year is this year's if that is within half a year; else the year must be said."""
_FURTHEST = 3660
_MOST_COUNTED = 20
"""Days ago that people count; more is likely to be rounded."""

Days = Meant[date]
_NONE: Days = Meant()


def day(words: str, today: date | None, long_ago: bool = False) -> Days:
    """The one day these words name, or those they may name.

    `today` None: only what is written with its year. `long_ago`: the question is about a day of any year (a birth),
    so that no year is supposed.
    """
    words = bare(words, brackets=False)
    meant = _whole(words, today, long_ago)
    return meant if meant.things else _together(words, today, long_ago)


def _together(words: str, today: date | None, long_ago: bool) -> Days:
    """`10月1日（周四）`, `昨天，10月16号`: the same day said twice; if the two differ, none."""
    pieces = [piece for piece in re.split(r"[ ,()、]+", words) if piece]
    if len(pieces) < 2:
        return _NONE
    for cut in (1, len(pieces) - 1):
        first, second = " ".join(pieces[:cut]), " ".join(pieces[cut:])
        for weekday, rest in ((first, second), (second, first)):
            meant = _whole(rest, today, long_ago)
            if meant.answer and _WEEKDAYS.get(weekday) == meant.answer.weekday():
                return meant
        both = [_whole(first, today, long_ago), _whole(second, today, long_ago)]
        if both[0].answer and both[0] == both[1]:
            return both[0]
    return _NONE


def _whole(words: str, today: date | None, long_ago: bool) -> Days:
    found = dict.fromkeys(_numbers(words))
    if not found and today:
        found = dict.fromkeys((*_relative(words, today), *_written(words, today, long_ago)))
    elif not found:
        found = dict.fromkeys(each for each in _written(words, None, long_ago) if each[1])
    return Meant(tuple(dict.fromkeys(that for that, _ in sorted(found))), all(sure for _, sure in found))


Found = Iterator[tuple[date, bool]]
"""Days, and whether each is surely meant if it is the only one."""


def _relative(words: str, today: date) -> Found:
    if words in _NAMED:
        yield today + timedelta(days=_NAMED[words]), True
    elif words in _WEEKDAYS:
        ahead = (_WEEKDAYS[words] - today.weekday()) % 7
        yield today + timedelta(days=ahead - 7), False
        yield today + timedelta(days=ahead), False
    elif found := _IN_WEEK.fullmatch(words):
        yield from _in_week(found, today)
    elif found := _AGO.fullmatch(words):
        yield from _ago(found, today)
    elif found := _OF_MONTH.fullmatch(words):
        yield from _of_month(found, today)


def _in_week(found: re.Match[str], today: date) -> Found:
    """`上周五`; `last Friday` is also the one that has just been."""
    which, loose, name = found[1] or found[4], bool(found[2] or found[4]), found[3] or found[5]
    weekday = _WEEKDAYS.get(name)
    if weekday is None:
        return
    for start in (0, 1):  # the week begins on Monday, or on Sunday
        shift = (weekday + start) % 7 - (today.weekday() + start) % 7
        yield today + timedelta(days=shift + 7 * _WEEKS[which]), True
    if loose and not _WEEKS[which] and weekday <= today.weekday():
        yield today + timedelta(days=weekday - today.weekday() + 7), True
    elif loose and _WEEKS[which]:
        ahead = (weekday - today.weekday()) % 7
        nearest = ahead or 7 if _WEEKS[which] > 0 else ahead - 7
        yield today + timedelta(days=nearest), True


def _ago(found: re.Match[str], today: date) -> Found:
    if not found["way"] and bool(found["in"]) == bool(found["ago"]):
        return
    count = number((found["n"] or found["en"]).replace("a", "1") if found["en"] == "a" else found["n"] or found["en"])
    if count is None or count > _FURTHEST:
        return
    daily = (found["what"] or found["unit"] or "")[:3] in ("天", "日", "day")
    days, exact = int(count) * (1 if daily else 7), daily and count <= _MOST_COUNTED
    yield today + timedelta(days=-days if found["way"] == "前" or found["ago"] else days), exact


def _of_month(found: re.Match[str], today: date) -> Found:
    of_month, month = int(number(found["day"]) or 0), found["month"]
    shift = -1 if month and month[0] == "上" else 1 if month and month[0] == "下" else 0
    years, index = divmod(today.year * 12 + today.month - 1 + shift, 12)
    for that in _valid(years, index + 1, of_month):
        yield that, bool(month)


def _written(words: str, today: date | None, long_ago: bool) -> Found:
    if found := _CHINESE.fullmatch(words):
        yield from _chinese(found, today, long_ago)
    elif found := _ENGLISH.fullmatch(words):
        month = _MONTHS.get(found["m1"] or found["m2"])
        if month:
            yield from _dated(int(found["year"] or 0), month, int(found["d1"] or found["d2"]), today, long_ago)
    elif found := _SHORT.fullmatch(words):
        first, second = int(found[1]), int(found[2])
        for month, of_month in {(first, second), (second, first)}:
            yield from _dated(0, month, of_month, today, long_ago)


def _chinese(found: re.Match[str], today: date | None, long_ago: bool) -> Found:
    month, of_month = (int(number(found[name]) or 0) for name in ("month", "day"))
    if found["roc"]:
        spoken = number(found["rocyear"]) or number("".join(str(DIGITS.get(char, char)) for char in found["rocyear"]))
        if spoken:
            yield from _dated(1911 + int(spoken), month, of_month, today, long_ago)
    elif found["year"]:
        year = int("".join(str(DIGITS.get(char, char)) for char in found["year"]))
        yield from _dated(year, month, of_month, today, long_ago)
    elif found["short"] and today:
        short = int(found["short"])
        year = short + (1911 if short > 99 else 2000 if 2000 + short <= today.year + 1 else 1900)
        yield from ((that, False) for that in _valid(year, month, of_month))
    elif found["named"] and today:
        yield from _dated(today.year + _YEARS[found["named"]], month, of_month, today, long_ago)
    elif found["sign"]:
        yield from _dated(0, month, of_month, today, long_ago)


def _numbers(words: str) -> Found:
    if found := _YEAR_FIRST.fullmatch(words):
        year, _, month, of_month, *plain = found.groups()
        yield from ((that, True) for that in _valid(*map(int, plain if plain[0] else (year, month, of_month))))
    elif found := _YEAR_LAST.fullmatch(words):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        yield from ((that, True) for that in (*_valid(year, second, first), *_valid(year, first, second)))


def _dated(year: int, month: int, of_month: int, today: date | None, long_ago: bool) -> Found:
    """The day of that year; without one (0), this year's, or next and last year's too if that is far away."""
    if year:
        yield from ((that, True) for that in _valid(year, month, of_month))
    elif today and not long_ago:
        this = list(_valid(today.year, month, of_month))
        if this and abs(this[0] - today) <= _NEAR:
            yield this[0], True
        elif this:
            other = today.year + (1 if this[0] < today else -1)
            yield from ((that, False) for that in (*this, *_valid(other, month, of_month)))


def _valid(year: int, month: int, of_month: int) -> Iterator[date]:
    try:
        yield date(year, month, of_month)
    except ValueError:
        return


_ANY_YEAR = re.compile(r"出生|生日|入职|入党|参加工作|毕业|结婚|任职|birth|born|joined|hired|graduat|married|wedding")


def named_day(question: Question, text: str, today: date | None) -> Meant[str]:
    """The day `YYYY-MM-DD` the words name as an answer to this question."""
    long_ago = is_any_year(asked(question))
    meant = hear(text, lambda words: day(_without_part(words), today, long_ago))
    return Meant(tuple(each.isoformat() for each in meant.things), meant.sure)


def _without_part(words: str) -> str:
    """`昨天下午` is still that day; not so the small hours, of which nobody is sure."""
    half = _HALVES.fullmatch(words)
    return half[1] if half else "today" if words in _PARTS_OF_TODAY else words


def is_any_year(about: str) -> bool:
    """Is the question about a day in any year of a life, so that none may be supposed?"""
    return bool(_ANY_YEAR.search(about))
