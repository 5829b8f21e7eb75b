"""When a round is to close, in an officer's words: `下周五下午六点`, `12月20号`, `+3天`, `延长一周`."""

import re
from datetime import date, datetime, time, timedelta

from handlers.forms.clocks import moment
from handlers.forms.days import day
from handlers.forms.numerals import number
from handlers.forms.understand import fold, hear

END_OF_DAY = time(18)
"""When a day alone is named: the end of office hours, not the middle of the night."""

_LATER = re.compile(
    r"(?:\+|再?(?:延长|推迟|延|加)|extend by|plus)? ?"
    r"(?P<n>\d{1,3}|[一二两三四五六七八九十]{1,3}|an?|another|one|two|three) ?个?"
    r"(?P<what>小时|钟头|天|日|周|星期|礼拜|hours?|days?|weeks?)(?:时间)?(?: more| later)?"
)
_UNTIL = re.compile(r"^(?:延长到|延期到|延到|推迟到|截止到?|到|至)|^(?:until|till|by|to) |(?:截止|之前|以前|前|为止)$")
_HOURS = {"小": 1, "钟": 1, "h": 1, "天": 24, "日": 24, "d": 24, "周": 168, "星": 168, "礼": 168, "w": 168}


def closing(words: str, now: datetime, before: datetime | None = None) -> tuple[datetime, ...]:
    """The moment these words name; or those they may name, or none, where they are not clear.

    `now` is in the organ's zone; a number of days alone is counted from the closing time `before`, else from now on.
    A day alone means the end of its office hours. What is past already is not meant.
    """
    said = _UNTIL.sub("", fold(words).strip(" 。.，,！!"))
    if later := _LATER.fullmatch(said):
        return _later(later, now, before)
    zone = now.tzinfo
    spelled = hear(said, lambda heard: moment(heard, now.date()))
    named = [datetime.fromisoformat(one) for one in spelled.things]
    if not named:
        named = [datetime.combine(one, END_OF_DAY) for one in _days(said, now.date())]
    found = sorted({one.replace(tzinfo=zone) for one in named})
    return tuple(one for one in found if one > now) or tuple(found)


def _days(said: str, today: date) -> tuple[date, ...]:
    return hear(said, lambda heard: day(heard, today)).things


def _later(later: re.Match[str], now: datetime, before: datetime | None) -> tuple[datetime, ...]:
    count = 1 if later["n"] in ("a", "an", "another") else number(later["n"])
    hours = _HOURS[later["what"][0]]
    if not count:
        return ()
    if before is not None:
        return (before.astimezone(now.tzinfo) + timedelta(hours=int(count) * hours),)
    last = now + timedelta(hours=int(count) * hours)
    return (
        last.replace(second=0, microsecond=0) if hours == 1 else datetime.combine(last.date(), END_OF_DAY, now.tzinfo),
    )
