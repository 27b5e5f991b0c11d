// A complete card folds to its sentence (its button [data-fold] gets the event "fold") once the keyboard or a click has gone to another one of the list.
(() => {
  const leave = () => {
    const here = document.activeElement.closest("[data-cards] > [data-card]");
    for (const button of here?.parentElement.querySelectorAll("[data-fold]") ?? []) {
      if (!here.contains(button)) htmx.trigger(button, "fold");
    }
  };
  for (const event of ["click", "keyup"]) addEventListener(event, ({ isTrusted }) => isTrusted && setTimeout(leave));
})();
