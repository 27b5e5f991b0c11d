// Where a new card goes. <button data-insert-at="2" data-insert-form="ID"> (a "+" between cards) fills [name=position] of the form of that id, which
// has [data-insert]; without it, a button of the palette adds at the end.
(() => {
  document.addEventListener("click", ({ target }) => {
    const { insertAt, insertForm } = target.closest("[data-insert-at]")?.dataset ?? {};
    if (insertForm) document.getElementById(insertForm).elements.position.value = insertAt;
  });
  const clear = () => document.querySelectorAll("[data-insert] > [name=position]").forEach((field) => (field.value = ""));
  const sent = () => {
    clear();
    document.querySelector("dialog[open]")?.close();
    document.querySelector(".pane:popover-open")?.hidePopover();
  };
  document.addEventListener("close", clear, true); // it was given up
  // Later: htmx reads the form while this event is still on its way.
  document.addEventListener("submit", ({ target }) => target.matches("[data-insert]") && setTimeout(sent));
})();
