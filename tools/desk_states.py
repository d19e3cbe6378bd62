"""`/desk` in every state a seat can be in, as pictures: worked through by an operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from playwright.sync_api import Browser

from tests.e2e.browser import Desk, person, until
from tests.product import BORN, COLLECTIONS, SALES, Listed, Product
from tools.lived_in import COLLECTIONS_ID, Clerk

if TYPE_CHECKING:
    from tools.pages import Album

Shot = Callable[[str], None]  # one state, by its name, in every theme and size
# They ring 10 s (9110), answer and talk on (95xx): what the last four digits say.
CUSTOMERS = tuple(
    Listed(name, f"0900123{digits}", amount, external_id=f"KEN-{digits}", works_at=works)
    for name, digits, amount, works in (
        ("長谷川 美由紀", "9520", 54_321, "青葉商事株式会社"),
        ("五十嵐 太郎", "9580", 128_000, ""),
        ("清水 恵美", "9640", 30_000, "北山製作所"),
        ("西村 拓也", "9720", 9_800, ""),
        ("松井 直美", "9620", 45_000, ""),
        ("大野 健", "9660", 17_200, ""),
    )
)
PREVIEWED = (Listed("岡田 さくら", "09001019110"), Listed("村上 直人", "09001019640"))
OUTSIDE = "090-0123-9700"


def arrange(product: Product) -> None:
    """Lists whose customers do as told; before the product is started."""
    product.replace_lists(COLLECTIONS, CUSTOMERS)
    product.replace_lists(SALES, PREVIEWED)


def photograph(
    browser: Browser, product: Product, album: Album, clerks: Mapping[str, Clerk]
) -> None:
    """The calls of two operators, in Japanese and in English."""
    for locale, username in (("ja", "operator4"), ("en", "operator5")):
        desk = _open(browser, product, username, locale)
        _collect(desk, album, locale, product=product, admin=clerks["admin"])
        desk.page.context.close()
    for locale, username in (("ja", "operator1"), ("en", "operator2")):
        desk = _open(browser, product, username, locale)
        _preview(desk, album, locale)
        desk.page.context.close()


def _open(browser: Browser, product: Product, username: str, locale: str) -> Desk:
    desk = Desk(person(browser).new_page(), product.url)
    desk.sign_in(username)
    if desk.page.locator("html").get_attribute("lang") != locale:
        desk.page.locator("button[name=locale]").click()
        desk.page.wait_for_load_state()
    until(desk.by("go-available").is_enabled, what="a seat that is free")
    return desk


def _collect(desk: Desk, album: Album, locale: str, *, product: Product, admin: Clerk) -> None:
    def shot(name: str) -> None:
        album.take(desk.page, f"desk-{name}", locale, whole=False)

    lists = _lists(product)
    shot("01-starting")
    desk.page.keyboard.press("?")
    shot("02-keys")
    desk.page.keyboard.press("Escape")
    for each in lists:
        admin.send(f"/admin/lists/{each}/pause")
    desk.go_available()
    shot("03-available")
    for each in lists:
        admin.send(f"/admin/lists/{each}/resume")
    desk.wait_state("talking")
    shot("05-talking")
    _before_identity(desk, shot)
    _after_identity(desk, shot)
    _parties(desk, shot)
    desk.page.keyboard.press("r")
    desk.wait_shown("away-queued")
    shot("15-away-queued")
    desk.page.keyboard.press("Shift+K")
    desk.wait_state("wrap_up")
    shot("16-wrap-up")
    desk.page.keyboard.press("s")
    desk.wait_state("away")
    shot("17-away")
    _second_call(desk, shot)
    _third_call(desk, shot)
    _elsewhere(desk, shot)


def _lists(product: Product) -> list[int]:
    """The lists collections call."""
    rows = product.query(
        "SELECT list_id FROM campaign_lists WHERE enabled AND campaign_id = ?", COLLECTIONS_ID
    )
    return [list_id for (list_id,) in rows]


def _before_identity(desk: Desk, shot: Shot) -> None:
    desk.by("identity-answer").fill("1971-07-18")
    desk.by("identity-check").click()
    desk.wait_text("identity-hint", "2")
    shot("06-identity-wrong")
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("3")
    shot("07-refused")


def _after_identity(desk: Desk, shot: Shot) -> None:
    desk.by("identity-answer").fill(BORN)
    desk.by("identity-check").click()
    until(desk.by("identity-state", state="verified").is_visible, what="verified")
    shot("08-verified")
    for status in ("status-contact", "status-valid"):
        desk.by(status).click()
        desk.wait_pressed(status, True)
    desk.by("note").fill("来月の給与支給後にお支払いいただけるとのこと。")
    desk.by("payment-words").fill("+7d")
    desk.by("payment-words").press("Enter")
    desk.by("payment-amount").fill("15000")
    desk.by("payment-amount").press("Enter")
    desk.wait_pressed("status-payment-date", True)
    shot("09-promise")
    desk.by("objection-complaint").click()
    shot("10-complaint")
    desk.page.keyboard.press("Escape")


def _parties(desk: Desk, shot: Shot) -> None:
    keys = desk.page.keyboard
    keys.press("h")
    desk.wait_state("hold")
    shot("11-hold")
    keys.press("h")
    desk.wait_state("talking")
    keys.press("d")
    desk.wait_shown("keypad-drawer")
    shot("12-keypad")
    keys.press("Escape")
    keys.press("t")
    desk.wait_shown("party-drawer")
    shot("13-party-drawer")
    keys.type(OUTSIDE)
    keys.press("Enter")
    until(desk.by("party", state="joined").is_visible, what="they answered")
    shot("14-consult")
    desk.by("drop-party").click()
    desk.wait_gone("party")


def _second_call(desk: Desk, shot: Shot) -> None:
    """A third party answers."""
    desk.go_available()
    desk.wait_state("talking")
    desk.by("third-party").click()
    shot("18-third-party")
    desk.by("open-other-calls").click()
    desk.wait_shown("other-calls")
    shot("19-other-calls")
    desk.page.keyboard.press("Escape")
    _end(desk)
    desk.wait_state("away")


def _third_call(desk: Desk, shot: Shot) -> None:
    """Nothing tells who it was, so it is asked."""
    desk.go_available()
    desk.wait_state("talking")
    _end(desk)
    desk.wait_shown("counterpart")
    shot("20-counterpart")
    desk.by("counterpart-unknown").click()
    desk.wait_state("away")


def _end(desk: Desk) -> None:
    """Leave after this call, and end it."""
    desk.by("go-away").click()
    desk.by("hang-up").click()
    desk.wait_state("wrap_up")
    desk.by("save-result").click()


def _elsewhere(desk: Desk, shot: Shot) -> None:
    desk.by("practice").click()
    desk.wait_shown("practice-banner")
    shot("21-practice")
    desk.by("practice").click()
    desk.wait_gone("practice-banner")
    other = desk.another_tab()
    desk.wait_shown("taken-over")
    shot("22-taken-over")
    other.page.close()
    desk.by("take-back").click()
    desk.page.context.set_offline(True)
    desk.wait_shown("link-lost", within_s=40)
    shot("23-disconnected")
    desk.page.context.set_offline(False)


def _preview(desk: Desk, album: Album, locale: str) -> None:
    def shot(name: str) -> None:
        album.take(desk.page, f"desk-{name}", locale, whole=False)

    desk.go_available()
    until(desk.by("next-customer").is_enabled, what="a customer to be asked for")
    shot("30-next")
    desk.by("next-customer").click()
    until(desk.by("place-call").is_enabled, what="a customer on the screen")
    shot("31-preview")
    desk.by("place-call").click()
    desk.wait_state("reserved", "talking")
    shot("32-ringing")
    desk.by("hang-up").click()
