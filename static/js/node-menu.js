// The menu of what stands in the tree ([data-node-menu] says where it is fetched): by right click, the menu key or Shift+F10,
// a long press, or the "⋯" of the line. And its name, changed in place ([data-rename]): Enter or leaving the field saves,
// Esc brings back what was. While that goes on, the tree is not drawn anew for what others do.
(() => {
  const menu = () => document.getElementById("node-menu");
  const open = async (line, x, y) => {
    line.focus();
    await htmx.ajax("GET", line.dataset.nodeMenu, { target: menu(), swap: "innerHTML" });
    menu().dataset.of = line.id;
    const { style, offsetWidth, offsetHeight } = (menu().showPopover(), menu());
    style.left = `${Math.max(8, Math.min(x, innerWidth - offsetWidth - 8))}px`;
    style.top = `${Math.max(8, Math.min(y, innerHeight - offsetHeight - 8))}px`;
    menu().querySelector("summary").focus();
  };
  document.addEventListener("contextmenu", (event) => {
    const line = event.target.closest("[data-node-menu]");
    if (!line) return;
    event.preventDefault();
    if (!Sortable.active) open(line, event.clientX, event.clientY);
  });
  document.addEventListener("click", (event) => {
    const more = event.target.closest("[data-more]");
    const rename = event.target.closest("[data-rename-line]");
    if (more || rename) event.preventDefault();
    if (more) open(more.closest("[data-node-menu]"), event.clientX, event.clientY);
    if (rename) htmx.trigger(document.getElementById(rename.dataset.renameLine), "rename");
  });

  const close = (form) => {
    const line = form.parentElement.previousElementSibling;
    form.elements.name.value = form.dataset.renaming;
    form.removeAttribute("data-renaming");
    form.parentElement.remove();
    line.focus();
  };
  document.addEventListener("rename", async ({ target: line }) => {
    await htmx.ajax("GET", line.dataset.rename, { target: line, swap: "afterend" });
    line.nextElementSibling.querySelector("input").select();
  });
  document.addEventListener("keydown", (event) => {
    const form = event.key === "Escape" && event.target.closest("[data-renaming]");
    if (!form) return;
    event.preventDefault();
    close(form);
  });
  document.addEventListener("focusout", ({ target }) => {
    const form = target.closest("[data-renaming]");
    if (form && target.value === form.dataset.renaming) form.parentElement.remove();
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const busy = Sortable.active || detail.target.querySelector("[data-renaming]");
    if (busy && detail.requestConfig.elt.matches("#tree-body > [data-while-visible]")) detail.shouldSwap = false;
  });
})();
