// A menu is [data-menu] > button + .menu-list[popover]; walk.js walks through it. Esc and choosing close it and give the keyboard back. What CSS
// cannot put at its button is put there here.
(() => {
  let opener;
  const close = (menu) => {
    menu.hidePopover();
    opener.focus();
  };
  const opens = ({ target: menu, newState }) => {
    if (newState !== "open" || !menu.matches(".menu-list")) return;
    opener = menu.previousElementSibling ?? document.activeElement;
    const { left, bottom } = opener.getBoundingClientRect();
    menu.style.cssText = `--x: ${left}px; --y: ${bottom}px`;
  };
  document.addEventListener("beforetoggle", opens, true);
  document.addEventListener("click", ({ target }) => {
    if (target.closest(":popover-open .menu-item:not(summary)")) close(target.closest(".menu-list"));
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("[data-menu]")?.querySelector(":popover-open");
    if (!menu) return;
    close(menu);
    event.preventDefault();
  });
})();
