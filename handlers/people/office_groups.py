"""What the HR office orders about people together: groups they are asked in, and deputies."""

from dataclasses import dataclass
from datetime import date, timedelta

from handlers.doors import office
from handlers.people.rules import acting
from handlers.refusals import AlreadyDone, BadInput, NotAllowed, NotFound
from handlers.talk import Text, t
from storage.records import Clerk, Deputy, Group, Person
from storage.store import Store

LONGEST = 60
"""characters of a group's name"""


@dataclass(frozen=True, slots=True)
class PutGroup:
    """A group by its name, and all its people by staff number."""

    name: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListGroups:
    """All groups."""


@dataclass(frozen=True, slots=True)
class DeleteGroup:
    """The group with this name."""

    name: str


@dataclass(frozen=True, slots=True)
class GroupOf:
    """A group with the staff numbers of its people, without those who left."""

    name: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddDeputy:
    """Who acts for whom, by staff number, from the first to the last day, both included."""

    person: str
    deputy: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class ListDeputies:
    """All deputies."""


@dataclass(frozen=True, slots=True)
class EndDeputy:
    """The deputyship with this id."""

    deputy_id: int


@dataclass(frozen=True, slots=True)
class Acting:
    """A deputyship: who is absent and who acts, with name and staff number."""

    id: int
    person: str
    person_name: str
    deputy: str
    deputy_name: str
    first: date
    last: date


@office("POST", "/groups", "people:write")
async def put_group(order: PutGroup, clerk: Clerk, store: Store) -> GroupOf:
    """Keeps a group under its name; one that is there already has these people from now on, and no others."""
    name = order.name.strip()
    if not name or len(name) > LONGEST:
        raise BadInput(t("Give the group a name of at most {most} characters.", most=LONGEST))
    wanted = list(dict.fromkeys(number.strip() for number in order.people if number.strip()))
    if not wanted:
        raise BadInput(t("A group needs people: give at least one staff number."))
    people = await _on_roster(wanted, store)
    if missing := [_nobody(number) for number in wanted if number not in people]:
        raise BadInput(t("The group was not changed."), missing)
    await store.groups.put(name, [one.id for one in people.values()])
    return GroupOf(name, tuple(people))


@office("GET", "/groups", "people:read")
async def list_groups(order: ListGroups, clerk: Clerk, store: Store) -> list[GroupOf]:
    """All groups and who is in them."""
    numbers = {one.id: one.number for one in await store.people.people()}
    return [
        GroupOf(group.name, tuple(sorted(numbers[id] for id in group.person_ids if id in numbers)))
        for group in await store.groups.all()
    ]


@office("POST", "/groups/delete", "people:write")
async def delete_group(order: DeleteGroup, clerk: Clerk, store: Store) -> Group:
    """Deletes a group that no round or plan to come asks; the people stay."""
    group = next((one for one in await store.groups.all() if one.name == order.name.strip()), None)
    if group is None:
        raise NotFound(t("There is no group “{name}”.", name=order.name))
    if needed := await store.groups.needed_by(group.id):
        raise NotAllowed(
            t(
                "“{name}” is still to be asked in: {rounds}. Nothing was deleted.",
                name=group.name,
                rounds=", ".join(needed),
            )
        )
    await store.groups.delete(group.id)
    return group


@office("POST", "/deputies", "people:write")
async def add_deputy(order: AddDeputy, clerk: Clerk, store: Store) -> Acting:
    """Lets somebody act in an absent person's roles for some days."""
    people = await _on_roster([order.person.strip(), order.deputy.strip()], store)
    problems = [_nobody(number) for number in (order.person, order.deputy) if number.strip() not in people]
    problems += acting.check_days(order.first, order.last, clerk.now.date())
    acting.refuse(problems)
    absent, deputy = people[order.person.strip()], people[order.deputy.strip()]
    new = Deputy(0, absent.id, deputy.id, order.first, order.last)
    for one in sorted({absent.id, deputy.id}):
        await store.people.hold(one)
    acting.refuse(acting.check_pair(absent, deputy, new, await store.groups.deputies()))
    return _acting(await store.groups.put_deputy(new), absent, deputy)


@office("GET", "/deputies", "people:read")
async def list_deputies(order: ListDeputies, clerk: Clerk, store: Store) -> list[Acting]:
    """Who acts for whom, the latest first; those over too."""
    people = {one.id: one for one in await store.people.people(left=True)}
    return [_acting(one, people[one.person_id], people[one.deputy_id]) for one in await store.groups.deputies()]


@office("POST", "/deputies/{deputy_id}/end", "people:write")
async def end_deputy(order: EndDeputy, clerk: Clerk, store: Store) -> Acting:
    """Ends a deputyship: as of today the deputy acts no more."""
    found = next((one for one in await store.groups.deputies() if one.id == order.deputy_id), None)
    if found is None:
        raise NotFound(t("There is no deputy {id}.", id=order.deputy_id))
    yesterday = clerk.now.date() - timedelta(days=1)
    if found.last <= yesterday:
        raise AlreadyDone(t("That was over on {day} already.", day=found.last))
    await store.groups.end_deputy(found.id, yesterday)
    absent, deputy = await store.people.person(found.person_id), await store.people.person(found.deputy_id)
    if absent is None or deputy is None:
        raise NotFound(t("There is no deputy {id}.", id=order.deputy_id))
    return _acting(Deputy(found.id, absent.id, deputy.id, found.first, yesterday), absent, deputy)


async def _on_roster(numbers: list[str], store: Store) -> dict[str, Person]:
    people = await store.people.by_numbers(numbers)
    return {number: one for number, one in people.items() if not one.left}


def _nobody(number: str) -> Text:
    return t("Nobody on the roster has the staff number {number}.", number=number)


def _acting(one: Deputy, absent: Person, deputy: Person) -> Acting:
    return Acting(one.id, absent.number, absent.name, deputy.number, deputy.name, one.first, one.last)
