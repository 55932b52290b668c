"""The poster: one tagged A4 page whose code survives bad printers and bad angles, and whose words are only words."""

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
import pypdf
import pytest
import zxingcpp

from participation.posters import poster as posters
from participation.posters.poster import Line, NotTypeset, Poster

BUILT = Path(__file__).parents[2] / "static/built/fonts"
SYSTEM = Path("/usr/share/fonts/truetype/noto")
NEEDED = [
    f"{family}-{weight}.ttf"
    for family in ("NotoSans", "NotoSansArabic", "NotoSansEthiopic")
    for weight in ("Regular", "Bold")
]
PAYLOAD = "HTTPS://TORSTRAND.LARVIK.KOMMUNE.NO/W/GRENDE"
A4_POINTS = (595.28, 841.89)

POSTER = Poster(
    title="Plakat: Hva skal Glassverkparken bli?",
    kicker="Medvirkningsverksted · Torstrand Grendehus",
    question=(
        Line("nb", "ltr", "Hva skal Glassverkparken bli?"),
        Line("en", "ltr", "What should Glassverkparken become?"),
        Line("ar", "rtl", "ماذا يجب أن تصبح حديقة Glassverkparken؟"),
    ),
    lines=(
        Line("nb", "ltr", "Skann og si hva du mener"),
        Line("en", "ltr", "Scan and say what you think"),
        Line("ar", "rtl", "امسح الرمز وقل ما رأيك"),
    ),
    payload=PAYLOAD,
    qr_label="QR-kode til torstrand.larvik.kommune.no, kode GRENDE",
    by_hand="Uten kamera? Gå hit og skriv koden:",
    url="torstrand.larvik.kommune.no",
    code="GRENDE",
    footer=("Ingen konto, ingen app.", "Adressen skal begynne med torstrand.larvik.kommune.no."),
)
LONG = (
    "Hvordan kan vi som bor på Torstrand, sammen med skolen, vellaget og kommunen, gjøre Glassverkparken til et trygt, "
    "grønt og levende sted der barn, unge og eldre møtes hele året, også når det regner?"
).ljust(200, "!")
TRYING = {
    "plain": POSTER,
    "a question of 200 letters in three languages": replace(
        POSTER,
        question=(Line("nb", "ltr", LONG), Line("en", "ltr", LONG), Line("ar", "rtl", "ماذا يجب أن تصبح حديقة " * 8)),
    ),
    "a word of 60 letters": replace(
        POSTER, question=(Line("nb", "ltr", "Områdesatsingsmedvirkningsverkstedsdeltakerundersøkelsesplan?"),)
    ),
    "200 letters without a space": replace(POSTER, question=(Line("nb", "ltr", "x" * 200),)),
    "nine languages": replace(
        POSTER,
        lines=tuple(
            Line(*line)
            for line in [
                *POSTER.lines,
                ("pl", "ltr", "Zeskanuj i powiedz, co myślisz"),
                ("lt", "ltr", "Nuskaityk ir pasakyk, ką manai"),
                ("uk", "ltr", "Скануй і скажи, що думаєш"),
                ("ti", "ltr", "ስካን ግበር እሞ ርእይቶኻ ሃብ"),
                ("so", "ltr", "Iskaan garee oo sheeg ra'yigaaga"),
                ("fa-AF", "rtl", "اسکن کنید و نظرتان را بگویید"),
            ]
        ),
    ),
    "a poster in Arabic": replace(
        POSTER, lang="ar", dir="rtl", question=(Line("ar", "rtl", "ماذا يجب أن تصبح الحديقة؟"),)
    ),
    "a long address": replace(
        POSTER,
        url="medvirkning.torstrand-omradesatsing.larvik.kommune.no",
        payload=f"HTTPS://MEDVIRKNING.{PAYLOAD[8:]}",
    ),
}


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app's own fonts; before they are built, the same families from the system."""
    if BUILT.is_dir():
        return BUILT
    folder = tmp_path_factory.mktemp("fonts")
    for name in NEEDED:
        if not (SYSTEM / name).exists():
            pytest.fail(f"Neither {BUILT} nor {SYSTEM / name} exists: build the assets first.")
        (folder / name).symlink_to(SYSTEM / name)
    return folder


@pytest.fixture(scope="module")
def pdf(fonts: Path) -> bytes:
    return posters.pdf(POSTER, fonts)


def text_of(document: bytes) -> str:
    return " ".join(pypdf.PdfReader(io.BytesIO(document)).pages[0].extract_text().split())


def structure(document: bytes) -> Iterator[dict[str, Any]]:
    """Every element of the PDF's structure tree, in reading order."""

    def walk(node: Any) -> Iterator[dict[str, Any]]:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                yield from walk(child)
        elif isinstance(node, dict):
            if "/S" in node:
                yield node
            if "/K" in node:
                yield from walk(node["/K"])

    yield from walk(pypdf.PdfReader(io.BytesIO(document)).trailer["/Root"]["/StructTreeRoot"])


