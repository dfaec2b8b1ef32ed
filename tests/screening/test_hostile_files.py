"""Files of ill will: what is inside agrees with the name, or is refused; nothing extra is kept."""

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from lib.errors import Refused
from screening.actions import candidate_files
from screening.actions import submissions as actions
from screening.models import Attachment
from tests import factories
from tests.screening.candidate_world import working

pytestmark = pytest.mark.django_db


@pytest.fixture
def kim():
    return working(version=factories.exercise_version("portfolio_review", ai_policy="none"))


def add(kim, name, content):
    _here, invitation, assignment = kim
    upload = SimpleUploadedFile("x", content)
    # As a client sends it that does not clean the name as Django's own upload does.
    upload._name = name
    return actions.attach_piece(
        invitation=invitation, assignment=assignment, number=1, upload=upload
    )


def kept(row):
    with row.file.open("rb") as file:
        return file.read()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, *more, data=b"\0" * 4096):
    """A PNG that says its size, whatever stands in it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", head), *more, chunk(b"IDAT", zlib.compress(data, 9))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def picture(kind, *, mode="RGB", frames=1, **options):
    made = io.BytesIO()
    images = [Image.new(mode, (8, 6), n) for n in range(frames)]
    more = {"save_all": True, "append_images": images[1:]} if frames > 1 else {}
    images[0].save(made, kind, **more, **options)
    return made.getvalue()


def exif():
    said = Image.Exif()
    said[0x010E] = "<script>alert(1)</script>"
    return said.tobytes()


def zipped():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("../evil.html", "<script>alert(1)</script>")
    return made.getvalue()


BINARY = {
    "zip": zipped(),
    "exe": b"MZ\x90\0\x03\0\0\0",
    "gif": picture("GIF"),
    "png": picture("PNG"),
    "jpeg": picture("JPEG"),
    "tiff": picture("TIFF"),
    "webp": picture("WEBP"),
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "utf-16": "print('x')".encode("utf-16"),
    "elf": b"\x7fELF\x02\x01\x01\0",
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
}
OWN = {".pdf": {"pdf"}, ".png": {"png"}, ".jpg": {"jpeg"}}
TEXTS = {"html", "svg"}  # words like any others, saved and never shown
JSON = {".json", ".jsonl", ".ipynb"}


@pytest.mark.parametrize("suffix", candidate_files.PORTFOLIO)
@pytest.mark.parametrize("inside", BINARY)
def test_inside_and_ending_agree_for_every_kind_that_is_taken(kim, suffix, inside):
    is_text = suffix not in OWN and suffix not in JSON
    fits = inside in (OWN.get(suffix) or (TEXTS if is_text else set()))
    if fits:
        assert add(kim, f"a{suffix}", BINARY[inside]).name == f"a{suffix}"
        return
    with pytest.raises(Refused) as refused:
        add(kim, f"a{suffix}", BINARY[inside])
    assert refused.value.message.endswith(".")
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("size", [(50_000, 50_000), (6_000, 5_000), (2**31 - 1, 1), (0, 5)])
def test_a_small_file_that_says_it_is_huge_is_refused_before_it_is_drawn(kim, size, monkeypatch):
    def never(*_args, **_more):
        raise AssertionError("the picture was drawn")

    monkeypatch.setattr(Image.Image, "convert", never)
    bomb = png(*size)
    assert len(bomb) < 1_000
    with pytest.raises(Refused):
        add(kim, "bomb.png", bomb)


@pytest.mark.parametrize(
    "bomb",
    [
        png(8, 6, chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 80_000_000, 9))),
        png(8, 6, chunk(b"iCCP", b"icc\0\0" + zlib.compress(b"x" * 80_000_000, 9))),
        png(8, 6, *[chunk(b"tEXt", b"Comment\0" + b"x" * 900_000)] * 5),
        png(8, 6, data=b"\0" * 3),
    ],
    ids=["text", "profile", "many texts", "too few points"],
)
def test_what_is_hidden_beside_the_points_is_never_unpacked_or_kept(kim, bomb):
    try:
        row = add(kim, "bomb.png", bomb)
    except Refused:
        assert not Attachment.objects.exists()
    else:
        assert len(kept(row)) < 1_000


@pytest.mark.parametrize(
    ("name", "content", "hidden"),
    [
        ("a.png", picture("PNG") + zipped(), b"evil.html"),
        ("a.png", picture("PNG") + b"<script>alert(1)</script>", b"script"),
        ("a.png", png(8, 6, chunk(b"tEXt", b"Comment\0<script>")), b"script"),
        ("a.png", png(8, 6, chunk(b"eXIf", b"MM\0*\0\0\0\x08GPS")), b"GPS"),
        ("a.jpg", picture("JPEG", comment=b"<script>alert(1)</script>"), b"script"),
        ("a.jpg", picture("JPEG", icc_profile=b"<script>" * 40), b"script"),
        ("a.jpg", picture("JPEG", exif=exif()), b"script"),
        ("a.jpg", picture("JPEG") + zipped(), b"evil.html"),
        ("a.png", picture("PNG", frames=3), b"acTL"),
    ],
)
def test_a_picture_that_is_something_else_as_well_is_only_a_picture_afterwards(
    kim, name, content, hidden
):
    assert hidden in content
    row = add(kim, name, content)
    again = kept(row)
    assert hidden not in again
    assert not zipfile.is_zipfile(io.BytesIO(again))
    assert Image.open(io.BytesIO(again)).size == (8, 6)
    assert row.size == len(again)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_picture_of_any_depth_is_taken(kim, mode):
    assert add(kim, "a.png", picture("PNG", mode=mode)).pk


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_photograph_of_any_depth_is_taken(kim, mode):
    assert add(kim, "a.jpg", picture("JPEG", mode=mode)).pk


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/cron.d/a.md", "a.md"),
        ("..\\..\\windows\\a.md", "a.md"),
        ("/etc/passwd.md", "passwd.md"),
        ("C:\\a.md", "a.md"),
        ("a\u202edm.exe.md", "a[U+202E]dm.exe.md"),
        ("a\r\nSet-Cookie:\t x.md", "a Set-Cookie: x.md"),
        ("a\x1b[31m.md", "a[31m.md"),
        ("\u0645\u0631.md", "\u0645\u0631.md"),
        ("w" * 5_000 + ".md", "w" * 117 + ".md"),
    ],
)
def test_a_name_is_its_last_part_and_never_a_place(kim, settings, name, shown):
    row = add(kim, name, b"words")
    assert row.name == shown
    path = Path(row.file.path).resolve()
    assert path.is_relative_to(Path(settings.MEDIA_ROOT).resolve())
    assert len(path.stem) == 32


@pytest.mark.parametrize("name", ["a\0.md", "half\ud800.md", "..", "", "/", ".md", "a.md."])
def test_a_name_that_is_none_is_refused_in_words(kim, name):
    with pytest.raises(Refused) as refused:
        add(kim, name, b"words")
    assert refused.value.message.endswith(".")
    assert not Attachment.objects.exists()


def test_deep_and_wide_json_is_a_sentence(kim):
    for text in ("[" * 100_000, '{"a":' * 100_000, "1e999999" * 3, json.dumps("\ud800")[:-1]):
        with pytest.raises(Refused, match="no valid JSON"):
            add(kim, "a.json", text.encode())


def test_a_pdf_is_never_opened_here_and_goes_out_as_bytes(kim, client):
    here, invitation, assignment = kim
    evil = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n<script>"
    row = add(kim, "a.pdf", evil)
    actions.hand_in(invitation=invitation, assignment=assignment)
    factories.scorecard(assignment, here.chi)
    client.force_login(here.chi)
    answer = client.get(f"/attachments/{row.pk}/")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
