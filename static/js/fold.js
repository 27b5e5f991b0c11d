// A complete card folds to its sentence once the keyboard or a click has gone to another card of the list: its button [data-fold] gets the event
// "fold". After the click, so that nothing moves under the mouse.
(() => {
  const leave = () => {
    const here = document.activeElement.closest("[data-cards] > [data-card]");
    for (const button of here?.parentElement.querySelectorAll("[data-fold]") ?? []) {
      if (!here.contains(button)) htmx.trigger(button, "fold");
    }
  };
  for (const event of ["click", "keyup"]) addEventListener(event, ({ isTrusted }) => isTrusted && setTimeout(leave));
})();
