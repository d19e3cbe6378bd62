/** Ending a call by having the customer asked for a score, where that is to be; and what came. */
import { offers } from "../core/seat_rules.js";
import { part, setAttributes, setText } from "./dom.js";

export function surveyButton({ root, server, local, redraw, t, act }) {
  const button = part(root, "hand-to-survey");
  button.addEventListener("click", () => act.handToSurvey());

  redraw.draw(() => {
    const survey = server.state?.call?.survey;
    const { state, forbidden } = survey ?? {};
    const may = offers(server.state, { linkUp: local.state.link === "up" }).handToSurvey;
    // Of a customer who was not drawn nothing is said; a rule against asking is.
    button.hidden = !survey || Boolean(state);
    button.disabled = !may;
    setAttributes(button, { title: forbidden ? t(`error.${forbidden}`) : null });
    setText(part(root, "survey-state"), state ? t(`survey.${state}`) : "");
    part(root, "survey-state-line").hidden = !state;
  });
}
