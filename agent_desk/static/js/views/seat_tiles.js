/** Every live seat as a tile, in groups by what they do. Only what is in sight is kept ticking. */
import { filterSeats, GROUPS, seatsOf } from "../core/floor_order.js";
import { el, part, reconcile, setText } from "./dom.js";
import { seatTile } from "./seat_tile.js";

/** @returns {{shows: (id: string) => boolean}} whether a live seat passes the filters */
export function seatTiles({ root, layout, ...view }) {
  const { server, redraw, t } = view;
  const groups = part(root, "seat-groups");
  const tile = seatTile(view);
  const filter = { campaignId: null, text: "" };
  const inSight = new Set();
  let passing = new Set();
  // The browser says which tiles it draws (`content-visibility`): an observer of our own would look
  // at a thousand of them with each frame once more.
  groups.addEventListener("contentvisibilityautostatechange", ({ target, skipped }) => {
    if (skipped) {
      inSight.delete(target);
    } else {
      inSight.add(target);
      tick(target);
    }
  }, true);
  part(root, "filter-campaign").addEventListener("change", ({ target }) => {
    filter.campaignId = target.value === "" ? null : Number(target.value);
    redraw.soon();
  });
  part(root, "filter-text").addEventListener("input", ({ target }) => {
    filter.text = target.value;
    redraw.soon();
  });

  function drawGroups(seats) {
    const shown = GROUPS.map((group) => ({ ...group, seats: seatsOf(group, seats) }))
      .filter((group) => group.seats.length > 0);
    reconcile(groups, shown, {
      keyOf: ({ id }) => id,
      create: ({ id }) => el("section", { class: "seat-group", "data-group": id },
        el("h3", {}, el("b", {}, t(`floor.group.${id}`)), el("span", { "data-part": "count" })),
        el("div", { class: "seat-tiles", "data-part": "tiles" })),
      update: (section, group) => {
        setText(part(section, "count"), t("floor.seat_count", { n: group.seats.length }));
        reconcile(part(section, "tiles"), group.seats, {
          keyOf: ({ id }) => id, create: tile.create, update: tile.update,
        });
      },
    });
  }

  function tick(element) {
    const seat = server.state?.seats[element.dataset.seat];
    if (seat && element.isConnected) tile.drawTime(element, seat);
    else inSight.delete(element);
  }

  redraw.draw(() => {
    if (!server.state) return;
    const all = Object.values(server.state.seats);
    reconcile(part(root, "filter-campaign"), [{ id: "", name: t("floor.all_campaigns") },
      ...Object.values(server.state.campaigns)], {
      keyOf: ({ id }) => id,
      create: ({ id }) => el("option", { value: id }),
      update: (option, { name }) => setText(option, name),
    });
    const matching = filterSeats(all, filter);
    passing = new Set(matching.map(({ id }) => id));
    if (layout.is("tiles")) drawGroups(matching);
    const empty = matching.length === 0;
    part(root, "no-seats").hidden = !empty;
    const why = all.length ? "floor.none_match" : "floor.no_seats";
    setText(part(root, "no-seats"), empty ? t(why) : "");
  });
  redraw.tick(() => { for (const element of inSight) tick(element); });
  return { shows: (id) => passing.has(id) };
}
