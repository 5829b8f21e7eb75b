"""Small forms, good and bad, over all that our question types reach; on the subjects of pyxform's own tests."""

from collections.abc import Iterator
from itertools import product

from tests.handlers.forms.reading import sheet, survey

CHOICES = sheet("choices", "list_name | name | label", "l | a | A", "l | b | B", "one | a | A", "sp | a b | A B")
FILTERED = sheet("choices", "list_name | name | label | region", "l | a | A | n", "l | b | B | s")

TEXTS = ("text", "string", "q string", "add text prompt", "note", "q note", "add note prompt")
NUMBERS = ("integer", "int", "q int", "add integer prompt", "decimal", "q decimal", "add decimal prompt", "range")
TIMES = (
    *("date", "q date", "add date prompt", "time", "dateTime", "datetime", "q dateTime", "q date time"),
    *("date time", "add date time prompt", "add dateTime prompt"),
)
CHOOSING = (
    *("select_one", "select one", "select1", "select one from", "add select one prompt using"),
    *("select_multiple", "select all that apply", "select all that apply from", "add select multiple prompt using"),
    "rank",
)
OTHERS = ("acknowledge", "q acknowledge", "add acknowledge prompt", "trigger")
UPLOADS = (
    *("image", "photo", "q image", "q picture", "add image prompt", "add photo prompt", "file", "add file prompt"),
)
SILENT = ("hidden", "today", "get today", "start", "start time", "get start time", "end", "end time", "get end time")
NEVER = (
    *("geopoint", "geotrace", "geoshape", "location", "gps", "start-geopoint", "deviceid", "imei", "phonenumber"),
    *("simserial", "subscriberid", "username", "email", "audit", "barcode", "audio", "background-audio", "video"),
    *("osm", "xml-external", "csv-external", "percentage", "uri:deviceid", "uri:phonenumber", "q select", "q select1"),
    *("number of days in last month", "number of days in last year"),
)
KINDS = (*TEXTS, *NUMBERS, *TIMES, *OTHERS, *UPLOADS)


def row(kind: str) -> str:
    """The cell for a question of this kind."""
    return f"{kind} l" if kind in CHOOSING else kind


def forms() -> Iterator[str]:
    """All of them, each a .md file."""
    for part in (
        kinds,
        names,
        nests,
        labels,
        conditions,
        defaults,
        parameters,
        choices,
        groups,
        repeats,
        columns,
        settings,
    ):
        yield from part()


def _with_text(header: str, *rows: str) -> str:
    """With a question at the end, so that something is asked, and the usual lists."""
    cells = {"type": "text", "name": "zz", "label": "Z"}
    last = " | ".join(cells.get(column.strip().split(":")[0].lower(), "") for column in header.split("|"))
    return survey(header, *rows, last) + CHOICES


