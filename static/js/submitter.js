// A form is sent with the name and value of the button that sent it, also of one outside it or pressed by a script, which htmx does not know of.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const button = detail.triggeringEvent?.submitter;
  if (button?.name && !detail.formData.has(button.name)) detail.formData.append(button.name, button.value);
});
