"""A civil servant answers: what waits, the questions one by one, the review, the receipt."""

from collections.abc import Sequence
from dataclasses import replace

from handlers import doors
from handlers.forms.moves import (
    Again,
    Another,
    Answer,
    Ask,
    Back,
    Done,
    Given,
    Picked,
    Review,
    Say,
    Skip,
    Step,
    Submit,
    Visit,
)
from handlers.forms.walk import current, step
from handlers.surveys import desk as at
from handlers.surveys.desk import Desk
from handlers.surveys.publishing import recent
from handlers.surveys.rules import (
    asking,
    attachments,
    guiding,
    keys,
    looking,
    notices,
    passes,
    results,
    sheets,
    tapping,
)
from handlers.surveys.rules.commands import Order, line_named, ordered
from handlers.surveys.rules.places import View
from handlers.surveys.rules.rounds import has_ended, takes_answers
from handlers.surveys.wording import invitation_to
from handlers.talk import Button, Command, Message, Part, Reply, Sent, Turn, Typed, say, t
from storage.records import Disposition
from storage.store import Store

LATE = t("That was an earlier question. “Back”, or the review at the end, lets you change it.")
ELSEWHERE = t("You went on at another place. This is the present question:")
TAP = t("Please tap one of the buttons.")
NO_FILE = t("No file is asked for here. Please answer in words or tap.")
NOT_THAT = t("What you sent cannot be the answer here.")


@doors.command("my")
@doors.tap("my")
async def show_mine(turn: Turn, store: Store) -> Reply:
    """What waits for me, and the receipts of what I handed in."""
    person = at.person(turn)
    asked = [
        (round, line.disposition is Disposition.DECLINED)
        for round, line in await store.surveys.invitations(person.id)
        if not has_ended(round, turn.now) and line.disposition is not Disposition.EXCUSED
    ]
    found = [(round, await store.surveys.sheet(round.id, person.id)) for round, declined in asked if not declined]
    waiting = notices.waiting(found, [round for round, declined in asked if declined])
    waiting = results.listed(waiting, await recent(person, turn.now, store))
    return say(*waiting.parts, buttons=waiting.buttons, replaces=at.tapped(turn))


@doors.tap("ao")
async def open_sheet(turn: Turn, store: Store) -> Reply:
    """Begin a round, or go on where I stopped; what I was in the middle of is set aside."""
    round_id = at.numbers(turn, 1)[0]
    aside = await at.set_aside(turn, store, round_id)
    reply = await _opened(turn, store, round_id)
    place = turn.account.channel, turn.account.address
    account, _ = (await store.people.recognise([place]))[place]
    went = aside and at.round_in(account.flow) == round_id
    return replace(reply, messages=(*aside, *reply.messages)) if went else reply


async def _opened(turn: Turn, store: Store, round_id: int) -> Reply:
    desk = await at.sit(turn, store, round_id)
    if isinstance(desk, Reply):
        return desk
    if sheets.is_final(desk.sheet):
        return Reply((notices.already(desk.round, desk.sheet),))
    going_on = t("You are going on with “{round}”, a named questionnaire.", round=desk.round.name)
    if sheets.is_preview(desk.sheet):
        going_on = notices.TRIAL
    return await at.again(turn, store, desk, going_on, replaces=at.tapped(turn), fresh=True)


async def _next(turn: Turn, store: Store) -> tuple[Message, ...]:
    """The invitation that has waited, now that another round is out of hand."""
    person = at.person(turn)
    for round, line in await store.surveys.invitations(person.id):
        if line.disposition is Disposition.PLANNED and takes_answers(round, turn.now):
            await store.surveys.set_disposition(round.id, person.id, Disposition.INVITED)
            return (notices.next_one(await invitation_to(round, person, store), round),)
    return ()


@doors.tap("al")
async def page_link(turn: Turn, store: Store) -> Reply:
    """A link to fill in this round on a page: for me alone, once, and not in the transcript."""
    person = at.person(turn)
    round = at.named(await at.asked_in(person, at.numbers(turn, 1)[0], store))
    key, issued = passes.issued(person.id, round.id, turn.now, turn.draw)
    await store.access.put_pass(issued, turn.now)
    told = notices.page_link(round, f"{turn.site}/form/{round.id}?key={key}", issued.expires)
    return Reply((told,), confidential=True)


