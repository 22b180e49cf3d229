// Sends the answers that wait on this device, with a fresh token, and forgets each one that arrived.
// Keeps a check-in whose page has lost its connection. Warns before signing out would lose one.
"use strict";

const { whose, question } = document.currentScript.dataset;
const HEADERS = { "HX-Request": "true" }; // whoever is not signed in is told by a status

const sendOne = async ({ id, made_at, fields }, token) => {
  const body = new URLSearchParams([...fields, ["id", id], ["made_at", made_at]]);
  const headers = { ...HEADERS, "X-CSRFToken": token };
  const answer = await fetch("/cabinet/check-in/unsent", { method: "POST", body, headers });
  // 422: it can never be kept, however often it is sent.
  if (answer.ok || answer.status === 422) await unsent.drop(id);
};

const sendAll = async () => {
  const waiting = await unsent.of(whose);
  if (waiting.length) {
    const answer = await fetch("/cabinet/check-in/token", { headers: HEADERS });
    if (!answer.ok) return;
    const { csrf_token } = await answer.json();
    for (const each of waiting) await sendOne(each, csrf_token);
  }
  await warn();
};

// app.js asks what stands in data-confirm before a form is sent.
const warn = async () => {
  const left = await unsent.of(whose);
  for (const form of document.querySelectorAll("form[action$='/sign-out']")) {
    if (left.length) form.dataset.confirm = question;
    else delete form.dataset.confirm;
  }
};

const post = (form) =>
  fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: HEADERS });

// No connection, one that breaks, a server that cannot answer: all are told by the request itself.
const trySend = async (form) => {
  const answer = await post(form).catch(() => undefined);
  if (!answer || answer.status >= 500) {
    await keepOnDevice(form);
    await warn();
    return;
  }
  const next = answer.headers.get("HX-Redirect");
  if (next) location.assign(next);
  else form.submit(); // refused: the page says why
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("form[action$='/sign-out']") && !event.defaultPrevented) unsent.forget();
  if (!form.matches("[data-offline]") || !answersOf(form).length) return;
  event.preventDefault();
  trySend(form);
});

const quietly = (promise) => promise.catch(() => undefined); // tried again on the next page
window.addEventListener("online", () => quietly(sendAll()));
quietly(unsent.belongTo(whose).then(sendAll));
navigator.serviceWorker?.register("/service-worker.js").catch(() => undefined);
