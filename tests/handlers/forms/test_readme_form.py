"""The questionnaire that the README shows can be asked."""

from pathlib import Path

from handlers.forms.walk import Ask, begin
from handlers.forms.xlsform import read

README = Path(__file__).parents[3] / "README.md"


def test_the_questionnaire_in_ten_lines_is_one() -> None:
    table = next(block for block in README.read_text(encoding="utf-8").split("```") if "| survey" in block)
    assert len(table.strip().splitlines()) <= 10
    form = read(table.encode(), "mine.md")
    assert [question.name for question in form.questions()] == ["handled", "manner", "need"]
    assert isinstance(begin(form).events[-1], Ask)
