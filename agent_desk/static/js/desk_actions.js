/**
 * What the buttons and keys of the desk do: one verb each, all of them commands to the server.
 *
 * The page never changes a state by itself; it asks, shows that it has asked, and draws what comes
 * back. A refusal is said in words, once, here.
 */
import { errorText } from "./core/messages.js";
import { isSamePromise } from "./core/promise_entry.js";
import { awaitsIdentity, isMarked, isStranger, offers } from "./core/seat_rules.js";

// What was refused of these is no longer anybody's concern once the call's result is saved.
const OF_A_CALL = ["save_result", "mark_status", "set_promise", "withdraw_promise", "set_callback"];

export function deskActions({ commands, server, local, notice, t }) {
  /** Statuses are named as the page shows them. */
  function explain(error) {
    const statuses = server.state?.campaign?.statuses ?? [];
    const label = (code) => statuses.find((one) => one.code === code)?.label ?? code;
    if (!error.id?.startsWith("status-contr") && error.id !== "status-contained") {
      return errorText(t, error);
    }
    const { code, other } = error.details;
    return errorText(t, { ...error, details: { code: label(code), other: label(other) } });
  }

  /** Send; on refusal say why and give null. */
  async function ask(event, payload) {
    try {
      const answer = await commands.send(event, payload);
      notice.settle(event);
      return answer;
    } catch (refused) {
      notice.problem(explain(refused.error ?? { id: "unexpected" }), event);
      return null;
    }
  }

  const callId = () => server.state?.call?.id;
  const act = {
    explain,
    ask,
    away: (reason) => ask("go_away", { reason }),
    cancelAway: () => ask("cancel_away"),
    hangUp: () => ask("hang_up"),
    mute: () => ask("mute", { on: !server.state.seat.muted }),
    hold: () => ask("hold", { on: server.state.seat.state !== "hold" }),
    pauseRecording: () => ask("pause_recording", { on: server.state.call?.recording !== "paused" }),
    extendWrapUp: () => ask("extend_wrap_up"),
    nextCustomer: () => ask("next_customer"),
    placePreviewed: () => ask("place_previewed"),
    skipPreviewed: (reason) => ask("skip_previewed", { reason }),
    thirdParty: () => ask("third_party", { call_id: callId() }),
    checkIdentity: (answer) => ask("check_identity", { call_id: callId(), answer }),
    noteObjection: (reason, text) =>
      ask("note_objection", { call_id: callId(), reason, document: text }),
    withdrawPromise: () => ask("withdraw_promise", { call_id: callId() }),
    setCallback: ({ dueAt, own }) => ask("set_callback", { call_id: callId(), due_at: dueAt, own }),
    draftNote: (id, text) => commands.send("draft_note", { call_id: id, text }),

    /** What is missing is asked for where it belongs, by its own view. */
    async saveResult(counterpart = null) {
      const id = callId();
      if (!id || !offers(server.state, { linkUp: true }).save) return;
      const said = counterpart === null ? {} : { counterpart };
      try {
        await commands.send("save_result", { call_id: id, note: act.readNote(), ...said });
        act.noteSaved(id);
        OF_A_CALL.forEach(notice.settle);
      } catch (refused) {
        const error = refused.error ?? { id: "unexpected" };
        if (error.id === "counterpart-needed") act.askCounterpart();
        else notice.problem(explain(error), "save_result");
        if (error.id === "field-required") act.focusField(error.details.field);
      }
    },

    /** A status button or its key. */
    pressStatus(code) {
      const { call, campaign } = server.state ?? {};
      const status = campaign?.statuses.find((one) => one.code === code);
      if (!status || !offers(server.state, { linkUp: true }).record) return;
      if (awaitsIdentity(status, { call, campaign })) {
        notice.problem(t("status.after_identity"));
      } else if (code === "payment_date" && isStranger(server.state)) {
        notice.problem(t("error.caller-unknown"));
      } else if (code === "payment_date") {
        confirmPromise(call);
      } else {
        const on = !isMarked(code, call, local.state.pending);
        ask("mark_status", { call_id: call.id, code, on });
      }
    },
  };

  /** The sentence to read back is on the page since the date was typed: this press confirms it. */
  function confirmPromise(call) {
    const typed = act.readPromise();
    const { dueOn, amountYen, method, parts, problem } = typed;
    const same = isSamePromise(typed, call.promise);
    const plan = { ...(method && { method }), ...(parts.length && { parts }) };
    if (problem || same) act.focusPromise({ missing: problem === "date_missing" });
    else {
      act.promiseGoesOut();
      ask("set_promise", { call_id: call.id, due_on: dueOn, amount_yen: amountYen, ...plan });
    }
    if (same) notice.info(t("promise.already"));
  }

  return act;
}
