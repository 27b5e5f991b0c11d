// A complete card folds to its sentence (its button [data-fold] gets the event "fold") once the keyboard or a click has gone to another one of the list.
(() => {
  const leave = () => {
    const here = document.activeElement.closest("[data-cards] > [data-card]");
    for (const button of here?.parentElement.querySelectorAll("[data-fold]") ?? []) {
      if (!here.contains(button)) htmx.trigger(button, "fold");
    }
  };
  addEventListener("click", ({ isTrusted }) => isTrusted && setTimeout(leave));
  addEventListener("focusin", () => setTimeout(() => document.querySelector(":active") || leave(), 50)); // nothing moves under a press
})();