def kinds() -> Iterator[str]:
    for kind in (*KINDS, *CHOOSING, *SILENT, *NEVER):
        yield _with_text("type | name | label", f"{row(kind)} | q | Q")
        yield _with_text("type | name | label | hint", f"{row(kind)} | q | | A hint")
        yield _with_text("type | name | label | hint", f"{row(kind)} | q | | ")
        yield _with_text("type | name | label", f"{row(kind)} | | Q")
        yield _with_text("type | name | label | required", f"{row(kind)} | q | Q | yes")
    for kind in ("select_one", "select_multiple", "rank", "select one from"):
        yield _with_text("type | name | label", f"{kind} | q | Q")
        yield _with_text("type | name | label", f"{kind} nope | q | Q")
        yield _with_text("type | name | label", f"{kind} one | q | Q")
        yield _with_text("type | name | label", f"{kind} sp | q | Q")
        yield survey("type | name | label", f"{kind} l | q | Q")
        for other in ("or_other", "or other", "or specify other", "and_other"):
            yield _with_text("type | name | label", f"{kind} l {other} | q | Q")
        yield _with_text("type | name | label", f"{kind} nope or_other | q | Q")
    for kind in ("intger", "txt", "", "select_on l", "text l", "integer 5", "TEXT", "Integer", "Select_One l", "begin"):
        yield _with_text("type | name | label", f"{kind} | q | Q")
    yield _with_text("type | name | label", "form_title | T | T")
    yield _with_text("type | name | label", "select_one_from_file x.csv | q | Q")
    yield _with_text("type | name | label", "select_one_external l | q | Q")
    yield _with_text("type | name | label", "text | a | A", "select_one ${a} | q | Q")
    yield _with_text("type | name | label | calculation", "calculate | q | | 1 + 1")
    yield _with_text("type | name | label | calculation", "calculate | q | | ")
    yield _with_text("type | name | label | calculation", "calculate | q | A sum | 1 + 1")
    yield _with_text("type | name | label | calculation | default", "calculate | q | | | 1 + 1")
    yield _with_text("type | name | label | calculation | default", "calculate | q | | | 5")
    for kind in ("integer", "text", "date", "select_one l", "decimal", "time", "acknowledge"):
        yield _with_text("type | name | label | calculation", f"{kind} | q | | 1 + 1")
        yield _with_text("type | name | label | calculation", f"{kind} | q | Q | 1 + 1")
    yield survey("type | name | label", "note | n | Only words")
    yield _with_text("type | name | label | choice_filter", "select_one l or_other | q | Q | name = 'a'")
    yield _with_text("type | name | label", "select_one l or_other | q | Q", "text | q_other | Mine")


def names() -> Iterator[str]:
    for name in (
        *("q", "Q", "_q", "q1", "q-1", "q.1", "1q", "-q", ".q", "q q", "q@", "q/1", "q!", "问题", "问题1", "é", "meta"),
        *(
            "data",
            "q:1",
            "a" * 64,
            "a" * 65,
            "instanceID",
            "name",
            "label",
            "true",
            "q_other",
            "${q}",
            "q$",
            "q,r",
            "“q”",
        ),
    ):
        yield _with_text("type | name | label", f"text | {name} | Q")
        yield _with_text("type | name | label", f"begin group | {name} | G", "text | a | A", "end group | |")
        yield _with_text("type | name | label", f"begin repeat | {name} | G", "text | a | A", "end repeat | |")
    yield _with_text("type | name | label", "text | a | A", "text | a | B")
    yield _with_text("type | name | label", "text | a | A", "text | A | B")
    yield _with_text("type | name | label", "begin group | a | G", "text | a | A", "end group | |")
    yield _with_text("type | name | label", "text | a | A", "begin group | a | G", "text | b | A", "end group | |")
    twice = (
        "begin group | g | G",
        "text | a | A",
        "end group | |",
        "begin group | h | H",
        "text | a | A",
        "end group | |",
    )
    yield _with_text("type | name | label", *twice)
    yield _with_text("type | name | label", *twice, "note | n | Of ${a}")
    yield _with_text("type | name | label | relevant", *twice, "note | n | N | ${a} = 1")


def nests() -> Iterator[str]:
    """Groups and repeats called alike, beside and inside each other."""
    header = "type | name | label"
    for first, second, around in product(("group", "repeat"), ("group", "repeat"), ("", "group", "repeat")):
        for name, other in (
            ("g", "g"),
            ("g", "G"),
            ("g", "h"),
            ("meta", "g"),
            ("META", "g"),
            ("data", "g"),
            ("a", "b"),
        ):
            one = (f"begin {first} | {name} | G", "text | a | A", f"end {first} | |")
            two = (f"begin {second} | {other} | H", "text | b | B", f"end {second} | |")
            held = (f"begin {around} | o | O", *two, f"end {around} | |") if around else two
            yield _with_text(header, *one, *held)
            yield _with_text(header, *one[:2], *held, one[2])
            yield _with_text(header, *one, *held, f"note | n | ${{{name}}}")


