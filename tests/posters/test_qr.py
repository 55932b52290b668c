"""QR codes: small, black on white with room around them, named for those who cannot see them, read by phones."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
import zxingcpp
from markupsafe import Markup

from participation.posters import qr

PAYLOAD = "HTTPS://TORSTRAND.LARVIK.KOMMUNE.NO/W/GRENDE"
LABEL = "QR-kode til torstrand.larvik.kommune.no, kode GRENDE"
SVG = "{http://www.w3.org/2000/svg}"


def raster(picture: Markup, scale: int = 8) -> np.ndarray:
    """The SVG's own path drawn as pixels, and nothing that is not in it."""
    root = ElementTree.fromstring(picture)
    side = int(root.attrib["viewBox"].split()[-1])
    pixels = np.full((side, side), 255, np.uint8)
    for x, y, length, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", root.find(f"{SVG}path").attrib["d"]):
        assert length == back
        pixels[int(y), int(x) : int(x) + int(length)] = 0
    return np.kron(pixels, np.ones((scale, scale), np.uint8))


def read(pixels: np.ndarray) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(pixels, formats=zxingcpp.BarcodeFormat.QRCode)]


@pytest.mark.parametrize(
    "payload", [PAYLOAD, "HTTP://192.168.1.20:8000/A/7F3QKX", "https://example.org/æøå?x=<&>", "7F3QKX"]
)
def test_a_phone_reads_exactly_the_payload_from_the_svg(payload: str) -> None:
    assert read(raster(qr.svg(payload, LABEL))) == [payload]


def test_an_upper_case_address_gets_a_smaller_code_than_the_same_in_lower_case() -> None:
    assert len(qr.modules(PAYLOAD)) == 29
    assert len(qr.modules(PAYLOAD.lower())) == 33


@pytest.mark.parametrize(("length", "side"), [(20, 21), (21, 25), (38, 25), (39, 29), (61, 29), (62, 33)])
def test_the_code_is_the_smallest_that_holds_the_payload_at_level_m(length: int, side: int) -> None:
    payload = "HTTPS://A.NO/".ljust(length, "Z")
    assert len(qr.modules(payload)) == side
    [found] = zxingcpp.read_barcodes(raster(qr.svg(payload, LABEL)))
    assert found.extra["ECLevel"] == "M"


def test_four_white_modules_surround_the_code() -> None:
    pixels = raster(qr.svg(PAYLOAD, LABEL), scale=1)
    rows, columns = np.nonzero(pixels == 0)
    assert (rows.min(), columns.min()) == (4, 4)
    assert (rows.max(), columns.max()) == (pixels.shape[0] - 5, pixels.shape[1] - 5)


def test_the_svg_is_one_black_path_on_a_white_ground_and_leaves_size_to_the_stylesheet() -> None:
    picture = qr.svg(PAYLOAD, LABEL)
    root = ElementTree.fromstring(picture)
    ground, path = root
    side = root.attrib["viewBox"].split()[-1]
    assert ground.attrib == {"width": side, "height": side, "fill": "#fff"}
    assert (path.tag, path.attrib["fill"]) == (f"{SVG}path", "#000")
    assert root.attrib.keys() == {"class", "viewBox", "shape-rendering", "role", "aria-label"}
    assert picture.startswith("<svg ")
    assert len(picture) < 6000


def test_the_svg_is_an_image_whose_name_cannot_break_out() -> None:
    label = "\"><script>alert(1)</script>' & æ {side} %s"
    root = ElementTree.fromstring(qr.svg(PAYLOAD, label))
    assert (root.attrib["role"], root.attrib["aria-label"]) == ("img", label)
    assert len(root) == 2


def test_the_terminal_code_is_read_whatever_colours_the_terminal_has() -> None:
    lines = qr.terminal(PAYLOAD).split("\n")
    blocks = {" ": (255, 255), "▀": (0, 255), "▄": (255, 0), "█": (0, 0)}
    rows: list[list[int]] = []
    for line in lines:
        # Black ink and white ground are both said on every line, so neither theme shows through.
        assert line.startswith("\x1b[38;5;16;48;5;231m")
        assert line.endswith("\x1b[0m")
        halves = [blocks[sign] for sign in re.sub(r"\x1b\[[\d;]*m", "", line)]
        rows += [[upper for upper, _ in halves], [lower for _, lower in halves]]
    pixels = np.array(rows, np.uint8)
    assert pixels.shape == (38, 37)
    assert pixels[:4].min() == pixels[-4:].min() == pixels[:, :4].min() == pixels[:, -4:].min() == 255
    assert read(np.kron(np.pad(pixels, 6), np.ones((8, 8), np.uint8))) == [PAYLOAD]
