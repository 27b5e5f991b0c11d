// Reads a sentence out to screen readers: the "announce" event of an htmx answer, or of another script.
document.addEventListener("announce", ({ detail }) => {
  const region = document.getElementById("announcer");
  region.textContent = "";
  setTimeout(() => (region.textContent = detail.text ?? detail.value ?? ""), 50);
});
