"""What a look at a page finds without eyes: overflow, cut-off text, keys, focus, axe-core."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
# Each finding is [what, where]. Text is cut off when its box hides what does not fit; a box that
# scrolls hides nothing. A key of the catalogue that nobody translated looks like `desk.hang_up`.
LOOK = """(locale) => {
  const found = [];
  const shown = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    one.getClientRects().length > 0 && !one.closest('.visually-hidden');
  const words = (one) => [...one.childNodes].filter((node) => node.nodeType === 3)
    .map((node) => node.data.trim()).join(' ').trim();
  const name = (one) => one.tagName.toLowerCase() +
    (one.dataset.testid ? `[${one.dataset.testid}]` : '') + ` ${words(one).slice(0, 50)}`;
  if (document.documentElement.scrollWidth > innerWidth) {
    found.push(['overflow', `${document.documentElement.scrollWidth} of ${innerWidth} px`]);
  }
  for (const one of document.body.querySelectorAll('*')) {
    if (!shown(one)) continue;
    const text = words(one), style = getComputedStyle(one);
    const hides = (way) => way === 'hidden' || way === 'clip';
    if (text && hides(style.overflowX) && one.scrollWidth > one.clientWidth + 1) {
      found.push(['cut off', name(one)]);
    }
    if (text && hides(style.overflowY) && one.scrollHeight > one.clientHeight + 2) {
      found.push(['cut off below', name(one)]);
    }
    if (text && /^[a-z_]+(\\.[a-z0-9_-]+)+$/.test(text) && one.tagName !== 'CODE') {
      found.push(['key', name(one)]);
    }
    if (text && one.matches('button, .button') && !one.closest('.seat-tile, .purpose-card') &&
        one.clientHeight > 3.2 * parseFloat(style.fontSize)) {
      found.push(['wrapped button', name(one)]);
    }
    if (one.matches('select') && one.selectedOptions[0]) {
      const ruler = document.createElement('canvas').getContext('2d');
      ruler.font = style.font;
      const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      const need = ruler.measureText(one.selectedOptions[0].text).width;
      if (need > room + 1) found.push(['cut off', `select ${one.selectedOptions[0].text}`]);
    }
    const japanese = /[\\u3041-\\u30ff\\u4e00-\\u9fff]/.test(text);
    if (locale === 'en' && japanese && !one.closest('[lang=ja]')) {
      found.push(['Japanese', name(one)]);
    }
    if (locale === 'ja' && /[a-z]{3,} [a-z]{2,}/i.test(text) && !one.closest('code, [lang=en]')) {
      found.push(['English', name(one)]);
    }
  }
  return found;
}"""
# After a press of Tab the browser shows the focus wherever it is put.
FOCUS = """() => {
  const found = [], was = document.activeElement;
  const looks = (one) => {
    const style = getComputedStyle(one);
    return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor].join();
  };
  const kinds = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
  const stops = [...document.querySelectorAll(kinds)];
  for (const one of stops) {
    if (one.disabled || one.type === 'hidden' || !one.checkVisibility()) continue;
    was?.blur?.();
    const before = looks(one);
    one.focus({ preventScroll: true });
    if (document.activeElement === one && looks(one) === before) {
      found.push(['focus unseen', one.outerHTML.slice(0, 90)]);
    }
  }
  document.activeElement?.blur?.();
  return found;
}"""
Finding = tuple[str, str]


def look(page: Page, locale: str) -> list[Finding]:
    """What is wrong with the page as it stands at its size."""
    return [(what, where) for what, where in page.evaluate(LOOK, locale)]


def unseen_focus(page: Page) -> list[Finding]:
    """What can have the keyboard's focus without a person seeing that; moves the focus."""
    page.keyboard.press("Tab")
    return [(what, where) for what, where in page.evaluate(FOCUS)]


def axe(page: Page) -> list[Finding]:
    """What axe-core finds serious or critical, and the rest marked as lesser."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run({resultTypes: ['violations']})")
    return list(_told(found["violations"]))


def _told(violations: list[dict[str, Any]]) -> Iterator[Finding]:
    for each in violations:
        for node in each["nodes"]:
            kind = "axe" if each["impact"] in GRAVE else "axe (lesser)"
            yield kind, f"{each['id']}: {node['html'][:110]}"
