"""Look at every page there is: `python -m tools.pages FOLDER [WORD…]` (set up as for tests).

Starts the product with everything lived in, opens every address the application's own registry
has, in both languages, both themes and two sizes, writes pictures to FOLDER and a table of
findings (`findings.tsv`, with a summary printed): what overflows, is cut off, is not translated,
takes the focus unseen, or displeases axe-core. With words, only pages whose name holds one.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import click
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.routing import Rule

from agent_desk.app import BLUEPRINTS
from agent_desk.routes.guards import EVERYBODY, PUBLIC
from tests.e2e.browser import chromium, person
from tests.product import Product
from tools import desk_states, lived_in, page_checks
from tools.lived_in import PASSWORD, Clerk

LOCALES = ("ja", "en")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = ((1280, 720), (1920, 1080))
NARROW = (320, 640)  # 1280 px at 400 % (WCAG 1.4.10)
# Who looks: the first of these that may open a page.
EYES = ("admin", "lead", "manager", "operator")
USERS = {"admin": "admin1", "lead": "lead1", "manager": "manager1", "operator": "operator5"}
BY_HAND = ("/desk", "/login", "/login/code")  # photographed in their states
# Pages with something chosen or open, which the registry does not know of.
CHOSEN = (
    "/admin/statuses?campaign=1&edit=documents",
    "/admin/record-fields?campaign=2",
    "/admin/scripts?campaign=2&audience=third_party",
    "/admin/campaigns/new?purpose=collections",
    "/admin/campaigns/1/review?older=1&newer=2",
    "/admin/campaigns/3/basics",
    "/admin/campaigns/3/review",
    *(f"/admin/imports/{batch}" for batch in range(3, 8)),
    "/reports?from=2020-01-01&to=2020-01-02",
    "/nowhere",
    "/login?next=/admin",
)


class Album:
    """Pictures of pages as they stand, and what was found on them."""

    def __init__(self, folder: Path, wanted: tuple[str, ...]) -> None:
        self.folder, self.wanted = folder, wanted
        self.findings: list[tuple[str, str, str]] = []
        folder.mkdir(parents=True, exist_ok=True)

    def wants(self, name: str) -> bool:
        return not self.wanted or any(word in name for word in self.wanted)

    def take(self, page: Page, name: str, locale: str, *, whole: bool = True) -> None:
        """Every theme and size of a page; `whole`: what has to be scrolled to as well."""
        if not self.wants(name):
            return
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                shot = f"{name}-{locale}-{theme}-{width}"
                page.screenshot(path=self.folder / f"{shot}.png", full_page=whole)
                self._note(shot, page_checks.look(page, locale))
            self._note(f"{name}-{locale}-{theme}", page_checks.axe(page))
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        page.screenshot(path=self.folder / f"{name}-{locale}-narrow.png", full_page=True)
        found = [each for each in page_checks.look(page, locale) if each[0] == "overflow"]
        self._note(f"{name}-{locale}-narrow", found)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})

    def focus(self, page: Page, name: str) -> None:
        if self.wants(name):
            self._note(name, page_checks.unseen_focus(page))

    def write(self) -> None:
        """The table of findings, and how many of each kind."""
        lines = ["\t".join(each) for each in self.findings]
        (self.folder / "findings.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        counted = Counter(kind for _, kind, _ in self.findings)
        pictures = len(list(self.folder.glob("*.png")))
        click.echo(
            f"{pictures} pictures; " + ", ".join(f"{k}: {n}" for k, n in counted.most_common())
        )

    def _note(self, shot: str, found: list[page_checks.Finding]) -> None:
        self.findings += [(shot, what, where) for what, where in found]


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("words", nargs=-1)
def main(folder: Path, words: tuple[str, ...]) -> None:
    album = Album(folder, words)
    with (
        tempfile.TemporaryDirectory() as place,
        sync_playwright() as playwright,
        chromium(playwright, Path(place) / "browser") as browser,
    ):
        product = lived_in.prepared(Path(place))
        desk_states.arrange(product)
        try:
            product.start_all(worker=True)
            clerks = {role: _clerk(browser, product, role) for role in EYES}
            lived_in.fill(clerks["admin"], product)
            if album.wants("desk-"):
                desk_states.photograph(browser, product, album, clerks)
            _signed_out(browser, product, album)
            for role, clerk in clerks.items():
                _walk(clerk, role, product, album)
        finally:
            product.stop_all()
            album.write()


def _clerk(browser: Browser, product: Product, role: str) -> Clerk:
    return Clerk(person(browser).new_page(), product.url, USERS[role])


def _signed_out(browser: Browser, product: Product, album: Album) -> None:
    page = person(browser).new_page()
    for locale in LOCALES:
        page.goto(f"{product.url}/login")
        if page.locator("html").get_attribute("lang") != locale:
            page.locator("button[name=locale]").click()
            page.wait_for_url("**/login")
            page.wait_for_load_state()
        album.take(page, "login", locale)
        page.fill("input[name=username]", "nobody")
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.locator("[role=alert]").wait_for()
        page.wait_for_load_state("networkidle")
        album.take(page, "login-refused", locale)
    page.context.close()


def _walk(clerk: Clerk, role: str, product: Product, album: Album) -> None:
    paths = [path for path in pages(product) if path[1] == role] if role in EYES else []
    for locale in LOCALES:
        clerk.speak(locale)
        for path, _ in paths:
            name = (path.strip("/") or "root").replace("/", "_").replace("?", "~")
            if not album.wants(name):
                continue
            clerk.page.goto(f"{product.url}{path}")
            clerk.page.wait_for_load_state("networkidle")
            if path == "/floor":
                clerk.page.get_by_text("読み込んで" if locale == "ja" else "Loading").wait_for(
                    state="hidden"
                )
            album.take(clerk.page, name, locale)
            if locale == "ja":
                album.focus(clerk.page, name)


def pages(product: Product) -> Iterator[tuple[str, str]]:
    """(address, role of who opens it) of every page of the registry, and of those chosen."""
    app = Flask("agent_desk")
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        guard: frozenset[str] = getattr(app.view_functions[rule.endpoint], "guard", frozenset())
        if "GET" not in (rule.methods or ()) or not guard & EVERYBODY or _is_data(rule):
            continue
        role = next(each for each in EYES if each in guard)
        for path in _addresses(app, rule, product):
            yield path, role
    yield from ((path, "admin") for path in CHOSEN)


def _is_data(rule: Rule) -> bool:
    """What programs and downloads are answered."""
    ends = rule.rule.rsplit("/", 1)[-1]
    data = "." in ends or ends in ("progress", "ice-servers") or "/file/" in rule.rule
    return data or rule.rule.startswith(("/api/", "/static/")) or rule.rule in (*BY_HAND, *PUBLIC)


def _addresses(app: Flask, rule: Rule, product: Product) -> Iterator[str]:
    """The rule with ids of what there is; every word where one of several may stand."""
    [(call,)] = product.query("SELECT call_id FROM results ORDER BY id DESC LIMIT 1") or [("1",)]
    [(customer,)] = product.query("SELECT max(customer_id) FROM promises WHERE amount_yen = 15000")
    values = {"customer_id": customer or 1, "call_id": call, "username": "operator4", "user_id": 4}
    adapter = app.url_map.bind("")
    for word in ("basics", "dialing", "after_call") if "step" in rule.arguments else ("",):
        told = {name: values.get(name, 1) for name in rule.arguments}
        yield adapter.build(rule.endpoint, {**told, **({"step": word} if word else {})})


if __name__ == "__main__":
    main()
