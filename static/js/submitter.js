// A form is sent with the name and value of the button that sent it, also when the button stands outside the form or was pressed by a script: the
// browser does so by itself, htmx only for buttons inside that were clicked.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const button = detail.triggeringEvent?.submitter;
  if (button?.name && !detail.formData.has(button.name)) detail.formData.append(button.name, button.value);
});
