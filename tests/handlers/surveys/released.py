"""A round that has been counted, filled in by hand: what the release leaves in the tables, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime

from handlers.forms import xlsform
from handlers.forms.form import digest, to_plain
from handlers.surveys.rules import secrecy
from storage.records import (
    Attribute,
    Band,
    Breakdown,
    Count,
    CountStage,
    Disposition,
    Event,
    Invitation,
    Level,
    PostClass,
    Released,
    Remark,
    RosterLine,
    Round,
    RoundState,
    Secrecy,
)
from storage.store import Store

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
EVENTS = ("urn_sealed", "tag_key_destroyed", "unlocked", "released", "box_key_destroyed", "ballots_erased")
LINK = "b7Qm2n8rT4wX9yZa"
SHEET = """
| survey  |                    |          |                        |
|         | type               | name     | label::中文 (zh_CN)    | label::English (en)        |
|         | begin_group        | climate  | 工作氛围               | Climate                    |
|         | select_one agree   | helped   | 同事之间互相帮助       | Colleagues help each other |
|         | select_one agree   | heard    | 我的意见有人听         | My opinion is heard        |
|         | end_group          |          |                        |                            |
|         | select_one agree   | goals    | 目标任务清楚           | Goals are clear            |
|         | integer            | meetings | 每周开几次会           | Meetings in a week         |
|         | rank things        | order    | 请排个先后             | Please put in order        |
|         | text               | wish     | 您最希望改进什么       | What should become better  |
| choices |                    |          |                        |                            |
|         | list_name          | name     | label::中文 (zh_CN)    | label::English (en)        |
|         | things             | pay      | 待遇                   | Pay                        |
|         | things             | rest     | 休息                   | Rest                       |
|         | agree              | 1        | 很不同意               | Strongly disagree          |
|         | agree              | 2        | 不太同意               | Disagree                   |
|         | agree              | 3        | 一般                   | Neither                    |
|         | agree              | 4        | 比较同意               | Agree                      |
|         | agree              | 5        | 非常同意               | Strongly agree             |
"""
SHARES = {"1": 3, "2": 9, "3": 26, "4": 41, "5": 21}
WISH = "/data/wish"
HELPED = "/data/climate/helped"
HEARD = "/data/climate/heard"


def tables(round_id: int) -> list[Released]:
    """Tables of every kind, some of them hidden."""
    whole = {"kind": "choices", "n": "20–49", "shares": SHARES, "scale": 5, "unknown": 4, "mean": 3.7, "positive": 62}
    most = {"kind": "choices", "n": "10–19", "mostly": "agree"}
    dimension = {"kind": "dimension", "n": "20–49", "items": 2, "index": 67, "positive": 61}
    items = [{"path": HELPED, "r": 0.61, "without": None}, {"path": HEARD, "r": 0.61, "without": None}]
    made = {"method": "alpha", "missing": "listwise"}
    alpha = {
        "kind": "reliability",
        "n": "20–49",
        "items": 2,
        "alpha": 0.81,
        "low": 0.7,
        "high": 0.88,
        "per_item": items,
    }
    cross = {"kind": "cross", "n": "20–49", "rows": ["1", "5"], "columns": ["1", "5"], "shares": [[60, 40], [20, 80]]}
    points = [{"round": round_id, "comparable": True, "n": "20–49", "mean": 3.7, "positive": 62}]
    rows: list[tuple[str, str, dict[str, object] | None]] = [
        ("round", "", {"kind": "round", "asked": 57, "n": "20–49", "rate": 80}),
        ("round", "0=0", {"kind": "round", "asked": 30, "n": "20–49", "rate": None}),
        ("round", "0=1", None),
        ("dimension:/data/climate", "", dimension),
        ("dimension:/data/climate", "0=0", {**dimension, "index": 71}),
        (HELPED, "", whole),
        (HELPED, "0=0", {**whole, "mean": 3.9}),
        (HEARD, "", {**whole, "mean": 3.2, "reversed": True}),
        (HEARD, "0=0", most),
        ("/data/goals", "", None),
        ("/data/meetings", "", {"kind": "number", "n": "20–49", "mean": 2.5, "sd": 1.1}),
        ("/data/order", "", {"kind": "order", "n": "20–49", "places": {"pay": 1.4, "rest": 1.6}}),
        (WISH, "", {"kind": "words", "n": "20–49"}),
        ("reliability:/data/climate", "", {**alpha, "reversed": [HEARD], **made}),
        ("correlations", "", {"kind": "correlations", "few": True}),
        ("fitness", "", {"kind": "fitness", "n": 52, "items": 2, "kmo": 0.84, "chi2": 81.4, "df": 1, "p": 0.0, **made}),
        (f"cross:{HELPED}|{HEARD}", "", {**cross, "test": "chi2", "chi2": 8.1, "df": 1, "p": 0.004, "v": 0.4}),
        (f"trend:{HELPED}", "", {"kind": "trend", "points": points}),
    ]
    return [Released(round_id, place, about, group, figures) for place, (about, group, figures) in enumerate(rows)]


def remarks(round_id: int) -> list[Remark]:
    """Ten comments."""
    said = ["少开会", "多培训", "=1+1", "希望领导多下基层", "考核指标太多", "窗口人手不够", "加班要有补休"]
    said += ["系统不好用", "<b>表格</b>太多", "□□□同志辛苦了"]
    return [Remark(round_id, WISH, bytes([200 - 7 * at]) * 16, words) for at, words in enumerate(said)]


async def planned(store: Store, state: RoundState = RoundState.OPEN) -> Round:
    """An anonymous round of twelve people in three units, nine of them in one band; not counted."""
    for code, name in (("zw", "政务服务中心"), ("dz", "党政办公室"), ("wg", "网格中心")):
        await store.people.put_unit(code, name, None)
    units = {unit.code: unit for unit in await store.people.units()}
    numbers = [f"N{number:03}" for number in range(1, 13)]
    where = ["zw"] * 7 + ["dz"] * 3 + ["wg"] * 2
    await store.people.put_people(
        [
            RosterLine(number, f"姓名{number}", unit, PostClass.GENERAL, Level.STAFF)
            for number, unit in zip(numbers, where, strict=True)
        ]
    )
    form = xlsform.read(SHEET.encode(), "climate.md")
    plain = to_plain(form)
    questionnaire = await store.surveys.put_questionnaire(form.name, form.title.words, plain, digest(plain))
    bands = (
        Band((str(units["zw"].id),), 7),
        Band((str(units["dz"].id), str(units["wg"].id)), 5),
    )
    kept = Secrecy(breakdowns=(Breakdown(Attribute.UNIT, bands),), box="cd" * 32)
    round = await store.surveys.put_round(
        Round(
            *(0, "2026 组织氛围调查", questionnaire.id, state),
            anonymous=True,
            opens=NOW,
            closes=NOW,
            created=NOW,
            created_by="hr",
            approved_by="head",
            secrecy=kept,
        )
    )
    people = await store.people.people()
    await store.surveys.put_roll(
        [Invitation(round.id, one.id, one.unit_id, one.post_class, Disposition.INVITED) for one in people]
    )
    fixed = secrecy.fixed(round, questionnaire.digest)
    round = replace(round, secrecy=replace(round.secrecy, digest=secrecy.fingerprint(fixed)))
    await store.surveys.save_round(round)
    await store.counts.save(Count(round.id, CountStage.SEALED, NOW, report={"fixed": fixed}))
    return round


async def counted(store: Store, stage: CountStage = CountStage.RELEASED) -> Round:
    """The same, closed and counted."""
    round = await planned(store, RoundState.CLOSED)
    by_rule = {"few": 3, "beside": 1}
    opened = await store.counts.count(round.id)
    assert opened
    report = {
        **opened.report,
        "tables": 17,
        "hidden": 2,
        "by_rule": by_rule,
        "invalid": 0,
        "strange": 0,
        "left_out": {},
    }
    events = tuple(Event(what, NOW, "李科长" if what == "unlocked" else "") for what in EVENTS)
    done = Count(round.id, stage, NOW, NOW, ("李科长", "王书记"), NOW, NOW, LINK, report, events)
    await store.counts.save(done)
    if stage is CountStage.RELEASED:
        await store.counts.release(tables(round.id), remarks(round.id))
    return round
