// <details data-menu>: arrow keys inside, Esc and a click elsewhere close it, and only one is open.
(() => {
  const opened = () => document.querySelectorAll("details[data-menu][open]");
  const items = (menu) => [...menu.querySelectorAll(".menu-list :is(a, button):not(:disabled)")];
  const step = { ArrowDown: 1, ArrowUp: -1 };
  document.addEventListener("click", ({ target }) => {
    for (const menu of opened()) {
      if (!menu.contains(target) || target.closest(".menu-item")) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest("details[data-menu][open]");
    if (!menu) return;
    const all = items(menu);
    const at = all.indexOf(document.activeElement);
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
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
