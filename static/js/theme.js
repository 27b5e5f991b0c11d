// Light or dark before the page is drawn (this file is not deferred), and when it is chosen: the "theme" event of an answer.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    root.dataset.bsTheme = root.dataset.theme.replace(/^(?!light|dark).*/, dark.matches ? "dark" : "light");
    document.cookie = `scheme=${root.dataset.bsTheme};path=/;max-age=31536000;samesite=lax`;
  };
  show();
  dark.addEventListener("change", show);
  document.addEventListener("theme", ({ detail }) => {
    root.dataset.theme = detail.theme;
    show();
  });
})();
