// Shows the server's messages: those drawn into #toasts, and those of the "toast" event of an htmx answer.
(() => {
  const region = document.getElementById("toasts");
  const dress = (note) => {
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = region.dataset.dismiss;
    close.addEventListener("click", () => note.remove());
    const words = document.createElement("span");
    words.append(...note.childNodes);
    note.append(words, close);
    if (!/error|warning/.test(note.className)) setTimeout(() => leave(note), 8000);
  };
  const leave = (note) => {
    if (note.matches(":hover, :focus-within")) setTimeout(() => leave(note), 2000);
    else note.remove();
  };
  const show = ({ text, level = "info" }) => {
    const note = document.createElement("p");
    note.className = `note note-${level}`;
    note.textContent = text;
    dress(note);
    region.append(note);
  };
  region.querySelectorAll("[data-note]").forEach(dress);
  document.addEventListener("toast", ({ detail }) => {
    region.hidePopover();
    region.showPopover(); // again, so that it is above a drawer or dialog that was opened since
    (detail.notes ?? [detail]).forEach(show);
  });
})();
