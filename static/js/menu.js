// [data-menu], a <details> or a popover ([data-of] names what gets the focus back): arrow keys inside, Esc and a click
// elsewhere close it, and only one is open.
(() => {
  const OPEN = "[data-menu]:is([open], :popover-open)";
  const items = (menu) =>
    [...menu.querySelectorAll(".menu-list :is(a, button, summary):not(:disabled)")].filter((item) => item.checkVisibility());
  const step = { ArrowDown: 1, ArrowUp: -1 };
  const close = (menu) => {
    const hadFocus = menu.contains(document.activeElement);
    if (!menu.popover) return void (menu.open = false);
    menu.hidePopover();
    if (hadFocus) document.getElementById(menu.dataset.of)?.focus();
  };
  document.addEventListener("click", ({ target }) => {
    for (const menu of document.querySelectorAll(OPEN)) {
      if (!menu.contains(target) || target.closest(".menu-item:not(summary)")) close(menu);
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest(OPEN);
    if (!menu) return;
    const all = items(menu);
    const at = all.indexOf(document.activeElement);
    if (event.key === "Escape") {
      close(menu);
      if (!menu.popover) menu.querySelector("summary").focus();
    } else if (event.key in step) {
      const from = at < 0 && step[event.key] < 0 ? 0 : at;
      all.at((from + step[event.key]) % all.length)?.focus();
    } else if (event.key === "Home" || event.key === "End") {
      all.at(event.key === "Home" ? 0 : -1)?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
})();
