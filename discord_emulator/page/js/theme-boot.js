/* Sets the remembered theme before the first paint; a classic script so that it runs before the page is shown. */
(() => {
  const theme = localStorage.getItem("melicon-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
