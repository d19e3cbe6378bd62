/** `/reports`: the period's presets and readable instants; the figures come with the page. */
import { addDays, businessDate } from "./core/format.js";
import { pageData } from "./page_data.js";
import { part } from "./views/dom.js";
import { foldedMenu } from "./views/folded_menu.js";
import { showInstants } from "./views/instants.js";
import { reportJob } from "./views/report_job.js";
import { themeSwitch } from "./views/theme_switch.js";

const PERIODS = {
  today: (today) => [today, today],
  yesterday: (today) => [addDays(today, -1), addDays(today, -1)],
  seven_days: (today) => [addDays(today, -6), today],
  this_month: (today) => [`${today.slice(0, 8)}01`, today],
};

const { t, f } = pageData();
themeSwitch(document, { t, storage: localStorage });
showInstants(document, { f });

reportJob(document, {
  fetch: window.fetch.bind(window),
  later: window.setTimeout.bind(window),
  reload: () => window.location.reload(),
});

foldedMenu(document, { matchMedia: window.matchMedia.bind(window) });

const presets = part(document, "presets");
const today = businessDate(Date.parse(presets?.dataset.today) || Date.now());
presets?.addEventListener("click", (event) => {
  const name = event.target.dataset.preset;
  if (!name) return;
  const form = part(document, "report-form");
  [form.elements.from.value, form.elements.to.value] = PERIODS[name](today);
  form.requestSubmit();
});
