/** What the operator of an opened seat can do, given and taken by boxes; from the next offer on. */
import { el, part, reconcile, setText } from "./dom.js";

/** Draws into the dialog of one seat. @returns {(id: string, seat: object) => void} */
export function seatSkills({ root, server, doing, t }) {
  const at = (name) => part(root, name);
  let shown = null;

  at("seat-skills").addEventListener("change", ({ target }) => {
    const payload = { seat: shown, skill: target.value, on: target.checked };
    doing.run("orders", "set_skill", [["set_skill", payload]]);
  });

  return (id, seat) => {
    shown = id;
    const skills = Object.values(server.state.skills ?? {});
    at("seat-skills-field").hidden = skills.length === 0;
    reconcile(at("seat-skills"), skills, {
      keyOf: ({ code }) => code,
      create: ({ code }) => el("label", { class: "choice" },
        el("input", { type: "checkbox", value: code, "data-testid": "seat-skill" }), el("span")),
      update: (line, { code, name }) => {
        setText(line.querySelector("span"), name);
        line.querySelector("input").checked = (seat.skills ?? []).includes(code);
      },
    });
    const lacks = (seat.lacks ?? []).map((each) => server.state.campaigns[each]?.name)
      .filter(Boolean);
    setText(at("seat-lacks"), lacks.length ? t("skills.lacks", { names: lacks.join("・") }) : "");
  };
}
