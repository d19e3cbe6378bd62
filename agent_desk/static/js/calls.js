/** `/reports/calls`: the table comes with the page; ladders and recordings when asked for. */
import { errorText } from "./core/messages.js";
import { ladder } from "./link/ladders.js";
import { recordedSound, recordingLink } from "./link/recordings.js";
import { pageData } from "./page_data.js";
import { el, part, setAttributes } from "./views/dom.js";
import { foldedMenu } from "./views/folded_menu.js";
import { showInstants } from "./views/instants.js";
import { recordingPlayer } from "./views/recording_player.js";
import { sipLadder } from "./views/sip_ladder.js";
import { themeSwitch } from "./views/theme_switch.js";

const { t, f, csrf } = pageData();
themeSwitch(document, { t, storage: localStorage });
showInstants(document, { f });
foldedMenu(document, { matchMedia: window.matchMedia.bind(window) });

const table = part(document, "calls");
const root = part(document, "player");
let player = null;
let played = null; // the button that was pressed for it

/** Mark the row that is heard; null for none. */
function mark(button) {
  if (played) setAttributes(played.closest("tr"), { "data-heard": null });
  played = button;
  if (played) setAttributes(played.closest("tr"), { "data-heard": "true" });
}

function closed() {
  root.hidden = true;
  played.focus();
  mark(null);
}

function play(button) {
  player ??= recordingPlayer({
    root, t, f, link: (id) => recordingLink(id, { csrf }), sound: recordedSound, onClose: closed,
  });
  const [time, number, , operator] = button.closest("tr").cells;
  mark(button);
  root.hidden = false;
  player.play(button.dataset.play, {
    title: [time, number.firstChild, operator].map((each) => each.textContent.trim()).join(" "),
  });
}

/** Open the row's ladder below it, or close it again. */
async function toggle(button) {
  const row = button.closest("tr");
  const open = button.getAttribute("aria-expanded") === "true";
  const id = `ladder-${button.dataset.ladder}`;
  setAttributes(button, { "aria-expanded": String(!open), "aria-controls": open ? null : id });
  if (open) {
    row.nextElementSibling.remove();
    return;
  }
  const cell = el("td", { colspan: row.children.length });
  const drawer = el("tr", { class: "ladder-row", "data-testid": "ladder-row", id }, cell);
  cell.append(el("p", { class: "ladder-note", role: "status" }, t("calls.ladder_loading")));
  row.after(drawer);
  try {
    cell.replaceChildren(sipLadder(await ladder(button.dataset.ladder), { t, f }));
  } catch (refused) {
    const text = errorText(t, refused.error ?? { id: "unexpected" });
    cell.replaceChildren(el("p", { class: "ladder-note", role: "alert" }, text));
  }
}

table?.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.dataset.ladder) toggle(button);
  if (button?.dataset.play) play(button);
});
