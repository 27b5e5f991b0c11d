// Where a new card goes: <button data-insert-at="2" data-insert-form="ID"> (a "+") fills [name=position] of that form[data-insert]; else at the end.
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