def labels() -> Iterator[str]:
    for words in (
        *("Plain", "Hello ${a}", "${a}${a}", "${nope}", "${ a }", "${a", "$ {a}", "$a", "{a}", "${}", "${a b}", "${g}"),
        *("**bold**", "<b>x</b>", "5 < 6 & 7", "${last-saved#a}", "a | b".replace("|", r"\|"), "甲：${a}"),
    ):
        rows = ("text | a | A |", "begin group | g | G |", "text | b | B |", "end group | | |")
        yield _with_text("type | name | label | hint", *rows, f"text | c | {words} |")
        yield _with_text("type | name | label | hint", *rows, f"text | c | C | {words}")
        yield _with_text("type | name | label | constraint_message", *rows, f"text | c | C | {words}")
        yield _with_text("type | name | label | guidance_hint", *rows, f"text | c | C | {words}")
        yield survey("type | name | label", "text | a | A", "select_one l | q | Q") + sheet(
            "choices", "list_name | name | label", f"l | a | {words}"
        )
    yield _with_text("type | name | label | guidance_hint", "text | a | | Guidance alone")
    yield _with_text("type | name | label::en | label::zh", "text | a | A | 甲", "text | b | B |", "text | c | | 丙")
    yield _with_text("type | name | label::English (en) | hint::中文 (zh)", "text | a | A | 提示")
    yield _with_text("type | name | label | label::en", "text | a | 甲 | A")
    yield _with_text("type | name | label:en | label:zh", "text | a | A | 甲")
    yield _with_text("type | name | label | image", "text | a | A | a.png", "text | b | | b.png")
    yield _with_text("type | name | label::en | media::image::en", "text | a | A | a.png")
    yield _with_text("type | name | label | image", "text | a | A | pictures/a.png", "text | b | B | jr://images/b.png")
    for picture in ("${zz}", "${zz}.png", "${nope}", "${zz"):
        yield _with_text("type | name | label | image", f"text | a | A | {picture}")
        yield survey("type | name | label", "select_one l | zz | Z") + sheet(
            "choices", "list_name | name | label | image", f"l | a | A | {picture}"
        )
    yield _with_text("type | name | label | audio", "text | a | A | a.mp3")
    yield _with_text("type | name | label | media::video", "text | a | A | a.mp4")
    yield _with_text("type | name | label | big-image", "text | a | A | a.png")


EXPRESSIONS = (
    *(
        "yes",
        "no",
        "TRUE",
        "false",
        "true()",
        "false()",
        "1",
        "0",
        "'x'",
        "${a} = 1",
        "${a} != 'x'",
        "${a} > 0 and ${a} < 9",
    ),
    *(
        "not(${a} = 1)",
        "${a} = 'x' or ${a} = 'y'",
        "selected(${a}, 'x')",
        "${nope} = 1",
        "${a",
        "${ a } = 1",
        "${} = 1",
    ),
    *("(${a} = 1", "${a} = 1)", "${a} = ", "= 1", "${a} == 1", "${a} = 'x", "if(${a} = 1, 2)", "nothing(${a})", "a b"),
    *("string-length(${a}) > 3", "regex(${a}, '[0-9]+')", "regex(${a}, '[0-9')", "today() > date('2026-01-01')"),
    *(
        "coalesce(${a}, 'x') = 'x'",
        "pulldata('f', 'a', 'b', ${a}) = 1",
        "count-selected(${a}) > 1",
        "${last-saved#a} = 1",
    ),
    *(
        "${a} + 1 > 2",
        "${a} div 2 = 1",
        "${a} mod 2 = 1",
        "-${a} > 1",
        "round(${a}, 2) = 1",
        "“x” = ‘x’",
        "${g} = 1",
        "1 2",
    ),
)


