/** Pages without live state: the theme switch, and instants in Japanese time. */
import { pageData } from "./page_data.js";
import { showInstants } from "./views/instants.js";
import { themeSwitch } from "./views/theme_switch.js";

const { t, f } = pageData();
themeSwitch(document, { t, storage: localStorage });
showInstants(document, { f });
