"""What people answer with, and what questionnaires show: pictures and files, checked and without metadata. Pure.

What something is follows from its content, never from its name. Where and with what a picture was taken, and who
wrote a document, is gone before anything is stored: pictures are made anew from their pixels, of documents the
property parts are dropped. What stands in the document itself (its comments, too) is what the person sends.
"""

import io
import re
import zipfile
import zlib
from pathlib import PurePath

from PIL import Image, ImageOps
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import NameObject

from handlers.refusals import BadInput
from handlers.talk import File, Text, t

MEGA = 1_000_000
LARGEST = {"image": 10 * MEGA, "file": 20 * MEGA}
"""Bytes that a question of this kind takes."""
MOST_PIXELS = 60_000_000
"""Of one picture: more than any telephone takes."""
MOST_UNPACKED = 200 * MEGA
"""Bytes in an office document once it is unpacked."""
QUALITY = 88
"""Of a JPEG or WebP made anew."""

_PICTURES = {"JPEG": ("jpg", "image/jpeg"), "PNG": ("png", "image/png"), "WEBP": ("webp", "image/webp")}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPENXML = {
    "word/": ("docx", f"{_OFFICE}wordprocessingml.document"),
    "xl/": ("xlsx", f"{_OFFICE}spreadsheetml.sheet"),
    "ppt/": ("pptx", f"{_OFFICE}presentationml.presentation"),
}
_OPENDOCUMENT = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}
_NO_META = (
    b'<?xml version="1.0" encoding="UTF-8"?><office:document-meta office:version="1.2" '
    b'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"><office:meta/></office:document-meta>'
)
_PROPERTIES = re.compile(rb'<(?:Relationship|Override)\b[^>]*?["\'](?:/?docProps/[^"\']*)["\'][^>]*?(?:/>|></\w+>)')

NO_PICTURE = t("This is no picture that can be taken here. Please send a JPEG, PNG or WebP picture.")
NO_FILE = t("Files of this kind cannot be taken. Please send a PDF, an Office document, a text or a picture.")
OLD_OFFICE = t("This is an old or protected Office format. Please save it as .docx, .xlsx, .pptx or PDF and send that.")
MACROS = t("Documents with macros cannot be taken. Please save it without macros, or as PDF, and send that.")
LOCKED = t("This PDF is protected with a password. Please send one that opens without.")
BROKEN = t("This file is damaged and cannot be opened. Please send it again.")


def accepted(kind: str, name: str, content: bytes) -> File:
    """The picture (`kind` is `image`) or file as it may be kept: without metadata, its name ending as its content is.

    Takes as long as the content is big: not for the loop. Raises BadInput, with what to do.
    """
    if len(content) > LARGEST[kind]:
        raise BadInput(too_large(kind))
    ending, mime, content = _picture(content) if kind == "image" or _format(content) else _document(content)
    return File(f"{PurePath(name).stem or kind}.{ending}", mime, content)


def too_large(kind: str) -> Text:
    """The no to a picture or file that is too big."""
    most = LARGEST[kind] // MEGA
    if kind == "image":
        return t("This picture is larger than {count} MB. Please send a smaller one.", count=most)
    return t("This file is larger than {count} MB. Please send a smaller one.", count=most)


def _format(content: bytes) -> str:
    """Which of our picture formats this is; empty if none."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    return "WEBP" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


def _picture(content: bytes) -> tuple[str, str, bytes]:
    """Made anew from its pixels, upright: no EXIF, no comments, no profile, no second frame."""
    format = _format(content)
    if not format:
        raise BadInput(NO_PICTURE)
    try:
        with Image.open(io.BytesIO(content), formats=[format]) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise BadInput(t("This picture has too many pixels. Please send a smaller one."))
            upright = ImageOps.exif_transpose(opened)
            pixels = upright.convert("RGBA" if upright.has_transparency_data and format != "JPEG" else "RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise BadInput(BROKEN) from None
    pixels.info.clear()
    made = io.BytesIO()
    pixels.save(made, format, **({} if format == "PNG" else {"quality": QUALITY}))
    return *_PICTURES[format], made.getvalue()


def _document(content: bytes) -> tuple[str, str, bytes]:
    if content.startswith(b"PK\x03\x04"):
        return _package(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput(OLD_OFFICE)
    if b"%PDF-" in content[:1024]:
        return "pdf", "application/pdf", _pdf(content)
    if _is_text(content):
        return "txt", "text/plain", content
    raise BadInput(NO_FILE)


def _is_text(content: bytes) -> bool:
    if not content or b"\0" in content:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not re.search("[\x01-\x08\x0e-\x1a\x1c-\x1f]", text)
    return False


def _package(content: bytes) -> tuple[str, str, bytes]:
    """An Office document without its property parts."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as old:
            if sum(one.file_size for one in old.infolist()) > MOST_UNPACKED:
                raise BadInput(NO_FILE)
            ending, mime = _office_kind(old)
            return ending, mime, _without_properties(old)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        raise BadInput(BROKEN) from None


def _office_kind(package: zipfile.ZipFile) -> tuple[str, str]:
    names = package.namelist()
    if any(name.endswith("vbaProject.bin") or name.startswith("Basic/") for name in names):
        raise BadInput(MACROS)
    if "mimetype" in names:
        mime = package.read("mimetype").decode("ascii", "replace").strip()
        if mime in _OPENDOCUMENT:
            return _OPENDOCUMENT[mime], mime
    if "[Content_Types].xml" in names:
        for folder, kind in _OPENXML.items():
            if any(name.startswith(folder) for name in names):
                return kind
    raise BadInput(NO_FILE)


def _without_properties(old: zipfile.ZipFile) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.infolist():
            if one.filename.startswith(("docProps/", "Thumbnails/")) or one.is_dir():
                continue
            data = old.read(one)
            if one.filename in ("_rels/.rels", "[Content_Types].xml"):
                data = _PROPERTIES.sub(b"", data)
            elif one.filename == "meta.xml":
                data = _NO_META
            how = zipfile.ZIP_STORED if one.filename == "mimetype" else zipfile.ZIP_DEFLATED
            new.writestr(zipfile.ZipInfo(one.filename), data, how)
    return made.getvalue()


def _pdf(content: bytes) -> bytes:
    """Without its information dictionary and XMP packet."""
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise BadInput(LOCKED)
        reader.trailer.pop(NameObject("/Info"), None)
        reader.root_object.pop(NameObject("/Metadata"), None)
        writer = PdfWriter(clone_from=reader)
        writer.metadata = None
        made = io.BytesIO()
        writer.write(made)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError):
        raise BadInput(BROKEN) from None
    return made.getvalue()
