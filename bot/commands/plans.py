"""`huiyin plan …`: rounds that repeat themselves."""

import argparse
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bot.app import give_order, opened
from bot.commands import anonymity, audience, changes
from bot.commands.base import MOST_ID, Adder, Command, Wrong, frozen, operator, order, whole
from bot.settings import Settings
from bot.web import wire
from storage.records import Plan, Reminding, Secrecy

EVERY = ("quarter", "half-year", "year", "month", "week", "cron", "date-of")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SCHEDULE = (
    *("month", "day", "working_day", "weekday", "cron", "date_of", "offset", "offset_working", "rest"),
    *("opens_at", "closes_at", "open_days", "open_working_days", "first", "last"),
)
"""The options that make up the schedule, under the names it has for them."""
EXAMPLES = """\
name: it may have places, filled in for each round: {year} {half} {quarter} {month} {week} {date} {n} (its number).

examples:
  every quarter, from the fifth-last working day of its last month, ten days long
    huiyin plan new self.xlsx --name "{year} 年第{quarter}季度自评" --every quarter --month -1 --working-day -5 \\
      --open-days 10
  every month on the 15th, or the next working day
    huiyin plan new pulse.xlsx --name "{year} 年 {month} 月问卷" --every month --day 15
  ten working days before somebody's probation ends
    huiyin plan new probation.xlsx --name "试用期小结" --date-of probation_ends --offset-working -10
"""


def add(command: Adder, commands: Any) -> None:
    """`huiyin plan …`"""
    group = commands.add_parser("plan", help="rounds that repeat themselves").add_subparsers(
        required=True, metavar="COMMAND"
    )
    one = command(group, "new", plan_new, "draws up a plan and prints its id; a second person must approve it")
    one.formatter_class, one.epilog = argparse.RawDescriptionHelpFormatter, EXAMPLES
    one.add_argument("form", type=Path)
    one.add_argument("--name", required=True, help="of the rounds, with places")
    one.add_argument("--anonymous", action="store_true", help="nobody can tell who answered what")
    _with_settings(one)
    one = command(group, "change", plan_change, "changes a plan: it waits for approval again, open rounds go on")
    one.add_argument("id", type=whole(1, MOST_ID))
    one.add_argument("--form", type=Path)
    one.add_argument("--name", help="of the rounds, with places")
    _with_settings(one)
    one = command(group, "list", plan_list, "all plans, each with its next round")
    one.add_argument("--json", action="store_true")
    one = command(group, "show", plan_show, "a plan, its rounds so far and the calendar of those to come")
    one.add_argument("id", type=whole(1, MOST_ID))
    one.add_argument("--count", type=whole(1, 1000), default=12, help="how many rounds to come (12)")
    one.add_argument("--json", action="store_true")
    for verb, about in (
        ("approve", "lets a plan run that somebody else has drawn up"),
        ("pause", "no round of it opens meanwhile; open ones go on"),
        ("resume", "it runs on; what would have opened meanwhile is left out"),
        ("end", "no round of it opens any more; open ones go on"),
    ):
        one = command(group, verb, plan_verb(verb), about)
        one.add_argument("id", type=whole(1, MOST_ID))
        one.add_argument("--json", action="store_true")


def _with_settings(one: argparse.ArgumentParser) -> None:
    audience.add_options(one)
    anonymity.add_options(one)
    one.add_argument("--letter", metavar="FILE|TEXT", help="HR's own words at the head of each invitation")
    one.add_argument("--voluntary", action="store_true", default=None, help="people may say that they do not take part")
    when = one.add_argument_group("when a round opens")
    when.add_argument("--every", choices=EVERY, help="how often")
    when.add_argument("--month", type=int, metavar="N", help="month of the quarter, half-year or year; -1: its last")
    when.add_argument("--day", type=int, metavar="N", help="day of the month; 31: its last")
    when.add_argument(
        "--working-day", type=int, metavar="N", help="working day of the month; -1: its last (default: its first)"
    )
    when.add_argument("--weekday", choices=WEEKDAYS, help="with --every week (mon)")
    when.add_argument("--cron", metavar="FIELDS", help="five fields, such as '0 9 1 * *', instead of --every")
    when.add_argument("--date-of", metavar="DATE", help="joined or probation_ends: once for each person")
    when.add_argument("--offset", type=int, metavar="N", help="so many days after that date; before it if negative")
    when.add_argument("--offset-working", type=int, metavar="N", help="the same in working days")
    when.add_argument("--opens-at", metavar="HH:MM", help="by the organ's clock (09:00)")
    when.add_argument(
        "--rest-days",
        dest="rest",
        choices=("forward", "back", "keep"),
        help="what becomes of an opening on a day of rest: it moves to the next working day (forward) or to the one "
        "before (back), within its month or week; or nothing (keep)",
    )
    when.add_argument("--first", type=_day, metavar="DATE", help="no round before this day, such as 2026-12-01")
    when.add_argument("--last", type=_day, metavar="DATE", help="none after this day")
    until = one.add_argument_group("how long it is open")
    until.add_argument("--open-days", type=int, metavar="N", help="it closes so many days later (7)")
    until.add_argument("--open-working-days", type=int, metavar="N", help="the same in working days")
    until.add_argument("--closes-at", metavar="HH:MM", help="by the organ's clock (18:00)")
    remind = one.add_argument_group("who has not handed in is reminded")
    remind.add_argument("--reminders", type=int, metavar="N", help="so many times at most (3); 0: never")
    remind.add_argument("--remind-after", type=int, metavar="D", help="working days to the first (3)")
    remind.add_argument("--remind-every", type=int, metavar="D", help="working days between them (3)")
    one.add_argument("--json", action="store_true")


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no day; write one such as 2026-12-01") from None


