// The menu of a line of the tree ([data-node-menu] says where it is fetched): by right click, the menu key or Shift+F10, a long press, or its "⋯".
// And its name, changed in place ([data-rename]): Enter or leaving the field saves, Esc brings back what was.
(() => {
  const open = async (event) => {
    const line = event.target.closest(event.type === "click" ? "[data-more]" : "[data-node-menu]")?.closest("[data-node-menu]");
    const menu = document.getElementById("node-menu");
    if (!menu?.contains(event.target)) menu?.hidePopover();
    if (!line) return;
    event.preventDefault();
    if (Sortable.active) return;
    line.focus();
    await htmx.ajax("GET", line.dataset.nodeMenu, { target: menu, swap: "innerHTML" });
    menu.showPopover();
    menu.style.cssText = `--x: ${event.clientX}px; --y: ${event.clientY}px`;
  };
  for (const name of ["click", "contextmenu"]) document.addEventListener(name, open);
  document.addEventListener("rename", ({ target }) => htmx.ajax("GET", target.dataset.rename, { target, swap: "afterend" }));
  document.addEventListener("focusin", ({ target }) => target.matches("[data-renaming] :not([aria-invalid])") && target.select());
  document.addEventListener("keydown", (event) => {
    const form = event.key === "Escape" && event.target.closest("[data-renaming]");
    if (!form) return;
    event.preventDefault();
    event.target.value = form.dataset.renaming;
    event.target.blur();
  });
  document.addEventListener("focusout", ({ target, relatedTarget }) => {
    const form = target.closest("[data-renaming]");
    if (!form || target.value !== form.dataset.renaming) return;
    const line = form.parentElement.previousElementSibling;
    form.parentElement.remove();
    if (!relatedTarget) line.focus();
  });
})();
