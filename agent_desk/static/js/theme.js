// Classic script in <head>: sets the theme before anything is drawn, so that no page flashes.
(() => {
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // no storage: the system's theme it is
  }
})();
