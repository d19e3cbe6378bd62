/** Every page without live state: only the theme switch. */
import { pageData } from "./page_data.js";
import { themeSwitch } from "./views/theme_switch.js";

themeSwitch(document, { t: pageData().t, storage: localStorage });
