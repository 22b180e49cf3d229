// The page that a browser shows without a connection: it keeps what is answered.
"use strict";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-offline]")) return;
  event.preventDefault();
  if (answersOf(form).length) keepOnDevice(form);
});
