/* Sets the stored theme before the first paint; a classic script, to block rendering. */
(() => {
  const theme = localStorage.getItem("melicon-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
