/**
 * The note. What is typed belongs to the operator: a message of the server never overwrites it,
 * except when the call is another one. Until acknowledged it also lies in this tab's storage.
 */
import {
  acknowledged, cleanDraft, draftState, isDue, refused, sent, typed,
} from "../core/draft.js";
import { offers } from "../core/seat_rules.js";
import { part, setAttributes, setText } from "./dom.js";

const PAUSE_MS = 700;

export function noteBox({ root, server, local, redraw, t, act, storage, owner }) {
  const area = part(root, "note");
  const state = part(root, "note-state");
  const keyOf = (callId) => `note:${owner}:${callId}`;
  let draft = cleanDraft(null, "");
  let timer = null;

  act.readNote = () => area.value;
  act.focusNote = () => area.focus();
  act.noteSaved = (callId) => {
    storage.removeItem(keyOf(callId));
    if (draft.callId === callId) draft = cleanDraft(callId, draft.text);
  };
  area.addEventListener("input", () => {
    change(typed(draft, area.value));
    storage.setItem(keyOf(draft.callId), draft.text);
    later(PAUSE_MS);
  });
  area.addEventListener("blur", () => later(0));
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) act.saveResult();
  });

  function change(next) {
    draft = next;
    redraw.soon();
  }

  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(send, ms);
  }

  async function send() {
    if (!isDue(draft) || draft.callId === null) return;
    const { callId } = draft;
    change(sent(draft));
    try {
      await act.draftNote(callId, draft.text);
      if (callId !== draft.callId) return;
      change(acknowledged(draft));
      if (!isDue(draft)) storage.removeItem(keyOf(callId));
    } catch {
      if (callId === draft.callId) change(refused(draft)); // said by a notice; typed text stays
      return;
    }
    if (isDue(draft)) later(PAUSE_MS);
  }

  function followServer(call) {
    const callId = call?.id ?? null;
    if (callId !== draft.callId) {
      // the wrap-up ran out under the operator's hands: what was typed last still goes to its call
      if (isDue(draft)) act.draftNote(draft.callId, draft.text).catch(() => {});
      const kept = callId === null ? null : storage.getItem(keyOf(callId));
      draft = cleanDraft(callId, call?.note ?? "");
      if (kept !== null && kept !== draft.text) draft = typed(draft, kept);
      area.value = draft.text;
      later(0);
    } else if (call && draft.text === draft.acknowledged && draft.underWay === null &&
               (call.note ?? "") !== draft.text && document.activeElement !== area) {
      draft = cleanDraft(callId, call.note ?? "");
      area.value = draft.text;
    }
  }

  redraw.draw(() => {
    if (!server.state) return;
    followServer(server.state.call);
    area.disabled = !offers(server.state, { linkUp: true }).record;
    const now = draftState(draft, { connected: local.state.link === "up" });
    setAttributes(state, { "data-state": now });
    setText(state, now === "empty" ? "" : t(`note.${now}`));
  });
}
