// Shows how much of an upload is sent. Without this file the form does the same, without the bar.
"use strict";

const MEGABYTE = 1024 * 1024;
const inWords = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-upload]") || event.defaultPrevented) return;
  event.preventDefault();
  const bytes = [...form.elements.file.files].reduce((sum, file) => sum + file.size, 0);
  if (bytes > Number(form.dataset.mostBytes)) {
    complain(form, form.querySelector("[data-too-large]").content.cloneNode(true));
  } else {
    send(form, bytes);
  }
});

const send = (form, bytes) => {
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  request.upload.addEventListener("progress", (event) => show(form, event.loaded, event.total));
  request.addEventListener("load", () => {
    const next = request.getResponseHeader("HX-Redirect");
    if (next) return location.assign(next);
    complain(form, document.createRange().createContextualFragment(request.responseText));
  });
  request.addEventListener("error", () => {
    complain(form, document.getElementById("trouble").content.cloneNode(true));
  });
  request.addEventListener("abort", () => stop(form));
  form.querySelector("[data-stop]").onclick = () => request.abort();
  show(form, 0, bytes);
  request.send(new FormData(form));
};

const show = (form, sent, all) => {
  const box = form.querySelector("[data-sending]");
  const words = box.querySelector("[data-text]");
  const text = sent < all ? words.dataset.text : words.dataset.then;
  const inMegabytes = (bytes) => inWords.format(bytes / MEGABYTE);
  words.textContent = text.replace("{sent}", inMegabytes(sent)).replace("{all}", inMegabytes(all));
  Object.assign(box.querySelector("progress"), { value: sent, max: all });
  // Read out when it begins and when it ends, not at each step.
  if (box.hidden || sent === all) box.querySelector("[role=status]").textContent = words.textContent;
  box.hidden = false;
};

const stop = (form) => {
  form.querySelector("[data-sending]").hidden = true;
  for (const busy of form.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
};

const complain = (form, words) => {
  const place = document.querySelector("[data-problem]");
  stop(form);
  place.replaceChildren(words);
  place.focus();
};
