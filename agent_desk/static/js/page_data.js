/** What the server wrote into the page: catalogue, who is signed in, the CSRF token. */
import { formats } from "./core/format.js";
import { translator } from "./core/messages.js";

const json = (id, otherwise) => {
  const block = document.getElementById(id);
  return block ? JSON.parse(block.textContent) : otherwise;
};

/** @returns {{t, f, locale, csrf, me, floorViews, iceServers}} */
export function pageData() {
  const locale = document.documentElement.lang;
  const t = translator(json("catalogue", {}));
  return {
    t,
    locale,
    f: formats(t, locale),
    csrf: document.querySelector('meta[name="csrf-token"]').content,
    me: json("me", null),
    floorViews: json("floor-views", []),
    iceServers: json("ice-servers", []),
  };
}
