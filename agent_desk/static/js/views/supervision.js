/**
 * Listening, whispering, barging in and taking over: four buttons on each tile with a call, and a
 * bar at the foot of the page that says whose call one is in, how, and since when.
 */
import { timer } from "../core/format.js";
import { errorText } from "../core/messages.js";
import {
  hasTheCall, isHeard, MODES, ownUse, supervisable, Wishes,
} from "../core/supervision.js";
import { el, icon, part, reconcile, setAttributes, setText } from "./dom.js";
import { twoStep } from "./two_step.js";

const ICONS = { listen: "speaker", whisper: "message", barge: "people", take_over: "next" };
const QUIETEST_DBFS = -60; // the left end of the microphone's meter

/** `phone` is the lead's own leg (`floor_phone.js`). */
export function supervision({
  root, server, clock, redraw, t, me, maySteer, commands, phone: own,
}) {
  if (!maySteer) return;
  const use = () => ownUse(server.state, me.username);
  let problem = null; // of what was asked last; the server tells those that come later
  // Switches as they were set last, until the floor shows it: it is told four times a second.
  const wishes = new Wishes();
  let asking = null; // the seat whose call is to be taken over, while that is being asked

  const drawn = new WeakMap(); // by tile: what it was drawn from

  const bar = part(root, "supervision-bar");
  const at = (name) => part(bar, name);
  const confirm = twoStep({
    t, label: t("supervision.mode.take_over"), onChoice: () => start(asking, "take_over"),
  });
  at("supervision-confirm").append(confirm.element);

  const nameOf = (seat) => server.state?.seats[seat]?.name ?? seat;

  async function start(seat, mode) {
    problem = null;
    try {
      await own.supervise(seat, mode);
    } catch (refused) {
      problem = inWords(refused.error ?? { id: "unexpected" });
    }
    redraw.soon();
  }

  const ask = async (event, payload) => {
    problem = null;
    try {
      await commands.send(event, payload);
    } catch (refused) {
      problem = inWords(refused.error ?? { id: "unexpected" });
    }
    redraw.soon();
  };

  function inWords(error) {
    return error.id === "microphone" ? t(`device.${error.state}`) : errorText(t, error);
  }

  function press(seat, mode, button) {
    if (mode !== "take_over") {
      start(seat, mode);
      return;
    }
    asking = seat;
    drawBar();
    confirm.open(t("supervision.take_over_really", { name: nameOf(seat) }),
      [{ choice: "take-over-yes", text: t("supervision.mode.take_over"), look: "button-danger",
        icon: "next" }], button);
  }

  // --- the tiles -------------------------------------------------------------------------------

  const tileButtons = (seat) => el("div", {
    class: "tile-supervise", "data-part": "supervise", role: "group",
    "aria-label": t("supervision.group", { name: seat.name }),
  }, ...MODES.map((mode) => el("button", {
    type: "button", class: "button button-small", "data-mode": mode,
    "data-testid": `supervise-${mode}`, title: t(`supervision.about.${mode}`),
    "aria-label": t("supervision.button", { mode: t(`supervision.mode.${mode}`), name: seat.name }),
  }, icon(ICONS[mode]), el("span", {}, t(`supervision.mode.${mode}`)))));

  root.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-part='supervise'] button");
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    press(button.closest("[data-seat]").dataset.seat, button.dataset.mode, button);
  });

  // A thousand tiles: only one whose seat, or whose buttons, are others than before is drawn.
  function drawTile(tile, seat, mine) {
    const inMine = mine?.seat === seat.id ? mine : null;
    const busy = own.starting !== null || hasTheCall(mine);
    const sign = `${inMine?.asked ?? inMine?.mode ?? ""} ${busy}`;
    const before = drawn.get(tile);
    if (before?.seat === seat && before.sign === sign) return;
    drawn.set(tile, { seat, sign });
    const there = part(tile, "supervise");
    if (!supervisable(seat)) {
      there?.remove();
    } else {
      const buttons = there ?? tile.appendChild(tileButtons(seat));
      const current = mine?.seat === seat.id ? mine.asked ?? mine.mode : null;
      for (const button of buttons.children) {
        const busy = own.starting !== null || hasTheCall(mine);
        setAttributes(button, {
          "aria-pressed": String(button.dataset.mode === current),
          "aria-disabled": busy ? "true" : null,
        });
      }
    }
    const names = seat.supervised_by.map(({ name, mode }) =>
      t("supervision.by", { name, mode: t(`supervision.mode.${mode}`) })).join("・");
    let line = part(tile, "supervised-by");
    if (!names) line?.remove();
    else {
      line ??= tile.appendChild(el("p", {
        class: "tile-supervised", "data-part": "supervised-by", "data-testid": "supervised-by",
      }, icon("speaker"), el("span")));
      setText(line.lastElementChild, names);
    }
  }

  // --- the bar ---------------------------------------------------------------------------------

  at("supervision-modes").addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) press(use().seat, button.dataset.mode, button);
  });
  async function wish(name, on, event) {
    wishes.set(name, on);
    await ask(event, { on });
    if (problem) wishes.drop(name);
  }

  at("supervision-mute").addEventListener("click", () =>
    wish("muted", !wishes.of(use(), "muted"), "mute_supervisor"));
  at("supervision-hold").addEventListener("click", () =>
    wish("held", !wishes.of(use(), "held"), "hold_taken"));
  at("supervision-stop").addEventListener("click", () => {
    problem = null;
    if (use() === null) redraw.soon();
    else ask("stop_supervising", {});
  });
  at("supervision-follow").addEventListener("change", ({ target }) =>
    wish("follow", target.checked, "follow_seat"));
  at("supervision-microphone").addEventListener("change", ({ target }) =>
    own.mic.choose(target.value));
  at("supervision-resume").addEventListener("click", () => own.speaker.resume());

  function headline(mine) {
    if (own.starting) return t("supervision.starting", { name: nameOf(own.starting.seat) });
    if (!mine?.seat) return t("supervision.none");
    if (mine.waiting) return t("supervision.waiting", { name: mine.seat_name });
    if (mine.mode === null) return t("supervision.starting", { name: mine.seat_name });
    const now = mine.held ? "supervision.now.held" : `supervision.now.${mine.mode}`;
    return t(now, { name: mine.seat_name });
  }

  function drawBar() {
    const mine = use();
    wishes.shown(mine);
    const words = problem ?? (mine?.problem ? t(`supervision.problem.${mine.problem}`) : "");
    const shown = own.starting !== null || mine !== null || words !== "" || confirm.isOpen;
    bar.hidden = !shown;
    document.body.classList.toggle("supervising", shown);
    if (!shown) return;
    const running = mine !== null && mine.mode !== null && mine.mode !== undefined;
    setAttributes(bar, { "data-mode": running ? mine.mode : "none" });
    setText(at("supervision-text"), headline(mine));
    setText(at("supervision-problem"), words);
    at("supervision-problem").hidden = words === "";
    at("supervision-modes").hidden = !running || hasTheCall(mine);
    for (const button of at("supervision-modes").children) {
      setAttributes(button, {
        "aria-pressed": String(button.dataset.mode === (mine?.asked ?? mine?.mode)),
      });
    }
    at("supervision-mute").hidden = !running || !isHeard(mine);
    setAttributes(at("supervision-mute"), { "aria-pressed": String(wishes.of(mine, "muted")) });
    at("supervision-hold").hidden = !running || mine.mode !== "take_over";
    setAttributes(at("supervision-hold"), { "aria-pressed": String(wishes.of(mine, "held")) });
    at("supervision-record").hidden = !running || !mine.customer;
    setAttributes(at("supervision-record"), {
      href: mine?.customer ? `/admin/customers/${mine.customer}` : null,
    });
    at("supervision-meter").hidden = !running || !isHeard(mine);
    at("supervision-meter").value = (own.levelDbfs ?? QUIETEST_DBFS) - QUIETEST_DBFS;
    at("supervision-follow-field").hidden = !mine?.seat;
    at("supervision-follow").checked = wishes.of(mine, "follow");
    at("supervision-resume").hidden = !own.speaker.blocked;
    setText(at("supervision-stop-text"), t(stopLabel(mine)));
    drawMicrophones(running);
    drawTime(mine);
  }

  function stopLabel(mine) {
    if (hasTheCall(mine)) return "supervision.end_call";
    return mine?.seat ? "supervision.stop" : "app.close";
  }

  function drawMicrophones(running) {
    const found = own.mic.devices.filter(({ kind }) => kind === "audioinput");
    at("supervision-microphone-field").hidden = !running || found.length < 2;
    reconcile(at("supervision-microphone"), found, {
      keyOf: ({ id }) => id,
      create: ({ id }) => el("option", { value: id }),
      update: (option, { label }) => setText(option, label),
    });
    if (own.mic.chosen) at("supervision-microphone").value = own.mic.chosen;
  }

  function drawTime(mine) {
    setText(at("supervision-time"),
      mine?.since ? timer(clock.secondsSince(mine.since)) : "");
  }

  redraw.draw(() => {
    if (!server.state) return;
    const mine = use();
    for (const tile of root.querySelectorAll(":is(.seat-tile, .row-actions)[data-seat]")) {
      const seat = server.state.seats[tile.dataset.seat];
      if (seat) drawTile(tile, seat, mine);
    }
    drawBar();
  });
  redraw.tick(() => { if (server.state && !bar.hidden) drawTime(use()); });
  own.addEventListener("change", () => redraw.soon());
}
