"""Rosters as the spreadsheet programs would save them."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence

from openpyxl import Workbook

HEAD = ("工号", "姓名", "单位", "岗位类别", "层次", "主管领导工号", "角色")
GOOD = (
    ("0001", "赵明远", "青石镇/领导班子", "党政综合", "领导成员", "", "本机关负责人"),
    ("0002", "钱　玲", "青石镇/党政综合办公室", "党政综合", "一般工作人员", "0001", "组织人事部门、主管领导"),
    ("0003", "阿依古丽·买买提", "青石镇/便民服务中心", "服务", "", "0002", ""),
)


def xlsx(*rows: Sequence[object], title: str = "人员") -> bytes:
    """One sheet, cells typed as Python types them."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text(rows: Iterable[Sequence[object]], separator: str = ",") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue()


def changed(content: bytes, change: Callable[[str, str], str], **more: str) -> bytes:
    """The workbook with each part as `change(its name, its XML)` makes it, and with more parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name).decode()))
        for name, xml in more.items():
            new.writestr(name, xml)
    return out.getvalue()


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"


def as_excel(content: bytes) -> bytes:
    """The workbook as Excel itself writes it: texts in a table of their own, partly in runs of several fonts."""
    strings: dict[str, int] = {}

    def share(found: re.Match[str]) -> str:
        return f't="s"><v>{strings.setdefault(found.group(1), len(strings))}</v></c>'

    def change(name: str, xml: str) -> str:
        if name.startswith("xl/worksheets/"):
            return re.sub(r't="inlineStr"><is><t(?: [^>]*)?>(.*?)</t></is></c>', share, xml)
        if name == "[Content_Types].xml":
            part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{TYPE}"/></Types>'
            return xml.replace("</Types>", part)
        if name == "xl/_rels/workbook.xml.rels":
            relation = f'<Relationship Id="rId99" Type="{RELATION}" Target="sharedStrings.xml"/></Relationships>'
            return xml.replace("</Relationships>", relation)
        return xml

    moved = changed(content, change)
    items = [f"<si><t>{one}</t></si>" for one in strings]
    items[:20] = [f"<si><r><t>{one[:1]}</t></r><r><rPr><b/></rPr><t>{one[1:]}</t></r></si>" for one in [*strings][:20]]
    parts = {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"".join(items)}</sst>'}
    return changed(moved, lambda _, xml: xml, **parts)
