"""A form as rows; for us as a table, for JavaRosa as an XForm that pyxform makes of the same rows.

Where JavaRosa is not to be followed, it is made to do what is promised instead, here or in `Rosa.java`; nowhere else.
By number of the statement in the reference of behaviour, or by the sentence of the promise about `form talk --script`:

- 3.6-3.8: the form of an answer and whether it is offered is checked by the client, before JavaRosa (`Rosa.java`).
- 1.4: going back makes no entry of a count that has grown meanwhile (`Rosa.java`).
- 6.1: what a filter offers is worked out each time; JavaRosa keeps it while what the filter names holds the same, even
  when that was hidden or shown meanwhile (`Rosa.java`).
- 7.9: what is worked out over all entries follows a new one, also where it names what stands in a group (`Rosa.java`).
- 8.5: a text missing in a language is shown in the default one, not as `-`.
- 10.2: JavaRosa rounds negative numbers wrongly before the point (`round(-294, -1)` is -280 there): the random forms
  write none.
- 12.1: the helper `REPEAT_count` is no row: not handed in.
- 12.5: in a later outer entry an inner repeat starts empty, in a group too, where pyxform puts a first entry into the
  template.
- 12.3: `max` of negative numbers is the largest; a time in text is `HH:MM`; a calculated day has no time of day;
  white space between two inserted answers stays.
- 12.4: what depends on a dropped choice is worked out at once (`Rosa.java`).
- skip: keeps a value that is there, without asking the constraint (`Rosa.java`).
- count: entries above a smaller `repeat_count` are hidden; 0 asks none.
- first: each new outer entry begins its inner user-driven repeat with a first entry (`Rosa.java`).
- day: `today()` is one day for both sides.
"""

import re
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

from pyxform.xls2xform import convert

from tests.handlers.forms.reading import sheet

Row = dict[str, str]
Rows = dict[str, list[Row]]
"""The sheets `survey`, `choices` and `settings`: rows of cells by column."""

XF, JR, H = "{http://www.w3.org/2002/xforms}", "{http://openrosa.org/javarosa}", "{http://www.w3.org/1999/xhtml}"
INVISIBLE = "\u2063"
"""Keeps white space that would be lost; taken away again by `seen`."""
TIMES = {"time": "%H:%M", "dateTime": "%Y-%m-%dT%H:%M"}


def table(rows: Rows) -> str:
    """The form as a .md table."""
    return "".join(_sheet(name, some) for name, some in rows.items() if some)


def _sheet(name: str, rows: list[Row]) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = (" | ".join(row.get(column, "").replace("|", r"\|") for column in columns) for row in rows)
    return sheet(name, " | ".join(columns), *cells)


def _book(rows: Rows) -> dict[str, list[Any]]:
    """The sheets and their headers, as pyxform takes them."""
    headers = {f"{name}_header": [dict.fromkeys(c for row in some for c in row)] for name, some in rows.items()}
    return {**headers, **{name: [dict(row) for row in some] for name, some in rows.items()}}


def xform(rows: Rows) -> str:
    """The XForm for JavaRosa."""
    made = convert(_book(rows), form_name="data").xform
    root = ElementTree.fromstring(made)  # noqa: S314 - we made it ourselves
    times = {bind.get("nodeset", "").strip(): bind.get("type", "") for bind in root.iter(f"{XF}bind")}
    times = {path: TIMES[kind] for path, kind in times.items() if kind in TIMES}
    _languages(root)
    _empty_templates(root)
    _hide_beyond_count(root)
    for element in root.iter():
        _keep_white_space(element)
        for name, expression in element.items():
            if name in ("value", "relevant", "constraint", "calculate", "required", "readonly", "nodeset"):
                element.set(name, _own_functions(expression, times, inserted=element.tag == f"{XF}output"))
    return ElementTree.tostring(root, encoding="unicode")


def _languages(root: ElementTree.Element) -> None:
    """8.5"""
    translations = list(root.iter(f"{XF}translation"))
    if not translations:
        return
    default = next((one for one in translations if one.get("default")), translations[0])
    texts = {text.get("id"): text for text in default}
    for translation in translations:
        for place, text in enumerate(list(translation)):
            if all((value.text or "").strip() == "-" and not len(value) for value in text) and text.get("id") in texts:
                translation[place] = texts[text.get("id")]


