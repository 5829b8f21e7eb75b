"""The catalogues: whole, in step with the code, and worded as people here write."""

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.words import Words
from handlers.talk import LANGUAGES, Text
from tests import words

CHINESE = ("zh_CN", "zh_TW")
ENCODINGS = {"zh_CN": "gb2312", "zh_TW": "cp950"}
"""each knows the characters of one script and hardly any of the other's"""
FOREIGN = {
    "zh_CN": ("「", "」", "資訊", "檔案"),
    "zh_TW": ("“", "”", "信息", "賬號", "账号", "軟件", "默認", "打印", "反饋", "質量", "登錄", "搜索", "菜單", "點擊"),
}
"""what the other side of the strait writes"""
OWN_NAMES = re.compile("简体中文|繁體中文")
"""a language is called by its own name everywhere"""
HAN = "[\u4e00-\u9fff]"


def entries(language: str) -> list[Message]:
    return [message for message in words.known(language) if message.id]


def said(message: Message) -> list[str]:
    string = message.string or ""
    return [string] if isinstance(string, str) else list(string)


def places(sentence: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def translations(language: str) -> Iterator[tuple[str, str]]:
    """The key (of two the plural, which has all places) and each of its translations."""
    for message in entries(language):
        key = message.id if isinstance(message.id, str) else message.id[-1]
        yield from ((key, string) for string in said(message) if string)


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_has_exactly_the_sentences_of_the_code(language: str) -> None:
    assert words.place(language).read_bytes() == words.gathered(language), "run `make words`"


@pytest.mark.parametrize("language", CHINESE)
def test_every_sentence_is_translated(language: str) -> None:
    catalogue = words.known(language)
    assert catalogue.num_plurals == 1
    assert not catalogue.fuzzy
    assert not [message.id for message in entries(language) if message.fuzzy]
    assert [message.id for message in entries(language) if not all(said(message))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_places_are_those_of_the_key(language: str) -> None:
    wrong = [(key, string) for key, string in translations(language) if places(key) != places(string)]
    assert wrong == []


@pytest.mark.parametrize("language", CHINESE)
def test_script_and_wording_are_the_readers_own(language: str) -> None:
    for _, string in translations(language):
        plain = OWN_NAMES.sub("", string)
        strange = [char for char in re.findall(HAN, plain) if not char.encode(ENCODINGS[language], "ignore")]
        assert strange == [], string
        assert [word for word in FOREIGN[language] if word in plain] == [], string


@pytest.mark.parametrize("language", CHINESE)
def test_people_are_addressed_politely_and_without_gender(language: str) -> None:
    for _, string in translations(language):
        assert not re.search("你|妳|她|他(?!人)|!|！", string.replace("其他", "")), string


@pytest.mark.parametrize("language", CHINESE)
def test_punctuation_is_chinese(language: str) -> None:
    for key, string in translations(language):
        assert not re.search(f"{HAN}[,;:?(]|[,;?)]{HAN}|[。，；：？] ", string), string
        assert key.endswith(".") == string.endswith("。"), string


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_words_every_sentence(language: str, tmp_path: Path) -> None:
    target = tmp_path / language / "LC_MESSAGES" / "bot.mo"
    for one in LANGUAGES:
        (tmp_path / one / "LC_MESSAGES").mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, words.known(language))
    speaker = Words(ZoneInfo("Asia/Shanghai"), tmp_path)
    for message in entries(language):
        for text, expected in _texts(message):
            filled = {name: f"<{name}>" for name in places(expected) if name}
            text = Text(text.message, filled, text.plural, text.count)
            assert speaker.word(text, language) == expected.format(**filled)


def _texts(message: Message) -> Iterator[tuple[Text, str]]:
    """The sentence, one and many, and what it should say."""
    strings = [string for string in said(message) if string]
    if isinstance(message.id, str):
        yield Text(message.id), strings[0] if strings else message.id
        return
    one, many = message.id
    strings = strings or [one, many]
    yield Text(one, plural=many, count=1), strings[0]
    yield Text(one, plural=many, count=2), strings[-1]


def test_sentences_are_written_out_where_they_are_said() -> None:
    """`t(variable)` would never reach a catalogue."""
    assert {key for path in _sources() for key in _literal_sentences(path)} == set(words.sentences())


def _sources() -> Iterator[Path]:
    for floor in words.SPOKEN:
        yield from (words.ROOT / floor).rglob("*.py")


def _literal_sentences(path: Path) -> Iterator[words.Key]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="t"), args=[ast.Constant(value=str(sentence))]):
                yield sentence
            case ast.Call(
                func=ast.Name(id="tn"), args=[ast.Constant(value=str(one)), ast.Constant(value=str(many)), _]
            ):
                yield one, many
            case ast.Call(func=ast.Name(id="t" | "tn")):
                raise AssertionError(f"{path}, line {node.lineno}: a sentence must be written out")


