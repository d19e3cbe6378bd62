/**
 * The ways of looking at the floor this person keeps under a name: one is chosen from a list, and a
 * dialog keeps what the page shows, renames, overwrites and deletes.
 *
 * What is shown meanwhile stays with the tab, in no address: a name that was looked for is in none.
 */
import { countFilters } from "../core/floor_filters.js";
import { beginning, FIRST_LOOK, readLook, sameLook } from "../core/floor_look.js";
import { errorText } from "../core/messages.js";
import { el, part, reconcile, setText } from "./dom.js";

const KEPT = "floor-look";

export function floorViews({
  root, server, look, layout, redraw, label, kept, first, me, storage, t, notice,
}) {
  const at = (name) => part(root, name);
  const dialog = at("view-dialog");
  let views = first;
  const chosen = () => views.find(({ id }) => id === look.state.view) ?? null;
  const isChanged = () => chosen() !== null && !sameLook(look.state, chosen());

  function begin() {
    const last = JSON.parse(storage.getItem(KEPT) ?? "null");
    const begun = beginning(last, views, { owner: me.username, layouts: layout.names });
    look.set({ ...FIRST_LOOK, ...begun });
    look.addEventListener("change", () =>
      storage.setItem(KEPT, JSON.stringify({ owner: me.username, ...look.state })));
  }

  at("view-choice").addEventListener("change", ({ target }) => {
    const view = views.find(({ id }) => String(id) === target.value);
    look.set(view ? { ...readLook(view, layout.names), view: view.id } : FIRST_LOOK);
  });

  // --- the dialog ------------------------------------------------------------------------------

  function summary() {
    const { filters, sort } = look.state;
    const keys = sort.map(({ by, down }) => `${label(by)}${down ? "▼" : "▲"}`).join(" ");
    return t("floor.view.summary", {
      layout: root.querySelector(`[data-layout="${look.state.layout}"]`).textContent.trim(),
      n: countFilters(filters), sort: keys || t("floor.column.time"),
    });
  }

  function open() {
    const view = chosen();
    setText(at("view-summary"), summary());
    at("view-name").value = view?.name ?? "";
    at("view-opens").checked = view?.opens ?? false;
    at("view-look").checked = true;
    at("view-look-field").hidden = !isChanged();
    setText(at("view-save"), t(view ? "floor.view.overwrite" : "floor.view.add"));
    for (const name of ["view-add", "view-remove"]) at(name).hidden = view === null;
    at("view-remove-really").hidden = true;
    say("");
    dialog.showModal();
    at("view-name").focus();
  }

  function say(problem) {
    setText(at("view-problem"), problem);
    at("view-problem").hidden = problem === "";
  }

  /** What the form says, with what the page shows or what the view showed before. */
  function told({ layout: name, filters, sort }) {
    return {
      name: at("view-name").value, opens: at("view-opens").checked, layout: name, filters, sort,
    };
  }

  async function send(ask, said) {
    const before = new Set(views.map(({ id }) => id));
    try {
      views = await ask();
    } catch (refused) {
      say(errorText(t, refused.error ?? { id: "unexpected" }));
      return;
    }
    const fresh = views.find(({ id }) => !before.has(id));
    look.set({ view: fresh?.id ?? chosen()?.id ?? null });
    dialog.close();
    notice.info(said);
    redraw.soon();
  }

  const add = () => send(() => kept.add(told(look.state)), t("floor.view.kept"));
  at("view-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const view = chosen();
    if (view === null) {
      add();
      return;
    }
    const shown = at("view-look").checked ? look.state : view;
    send(() => kept.change(view.id, told(shown)), t("floor.view.kept"));
  });
  at("view-add").addEventListener("click", () => {
    if (at("view-form").reportValidity()) add();
  });
  at("view-remove").addEventListener("click", () => {
    at("view-remove-really").hidden = false;
    at("view-remove-yes").focus();
  });
  at("view-remove-yes").addEventListener("click", () =>
    send(() => kept.remove(look.state.view), t("floor.view.removed")));
  at("view-close").addEventListener("click", () => dialog.close());
  at("view-open").addEventListener("click", open);

  begin();
  redraw.draw(() => {
    at("view-open").disabled = server.state === null;
    reconcile(at("view-choice"), [{ id: "", name: t("floor.view.none") }, ...views], {
      keyOf: ({ id }) => id,
      create: ({ id }) => el("option", { value: id }),
      update: (option, { name, opens }) =>
        setText(option, opens ? t("floor.view.opening", { name }) : name),
    });
    at("view-choice").value = String(chosen()?.id ?? "");
    at("view-changed").hidden = !isChanged();
  });
}
