// A menu is [data-menu] > button + .menu-list[popover]: arrow keys, Home and End walk through it, and arrows through what the
// search found; Esc and choosing close it and give the keyboard back. What CSS cannot put at its button is put there here.
(() => {
  const STOPS = ":popover-open :is(a, button:not(:disabled), summary), [name=q], .search-results a";
  const next = { ArrowDown: (at) => at + 1, ArrowUp: (at) => Math.max(at, 0) - 1, Home: () => 0, End: () => -1 };
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
    const menu = event.target.closest("[data-menu]:has(:popover-open), [data-search]");
    const open = menu?.querySelector(":popover-open");
    const to = menu && (open || event.key.startsWith("Arrow")) && next[event.key];
    if (to) {
      const stops = [...menu.querySelectorAll(STOPS)].filter((each) => each.checkVisibility());
      stops.at(to(stops.indexOf(event.target)) % stops.length).focus();
    } else if (open && event.key === "Escape") close(open);
    else return;
    event.preventDefault();
  });
})();
