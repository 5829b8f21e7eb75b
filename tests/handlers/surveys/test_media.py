"""A questionnaire and its pictures, in one .zip or side by side."""

import io
import zipfile

import pytest

from handlers.refusals import BadInput
from handlers.surveys import office
from handlers.surveys.rules import media
from storage.database import Database
from storage.records import Questionnaire
from tests.handlers.surveys.player import Organ, organ_on
from tests.samples.make_samples import BESIDE, MEDIA

FORM = (BESIDE / "every-kind.xlsx").read_bytes()


@pytest.fixture
async def organ(database: Database) -> Organ:
    return await organ_on(database)


def zipped(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for name, content in files.items():
            package.writestr(name, content)
    return made.getvalue()


async def added(organ: Organ, content: bytes, filename: str, **pictures: bytes) -> Questionnaire:
    made = await organ.order(office.add_questionnaire, office.AddQuestionnaire(content, filename, pictures))
    assert isinstance(made, Questionnaire)
    return made


async def test_a_zip_and_a_folder_say_the_same(organ: Organ) -> None:
    folder = {f"表/{name}": content for name, content in MEDIA.items()}
    rubbish = {"__MACOSX/._steps.png": b"x", ".DS_Store": b"x"}
    made = await added(organ, zipped(**{"表/every-kind.xlsx": FORM}, **folder, **rubbish), "all.ZIP")
    assert set(made.media) == set(MEDIA)
    assert await added(organ, FORM, "every-kind.xlsx", **MEDIA, **{"unused.txt": b"x"}) == made
    async with organ.database.reading() as store:
        kept = await store.surveys.picture(made.media["steps.png"])
        assert await store.surveys.picture("no such") is None
    assert kept
    assert kept.mime == "image/png"


async def test_another_picture_is_another_version(organ: Organ) -> None:
    first = await added(organ, FORM, "f.xlsx", **MEDIA)
    other = {**MEDIA, "steps.png": MEDIA["board-old.png"]}
    assert (await added(organ, FORM, "f.xlsx", **other)).version == first.version + 1


async def test_every_picture_that_is_missing_or_none_is_named(organ: Organ) -> None:
    with pytest.raises(BadInput) as no:
        await added(organ, FORM, "f.xlsx", **{"steps.png": b"no picture", "board-old.png": MEDIA["board-old.png"]})
    told = [(problem.message, problem.args["name"]) for problem in no.value.problems]
    assert told == [("{name}: {problem}", "steps.png"), ("the picture “{name}” is missing", "board-new.png")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK no zip", "This .zip cannot be opened."),
        (zipped(), "“{file}” must hold one questionnaire"),
        (zipped(**{"a.xlsx": b"", "b.csv": b""}), "“{file}” must hold one questionnaire"),
        (zipped(**{f"{n}.png": b"" for n in range(201)}), "“{file}” holds too much"),
    ],
)
def test_a_zip_that_will_not_do_says_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(BadInput) as no:
        media.unpack(content, "a.zip")
    assert no.value.text.message.startswith(says)
