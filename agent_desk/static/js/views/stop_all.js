/** The red stop over the whole page: every campaign this lead may steer, at once. */
import { atStake } from "../core/campaign_figures.js";
import { el, icon, part, setText } from "./dom.js";
import { inFlight, isBlocked, setBlocked, stopChoices } from "./stopping.js";
import { twoStep } from "./two_step.js";

const PLACE = "stop:all";

export function stopAll({ root, server, local, redraw, t, doing, maySteer }) {
  const at = (name) => part(root, name);
  const button = at("stop-all");
  const campaigns = () => Object.values(server.state?.campaigns ?? {});
  drawStopped();
  if (!maySteer) return;

  const choice = twoStep({
    t, label: t("floor.stop_all"),
    onChoice: (chosen) => doing.run(PLACE, t("floor.stop_all"),
      [["stop_all", { in_flight: inFlight(chosen) }]]),
  });
  const note = el("p", { class: "steering-note", role: "status", "data-testid": "stop-all-note" },
    icon("warning"), el("span"));
  at("stop-all-area").append(choice.element, note);
  const question = (stake) => t("floor.stop_all.ask", { n: stake.going, ...stake });

  button.addEventListener("click", () => {
    if (isBlocked(button)) return;
    if (choice.isOpen) return choice.close();
    const stake = atStake(campaigns());
    choice.open(question(stake), stopChoices(t, stake), button);
  });

  function reason(stake) {
    if (!server.state) return t("floor.loading");
    if (doing.under(PLACE)) return t("floor.under_way", { what: doing.under(PLACE) });
    if (campaigns().length === 0) return t("floor.no_campaigns");
    if (stake.going + stake.ringing + stake.waiting === 0) return t("floor.all_stopped_already");
    return null;
  }

  function noteText() {
    if (!doing.under(PLACE)) return doing.refused(PLACE) ?? "";
    return local.state.link === "up" ? t("floor.under_way", { what: doing.under(PLACE) })
      : t("floor.stop_waits");
  }

  redraw.draw(() => {
    const stake = atStake(campaigns());
    const blocked = reason(stake);
    setBlocked(button, blocked);
    if (blocked) choice.close();
    choice.ask(question(stake), stopChoices(t, stake));
    button.setAttribute("aria-expanded", String(choice.isOpen));
    setText(note.lastElementChild, noteText());
    note.hidden = noteText() === "";
    note.dataset.level = doing.refused(PLACE) ? "problem" : "info";
  });

  function drawStopped() {
    redraw.draw(() => {
      const all = campaigns();
      const stopped = all.length > 0 && all.every(({ running }) => running === "stopped");
      at("stopped-banner").hidden = !stopped;
      setText(at("stopped-text"), stopped
        ? t(maySteer ? "floor.all_stopped" : "floor.all_stopped_seen") : "");
    });
  }
}
