// Check-ins that were made without a connection wait here, and nothing else is kept: not who made
// them but a mark that tells people of one device apart, and that mark only beside their answers.
"use strict";

const unsent = (() => {
  const NAME = "coach-unsent";
  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  const open = () => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("answers", { keyPath: "id" });
      request.result.createObjectStore("device");
    };
    return done(request);
  };

  const within = async (store, mode, use) => {
    const database = await open();
    try {
      return await done(use(database.transaction(store, mode).objectStore(store)));
    } finally {
      database.close();
    }
  };

  const whose = () => within("device", "readonly", (store) => store.get("whose"));
  return {
    whose,
    belongTo: (mark) => within("device", "readwrite", (store) => store.put(mark, "whose")),
    keep: async (fields) => {
      const record = { id: crypto.randomUUID(), made_at: new Date().toISOString(), whose: (await whose()) ?? "", fields };
      return within("answers", "readwrite", (store) => store.put(record));
    },
    of: async (mark) => {
      const all = await within("answers", "readonly", (store) => store.getAll());
      return all.filter((each) => each.whose === mark);
    },
    drop: (id) => within("answers", "readwrite", (store) => store.delete(id)),
    forget: () => done(indexedDB.deleteDatabase(NAME)),
  };
})();

// Which answers a form holds; the token is of this page and would be stale when it is sent.
const answersOf = (form) =>
  [...new FormData(form)].filter(([name, value]) => name !== "csrf_token" && value !== "");

const pointAt = (words) => {
  words.hidden = false;
  words.scrollIntoView({ block: "center" });
};

// Keeps the answers of a form on this device and says so; what a browser refuses to keep stays typed.
const keepOnDevice = async (form) => {
  try {
    await unsent.keep(answersOf(form));
  } catch {
    pointAt(document.querySelector("[data-not-kept]"));
    return;
  }
  form.reset();
  pointAt(document.querySelector("[data-kept]"));
};
