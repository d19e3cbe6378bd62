"""A script's text, and the steps it becomes."""

from __future__ import annotations

from agent_desk.services.scripts.parsing import Branch, Said, Statement, parse

TEXT = """
# 名乗り
「{担当}と申します。」

[!] identification: 名乗った
[ ] thanks: お礼を述べた
-> ご本人: ご用件
# ご用件 !
「お支払いの件です。」
"""


def test_steps_statements_and_branches_are_read() -> None:
    first, second = parse(TEXT).steps
    assert (first.title, first.after_identity) == ("名乗り", False)
    assert (second.title, second.after_identity) == ("ご用件", True)
    assert first.parts == (
        Said("「{担当}と申します。」", 3),
        Said("", 4),
        Statement("identification", "名乗った", must=True, line=5),
        Statement("thanks", "お礼を述べた", must=False, line=6),
        Branch("ご本人", "ご用件", 7),
    )
    assert [each.code for each in parse(TEXT).statements] == ["identification", "thanks"]


def test_a_text_without_marks_is_one_step_without_a_title() -> None:
    [step] = parse("「もしもし」\n本人「はい」→「確認のため」").steps
    assert step.title == ""
    assert all(isinstance(part, Said) for part in step.parts)


def test_an_arrow_within_a_sentence_is_no_branch() -> None:
    [step] = parse("1. 回線を伺う → 有効コール: 済").steps
    assert step.of(Branch) == []


def test_nothing_is_nothing() -> None:
    assert parse("").steps == parse("\n \n").steps == ()
