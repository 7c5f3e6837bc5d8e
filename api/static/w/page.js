// On every page of the workshop: the badge of the queue, sending, the service worker, and what is known offline.

import { leaveBy } from "./leaving.js";
import { counts, FullError, know, known, NewerError, onChange } from "./queue.js";
import { sendNow, standstill, start } from "./sending.js";
import { refresh } from "./snapshot.js";
import { make, say } from "./words.js";

const { organisation, offline } = document.getElementById("session").dataset;
const DAY_MS = 86_400_000;
const SHELL_MS = 10 * 60_000;

/** Say something above the page, once for each name; "" takes it away. */
export function notice(name, text) {
  const place = document.getElementById("notices");
  const shown = place.querySelector(`[data-name="${name}"]`);
  if (shown && shown.textContent === text) return;
  shown?.remove();
  if (text) place.append(make("p", text, { "data-name": name }));
}

/** Tell a person that something could not be kept on this phone. */
export function refuse(error) {
  if (error instanceof FullError) notice("full", say("full"));
  else if (error instanceof NewerError) notice("newer", say("newer"));
  else notice("broken", say("broken"));
}

async function showBadge() {
  const badge = document.getElementById("queue-badge");
  const { waiting, sending, needs, oldest } = await counts();
  const open = waiting + sending;
  badge.hidden = open + needs === 0;
  const text = needs > 0 ? badge.dataset.needs.replace("{count}", needs) : badge.dataset.waiting.replace("{count}", open);
  badge.querySelector("[data-count]").textContent = text;
  badge.classList.toggle("needs", needs > 0);
  notice("old", oldest !== null && Date.now() - oldest > DAY_MS ? say("old") : "");
}

function showNetwork() {
  notice("offline", navigator.onLine ? "" : say("offline"));
}

function showStandstill() {
  notice("signed-out", standstill === "signed-out" ? say("signedOut") : "");
}

/** Only this one script may become a worker: see the header Content-Security-Policy. */
async function startWorker() {
  const only = (address) => {
    if (address !== "/w/sw.js") throw new TypeError("no such worker");
    return address;
  };
  const policy = globalThis.trustedTypes?.createPolicy("packtrail-worker", { createScriptURL: only });
  const address = policy ? policy.createScriptURL("/w/sw.js") : "/w/sw.js";
  await navigator.serviceWorker?.register(address, { scope: "/w", type: "module", updateViaCache: "none" });
}

/** Have the worker keep the pages that open offline: now and then, when somebody else is here, and after an update. */
async function keepShell() {
  const worker = (await navigator.serviceWorker.ready).active;
  const kept = await known("shell");
  const now = { organisation, lang: document.documentElement.lang, script: import.meta.url, at: Date.now() };
  const same = ["organisation", "lang", "script"].every((name) => kept?.[name] === now[name]);
  if (same && Math.abs(now.at - kept.at) < SHELL_MS) return;
  worker.postMessage("shell");
  await know("shell", now);
}

const update = () => showBadge().catch(refuse);
onChange(update);
addEventListener("standstill", showStandstill);
addEventListener("online", showNetwork);
addEventListener("offline", showNetwork);
showNetwork();
update();
const out = document.querySelector(".who form");
if (out) leaveBy(out, () => notice("leaving", say("leaving")));
if (offline === "on") startWorker().then(() => organisation && keepShell()).catch(() => {}); // a browser without module workers: everything but the pages offline works
start().catch(refuse);
if (organisation && navigator.onLine) refresh(organisation).catch(() => {});
navigator.storage?.persist?.().catch(() => {});

export { organisation, sendNow };
