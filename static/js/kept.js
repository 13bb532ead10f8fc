/* What is typed, kept on this device until the server has it: text in localStorage, files in IndexedDB.
   A record belongs to one account (or to the guest of a consumer's page), has a proof that is sent with it, and goes
   when the server says that it is done, when its owner leaves or somebody else signs in, or after its time. docs/privacy.md tells it. */
"use strict";

window.dacKept = (() => {
  const script = document.currentScript;
  const STORE = "dac.kept";
  const LAST = "dac.who";
  const HOUR = 3600 * 1000;
  const GUEST = "guest";
  const LIFE = { [GUEST]: 24 * HOUR, other: 72 * HOUR };

  const cookie = (name) => document.cookie.split("; ").find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
  const drop = (name) => (document.cookie = `${name}=; Path=/; Max-Age=0; SameSite=Lax`);

  // Whose page this is was settled when the server made it, whoever signs in elsewhere meanwhile. A page made for nobody
  // (the way in, an error) is told by the cookie who was here last.
  const isGuest = Boolean(script?.hasAttribute("data-guest"));
  const made = isGuest ? GUEST : document.querySelector("meta[name=who]")?.content;
  const here = () => cookie("who").replace(/\W/g, "");
  const owner = made || here();

  /** Another account has signed in here since: what stands on this page goes out under no other name. */
  const isElsewhere = () => !isGuest && Boolean(here()) && here() !== owner;

  function read() {
    try {
      return JSON.parse(localStorage.getItem(STORE)) || {};
    } catch {
      return {};
    }
  }

  /** False where the browser keeps nothing, or nothing more. */
  function write(records) {
    try {
      if (Object.keys(records).length) localStorage.setItem(STORE, JSON.stringify(records));
      else localStorage.removeItem(STORE);
      return true;
    } catch {
      return false;
    }
  }

  // --- files -------------------------------------------------------------------------------------------------

  function open() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open("dac", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("files");
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  /** One step in the store of files; null where the browser has none (some private windows). */
  async function inFiles(mode, step) {
    try {
      const base = await open();
      return await new Promise((resolve, reject) => {
        const move = base.transaction("files", mode);
        const asked = step(move.objectStore("files"));
        move.oncomplete = () => {
          base.close();
          resolve(asked?.result ?? true);
        };
        move.onabort = move.onerror = () => {
          base.close();
          reject(move.error);
        };
      });
    } catch {
      return null;
    }
  }

  /** `[[field, File], …]` of one record. */
  const keepFiles = (key, files) => inFiles("readwrite", (store) => store.put(files, key));
  async function filesOf(key) {
    const found = await inFiles("readonly", (store) => store.get(key));
    return Array.isArray(found) ? found : [];
  }
  const dropFiles = (keys) => keys.length && inFiles("readwrite", (store) => keys.map((key) => store.delete(key)).at(-1));

  // --- records -----------------------------------------------------------------------------------------------

  const mine = () => Object.values(read()).filter((one) => one.owner === owner);
  const find = (key) => mine().find((one) => one.key === key) ?? null;

  function keep(record) {
    const records = read();
    records[record.key] = { ...record, owner, at: Date.now() };
    return write(records);
  }

  function change(key, changes) {
    const records = read();
    if (!records[key]) return;
    Object.assign(records[key], changes);
    write(records);
  }

  function forget(...keys) {
    const records = read();
    const gone = keys.filter((key) => records[key]);
    if (!gone.length) return;
    for (const key of gone) delete records[key];
    write(records);
    dropFiles(gone);
  }

  const forgetOf = (isTheirs) => forget(...Object.values(read()).filter((one) => isTheirs(one.owner)).map((one) => one.key));

  function last(word) {
    try {
      if (word) localStorage.setItem(LAST, word);
      else if (word === "") localStorage.removeItem(LAST);
      return localStorage.getItem(LAST);
    } catch {
      return null;
    }
  }

  /** Whoever leaves leaves nothing behind for the next. */
  function leave(who = owner) {
    forgetOf((one) => one === who);
    last("");
  }

  function makeKey() {
    if (crypto.randomUUID) return crypto.randomUUID();
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // --- what the server said ----------------------------------------------------------------------------------

  /** Its word on the form that was sent last: `{key, word}`, once; null when it said nothing new. */
  function answer() {
    const [key, word] = cookie("sent").split(".");
    if (!key) return null;
    drop("sent");
    if (word === "done") forget(key);
    else change(key, word === "mend" ? { state: "typed", sent: "" } : { state: "typed" });
    return { key, word };
  }

  // What is too old goes; so does what she left behind who has gone, and, once somebody else signs in here, whatever the
  // accounts before her did. What is written after that in a page of theirs that still stands open is kept for them.
  const now = Date.now();
  forget(...Object.values(read()).filter((one) => now - one.at > (LIFE[one.owner] ?? LIFE.other)).map((one) => one.key));
  if (cookie("left")) {
    leave(cookie("left"));
    drop("left");
  }
  if (made && !isGuest && last() !== made) {
    forgetOf((one) => ![made, GUEST].includes(one));
    last(made);
  }

  return { owner, isGuest, isElsewhere, mine, find, keep, change, forget, leave, makeKey, answer, keepFiles, filesOf };
})();
