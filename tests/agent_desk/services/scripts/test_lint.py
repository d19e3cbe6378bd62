"""Each rule of the lint has a text that fails it and one that passes."""

from __future__ import annotations

import pytest

from agent_desk.services.scripts.lint import lint
from agent_desk.services.scripts.parsing import parse

GOOD = """# 名乗り
[!] identification: 私、{担当姓}と申します。
-> ご本人: ご用件
# ご用件 !
[ ] recording_notice: この通話は録音しております。
お支払い期日を過ぎておりますご契約についてご連絡いたしました。
"""


def codes(text: str, kind: str = "collections") -> set[str]:
    return {finding.code for finding in lint(parse(text), kind=kind)}


def test_the_standard_flow_of_collections_passes() -> None:
    assert codes(GOOD) == set()


@pytest.mark.parametrize(
    ("code", "bad", "harmless"),
    [
        ("borrow-elsewhere", "他社から借りてお支払いください。", "他社のカードはお持ちですか。"),
        (
            "third-party-pays",
            "ご家族に払っていただけませんか。",
            "ご家族にはお伝えしておりません。",
        ),
        ("threat", "お支払いがなければ差し押さえます。", "お支払いのご都合はいかがでしょうか。"),
        ("shouting", "いい加減にしてください！！", "ご確認をお願いいたします。"),
        ("legal-action", "法的措置を取ります。", "ご相談も承っております。"),
    ],
)
def test_r35_forbidden_words_are_found(code: str, bad: str, harmless: str) -> None:
    assert code in codes(GOOD + bad)
    assert code not in codes(GOOD + harmless)


def test_full_width_and_spaced_words_are_found_too() -> None:
    assert "legal-action" in codes(GOOD + "法 的 措 置")


def test_a_script_identifies_who_speaks() -> None:
    assert "identification-missing" in codes("「もしもし」")
    assert "identification-missing" not in codes(GOOD)


def test_a16_r32_a_debt_before_the_identity_check_is_refused() -> None:
    early = GOOD.replace("# ご用件 !", "# ご用件")
    [found] = [each for each in lint(parse(early), kind="collections") if each.rule == "R32"]
    assert (found.level, found.line, found.word) == ("error", 6, "お支払い")
    assert "debt-before-identity" not in codes(early, kind="survey")


def test_selling_begins_with_the_disclosure() -> None:
    assert "disclosure-missing" in codes(GOOD, kind="sales")
    assert "disclosure-missing" not in codes("[!] disclosure: 勧誘のお電話です。", kind="sales")


def test_a_missing_recording_notice_only_warns() -> None:
    [found] = lint(parse("[ ] identification: 名乗った"), kind="survey")
    assert (found.code, found.level) == ("recording-notice-missing", "warning")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("step-missing", "# 一\n-> はい: 二"),
        ("step-twice", "# 一\nあ\n# 一\nい"),
        ("statement-twice", "[ ] a: x\n[ ] a: y"),
    ],
)
def test_what_leads_nowhere_is_found(code: str, text: str) -> None:
    assert code in codes(text)
