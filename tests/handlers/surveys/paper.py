"""A questionnaire to play with, and words to read what is said."""

from pathlib import Path
from zoneinfo import ZoneInfo

from bot.words import Words
from handlers.forms.form import Choice, Form, Group, Item, Question
from handlers.talk import Label

WORDS = Words(ZoneInfo("Asia/Shanghai"), Path("no such directory"))


def label(zh: str, en: str = "") -> Label:
    """Words in Chinese and, where given, in English."""
    return Label({"zh_CN": zh, "en": en} if en else {"zh_CN": zh}, "zh_CN")


LIKERT = tuple(Choice(str(n), label(zh)) for n, zh in enumerate(("很差", "较差", "一般", "较好", "很好"), 1))
HELP = (Choice("talk", label("谈话", "A talk")), Choice("course", label("培训", "A course")))


def form(*more: Question) -> Form:
    """A self-assessment: every kind, a note, groups, a condition, and a name that is used twice."""
    work = Group(
        "/data/work",
        "work",
        label("工作", "Work"),
        items=(
            Question(
                "/data/work/done",
                "done",
                "select_one",
                label("完成情况", "Work done"),
                required="true()",
                choices=LIKERT,
            ),
            Question(
                "/data/work/why",
                "why",
                "text",
                label("主要原因", "Main reason"),
                hint=label("一两句话", "A sentence or two"),
                required="true()",
                relevant="${done} = '1'",
            ),
            Question(
                "/data/work/count",
                "count",
                "integer",
                label("办件数", "Matters handled"),
                constraint=". >= 0",
                constraint_message=label("不能小于零", "Not below zero"),
            ),
        ),
    )
    rest = Group(
        "/data/rest",
        "rest",
        Label({}),
        items=(
            Question("/data/rest/count", "count", "decimal", label("学时", "Hours of training")),
            Question("/data/rest/since", "since", "date", label("从何时起", "Since when")),
        ),
    )
    items: tuple[Item, ...] = (
        Question("/data/hello", "hello", "note", label("请如实填写。", "Please answer truthfully.")),
        work,
        Question("/data/help", "help", "select_multiple", label("需要什么", "What would help"), choices=HELP),
        rest,
        *more,
    )
    return Form("self", label("自评", "Self-assessment"), "1", ("zh_CN", "en"), "zh_CN", items)


def numbers(count: int) -> list[Question]:
    """Questions n1, n2, … to be answered with whole numbers."""
    return [Question(f"/data/n{n}", f"n{n}", "integer", Label({"zh_CN": f"n{n}"})) for n in range(1, count + 1)]