@doors.tap("ac")
async def change_answers(turn: Turn, store: Store) -> Reply:
    """Back to the review of what I handed in; it counts as it was until I hand in again."""
    desk = await at.sit(turn, store, at.numbers(turn, 1)[0])
    if isinstance(desk, Reply):
        return desk
    if not sheets.is_final(desk.sheet):
        return await at.again(turn, store, desk)
    told = t("You handed in “{round}” before: that counts until you hand in again.", round=desk.round.name)
    return await at.again(turn, store, replace(desk, sheet=sheets.reopened(desk.sheet)), told)


@doors.tap("a", "ab", "ad", "ae", "ag", "an", "as", "at", "av", "ax", "ay")
async def take_answer(turn: Turn, store: Store) -> Reply:
    """A button that answers, goes back, skips, ticks, chooses a line of the review, adds or takes away an entry."""
    desk, about = await _present(turn, store, 0)
    if isinstance(desk, Reply):
        return desk
    events = current(desk.form, desk.walk, turn.now)
    given, toast = tapping.given(desk.form, at.verb(turn), about, events[-1])
    if not given:
        return Reply(toast=LATE)
    view = tapping.view(sheets.page_of(desk.sheet), given[-1], events[-1])
    return await _take(turn, store, desk, given, view, toast)


@doors.tap("ap")
async def turn_page(turn: Turn, store: Store) -> Reply:
    """Another page of the review."""
    desk, about = await _present(turn, store, 1)
    return desk if isinstance(desk, Reply) else at.show(turn, desk, View(about[0]))


@doors.tap("am")
async def turn_part(turn: Turn, store: Store) -> Reply:
    """Another part of a long list."""
    desk, about = await _present(turn, store, 1)
    return desk if isinstance(desk, Reply) else at.show(turn, desk, View(part=about[0]))


@doors.tap("aq")
async def show_question(turn: Turn, store: Store) -> Reply:
    """From the help back to the question."""
    desk, _ = await _present(turn, store, 0)
    return desk if isinstance(desk, Reply) else at.show(turn, desk, View(sheets.page_of(desk.sheet)))


@doors.tap("aw")
async def show_help(turn: Turn, store: Store) -> Reply:
    """Help on the present question, in its place."""
    desk, _ = await _present(turn, store, 0)
    return desk if isinstance(desk, Reply) else _help(turn, desk)


@doors.tap("ar")
async def ask_removal(turn: Turn, store: Store) -> Reply:
    """Is this entry really to go?"""
    desk, (number, *_) = await _present(turn, store, 1)
    if isinstance(desk, Reply):
        return desk
    match current(desk.form, desk.walk, turn.now):
        case [*_, Review(lines=lines) as review] if number < len(lines) and lines[number].heading:
            place = at.place(turn, desk, desk.walk, (review,), View())
            parts, rows = looking.removal(place, lines[number], number)
            return say(*parts, buttons=rows, replaces=turn.message_id)
    return Reply(toast=LATE)


@doors.tap("ah")
async def hand_in(turn: Turn, store: Store) -> Reply:
    """The review is right: hand in."""
    desk, _ = await _present(turn, store, 0)
    return desk if isinstance(desk, Reply) else await _hand_in(turn, store, desk)


@doors.flow(at.FLOW)
async def take_words(turn: Turn, store: Store) -> Reply:
    """Words typed, or something sent, while a question waits."""
    desk = await _here(turn, store)
    if isinstance(desk, Reply):
        return desk
    match turn.what:
        case Typed(text):
            return await _hear(turn, store, desk, text)
        case Sent() as sent:
            return await _receive(turn, store, desk, sent)
    return await at.again(turn, store, desk, TAP)


@doors.command("back", "skip")
async def go(turn: Turn, store: Store) -> Reply:
    """Back or on, also where every word typed would be an answer."""
    if not at.round_in(turn.account.flow):
        return say(t("Nothing is going on here now. /menu shows what you can do."))
    desk = await _here(turn, store)
    if isinstance(desk, Reply):
        return desk
    return await _take(turn, store, desk, [Back() if _command(turn) == "back" else Skip()])


@doors.standing(at.FLOW)
async def stand(turn: Turn, store: Store) -> Reply:
    """The present question once more, as after another language was chosen."""
    desk = await _here(turn, store)
    return desk if isinstance(desk, Reply) else await at.again(turn, store, desk, fresh=True)


