"""The standard flow of collections (督促): who calls, why, what is intended, what can be offered.

Written for calls in Japanese, so it is one text in every language of the pages. {会社名} is for
its author to replace: the page says so until it is done. Nothing before 本人確認 tells of a debt.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent_desk.store.campaigns.scripts import Audience

KIND = "collections"

_FLOW = """# 1 名乗りとご本人確認
「お忙しいところ恐れ入ります。私、{担当姓}と申します。{顧客カナ}様でいらっしゃいますでしょうか。」
[!] identification: 名乗り、ご本人かどうかを伺った
「ご本人様確認のため、ご登録の内容をお伺いできますでしょうか。」
確認をためらわれたら、公式窓口の番号へのおかけ直しをご案内する。
-> ご本人と確認できた: 2 ご用件の説明

# 2 ご用件の説明 !
「{会社名}の{担当姓}でございます。この通話は内容確認のため録音しております。お支払い期日を過ぎておりますご契約についてご連絡いたしました。」
[!] recording_notice: 録音していることを伝えた
[!] explanation: ご用件を説明した
-> 説明できた: 3 ご都合の確認

# 3 ご都合の確認 !
「お支払いのご都合はいかがでしょうか。」
[!] intent: お支払いのご都合を伺った
お約束いただけたら、日付・金額・方法を復唱してから保存する。
-> お支払いが難しい: 4 ご提案

# 4 ご提案 !
「分割払いなどのご相談も承っております。」
[ ] offer: 分割払いなどのご相談をご案内した
ご異議やご不明な点があれば、それ以上のご請求はせず責任者に引き継ぐ。"""

_TO_OTHERS = """# 名乗り
「{担当姓}と申します。ご連絡がございましてお電話いたしました。またおかけ直しいたします。」
[ ] identification: 名乗った"""

_TEXTS: Mapping[Audience, str] = {
    "customer": _FLOW,
    "third_party": _TO_OTHERS,
    "vip": _FLOW,  # to begin with
}


def standard_text(kind: str, audience: Audience) -> str:
    """The text for a kind of campaign and an audience; "" where there is none."""
    return _TEXTS[audience] if kind == KIND else ""
