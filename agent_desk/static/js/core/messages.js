/**
 * The words of the page: one flat catalogue of the page's language, sent with the page.
 *
 * A missing id shows itself as its own name: wrong, but visible and harmless. Families of ids that
 * the server names at run time (`error.<id>`, `notice.<id>`, …) fall back to a general sentence.
 */

/**
 * @param {Record<string, string>} catalogue id → text with `{placeholders}`
 * @returns {((id: string, params?: object) => string) & {has: (id: string) => boolean}}
 */
export function translator(catalogue) {
  const t = (id, params = {}) => {
    const text = catalogue[id];
    if (text === undefined) return id;
    return text.replace(/\{(\w+)\}/g, (whole, name) => params[name] ?? whole);
  };
  t.has = (id) => Object.hasOwn(catalogue, id);
  return t;
}

const PREVIEWED = "previewed-"; // what became of a call the operator chose, by its outcome

/** The sentence of a `notice`; a refusal told as a notice keeps the words of its error. */
export function noticeText(t, id, params) {
  if (id.startsWith(PREVIEWED)) {
    return t("preview.came_to", { outcome: t(`outcome.${id.slice(PREVIEWED.length)}`) });
  }
  return t.has(`notice.${id}`) ? t(`notice.${id}`, params) : errorText(t, { id, details: params });
}

/** The sentence for a refused or failed command: what went wrong and what to do. */
export function errorText(t, error) {
  const id = `error.${error.id}`;
  if (t.has(id)) return t(id, error.details ?? {});
  return error.message || t("error.unexpected");
}

/** Why a seat is away: chosen from a list, or because the desk sent it there. */
export function awayText(t, reason) {
  const id = `away.${reason}`;
  return t.has(id) ? t(id) : reason;
}
