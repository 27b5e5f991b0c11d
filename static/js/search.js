// The search of the top bar: Ctrl K goes there, Esc leaves. Arrow keys are menu.js's; what was found is shown by CSS.
document.addEventListener("keydown", (event) => {
  const box = document.querySelector("[data-search] > [name=q]");
  const comes = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
  const leaves = event.key === "Escape" && event.target.closest("[data-search]");
  if (!box || !(comes || leaves)) return;
  event.preventDefault();
  if (leaves) box.value = "";
  box.select();
  box.focus();
});