def conditions() -> Iterator[str]:
    rows = ("text | a | A |", "begin group | g | G |", "text | b | B |", "end group | | |")
    for column in ("relevant", "required", "constraint", "read_only", "calculation"):
        for expression in EXPRESSIONS:
            yield _with_text(f"type | name | label | {column}", *rows, f"text | c | C | {expression}")
    for expression in (
        ". > 1",
        ". != ${a}",
        "string-length(.) > 2",
        "regex(., '[a-z]{2}')",
        ".. > 1",
        ". >",
        "../a = .",
    ):
        for column in ("constraint", "relevant"):
            yield _with_text(f"type | name | label | {column}", *rows, f"text | c | C | {expression}")
    for expression in ("${a} = 1", "yes", "${nope} = 1", "${b} = 1"):
        yield _with_text("type | name | label | relevant", *rows[:1], f"begin group | g | G | {expression}", *rows[2:])
    yield _with_text("type | name | label | relevant", "text | a | A | ${b} = 1", "text | b | B | ${a} = 1")
    yield _with_text("type | name | label | calculation", "calculate | a | | ${b}", "calculate | b | | ${a}")
    for trigger in ("${a}", "${a}, ${b}", "${nope}", "a", "5", "${g}", "${c}", "${x}", "${n}", "${a} ${b}", "${a} now"):
        more = (*rows, "calculate | x | | | 1", "note | n | N | |")
        yield _with_text("type | name | label | trigger | calculation", *more, f"text | c | C | {trigger} | 1 + 1")
        yield _with_text("type | name | label | trigger | calculation", *more, f"text | c | | {trigger} | ")
    for cell in ("yes", "no"):
        yield _with_text("type | name | label | huiyin_reverse", f"text | c | C | {cell}")


DEFAULTS = (
    *("5", "-5", "5.5", "x", "a", "b", "a b", "a c", "2026-10-01", "2026-13-01", "10:30", "10:30:00", "25:00", "OK"),
    *(
        "2026-10-01T10:30",
        "2026-10-01T10:30:00",
        "today()",
        "now()",
        "${a}",
        "${nope}",
        "${a} + 1",
        "1 + 1",
        "1-1",
        "a-b",
    ),
    *("once(${a})", "'x'", "c++", "f(", "x.png", "甲（选填）", "b a", "1 div 2", "concat('x', ${a})", "99"),
)


def defaults() -> Iterator[str]:
    for kind in ("text", "integer", "decimal", "range", "date", "time", "dateTime", "note", "hidden", "calculate",
                 "acknowledge", "image", "file", "today", "select_one l", "select_multiple l", "rank l"):  # fmt: skip
        for default in DEFAULTS:
            yield _with_text("type | name | label | default", "text | a | A |", f"{kind} | q | Q | {default}")
    for words in (
        "instance('l')/root/item[name = ${q}]/label",
        'So: instance("l")/root/item[1]/label',
        "For instance (a)",
    ):
        yield _with_text("type | name | label", "select_one l | q | Q", f"note | n | {words}")
    for column in ("default", "label", "hint", "constraint_message", "relevant", "calculation"):
        for named in ("${a }", "${ a}", "${a", "${1}", "${a b}", "${a${a}}", "$a", "{a}", "${}", "so:${a}(a)"):
            yield _with_text(f"type | name | label | {column}", "text | a | A |", f"text | q | Q | {named}")


def parameters() -> Iterator[str]:
    every = (
        *(
            "rows=0",
            "rows=5",
            "rows = 5",
            "rows=x",
            "rows",
            "rows=",
            "=5",
            "rows=5 cols=3",
            "rows=5;rows=6",
            "randomize=true",
        ),
        *("randomize=false", "randomize=maybe", "randomize=true, seed=42", "randomize=true seed=${a}", "seed=42"),
        *(
            "randomize=true seed=x",
            "start=1 end=5 step=1",
            "start=0;end=1;step=0.1",
            "start=5 end=1",
            "start=1 end=5 step=0",
        ),
        *(
            "start=1 end=5 step=9",
            "start=1 end=1",
            "start=x",
            "start=1 end=5 step=-1",
            "end=20",
            "start=1,end=10,step=2",
        ),
        *("start=1 end=5 tick_interval=2", "start=0 end=10 tick_interval=3 step=2", "start=1 end=5 placeholder=3"),
        *(
            "start=1 end=5 placeholder=9",
            "start=1 end=5 tick_labelset=l",
            "max-pixels=1000",
            "max-pixels=x",
            "app=com.x",
        ),
        *(
            "max-pixels=0",
            "max-pixels=640 app=x",
            "quality=low",
            "foo=bar",
            "start=NaN",
            "start=1e3 end=2e3 step=100",
        ),
        *("start=0 end=10 tick_interval=0", "start=-5 end=5", "START=1 END=3", "randomize=TRUE"),
    )
    for kind in ("text", "integer", "range", "select_one l", "select_multiple l", "rank l", "image", "file", "note"):
        for written in every:
            yield _with_text("type | name | label | parameters", "text | a | A |", f"{kind} | q | Q | {written}")