def printed(document: bytes, dpi: int) -> np.ndarray:
    """The page as a printer sees it, in colour."""
    if shutil.which("pdftoppm") is None:
        if os.environ.get("CI"):
            pytest.fail("pdftoppm (Debian: poppler-utils) is missing, and CI must try the printed code.")
        pytest.skip("pdftoppm (Debian: poppler-utils) is missing: no way to see the page as a printer does.")
    page = subprocess.run(["pdftoppm", "-r", str(dpi), "-png"], input=document, capture_output=True, check=True).stdout
    return cv2.imdecode(np.frombuffer(page, np.uint8), cv2.IMREAD_COLOR)


def found(picture: np.ndarray) -> list[zxingcpp.Barcode]:
    return zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)


def corners(code: zxingcpp.Barcode) -> np.ndarray:
    at = code.position
    return np.array([[p.x, p.y] for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)], np.float32)


def width_mm(code: zxingcpp.Barcode, dpi: int) -> float:
    left, right = corners(code)[:2]
    return float(np.linalg.norm(right - left)) / dpi * 25.4


def grey(page: np.ndarray, module: float) -> np.ndarray:
    return cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)


def small(page: np.ndarray, module: float) -> np.ndarray:
    return cv2.resize(page, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)


def blurred(page: np.ndarray, module: float) -> np.ndarray:
    return cv2.GaussianBlur(page, (0, 0), 0.4 * module)


def squeezed(page: np.ndarray, module: float) -> np.ndarray:
    done, data = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 40])
    assert done
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def tilted(page: np.ndarray, module: float) -> np.ndarray:
    """The page turned 15° about its upright middle line, seen from twice its width away."""
    height, width = page.shape[:2]
    angle, away = np.radians(15), 2.0 * width
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = []
    for x, y in flat - [width / 2, height / 2]:
        scale = away / (away + x * np.sin(angle))
        seen.append([x * np.cos(angle) * scale + width / 2, y * scale + height / 2])
    turned = cv2.getPerspectiveTransform(flat, np.array(seen, np.float32))
    return cv2.warpPerspective(page, turned, (width, height), borderValue=(90, 110, 120))


def everything(page: np.ndarray, module: float) -> np.ndarray:
    return squeezed(small(tilted(blurred(grey(page, module), module), module), module), module)


def test_the_pdf_is_one_a4_page_with_a_title_and_a_language(pdf: bytes) -> None:
    document = pypdf.PdfReader(io.BytesIO(pdf))
    assert [[float(page.mediabox.width), float(page.mediabox.height)] for page in document.pages] == [
        pytest.approx(A4_POINTS, abs=0.1)
    ]
    assert document.metadata.title == POSTER.title
    assert "<pdfuaid:part>1</pdfuaid:part>" in document.trailer["/Root"]["/Metadata"].get_data().decode()
    assert document.trailer["/Root"]["/Lang"] == "nb"
    assert document.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"]


def test_the_pdf_says_every_word_as_text(pdf: bytes) -> None:
    text = text_of(pdf)
    for words in (
        POSTER.kicker,
        POSTER.by_hand,
        POSTER.url,
        POSTER.code,
        *POSTER.footer,
        *(line.text for line in POSTER.question[:2]),
    ):
        assert words in text
    for line in (*POSTER.question, *POSTER.lines):
        for word in line.text.split():
            assert word.strip("؟") in text


def test_the_pdf_is_tagged_in_reading_order_and_names_the_code(pdf: bytes) -> None:
    assert pypdf.PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/MarkInfo"]["/Marked"]
    elements = list(structure(pdf))
    kinds = [element["/S"] for element in elements]
    assert kinds.count("/H1") == kinds.count("/Figure") == 1
    assert kinds.index("/H1") < kinds.index("/Figure")
    assert elements[kinds.index("/Figure")]["/Alt"] == POSTER.qr_label
    assert [element["/Lang"] for element in elements if "/Lang" in element] == ["en", "ar", "en", "ar"]


def test_all_fonts_are_embedded(pdf: bytes) -> None:
    page = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]
    found_fonts = [
        font.get_object()["/DescendantFonts"][0].get_object() for font in page["/Resources"]["/Font"].values()
    ]
    names = {re.sub(r"^/[A-Z]{6}\+", "", font["/BaseFont"]) for font in found_fonts}
    assert {re.sub(r"[^A-Za-z].*", "", name) for name in names} == {"NotoSans", "NotoSansArabic"}
    for font in found_fonts:
        assert {"/FontFile2", "/FontFile3"} & font["/FontDescriptor"].keys()


@pytest.mark.parametrize("dpi", [150, 300])
@pytest.mark.parametrize("harm", [None, grey, small, blurred, squeezed, tilted, everything])
def test_a_phone_reads_the_printed_code(pdf: bytes, dpi: int, harm: Any) -> None:
    page = printed(pdf, dpi)
    [whole] = found(page)
    module = width_mm(whole, dpi) / 25.4 * dpi / 29
    assert [code.text for code in found(harm(page, module) if harm else page)] == [PAYLOAD]


