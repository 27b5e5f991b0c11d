// Light or dark before the page is drawn (this file is not deferred), and when it is chosen: the "theme" event of an answer.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    const system = dark.matches ? "dark" : "light";
    root.dataset.bsTheme = /light|dark/.test(root.dataset.theme) ? root.dataset.theme : system;
    document.cookie = `scheme=${root.dataset.bsTheme};path=/;max-age=31536000;samesite=lax`;
  };
  show();
  dark.addEventListener("change", show);
  document.addEventListener("theme", ({ detail }) => {
    root.dataset.theme = detail.theme;
    show();
  });
})();
