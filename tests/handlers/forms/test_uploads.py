"""Pictures and files: what is taken, what is refused with what to do, and what is gone before anything is kept."""

import io
import zipfile
from contextlib import suppress

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfReader, PdfWriter

from handlers.forms import uploads
from handlers.forms.uploads import accepted
from handlers.refusals import BadInput

SECRET = "NEVER-TO-BE-KEPT"
SIZE = (60, 40)


def jpeg(orientation: int = 1) -> bytes:
    image = Image.new("RGB", SIZE, (10, 200, 30))
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[2] = (31.0, 12.0, 5.0)
    made = io.BytesIO()
    image.save(made, "JPEG", exif=exif, comment=SECRET.encode(), icc_profile=SECRET.encode())
    return made.getvalue()


def png() -> bytes:
    info = PngInfo()
    info.add_text("Author", SECRET)
    made = io.BytesIO()
    Image.new("RGBA", SIZE, (1, 2, 3, 100)).save(made, "PNG", pnginfo=info)
    return made.getvalue()


def webp() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET
    made = io.BytesIO()
    Image.new("RGB", SIZE, (1, 2, 3)).save(made, "WEBP", exif=exif)
    return made.getvalue()


def xlsx() -> bytes:
    book = openpyxl.Workbook()
    book.properties.creator = book.properties.lastModifiedBy = SECRET
    book.worksheets[0]["A1"] = "走访日志"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def pdf(password: str = "") -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/Author": SECRET})
    writer.xmp_metadata = (
        f'<?xpacket begin="" id="x"?><x:xmpmeta xmlns:x="adobe:ns:meta/">{SECRET}</x:xmpmeta>'.encode()
    )
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def packed(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return made.getvalue()


def odt() -> bytes:
    return packed(
        **{
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": b"<office/>",
            "meta.xml": f"<meta>{SECRET}</meta>".encode(),
        }
    )


@pytest.mark.parametrize(
    ("content", "ending", "mime"),
    [(jpeg(), "jpg", "image/jpeg"), (png(), "png", "image/png"), (webp(), "webp", "image/webp")],
)
@pytest.mark.parametrize("kind", ["image", "file"])
def test_a_picture_is_made_anew_whatever_it_is_called(kind: str, content: bytes, ending: str, mime: str) -> None:
    assert SECRET.encode() in content
    kept = accepted(kind, "照片.exe", content)
    assert (kept.name, kept.mime) == (f"照片.{ending}", mime)
    assert SECRET.encode() not in kept.content
    with Image.open(io.BytesIO(kept.content)) as image:
        assert image.size == SIZE
        assert not image.getexif()
        assert not {"exif", "comment", "icc_profile", "Author", "xmp"} & image.info.keys()


def test_a_picture_that_was_held_sideways_is_turned_upright() -> None:
    with Image.open(io.BytesIO(accepted("image", "a.jpg", jpeg(6)).content)) as image:
        assert image.size == (40, 60)


def test_transparency_stays() -> None:
    with Image.open(io.BytesIO(accepted("image", "a.png", png()).content)) as image:
        assert image.getpixel((0, 0)) == (1, 2, 3, 100)


def test_of_a_spreadsheet_its_author_goes_and_its_cells_stay() -> None:
    kept = accepted("file", "日志.bin", xlsx())
    assert kept.name == "日志.xlsx"
    with zipfile.ZipFile(io.BytesIO(kept.content)) as package:
        assert not [name for name in package.namelist() if name.startswith("docProps")]
        assert not any(SECRET.encode() in package.read(name) for name in package.namelist())
        assert b"docProps" not in package.read("_rels/.rels") + package.read("[Content_Types].xml")
    book = openpyxl.load_workbook(io.BytesIO(kept.content))
    assert book.worksheets[0]["A1"].value == "走访日志"


def test_of_an_open_document_its_author_goes() -> None:
    kept = accepted("file", "a", odt())
    assert kept.name == "a.odt"
    with zipfile.ZipFile(io.BytesIO(kept.content)) as package:
        assert package.infolist()[0].filename == "mimetype"
        assert SECRET.encode() not in package.read("meta.xml")


def test_of_a_pdf_its_author_goes() -> None:
    kept = accepted("file", "a.pdf", pdf())
    assert SECRET.encode() not in kept.content
    reader = PdfReader(io.BytesIO(kept.content))
    assert len(reader.pages) == 1
    assert not (reader.metadata or {}).get("/Author")
    assert reader.xmp_metadata is None


@pytest.mark.parametrize("text", ["走访日志，第一页\n".encode(), "走访日志，第一页".encode("gb18030"), b"plain\r\n"])
def test_a_text_is_kept_as_it_is(text: bytes) -> None:
    kept = accepted("file", "a.md", text)
    assert (kept.name, kept.mime, kept.content) == ("a.txt", "text/plain", text)


@pytest.mark.parametrize(
    ("kind", "content", "reason"),
    [
        ("image", pdf(), uploads.NO_PICTURE),
        ("image", b"GIF89a", uploads.NO_PICTURE),
        ("image", b"", uploads.NO_PICTURE),
        ("image", jpeg()[:200], uploads.BROKEN),
        ("image", b"\x89PNG\r\n\x1a\n" + b"x" * 50, uploads.BROKEN),
        ("file", b"", uploads.NO_FILE),
        ("file", b"MZ\x90\0\x03", uploads.NO_FILE),
        ("file", b"\xff\xfe\xfa\x01\x02", uploads.NO_FILE),
        ("file", packed(a=b"1"), uploads.NO_FILE),
        ("file", b"PK\x03\x04 cut off", uploads.BROKEN),
        ("file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, uploads.OLD_OFFICE),
        ("file", packed(**{"[Content_Types].xml": b"", "word/vbaProject.bin": b""}), uploads.MACROS),
        ("file", pdf("key"), uploads.LOCKED),
        ("file", b"%PDF-1.7 and nothing more", uploads.BROKEN),
        ("image", b"\xff\xd8\xff" + bytes(uploads.LARGEST["image"]), uploads.too_large("image")),
        ("file", bytes(uploads.LARGEST["file"] + 1), uploads.too_large("file")),
    ],
)
def test_what_cannot_be_taken_is_refused_with_what_to_do(kind: str, content: bytes, reason: object) -> None:
    with pytest.raises(BadInput) as no:
        accepted(kind, "a", content)
    assert no.value.text == reason


def test_a_picture_of_too_many_pixels_is_not_unpacked() -> None:
    made = io.BytesIO()
    Image.new("1", (10_000, 6_001)).save(made, "PNG")
    with pytest.raises(BadInput) as no:
        accepted("image", "a", made.getvalue())
    assert "pixels" in no.value.text.message


def test_a_document_whose_packing_is_damaged_is_refused() -> None:
    content = xlsx()
    place = content.index(b"xl/theme/theme1.xml") + 40
    with pytest.raises(BadInput):
        accepted("file", "a", content[:place] + b"\x00\x00\x02" + content[place + 3 :])


@pytest.mark.filterwarnings("ignore")  # Pillow and pypdf say what they find damaged
@given(st.sampled_from([jpeg(), png(), webp(), xlsx(), pdf(), odt()]), st.data())
def test_damaged_files_are_taken_or_refused_and_nothing_else(content: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(content) - 1))
    damaged = content[:place] + data.draw(st.binary(max_size=8)) + content[place + data.draw(st.integers(0, 40)) :]
    for kind in ("image", "file"):
        with suppress(BadInput):
            assert accepted(kind, "a", damaged).content