@pytest.fixture
def small_house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house that says three sentences in two rooms."""
    (tmp_path / "handlers" / "room").mkdir(parents=True)
    (tmp_path / "bot").mkdir()
    (tmp_path / "handlers" / "room" / "chat.py").write_text('t("Hello, {name}.")\ntn("One.", "{count}.", n)\n')
    (tmp_path / "bot" / "page.py").write_text('SAY = t(\n    "A long sentence "\n    "in two lines."\n)\n')
    monkeypatch.setattr(words, "ROOT", tmp_path)
    monkeypatch.setattr(words, "LOCALES", tmp_path / "locales")
    return tmp_path


def catalogue(content: bytes) -> Catalog:
    return read_po(io.BytesIO(content))


def test_gathering_finds_new_sentences_and_forgets_gone_ones(small_house: Path) -> None:
    words.main()
    found = catalogue(words.place("zh_CN").read_bytes())
    assert {message.id for message in found if message.id} == {
        "Hello, {name}.",
        ("One.", "{count}."),
        "A long sentence in two lines.",
    }
    (small_house / "bot" / "page.py").write_text("")
    assert "A long sentence" not in words.gathered("zh_CN").decode()


def test_gathering_keeps_translations_and_says_the_same_twice(small_house: Path) -> None:
    words.main()
    path = words.place("zh_TW")
    path.write_text(
        path.read_text().replace('msgid "Hello, {name}."\nmsgstr ""', 'msgid "Hello, {name}."\nmsgstr "您好"')
    )
    words.main()
    first = path.read_bytes()
    (small_house / "handlers" / "room" / "chat.py").write_text('\n\n\ntn("One.", "{count}.", n)\nt("Hello, {name}.")\n')
    words.main()
    assert path.read_bytes() == first
    assert catalogue(first)["Hello, {name}."].string == "您好"


def test_gathering_never_guesses(small_house: Path) -> None:
    words.main()
    path = words.place("zh_CN")
    guessed = '#, fuzzy\nmsgid "Hello, {name}."\nmsgstr "也许"'
    path.write_text(path.read_text().replace('#, python-brace-format\nmsgid "Hello, {name}."\nmsgstr ""', guessed))
    assert "也许" in path.read_text()
    words.main()
    assert "也许" not in path.read_text()
    assert "fuzzy" not in path.read_text()


def test_a_sentence_that_becomes_plural_is_translated_anew(small_house: Path) -> None:
    words.main()
    path = words.place("zh_CN")
    path.write_text(
        path.read_text().replace('msgid "Hello, {name}."\nmsgstr ""', 'msgid "Hello, {name}."\nmsgstr "您好"')
    )
    (small_house / "handlers" / "room" / "chat.py").write_text('tn("Hello, {name}.", "Hello, all {count}.", n)\n')
    assert "您好" not in words.gathered("zh_CN").decode()
