"""The organ that is attacked: units of people who have been there for long, accounts, two tabulators, a questionnaire.

`furnished` is that organ; `World.anonymous` plans, approves and opens an anonymous round in it, as two people of the
HR office do through their own doors.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.forms.form import Choice, Form, Group, Item, Question, digest, to_plain
from handlers.surveys import office, office_changes
from handlers.surveys.office import PlanRound
from handlers.surveys.rolls import OneRound
from handlers.talk import Label
from storage import vault
from storage.database import Database
from storage.records import Level, Person, PostClass, Questionnaire, RosterLine, Round, RoundState, Tabulator
from tests.handlers.surveys.player import Organ

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
LONG_AGO = START.date() - timedelta(days=400)
PASSPHRASES = ("correct horse battery", "staple of another office")
DRAWN_UP_BY, APPROVED_BY = "李科长", "王主任"


def label(zh: str) -> Label:
    """Words in Chinese."""
    return Label({"zh_CN": zh}, "zh_CN")


LIKERT = tuple(Choice(str(n), label(zh)) for n, zh in enumerate(("很不同意", "不同意", "一般", "同意", "很同意"), 1))
HELP = (Choice("talk", label("谈话")), Choice("course", label("培训")), Choice("other", label("其他")))


def questions(name: str = "climate") -> Form:
    """What is asked: one dimension of three items, one item alone, several choices, a number, and free words."""

    def scale(path: str, zh: str) -> Question:
        return Question(path, path.rpartition("/")[2], "select_one", label(zh), choices=LIKERT)

    items: tuple[Item, ...] = (
        Group(
            "/data/lead",
            "lead",
            label("领导作风"),
            items=(
                scale("/data/lead/fair", "领导处事公道"),
                scale("/data/lead/listens", "领导听得进意见"),
                scale("/data/lead/cares", "领导关心下属"),
            ),
        ),
        scale("/data/trust", "我信任本单位的考核结果"),
        Question("/data/help", "help", "select_multiple", label("您希望得到哪些帮助"), choices=HELP),
        Question("/data/years", "years", "integer", label("在本单位工作了几年")),
        Question("/data/words", "words", "text", label("您还想说什么")),
    )
    return Form(name, label("作风建设问卷"), "1", ("zh_CN",), "zh_CN", items)


@dataclass
class World(Organ):
    """An organ of `people`, in the order of their numbers, with two tabulators who have tested their keys."""

    people: Sequence[Person] = ()
    tabulators: Sequence[int] = field(default_factory=list)

    async def drafted(self, **plan: object) -> Round:
        """An anonymous round, drawn up by one of the HR office."""
        facts = {
            "name": "作风建设问卷",
            "questionnaire_id": self.questionnaire.id,
            "anonymous": True,
            "closes": self.now + timedelta(days=14),
            **plan,
        }
        async with self.database.transaction() as store:
            return await office.plan_round(PlanRound(**facts), self.clerk(DRAWN_UP_BY), store)  # type: ignore[arg-type]

    async def approved(self, round: Round) -> Round:
        """The same, approved by another."""
        async with self.database.transaction() as store:
            return await office_changes.approve_round(OneRound(round.id), self.clerk(APPROVED_BY), store)

    async def sent(self, round: Round) -> Round:
        """The same, open: whoever it asks is invited."""
        async with self.database.transaction() as store:
            return await office.open_round(OneRound(round.id), self.clerk(DRAWN_UP_BY), store)

    async def anonymous(self, **plan: object) -> Round:
        """An anonymous round from the draft to the invitations."""
        opened = await self.sent(await self.approved(await self.drafted(**plan)))
        assert opened.state is RoundState.OPEN
        return opened

    async def later(self, days: int) -> None:
        """So many days later; the tabulators have tried their keys that day."""
        self.now += timedelta(days=days)
        async with self.database.transaction() as store:
            for one in await store.tabulators.all():
                await store.tabulators.save(replace(one, tested=self.now.date()))

    async def ask(self, form: Form) -> Questionnaire:
        """From now on this is what is asked."""
        plain = to_plain(form)
        async with self.database.transaction() as store:
            title = dict(form.title.words)
            self.questionnaire = await store.surveys.put_questionnaire(form.name, title, plain, digest(plain))
        return self.questionnaire


async def furnished(
    database: Database,
    sizes: Sequence[int] = (10, 10, 10, 10),
    *,
    channel: str = "telegram",
    tabulators: int = 2,
    now: datetime = START,
) -> World:
    """Units 1, 2, 3 … with so many people each; everybody has an account at `channel`, whose address is the staff
    number. In each unit the first is a leading member and the others are staff; post classes take turns. The first
    person of each of the first units is a tabulator, with a passphrase of `PASSPHRASES`."""
    lines = [
        RosterLine(
            f"{unit}{n:03}",
            f"职员{unit}{n:03}",
            str(unit),
            (PostClass.GENERAL, PostClass.SERVICE)[n % 2],
            Level.STAFF if n else Level.LEADING,
        )
        for unit, size in enumerate(sizes, 1)
        for n in range(size)
    ]
    async with database.transaction() as store:
        for unit in range(1, len(sizes) + 1):
            await store.people.put_unit(str(unit), f"第{unit}科", None)
        await store.people.put_people(lines, LONG_AGO)
        people = sorted(await store.people.people(), key=lambda one: one.number)
        accounts = await store.people.recognise([(channel, one.number) for one in people])
        for one in people:
            await store.people.bind(accounts[channel, one.number][0].id, one.id)
        chosen = [one.id for one in people if one.number.endswith("000")][:tabulators]
        for id, passphrase in zip(chosen, PASSPHRASES, strict=False):
            key, _ = vault.new_key(passphrase)
            await store.tabulators.save(Tabulator(id, key=key, tested=now.date()))
        form = questions()
        plain = to_plain(form)
        frozen = await store.surveys.put_questionnaire(form.name, dict(form.title.words), plain, digest(plain))
    return World(database, frozen, now, people, chosen)
