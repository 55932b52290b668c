"""Makes the pictures in the README: `make screenshots`."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import Site, chromium_path, flags

FOLDER = Path(__file__).parents[1] / "docs"
PHONE = {"width": 360, "height": 700}
WALL = {"width": 1600, "height": 900}
PICTURES = {
    "home-nb.png": ("/nb/", PHONE, "light"),
    "idea-nb.png": ("/nb/W/GRENDE", PHONE, "light"),
    "room-nb.png": ("/nb/handlingsrom", PHONE, "light"),
    "home-ar.png": ("/ar/", PHONE, "dark"),
    "wall.png": ("/nb/W/GRENDE/vegg", WALL, "dark"),
}


def main() -> None:
    """Start the app with the demo in a folder of its own, and take each picture."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=flags())
        for name, (address, viewport, scheme) in PICTURES.items():
            page = browser.new_page(viewport=viewport, color_scheme=scheme, base_url=site.url)
            page.goto(address)
            page.wait_for_timeout(500)  # milliseconds, for the wall to fit its text
            page.screenshot(path=FOLDER / name)
            print(FOLDER.name + "/" + name)
        browser.close()
        site.stop()


if __name__ == "__main__":
    main()