@doors.command("cancel")
@doors.tap("az")
async def leave(turn: Turn, store: Store) -> Reply:
    """Out of what is going on; answers are kept."""
    round = await store.surveys.round(at.round_in(turn.account.flow))
    if turn.account.flow:
        await store.people.set_flow(turn.account.id, "")
    if round is None and turn.account.flow:
        return say(t("You have left it; nothing was changed."))
    if round is None:
        return say(t("Nothing is going on here now. /menu shows what you can do."))
    sheet = await store.surveys.sheet(round.id, at.person(turn).id)
    if sheet is not None and sheets.is_preview(sheet):
        return await at.drop_trial(turn, store, sheet)
    stopped = t("You have left “{round}”. Your answers so far are kept; /my brings you back.", round=round.name)
    left = Message((stopped,), ((Button(t("Go on"), f"ao:{round.id}"),),), at.tapped(turn))
    return Reply((left, *await _next(turn, store)))


# What was given ------------------------------------------------------------------------------------------


async def _take(
    turn: Turn, store: Store, desk: Desk, given: Sequence[Given], view: View | None = None, toast: Part = ""
) -> Reply:
    """One thing given, or several that belong together; the tapped question is edited in place."""
    took = Step(dict(desk.walk), ())
    for one in given:
        took = step(desk.form, took.state, one, turn.now)
    said = await at.write(turn, store, desk, took, view, replaces=at.tapped(turn))
    return Reply(said, "" if asking.refused(took) else toast)


async def _hand_in(turn: Turn, store: Store, desk: Desk) -> Reply:
    took = step(desk.form, desk.walk, Submit(), turn.now)
    if not any(isinstance(event, Done) for event in took.events):
        return Reply(await at.write(turn, store, desk, took, View(), replaces=at.tapped(turn)))
    if sheets.is_preview(desk.sheet):
        return await at.drop_trial(turn, store, desk.sheet, t("Here people hand in."))
    sheet = sheets.handed_in(desk.sheet, took.state, turn.now)
    await store.surveys.save_sheet(sheet)
    await store.surveys.set_disposition(desk.round.id, sheet.person_id, Disposition.HANDED_IN)
    await store.surveys.keep_uploads(desk.round.id, sheet.person_id, attachments.in_use(sheet))
    await at.leave(turn, store, desk.round.id)
    thanks = replace(notices.thanks(desk.round, sheet), replaces=at.tapped(turn))
    return Reply((thanks, *await _next(turn, store)))


# Words and files -----------------------------------------------------------------------------------------


async def _hear(turn: Turn, store: Store, desk: Desk, text: str) -> Reply:
    """An answer in words: said back shortly, then the next question; else an order; else a search."""
    match current(desk.form, desk.walk, turn.now):
        case [*_, Ask() as asked]:
            took = step(desk.form, desk.walk, Say(text), turn.now)
            if asking.unfit(took):
                done = await _order(turn, store, desk, asked, text)
                if done:
                    return replace(done, taken=True)
                back = asking.given_back(asked, text)
                return Reply(await at.write(turn, store, desk, took, before=back), taken=bool(back))
            said = (
                asking.given_back(asked, text)
                if asking.refused(took)
                else asking.noted(desk.form, took.state, asked, turn.now)
            )
            return Reply(await at.write(turn, store, desk, took, before=said), taken=True)
        case [*_, Another()]:
            done = await _hear_another(turn, store, desk, text)
        case [*_, Review() as review]:
            done = await _hear_review(turn, store, desk, review, text)
        case _:
            done = None
    return replace(done, taken=True) if done else await at.again(turn, store, desk, TAP)


async def _order(turn: Turn, store: Store, desk: Desk, asked: Ask, text: str) -> Reply | None:
    """What cannot be an answer: an order, or words to be searched for in a long list; None: neither."""
    same = at.place(turn, desk, desk.walk, (asked,), View()).same
    ticked = bool(asked.picked)
    part = keys.part_of(asked, asked.picked[0]) if ticked else 0
    match ordered(text, *Order):
        case Order.BACK:
            return await _take(turn, store, desk, [Back()])
        case Order.SKIP:
            return await _take(turn, store, desk, [Skip()])
        case Order.CLEAR:
            return await _take(turn, store, desk, [Answer(None)])
        case Order.SAME if same is not None:
            return await _take(turn, store, desk, [Answer(same)])
        case Order.OVER if ticked:
            return await _take(turn, store, desk, tapping.over(asked))
        case Order.DONE if ticked:
            return await _take(turn, store, desk, [Picked()])
        case Order.HELP:
            return _help(turn, desk)
        case Order.PAUSE:
            return await leave(turn, store)
        case Order.YES | Order.FURTHER if len(asked.choices) > keys.MANY:
            return await at.again(turn, store, desk, view=View(part=part + 1))
    if found := keys.found(asked, text):
        return await at.again(turn, store, desk, view=View(sheets.page_of(desk.sheet), found=found))
    return None


