// What asks again and again ([data-while-visible]) rests while nobody can see the page, and asks at once when somebody
// can again (the event "seen").
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.target.matches("[data-while-visible]")) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-while-visible]")) htmx.trigger(element, "seen");
});