def _empty_templates(root: ElementTree.Element) -> None:
    """12.5"""
    for template in root.iter():
        if f"{JR}template" in template.attrib:
            for parent in template.iter():
                named = {child.tag for child in parent if f"{JR}template" in child.attrib}
                for child in list(parent):
                    if child.tag in named and f"{JR}template" not in child.attrib:
                        parent.remove(child)


def _hide_beyond_count(root: ElementTree.Element) -> None:
    """count"""
    model = next(root.iter(f"{XF}model"))
    binds = {bind.get("nodeset"): bind for bind in model.iter(f"{XF}bind")}
    for repeat in root.iter(f"{XF}repeat"):
        count, path = repeat.get(f"{JR}count"), repeat.get("nodeset")
        if count:
            bind = binds.get(path)
            if bind is None:
                bind = ElementTree.SubElement(model, f"{XF}bind", {"nodeset": str(path)})
            # JavaRosa works out like expressions once, where their places part: the path makes each its own
            within = f"position() <= {count.strip()} and '{path}' != ''"
            relevant = bind.get("relevant")
            bind.set("relevant", f"({relevant}) and {within}" if relevant else within)


def _keep_white_space(element: ElementTree.Element) -> None:
    """12.3"""
    for inserted in element.findall(f"{XF}output"):
        if inserted.tail and not inserted.tail.strip():
            inserted.tail += INVISIBLE


def _own_functions(expression: str, times: dict[str, str], *, inserted: bool) -> str:
    """12.3, day"""
    expression = re.sub(r"\bmax\(", "largest(", expression)
    expression = re.sub(r"\btoday\(\)", "that-day()", expression)
    expression = re.sub(r"\bstring\(\s*([\w./()-]+)\s*\)", lambda found: _clock(found, times), expression)
    return _clock_of(expression.strip(), times) or expression if inserted else expression


def _clock(found: re.Match[str], times: dict[str, str]) -> str:
    return _clock_of(found[1], times) or found[0]


def _clock_of(path: str, times: dict[str, str]) -> str:
    name = path.rpartition("/")[2]
    form = next((form for known, form in times.items() if known.rpartition("/")[2] == name), "")
    return f"clock({path}, '{form}')" if form and re.fullmatch(r"[\w./()-]+", path) else ""


def seen(events: Iterable[dict[str, Any]], rows: Rows) -> list[dict[str, Any]]:
    """What either side says, in one writing: what the standard does not settle made alike."""
    kinds = {row["name"]: row["type"] for row in rows["survey"] if row.get("name")}
    kinds |= {f"{name}_other": "text" for name, kind in kinds.items() if kind.endswith("or_other")}
    return [{key: _event(key, value, kinds)} for event in events for key, value in event.items()]


def _event(key: str, value: Any, kinds: dict[str, str]) -> Any:
    match key:
        case "review":
            return _answers(value, kinds)
        case "done":
            return {"answers": _answers(value["answers"], kinds)}
        case "ask" if value["name"].endswith("_other"):
            return {**value, "label": "", "hint": ""}
        case "ask":
            return {name: _words(one) for name, one in value.items()}
        case "note" | "refused":
            return {name: _words(one) for name, one in value.items()}
    return value


def _words(value: Any) -> Any:
    """12.3, white space; the label of the choice `other` is not the author's."""
    if isinstance(value, list):
        return [{**one, "label": "" if one["name"] == "other" else _words(one["label"])} for one in value]
    return value.replace(INVISIBLE, "").strip() if isinstance(value, str) else value


def _answers(value: Any, kinds: dict[str, str]) -> Any:
    """12.1: without helpers and what holds nothing; calculations as the text they are stored as."""
    if isinstance(value, list):
        return [_answers(one, kinds) for one in value]
    found: dict[str, Any] = {}
    for name, one in value.items():
        if name not in kinds:
            continue
        if kinds[name].startswith("begin"):
            inner = _answers(one, kinds)
            if inner:
                found[name] = inner
        elif kinds[name] in ("calculate", "hidden"):
            found[name] = _calculated(one)
        else:
            found[name] = float(one) if isinstance(one, int) and not isinstance(one, bool) else one
    return found


def _calculated(value: Any) -> str:
    """9.8, 12.2, 12.3: numbers in one writing, truths as `true` and `false`, days without a time of day."""
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value)) if value == int(value) else repr(value)
    return re.sub(r"T00:00(:00\.000(Z|\+00:00))?$", "", value)
