/** What the operator of an opened seat can do, given and taken by boxes; from the next offer on. */
import { el, part, reconcile, setText } from "./dom.js";

/** Draws into the dialog of one seat. @returns {(id: string, seat: object) => void} */
export function seatSkills({ root, server, doing, t }) {
  const at = (name) => part(root, name);
  const wished = new Map(); // by seat and skill, until the desk says the same or refuses
  let shown = null;

  at("seat-skills").addEventListener("change", async ({ target }) => {
    const payload = { seat: shown, skill: target.value, on: target.checked };
    const wish = `${shown} ${target.value}`;
    wished.set(wish, target.checked);
    if (!await doing.run("orders", "set_skill", [["set_skill", payload]])) wished.delete(wish);
  });

  function has(seat, code) {
    const there = (seat.skills ?? []).includes(code);
    const wish = `${shown} ${code}`;
    if (wished.get(wish) === there) wished.delete(wish);
    return wished.get(wish) ?? there;
  }

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
        line.querySelector("input").checked = has(seat, code);
      },
    });
    const lacks = (seat.lacks ?? []).map((each) => server.state.campaigns[each]?.name)
      .filter(Boolean);
    setText(at("seat-lacks"), lacks.length ? t("skills.lacks", { names: lacks.join("・") }) : "");
  };
}
