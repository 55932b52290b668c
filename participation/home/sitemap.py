"""What search engines are told: every public page in each of its languages, and what they leave alone."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any
from xml.etree import ElementTree

from flask import url_for

from .. import i18n
from ..web import public_url

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
PAGES = (
    *("home.index", "activities.index", "activities.past", "activities.needs", "activities.all_places"),
    *("workshops.index", "handlingsrom.index", "home.about", "home.privacy"),
)
DOORS = ("bare-gjor-det", "kan-pavirkes", "bestemt", "ikke-vart")
# One person's own, and somebody's desk.
NOT_FOR_ROBOTS = ("/stab", "/mine-bidrag", "/pamelding", "/oppgaver", "/jeg-kan/", "/R/", "/r/", "/sprak", "/kode")


def sitemap(activities: Iterable[str], places: Iterable[str], organisers: Iterable[str], cards: Iterable[str]) -> bytes:
    """The map: an entry for each page in each language, with the same page's others beside it."""
    ElementTree.register_namespace("", SITEMAP)
    ElementTree.register_namespace("xhtml", XHTML)
    root = ElementTree.Element(f"{{{SITEMAP}}}urlset")
    for path in chain(_fixed(), _of("activity", activities), _of("place", places), _of("organiser", organisers)):
        _add(root, path)
    for card in cards:
        _add(root, url_for("handlingsrom.card", card=card))
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def robots() -> str:
    """Which pages robots leave alone, in every language."""
    prefixes = ("", *(f"/{tag}" for tag in i18n.LANGUAGES))
    closed = [f"Disallow: {prefix}{path}" for path in NOT_FOR_ROBOTS for prefix in prefixes]
    return "\n".join(("User-agent: *", *closed, "", f"Sitemap: {public_url('/sitemap.xml')}", ""))


def _fixed() -> Iterator[str]:
    yield from (url_for(endpoint) for endpoint in PAGES)
    yield from (url_for("handlingsrom.door", door=door) for door in DOORS)


def _of(what: str, public_ids: Iterable[str]) -> Iterator[str]:
    return (url_for(f"activities.{what}", **dict[str, Any]({what: public_id})) for public_id in public_ids)


def _add(root: ElementTree.Element, path: str) -> None:
    others = {tag: public_url(f"/{tag}{path}") for tag in i18n.LANGUAGES} | {"x-default": public_url(path)}
    for address in others.values():
        entry = ElementTree.SubElement(root, f"{{{SITEMAP}}}url")
        ElementTree.SubElement(entry, f"{{{SITEMAP}}}loc").text = address
        for tag, other in others.items():
            link = {"rel": "alternate", "hreflang": tag, "href": other}
            ElementTree.SubElement(entry, f"{{{XHTML}}}link", link)
