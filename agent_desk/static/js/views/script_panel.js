/**
 * The script of the call: one step at a time, where the customer's answer leads next, and the
 * statements that have to be made. What comes after 本人確認 is not here before it.
 */
import { filledScript } from "../core/script.js";
import { el, part, setAttributes, setText } from "./dom.js";

export function scriptPanel({ root, server, redraw, t, act }) {
  const at = (name) => part(root, name);
  const body = at("script");
  let drawn = "";
  let callId = "";
  let current = "";

  function go(title) {
    current = title;
    redraw.soon();
    body.focus();
  }

  function fill(text) {
    const { me, record } = server.state;
    return filledScript(text, { operator: me.name, customer: record.customer });
  }

  const build = {
    say: ({ text }) => el("p", { class: "script-say" }, fill(text)),
    branch: ({ text, to }) => {
      const button = el("button", {
        type: "button", class: "button button-small script-branch", "data-testid": "script-branch",
      }, text);
      button.addEventListener("click", () => go(to));
      return button;
    },
    tick: ({ code, text, must }) => {
      const box = el("input", { type: "checkbox", "data-testid": `tick-${code}` });
      const not = el("button", {
        type: "button", class: "link-button", "data-testid": `not-said-${code}`,
      }, t("script.not_said"));
      box.addEventListener("change", () => act.tickStatement(code, box.checked));
      not.addEventListener("click", () => act.tickStatement(code, false));
      return el("p", { class: "script-tick", "data-statement": code },
        el("label", {}, box, el("span", {}, fill(text))),
        must ? el("span", { class: "script-must" }, t("script.must")) : null, not);
    },
  };

  function showTicks(ticks) {
    for (const line of body.querySelectorAll("[data-statement]")) {
      const said = ticks[line.dataset.statement];
      setAttributes(line, { "data-said": said === undefined ? null : String(said) });
      line.querySelector("input").checked = said === true;
      setAttributes(line.querySelector("button"), { "aria-pressed": String(said === false) });
    }
  }

  function drawSteps(steps, step) {
    const titled = steps.filter(({ title }) => title);
    at("script-steps").hidden = titled.length < 2;
    at("script-steps").replaceChildren(...titled.map(({ title }) => {
      const chip = el("button", {
        type: "button", class: "script-chip", "aria-current": title === step.title ? "step" : null,
      }, title);
      chip.addEventListener("click", () => go(title));
      return chip;
    }));
    body.replaceChildren(...step.parts.map((one) => build[one.kind](one)));
    body.scrollTop = 0;
  }

  redraw.draw(() => {
    const { call, record } = server.state ?? {};
    const script = record && call?.script;
    const shown = `${call?.id ?? ""} ${script?.audience ?? ""}`;
    if (shown !== callId) {
      callId = shown;
      current = "";
    }
    const steps = script?.steps ?? [];
    at("script-section").hidden = steps.length === 0;
    setText(at("script-withheld"), script?.withheld ? t("script.withheld") : "");
    if (steps.length === 0) return;
    const step = steps.find(({ title }) => title === current) ?? steps[0];
    const wanted = JSON.stringify([callId, step.title, steps, record.customer.name]);
    if (wanted !== drawn) drawSteps(steps, step);
    drawn = wanted;
    showTicks(script.ticks);
  });
}
