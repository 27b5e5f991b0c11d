// Shows the server's messages: those drawn into #toasts, and those of the "toast" event of an htmx answer. They go when their button is pressed, or
// when the time is up that CSS gives them.
(() => {
  const region = document.getElementById("toasts");
  const show = ({ text, level }) => {
    const note = document.getElementById("note").content.firstElementChild.cloneNode(true);
    note.className = `note note-${level}`;
    note.firstElementChild.textContent = text;
    region.append(note);
  };
  document.addEventListener("toast", ({ detail: { notes } }) => {
    region.hidePopover();
    region.showPopover(); // again, so that it is above a drawer or dialog that was opened since
    notes.forEach(show);
  });
  region.addEventListener("click", ({ target }) => target.closest("[data-dismiss]")?.parentElement.remove());
  region.addEventListener("animationend", ({ target }) => target.remove());
})();
