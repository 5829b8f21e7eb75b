"""Whatever `xlsform.read` takes can be kept, reported on and asked, up to the review."""

import json
import random
from datetime import UTC, datetime

from handlers.forms import walk, xlsform
from handlers.forms.form import Form, from_plain, to_plain
from handlers.forms.kind import kinds
from handlers.forms.moves import Again, Another, Answer, Ask, Review, Skip, Submit
from handlers.forms.report import plain, report, told
from handlers.refusals import BadInput
from tests.handlers.forms import verdicts
from tests.handlers.forms.reading import said
from tests.handlers.forms.test_pyxform_verdicts import damaged

NOW = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)
MOST_STEPS = 120


def taken() -> list[Form]:
    """All forms of the comparison with pyxform that are good, and what is still good of damaged ones."""
    sheets = [*verdicts.forms(), *(damaged(random.Random(seed)) for seed in range(1000, 1100))]
    found = []
    for sheet in dict.fromkeys(sheets):
        try:
            found.append(xlsform.read(sheet.encode(), "form.md"))
        except BadInput:
            continue
    return found


def test_it_is_the_same_from_storage_and_can_be_reported_on() -> None:
    forms = taken()
    assert len(forms) > 400
    for form in forms:
        kept = json.loads(json.dumps(to_plain(form)))
        assert to_plain(from_plain(kept)) == kept
        found = report(form)
        assert 0 <= found.shortest <= found.longest <= found.questions
        assert all(said(sentence) for sentence in told(found))
        json.dumps(plain(found))


def test_it_can_be_asked_up_to_the_review() -> None:
    for number, form in enumerate(taken()):
        draw = random.Random(number)
        step = walk.begin(form, NOW, "seed")
        for _ in range(MOST_STEPS):
            last = step.events[-1]
            if isinstance(last, Review):
                walk.step(form, step.state, Submit(), NOW)
                break
            step = walk.step(form, step.state, _given(last, draw), NOW)
            json.dumps(step.state)


def _given(last: walk.Event, draw: random.Random) -> walk.Given:
    """Something that leads on, for most questions."""
    match last:
        case Another():
            return Again(False)
        case Ask(question=question, choices=choices, required=required) if required or draw.random() < 0.6:
            names = [choice.name for choice in choices]
            if kinds()[question.type].several:
                return Answer(names)
            samples: dict[str, str | int | float] = {
                "integer": 5, "decimal": 2.5, "range": 1, "date": "2026-05-17", "time": "08:30", "acknowledge": "OK",
                "dateTime": "2026-05-17T08:30", "image": "a.png", "file": "a.pdf",
            }  # fmt: skip
            return Answer(names[0] if names else samples.get(question.type, "yes"))
    return Skip()