def _schedule(given: argparse.Namespace, before: Mapping[str, Any]) -> dict[str, Any]:
    """The schedule as given; where no new way of repeating is given, what there is `before` stays."""
    said = {name: value for name in SCHEDULE if (value := getattr(given, name)) is not None}
    every = given.every or ("cron" if given.cron else "date-of" if given.date_of else None)
    if every is None:
        return {**_without_rivals(before, said), **said}
    return {"every": every, **said}


def _without_rivals(before: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """What stays: of two ways to say the same, that which is given now drives out the other."""
    pairs = (("day", "working_day"), ("open_days", "open_working_days"), ("offset", "offset_working"))
    driven = {one for a, b in pairs for one, other in ((a, b), (b, a)) if other in said}
    return {name: value for name, value in before.items() if name not in driven}


def _settings(given: argparse.Namespace, reminding: Reminding) -> dict[str, Any]:
    """What is given beside schedule and audience; of reminders, what is not given stays as it was."""
    remind = {"most": given.reminders, "first": given.remind_after, "every": given.remind_every}
    said = {"name": given.name, "letter": changes.letter(given.letter), "voluntary": given.voluntary}
    if any(value is not None for value in remind.values()):
        said["reminding"] = {name: getattr(reminding, name) if n is None else n for name, n in remind.items()}
    return {name: value for name, value in said.items() if value is not None}


async def plan_new(given: argparse.Namespace, chosen: Settings) -> None:
    """Freezes the form and draws up a plan."""
    schedule = _schedule(given, {})
    if "every" not in schedule:
        raise Wrong("Say how often: --every quarter, half-year, year, month or week; or --cron; or --date-of.")
    async with opened(chosen) as database:
        by = operator(chosen)
        questionnaire = await frozen(given.form, database, by)
        fields = {"questionnaire_id": questionnaire.id, "schedule": schedule, "anonymous": given.anonymous}
        fields |= {**audience.fields(given), **anonymity.fields(given, Secrecy()), **_settings(given, Reminding())}
        plan = await give_order(database, by, "plan_rounds", fields)
    print(wire.encode(plan).decode() if given.json else plan.id)


async def plan_change(given: argparse.Namespace, chosen: Settings) -> None:
    """Changes what is given, and nothing else."""
    async with opened(chosen) as database:
        by = operator(chosen)
        before = (await give_order(database, by, "show_plan", {"plan_id": given.id})).plan
        fields = {**_settings(given, before.reminding), **anonymity.fields(given, before.secrecy)}
        schedule = _schedule(given, before.schedule)
        if schedule != before.schedule:
            fields["schedule"] = schedule
        if any((whom := audience.fields(given)).values()):
            fields["audience"] = whom
        if given.form is not None:
            fields["questionnaire_id"] = (await frozen(given.form, database, by)).id
        if not fields:
            raise Wrong("Say what is to be different, such as --name or --day; `huiyin plan change --help` lists it.")
        plan = await give_order(database, by, "change_plan", {"plan_id": given.id, **fields})
    _tell(plan, given)


def plan_verb(verb: str) -> Command:
    """One of the changes of a plan's state."""

    async def run(given: argparse.Namespace, chosen: Settings) -> None:
        _tell(await order(chosen, f"{verb}_plan", plan_id=given.id), given)

    return run


async def plan_list(given: argparse.Namespace, chosen: Settings) -> None:
    """Lists all plans."""
    views = await order(chosen, "list_plans")
    if given.json:
        print(wire.encode(views).decode())
        return
    for view in views:
        coming = f"next {_moment(view.coming[0].opens, chosen)}" if view.coming else _nothing(view.missing_year)
        print(f"{view.plan.id}\t{view.plan.state}\t{view.plan.name}\t{coming}")


async def plan_show(given: argparse.Namespace, chosen: Settings) -> None:
    """Shows one plan and its calendar."""
    view = await order(chosen, "show_plan", plan_id=given.id, count=given.count)
    if given.json:
        print(wire.encode(view).decode())
        return
    plan = view.plan
    print(f"{plan.id}\t{plan.state}\t{plan.name}")
    print("  " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in plan.schedule.items()))
    print(f"  drawn up by {plan.created_by}, {_moment(plan.created, chosen)}")
    if plan.approved is not None:
        print(f"  approved by {plan.approved_by}, {_moment(plan.approved, chosen)}")
    print("To come:")
    for one in view.coming:
        span = f"{_moment(one.opens, chosen)} – {_moment(one.closes, chosen)}"
        print(f"  {one.period:10}  {span}  {one.people} people  {one.name}")
    if not view.coming or view.missing_year:
        print(f"  {_nothing(view.missing_year)}")
    if view.past:
        print("So far:")
    for one in view.past:
        asked = f"{one.asked} people" if one.asked else "never opened"
        span = f"{_moment(one.opens, chosen)} – {_moment(one.closes, chosen)}"
        print(f"  {one.round:<10}  {span}  {one.state}, {asked}  {one.name}")


def _tell(plan: Plan, given: argparse.Namespace) -> None:
    print(wire.encode(plan).decode() if given.json else f"{plan.id}\t{plan.state}\t{plan.name}")


def _nothing(missing_year: int | None) -> str:
    if missing_year is None:
        return "nothing further"
    return f"waits: the holidays of {missing_year} are not known yet, import them with `huiyin calendar import FILE`"


def _moment(moment: datetime | None, chosen: Settings) -> str:
    return f"{moment.astimezone(chosen.timezone):%a %Y-%m-%d %H:%M}" if moment else ""
