// A complete card folds to its sentence when it is left: its button [data-fold] gets the event "fold" once the keyboard
// or a click has gone elsewhere in the same list. After the click, so that nothing moves under the mouse.
(() => {
  const leave = (target) => {
    const here = target.closest?.("[data-cards] > [data-card]");
    if (!here || target.closest("button[hx-post]")) return; // what that button does redraws the list anyway
    for (const card of here.parentElement.querySelectorAll(":scope > [data-card]")) {
      const button = card !== here && card.querySelector("[data-fold]");
      if (button) htmx.trigger(button, "fold");
    }
  };
  let byKey = false;
  addEventListener("keydown", () => (byKey = true), true);
  addEventListener("pointerdown", () => (byKey = false), true);
  addEventListener("click", ({ target, isTrusted }) => isTrusted && setTimeout(() => leave(target)));
  // A moment later: while cards are being exchanged, focus passes over what is not ready to be pressed.
  addEventListener("focusin", ({ target }) => byKey && setTimeout(() => document.activeElement === target && leave(target), 50));
})();
