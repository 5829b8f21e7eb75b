"""From what HR names to an audience, and how many that are now: for the doors that plan a round or a plan."""

from handlers.refusals import BadInput
from handlers.surveys.rules.audience import Named, audience_of, units_of
from handlers.talk import t
from storage.records import Audience, Weighed
from storage.store import Store


async def find_audience(named: Named, store: Store) -> Audience:
    """The audience. Raises BadInput naming all that is unknown, or if nobody is left to be asked."""
    people = await store.people.by_numbers([one.strip() for one in (*named.people, *named.exempt)])
    on_roster = {number: one for number, one in people.items() if not one.left}
    found = audience_of(named, await store.people.units(), await store.groups.all(), on_roster)
    weighed = await weigh(found, store)
    if not weighed.asked and weighed.excused:
        raise BadInput(t("Nobody is left to be asked: everybody in this audience is excused."))
    if not weighed.asked:
        raise BadInput(t("Nobody on the roster belongs to this audience."))
    return found


async def weigh(audience: Audience, store: Store) -> Weighed:
    """How many would be asked, excused and not reached if it were now."""
    return await store.roll.weigh(audience, units_of(audience, await store.people.units()))
