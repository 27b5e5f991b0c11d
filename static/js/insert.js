// Where a new card goes. <button data-insert-at="2" data-insert-form="ID"> (a "+" between cards) fills [name=position]
// of the form of that id, which has [data-insert]; without it, a button of the palette adds at the end.
(() => {
  const clear = (form) => (form.elements.position.value = "");
  document.addEventListener("click", ({ target }) => {
    const place = target.closest("[data-insert-at]");
    if (place) document.getElementById(place.dataset.insertForm).elements.position.value = place.dataset.insertAt;
  });
  document.addEventListener("submit", ({ target }) => {
    if (!target.matches("form[data-insert]")) return;
    // Later: htmx reads the form while this event is still on its way.
    setTimeout(() => {
      clear(target);
      for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
      document.querySelector("#palette-pane.is-open")?.classList.remove("is-open");
    });
  });
  const abandoned = () => document.querySelectorAll("form[data-insert]").forEach(clear);
  document.addEventListener("close", abandoned, true);
})();
