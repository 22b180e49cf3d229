// Keeps the looks of the app and one page without names or values, so that a check-in can be
// made without a connection. Nothing else is ever kept: no page of a person, no answer of ours.
"use strict";

const CACHE = "coach-{{ version }}";
const PAGE = "/offline";
const FILES = {{ files|tojson }};

// Without cookies, so that what is kept is the same for everybody.
const keep = async () => {
  const cache = await caches.open(CACHE);
  const requests = [PAGE, ...FILES].map((path) => new Request(path, { credentials: "omit", cache: "reload" }));
  await cache.addAll(requests);
  await self.skipWaiting();
};

const clear = async () => {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
};

const fromCache = async (path) => (await caches.open(CACHE)).match(path);

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(clear()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, search, origin } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async (error) => (await fromCache(PAGE)) ?? Promise.reject(error)));
  } else if (FILES.includes(pathname + search)) {
    event.respondWith(fromCache(pathname + search).then((found) => found ?? fetch(request)));
  }
});