def choices() -> Iterator[str]:
    one = survey("type | name | label", "select_one l | q | Q")
    many = survey("type | name | label", "select_multiple l | q | Q")
    for header, rows in (
        ("list_name | name | label", ("l | a | A", "l | a | B")),
        ("list_name | name | label", ("l | a | A", "m | a | B")),
        ("list_name | name | label", ("l | a | A", "m | a | A", "m | a | B")),
        ("list_name | name | label", ("l | a | ", "l | b | B")),
        ("list_name | name | label", ("l | | A", "l | b | B")),
        ("list_name | name | label", (" | a | A", "l | b | B")),
        ("list_name | name | label", ("l | a b | A", "l | b | B")),
        ("list_name | name | label", ("l | " + "a" * 101 + " | A", "l | b | B")),
        ("list_name | name | label", ("l | other | Mine", "l | b | B")),
        ("list name | value | caption", ("l | a | A", "l | b | B")),
        ("List Name | Name | Label", ("l | a | A", "l | b | B")),
        ("list | name | label", ("l | a | A",)),
        ("list_name | label", ("l | A",)),
        ("list_name | name", ("l | a",)),
        ("list_name | name | value | label", ("l | a | b | A",)),
        ("list_name | name | label::en | label::zh", ("l | a | A | 甲", "l | b | B |")),
        ("list_name | name | label | image", ("l | a | A | a.png", "l | b | B |")),
        ("list_name | name | label | media::image::en", ("l | a | A | a.png", "l | b | B |")),
        ("list_name | name | label | audio", ("l | a | A | a.mp3",)),
        ("list_name | name | label | synonyms", ("l | a | A | aye; yes", "l | b | B | nay、no")),
        ("list_name | name | label | synonyms::en | synonyms::zh", ("l | a | A | aye | 好",)),
        ("list_name | name | label | my own column", ("l | a | A | x",)),
        ("list_name | name | lable", ("l | a | A",)),
    ):
        for asked in (one, many):
            yield asked + sheet("choices", header, *rows)
    for said in ("yes", "no"):
        yield (
            one
            + sheet("choices", "list_name | name | label", "l | a | A", "l | a | B")
            + sheet("settings", "form_id | allow_choice_duplicates", f"f | {said}")
        )
    for written in (
        *(
            "region = 'n'",
            "region = ${r}",
            "name != 'a'",
            "label = 'A'",
            "nope = 'x'",
            "regio = 'x'",
            "region = ${nope}",
        ),
        *("region =", "(region = 'n'", "true()", "selected(${r}, name)", "region = 'n' and name != ${r}"),
    ):
        for kind in ("select_one l", "select_multiple l", "rank l", "text"):
            yield (
                survey("type | name | label | choice_filter", "text | r | R |", f"{kind} | q | Q | {written}")
                + FILTERED
            )


