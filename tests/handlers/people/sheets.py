"""Rosters as the spreadsheet programs would save them."""

import csv
import io
from collections.abc import Iterable, Sequence

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
