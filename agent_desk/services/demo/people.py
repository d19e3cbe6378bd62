"""Fictional people for the demo: common Japanese names drawn with a fixed seed.

Their numbers are 090-0xxx-xxxx, a block that is not assigned to anybody, and are accepted by the
practice carrier only. The carrier chooses how a customer behaves by the last two digits, so the
numbers step by 37: neighbours on a list differ, and any hundred of them hold the whole mix. Last
four digits from 9000 on are the carrier's test numbers and are left out.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

STEP = 37
NUMBERS_PER_BLOCK = 9000

SURNAMES = (
    ("佐藤", "サトウ"),
    ("鈴木", "スズキ"),
    ("高橋", "タカハシ"),
    ("田中", "タナカ"),
    ("伊藤", "イトウ"),
    ("渡辺", "ワタナベ"),
    ("山本", "ヤマモト"),
    ("中村", "ナカムラ"),
    ("小林", "コバヤシ"),
    ("加藤", "カトウ"),
    ("吉田", "ヨシダ"),
    ("山田", "ヤマダ"),
    ("佐々木", "ササキ"),
    ("山口", "ヤマグチ"),
    ("松本", "マツモト"),
    ("井上", "イノウエ"),
    ("木村", "キムラ"),
    ("林", "ハヤシ"),
    ("斎藤", "サイトウ"),
    ("清水", "シミズ"),
    ("山崎", "ヤマザキ"),
    ("森", "モリ"),
    ("池田", "イケダ"),
    ("橋本", "ハシモト"),
    ("阿部", "アベ"),
    ("石川", "イシカワ"),
    ("山下", "ヤマシタ"),
    ("中島", "ナカジマ"),
    ("石井", "イシイ"),
    ("小川", "オガワ"),
)
GIVEN_NAMES = (
    ("太郎", "タロウ"),
    ("花子", "ハナコ"),
    ("健一", "ケンイチ"),
    ("由美", "ユミ"),
    ("誠", "マコト"),
    ("恵子", "ケイコ"),
    ("大輔", "ダイスケ"),
    ("美咲", "ミサキ"),
    ("翔太", "ショウタ"),
    ("陽子", "ヨウコ"),
    ("直樹", "ナオキ"),
    ("真由美", "マユミ"),
    ("和也", "カズヤ"),
    ("明美", "アケミ"),
    ("拓也", "タクヤ"),
    ("久美子", "クミコ"),
    ("隆", "タカシ"),
    ("智子", "トモコ"),
    ("亮", "リョウ"),
    ("彩", "アヤ"),
)
TOWNS = ("青葉町", "緑が丘", "本町", "栄町", "旭町", "若葉台", "港町", "桜台", "中央", "東町")


@dataclass(frozen=True)
class Person:
    """One fictional customer. `number` is E.164."""

    place: int  # on the list, from 0
    name: str
    kana: str
    number: str
    town: str


def people(block: int, count: int) -> Iterator[Person]:
    """`count` people with the numbers 090-0bbb-xxxx of a block (0–999); always the same ones."""
    rng = random.Random(block)
    for place in range(count):
        surname, surname_kana = rng.choice(SURNAMES)
        given, given_kana = rng.choice(GIVEN_NAMES)
        last4 = place * STEP % NUMBERS_PER_BLOCK
        yield Person(
            place=place,
            name=f"{surname} {given}",
            kana=surname_kana + given_kana,
            number=f"+81900{block:03d}{last4:04d}",
            town=rng.choice(TOWNS),
        )
