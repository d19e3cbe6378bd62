/** Every live seat as a tile, in groups by what they do. Only what is in sight is kept ticking. */
import { GROUPS, seatsOf } from "../core/floor_order.js";
import { el, part, reconcile, setText } from "./dom.js";
import { seatTile } from "./seat_tile.js";

export function seatTiles({ root, layout, filters, ...view }) {
  const { server, redraw, t } = view;
  const groups = part(root, "seat-groups");
  const tile = seatTile(view);
  const inSight = new Set();
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
    if (server.state && layout.is("tiles")) drawGroups(filters.matching());
  });
  redraw.tick(() => { for (const element of inSight) tick(element); });
}
