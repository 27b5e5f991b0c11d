// Light or dark before the page is drawn (this file is not deferred), and the choice in the user menu.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const keep = (name, value) => {
    document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`;
  };
  const show = () => {
    const theme = root.dataset.theme;
    root.dataset.bsTheme = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
    keep("scheme", root.dataset.bsTheme);
  };
  show();
  dark.addEventListener("change", show);
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-theme-form]")) return;
    event.preventDefault();
    root.dataset.theme = event.submitter.value;
    keep("theme", root.dataset.theme);
    for (const button of event.target.querySelectorAll("[name=theme]")) {
      button.setAttribute("aria-pressed", button === event.submitter);
    }
    show();
  });
})();
