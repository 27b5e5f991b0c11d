// On narrow screens the side panes are drawers: [data-drawer=ID] opens and closes the pane of that id.
(() => {
  const button = (pane) => document.querySelector(`[data-drawer="${pane.id}"]`);
  const set = (pane, open) => {
    pane.classList.toggle("is-open", open);
    button(pane).setAttribute("aria-expanded", open);
    if (open) pane.querySelector("input, a, button, [tabindex='0']")?.focus();
  };
  const close = (pane) => {
    set(pane, false);
    button(pane).focus();
  };
  document.addEventListener("click", ({ target }) => {
    const opener = target.closest("[data-drawer]");
    const open = document.querySelector(".pane.is-open");
    if (opener) set(document.getElementById(opener.dataset.drawer), true);
    else if (open && !open.contains(target) && !target.closest("dialog")) close(open);
  });
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest(".pane.is-open");
    if (open && !event.defaultPrevented) close(open);
  });
})();