@pytest.mark.parametrize("name", TRYING)
def test_whatever_the_words_it_is_one_page_whose_code_is_large_and_stands_free(name: str, fonts: Path) -> None:
    wanted = TRYING[name]
    document = posters.pdf(wanted, fonts)
    assert len(pypdf.PdfReader(io.BytesIO(document)).pages) == 1
    page = grey(printed(document, 150), 0)
    [code] = found(page)
    assert code.text == wanted.payload
    assert width_mm(code, 150) >= 99
    module = width_mm(code, 150) / 25.4 * 150 / len(posters.qr.modules(wanted.payload))
    left, top = corners(code).min(axis=0) - 3.7 * module
    right, bottom = corners(code).max(axis=0) + 3.7 * module
    around = page[int(top) : int(bottom), int(left) : int(right)].copy()
    edge = int(3.2 * module)
    around[edge:-edge, edge:-edge] = 255
    assert around.min() == 255, "something is printed in the code's quiet zone"


@pytest.mark.parametrize("name", TRYING)
def test_nothing_is_printed_outside_the_margins_of_a_home_printer(name: str, fonts: Path) -> None:
    page = grey(printed(posters.pdf(TRYING[name], fonts), 100), 0)
    margin = round(12 / 25.4 * 100)
    inside = page.copy()
    inside[margin:-margin, margin:-margin] = 255
    assert inside.min() == 255


@pytest.mark.parametrize("name", TRYING)
def test_no_word_is_lost_when_the_words_are_many(name: str, fonts: Path) -> None:
    wanted = TRYING[name]
    text = re.sub(r"[\s\xad-]", "", text_of(posters.pdf(wanted, fonts)))
    for line in (*wanted.question, *wanted.lines):
        if line.dir == "ltr":
            assert re.sub(r"[\s-]", "", line.text) in text
    assert wanted.url.replace("-", "") in text


HOSTILE = (
    r"#strong[x] #sys.inputs $a^2$ *b* _c_ @kari <tag> \ \u{41} `raw` //nei /*nei*/ [x] \"#import \"/etc/passwd\" = h"
)


def test_words_are_never_markup(fonts: Path) -> None:
    hostile = replace(
        POSTER,
        title=HOSTILE,
        kicker=HOSTILE,
        question=(Line("nb", "ltr", HOSTILE),),
        lines=(Line("nb", "ltr", HOSTILE),),
        by_hand=HOSTILE,
        footer=(HOSTILE,),
        qr_label=HOSTILE,
    )
    document = posters.pdf(hostile, fonts)
    text = text_of(document).replace(" ", "")
    assert text.count(HOSTILE.replace(" ", "")) == 5
    assert pypdf.PdfReader(io.BytesIO(document)).metadata.title == HOSTILE
    assert [element["/Alt"] for element in structure(document) if "/Alt" in element] == [HOSTILE]
    ElementTree.fromstring(posters.svg(hostile, fonts))


ODD = {
    "an emoji": "tre \U0001f333!",
    "a joined emoji": "tre \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f3fd!",
    "an emoji with its selector": "tre \u2764\ufe0f!",
    "a script without a font": "tre 漢字!",
    "a mark on a letter of another script": "tre\u060c\u0363\u2044\u0357!",
    "control, private and unassigned signs": "tre\0\x07\n\ue000\ufeff\u2028\U0008d8bd!",
}


@pytest.mark.parametrize("name", ODD)
def test_signs_that_no_font_has_are_left_out_and_the_rest_is_printed(name: str, fonts: Path) -> None:
    odd = replace(POSTER, title=ODD[name], kicker=ODD[name], question=(Line("nb", "ltr", ODD[name]),))
    text = re.sub(r"[^\w!.]", "", text_of(posters.pdf(odd, fonts)))
    assert text.startswith("tre!tre!Skann")


def test_a_question_in_a_script_without_a_font_still_gives_a_poster(fonts: Path) -> None:
    odd = replace(POSTER, title="漢字", kicker="", question=(Line("zh", "ltr", "漢字"),))
    assert POSTER.code in text_of(posters.pdf(odd, fonts))


def test_without_fonts_there_is_an_error_that_says_so_and_no_empty_poster(tmp_path: Path) -> None:
    with pytest.raises(NotTypeset, match="No fonts"):
        posters.pdf(POSTER, tmp_path)


def test_the_svg_is_a_still_picture_of_the_same_a4_page(fonts: Path) -> None:
    root = ElementTree.fromstring(posters.svg(POSTER, fonts))
    assert [float(number) for number in root.attrib["viewBox"].split()] == pytest.approx([0, 0, *A4_POINTS], abs=0.1)
    tags = {element.tag.partition("}")[2] for element in root.iter()}
    assert not tags & {"script", "foreignObject", "text", "style", "a"}


def test_the_typesetter_never_enters_the_server_process(fonts: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tests.posters.test_poster import POSTER, posters;"
        "posters.pdf(POSTER, Path(sys.argv[1])); print('typst' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(fonts)], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.strip() == "False", done.stderr
