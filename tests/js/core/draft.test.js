import assert from "node:assert/strict";
import test from "node:test";
import { acknowledged, cleanDraft, draftState, isDue, refused, sent, typed }
  from "../../../agent_desk/static/js/core/draft.js";

test("what is typed while a draft travels follows it", () => {
  let draft = sent(typed(cleanDraft("c1", ""), "あ"));
  assert.equal(isDue(draft), false);
  draft = acknowledged(typed(draft, "あい"));
  assert.equal(draft.acknowledged, "あ");
  assert.equal(isDue(draft), true);
  draft = acknowledged(sent(draft));
  assert.equal(isDue(draft), false);
});

test("a refused draft is due again", () => {
  assert.equal(isDue(refused(sent(typed(cleanDraft("c1", ""), "あ")))), true);
});

test("the operator is told the truth about the note", () => {
  const clean = cleanDraft("c1", "");
  const dirty = typed(clean, "あ");
  assert.equal(draftState(clean, { connected: false }), "empty");
  assert.equal(draftState(dirty, { connected: true }), "saving");
  assert.equal(draftState(sent(dirty), { connected: false }), "unsent");
  assert.equal(draftState(acknowledged(sent(dirty)), { connected: false }), "saved");
});