def groups() -> Iterator[str]:
    begin, ask, end = "begin group | g | G", "text | a | A", "end group | |"
    yield _with_text("type | name | label", begin, ask, end)
    yield _with_text("type | name | label", "begin_group | g | G", ask, "end_group | |")
    yield _with_text("type | name | label", "begin group | g |", ask, end)
    yield _with_text("type | name | label", begin, end)
    yield _with_text("type | name | label", begin, ask)
    yield _with_text("type | name | label", ask, end)
    yield _with_text("type | name | label", begin, ask, "end repeat | |")
    yield _with_text("type | name | label", begin, ask, "end group | g |")
    yield _with_text("type | name | label", "Begin Group | g | G", ask, end)
    yield _with_text("type | name | label", begin, "begin group | h | H", ask, end, end)
    yield _with_text("type | name | label", begin, "begin group | h | H", ask, end)
    yield _with_text("type | name | label", *[f"begin group | g{n} | G" for n in range(21)], ask, *[end] * 21)
    yield _with_text("type | name | label", "begin loop over l | g | G", ask, "end loop | |")
    for appearance in ("field-list", "table-list", "w1", "summary", "anything"):
        yield _with_text(
            "type | name | label | appearance", f"begin group | g | G | {appearance}", "select_one l | a | A |",
            "select_one l | b | B |", "end group | | |",
        )  # fmt: skip
    for column, cell in (
        *(("required", "yes"), ("constraint", ". > 1"), ("calculation", "1"), ("default", "1"), ("read_only", "yes")),
        *(
            ("trigger", "${zz}"),
            ("choice_filter", "name = 'a'"),
            ("repeat_count", "3"),
            ("hint", "H"),
            ("required", "no"),
        ),
    ):
        yield _with_text(
            f"type | name | label | {column}", f"begin group | g | G | {cell}", "text | a | A |", "end group | | |"
        )


def repeats() -> Iterator[str]:
    begin, ask, end = "begin repeat | r | R", "text | a | A", "end repeat | |"
    yield _with_text("type | name | label", begin, ask, end)
    yield _with_text("type | name | label", "begin_repeat | r | R", ask, "end_repeat | |")
    yield _with_text("type | name | label", "begin lgroup | r | R", ask, "end lgroup | |")
    yield _with_text("type | name | label", "begin looped group | r | R", ask, "end looped group | |")
    yield _with_text("type | name | label", "begin repeat | r |", ask, end)
    yield _with_text("type | name | label", begin, end)
    yield _with_text("type | name | label", begin, "note | n | Only words", end)
    yield _with_text("type | name | label", begin, ask)
    yield _with_text("type | name | label", begin, ask, "end group | |")
    yield _with_text("type | name | label", begin, "begin repeat | s | S", ask, end, end)
    yield _with_text("type | name | label", begin, "begin repeat | r | S", ask, end, end)
    yield _with_text("type | name | label", begin, ask, end, begin, ask, end)
    yield _with_text("type | name | label", "begin group | g | G", begin, ask, end, "end group | |", "text | r | R")
    for count in (
        *(
            "3",
            "0",
            "${n}",
            "${n} + 1",
            "count-selected(${n})",
            "${nope}",
            "(1",
            "x y",
            "-1",
            "${a}",
            "${r}",
            "${n",
            "''",
        ),
    ):
        rows = ("integer | n | N |", f"begin repeat | r | R | {count}", "text | a | A |", "end repeat | | |")
        for column in ("repeat_count", "count", "jr:count", "control::jr:count"):
            yield _with_text(f"type | name | label | {column}", *rows)
    for inside in (
        "${b} = 1",
        "${n} = 1",
        "position(..) > 1",
        "${a} = 1",
        "count(${r}) > 1",
        "sum(${n2}) > 2",
        "${r} = 1",
    ):
        rows = ("integer | n | N |", "begin repeat | r | R |", "text | b | B |", "integer | n2 | N |")
        yield _with_text("type | name | label | relevant", *rows, f"text | c | C | {inside}", "end repeat | | |")
        yield _with_text("type | name | label | relevant", *rows, "end repeat | | |", f"text | c | C | {inside}")
    yield _with_text("type | name | label | repeat_count", "text | a | A | 3")
    for count in ("2", "${r_count}", "${r_count} + 1", "count-selected(${r_count})"):
        rows = (f"begin repeat | r | R | {count}", "text | a | A |", "end repeat | | |")
        yield _with_text("type | name | label | repeat_count", "integer | r_count | N |", *rows)
        yield _with_text("type | name | label | repeat_count", "integer | x | N ${r_count} |", *rows)
    yield _with_text(
        "type | name | label | relevant", "begin repeat | r | R | ${zz} = 1", "text | a | A |", "end repeat | | |"
    )