async def _hear_another(turn: Turn, store: Store, desk: Desk, text: str) -> Reply | None:
    match ordered(text, Order.YES, Order.NO, Order.BACK, Order.PAUSE):
        case Order.YES:
            return await _take(turn, store, desk, [Again(True)])
        case Order.NO:
            return await _take(turn, store, desk, [Again(False)])
        case Order.BACK:
            return await _take(turn, store, desk, [Back()])
        case Order.PAUSE:
            return await leave(turn, store)
    return None


async def _hear_review(turn: Turn, store: Store, desk: Desk, review: Review, text: str) -> Reply | None:
    page = sheets.page_of(desk.sheet)
    match ordered(text, Order.HAND_IN, Order.BACK, Order.PAUSE, Order.FURTHER, Order.EARLIER):
        case Order.HAND_IN:
            return await _hand_in(turn, store, desk)
        case Order.BACK:
            return await _take(turn, store, desk, [Back()])
        case Order.PAUSE:
            return await leave(turn, store)
        case Order.FURTHER:
            return await at.again(turn, store, desk, view=View(page + 1))
        case Order.EARLIER:
            return await at.again(turn, store, desk, view=View(max(0, page - 1)))
    number = line_named(text)
    if 0 < number <= len(review.lines):
        visit = Visit(review.lines[number - 1].path)
        return await _take(turn, store, desk, [visit], tapping.view(page, visit, review))
    return None


async def _receive(turn: Turn, store: Store, desk: Desk, sent: Sent) -> Reply:
    """A picture or file as the answer, where one is asked for."""
    asked = current(desk.form, desk.walk, turn.now)[-1]
    if not isinstance(asked, Ask) or asked.question.type not in asking.ATTACHED:
        return await at.again(turn, store, desk, NO_FILE)
    if sent.file is None:
        return await at.again(turn, store, desk, sent.trouble or NOT_THAT)
    upload = attachments.upload(desk.round.id, desk.sheet.person_id, asked.question.name, sent.file)
    took = step(desk.form, desk.walk, Answer(upload.name), turn.now)
    if asking.refused(took):
        return Reply(await at.write(turn, store, desk, took))
    await store.surveys.put_upload(upload)
    received = t("Received: {file}", file=sent.file.name) if sent.name else t("Received.")
    return Reply(await at.write(turn, store, desk, took, before=[received]), taken=True)


def _help(turn: Turn, desk: Desk) -> Reply:
    asked = current(desk.form, desk.walk, turn.now)[-1]
    if not isinstance(asked, Ask):
        return Reply(toast=LATE)
    parts, rows = guiding.guide(at.place(turn, desk, desk.walk, (asked,), View()), asked)
    return say(*parts, buttons=rows, replaces=at.tapped(turn))


# Which sheet, and is it present --------------------------------------------------------------------------


async def _here(turn: Turn, store: Store) -> Desk | Reply:
    """The sheet that the flow of this account is about; or what to say where it goes on elsewhere or not at all."""
    desk = await at.sit(turn, store, at.round_in(turn.account.flow))
    if isinstance(desk, Reply):
        return desk
    if sheets.is_final(desk.sheet):
        await at.leave(turn, store, desk.round.id)
        return Reply((notices.already(desk.round, desk.sheet),))
    if sheets.account_of(desk.sheet) != turn.account.id:
        return await at.again(turn, store, desk, ELSEWHERE, fresh=True)
    return desk


async def _present(turn: Turn, store: Store, count: int) -> tuple[Desk | Reply, list[int]]:
    """The sheet a button is about, and at least so many numbers it carries; or what to say to a button that is late.

    At another account the present question helps.
    """
    round_id, seq, *about = at.numbers(turn, 2 + count)
    desk = await at.sit(turn, store, round_id)
    if isinstance(desk, Reply):
        return desk, about
    if sheets.is_final(desk.sheet):
        return Reply(toast=notices.already(desk.round, desk.sheet).parts[0]), about
    if seq == desk.seq:
        return desk, about
    if sheets.account_of(desk.sheet) == turn.account.id:
        return Reply(toast=LATE), about
    return await at.again(turn, store, desk, ELSEWHERE, replaces=at.tapped(turn), fresh=True), about


def _command(turn: Turn) -> str:
    return turn.what.name if isinstance(turn.what, Command) else ""
