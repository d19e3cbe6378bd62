"""The forms of a page as a browser has them: controls, what they hold, what describes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(
    {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr", "use"}
)
SILENT = frozenset({"hidden", "submit", "button", "search"})


@dataclass
class Control:
    """One field; `value` is what would be sent, `choices` what a select offers."""

    tag: str
    attributes: dict[str, str]
    value: str = ""
    choices: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.attributes.get("name", "")

    @property
    def type(self) -> str:
        return self.attributes.get("type", "text") if self.tag == "input" else self.tag

    @property
    def sent(self) -> bool:
        """Whether it is sent as it stands."""
        ticked = self.type not in ("checkbox", "radio") or "checked" in self.attributes
        return bool(self.name) and ticked and "disabled" not in self.attributes

    @property
    def invalid(self) -> bool:
        return self.attributes.get("aria-invalid") == "true"


@dataclass
class PageForm:
    """A form that is posted, with the controls in it, hidden ones too."""

    action: str
    encoding: str
    method: str
    controls: list[Control] = field(default_factory=list)

    @property
    def data(self) -> dict[str, list[str]]:
        """What would be sent as it stands; no files."""
        told: dict[str, list[str]] = {}
        for each in self.controls:
            if each.sent and each.type != "file":
                told.setdefault(each.name, []).append(each.value)
        return told

    def named(self, name: str) -> list[Control]:
        return [each for each in self.controls if each.name == name]


class PageForms(HTMLParser):
    """Reads a page: `forms`, and `texts` by the id of the element."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.texts: dict[str, str] = {}
        self._inside: list[tuple[str, str]] = []  # tag and id
        self._control: Control | None = None
        self._option: str | None = None
        self.feed(page)

    def posted(self) -> list[PageForm]:
        return [form for form in self.forms if form.method == "post"]

    def described(self, control: Control) -> str:
        """What is read out with a control."""
        ids = control.attributes.get("aria-describedby", "").split()
        return " ".join(self.texts.get(each, "").strip() for each in ids).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._inside.append((tag, told.get("id", "")))
        if told.get("id"):
            self.texts.setdefault(told["id"], "")
        if tag == "form":
            method = told.get("method", "get").lower()
            action = told.get("action", "")
            self.forms.append(PageForm(action, told.get("enctype", ""), method))
        elif tag in ("input", "select", "textarea") and self._in_form():
            value = told.get("value", "on" if told.get("type") == "checkbox" else "")
            self._control = Control(tag, told, value if tag == "input" else "")
            self.forms[-1].controls.append(self._control)
        elif tag == "option" and self._control is not None:
            value = told.get("value", "")
            if "selected" in told or not self._control.choices:
                self._control.value = value
            self._control.choices.append(value)

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop()[0] != tag:
            continue

    def handle_data(self, data: str) -> None:
        for _, element in self._inside:
            if element:
                self.texts[element] += data
        if self._inside and self._inside[-1][0] == "textarea" and self._control is not None:
            self._control.value += data.removeprefix("\n")

    def _in_form(self) -> bool:
        return any(tag == "form" for tag, _ in self._inside)