def columns() -> Iterator[str]:
    for header in (
        *(
            "Type | Name | Label",
            "TYPE | NAME | LABEL",
            "command | tag | caption",
            "type | value | label",
            "type | name | Label ",
        ),
        *("type | label", "name | label", "type | name", "type | name | lable", "type | name | label | name"),
        *("type | name | label | caption", "type | name | label | relevent", "type | name | label | notes"),
        *(
            "type | name | label | bind::relevant",
            "type | name | label | bind:relevant",
            "type | name | label | relevance",
        ),
        *("type | name | label | constraint message", "type | name | label | constraining message"),
        *(
            "type | name | label | jr:constraintMsg",
            "type | name | label | requiredMsg",
            "type | name | label | readonly",
        ),
        *("type | name | label | required message::en", "type | name | label | body::accuracyThreshold"),
        *("type | name | label | instance::x", "type | name | label | bind::x", "type | name | label | save_to"),
        *("type | name | label | intent", "type | name | label | autoplay", "type | name | label | noAppErrorString"),
        *(
            "type | name | label | appearance",
            "type | name | label | control::appearance",
            "type | name | label | disabled",
        ),
        *("type | name | label | guidance hint", "type | name | label | readonly | read_only"),
    ):
        cells = {"type": "text", "command": "text", "name": "q", "tag": "q", "value": "q"}
        written = [cells.get(part.strip().lower(), "x") for part in header.split("|")]
        yield survey(header, " | ".join(written))
        yield survey(header, " | ".join(["text", "a", "A", *["" for _ in written[3:]]][: len(written)]))
    yield _with_text("type | name | label | disabled", "nonsense | 1 | | yes")
    yield _with_text("type | name | label | disabled", "nonsense | 1 | | no")
    yield survey("type | name | label | ", "text | a | A | a remark")
    yield survey("type | name | label | other", "text | a | A |", " | | | a remark")
    yield survey("type | name | label", "text | a | A", " | b | ")
    yield survey("type | name | label", "text | a | A", " | | B")
    yield _with_text("type | name | label | appearance", "select_one l | q | Q | search('x')")
    for appearance in ("minimal", "likert", "quick", "multiline", "anything at all"):
        yield _with_text("type | name | label | appearance", f"select_one l | q | Q | {appearance}")


def settings() -> Iterator[str]:
    asked = survey("type | name | label::en", "text | a | A")
    for header, cells in (
        *(("form_title", "T"), ("form_id", "f"), ("version", "1"), ("form_id", "甲 乙"), ("default_language", "en")),
        *(("default_language", "fr"), ("id_string", "f"), ("title", "T"), ("set form id", "f"), ("Form_ID", "f")),
        *(
            ("form_id | id_string", "f | g"),
            ("style", "pages"),
            ("instance_name", "${a}"),
            ("instance_name", "${nope}"),
        ),
        *(("submission_url", "https://example.org"), ("public_key", "MII"), ("auto_send", "yes"), ("name", "f")),
        *(("form_titel", "T"), ("allow_choice_duplicates", "yes"), ("clean_text_values", "no"), ("sms_keyword", "x")),
        *(("namespaces", 'x="http://x"'), ("instance_id", "uid"), ("prefix", "p"), ("add_none_option", "yes")),
        *(("name", "two words"), ("attribute::x", "1"), ("instance_xmlns", "http://x"), ("form_title::en", "T")),
    ):
        yield asked + sheet("settings", header, cells)
    yield asked + sheet("entities", "list_name | label", "trees | ${a}")
    yield asked + sheet("whatever", "type | name", "x | y")
    yield sheet("survy", "type | name | label", "text | a | A") + CHOICES
    named = " or ".join(["${a} = 'yes'"] * 400)
    yield survey("type | name | label | relevant", "text | a | A |", f"text | b | {'${a} ' * 300} | {named}")
    for alone in ("survey", "Survey", "sheet1", "settings", "choices", "entities", "Choices"):
        yield sheet(alone, "type | name | label", "text | a | A")
