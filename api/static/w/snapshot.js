// What the register said of the batteries that this organisation has to do with, kept for when there is no network.
//
// A verdict that is kept ages: up to a day it is given with its age, up to three days as old, then not at all. It is
// reckoned by the device's clock since it was fetched; a clock that was put back gives no verdict.

import { codeOf } from "./event.js";
import * as queue from "./queue.js";

const HOUR = 3_600_000;
const FRESH_MS = 24 * HOUR;
const OLD_MS = 72 * HOUR;
const REFRESH_MS = 10 * 60_000;
const MOST_FORMS = 12;

/** Fetch it again, unless that was done in the last minutes. Also the forms of the kinds that are in it. */
export async function refresh(organisation, now = Date.now()) {
  const kept = await queue.known("snapshot");
  const age = now - (kept?.keptAt ?? 0);
  if (kept?.organisation === organisation && age >= 0 && age < REFRESH_MS) return;
  const answer = await fetch("/v1/workshop/snapshot", { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) return;
  const snapshot = await answer.json();
  await queue.know("snapshot", { ...snapshot, keptAt: now });
  await learnForms(snapshot);
}

/** Ask for the forms of one battery after the other until each kind of the snapshot has been seen. */
async function learnForms(snapshot) {
  const missing = new Set(snapshot.batteries.flatMap((battery) => battery.kinds));
  const forms = {};
  for (const battery of snapshot.batteries) {
    if (missing.size === 0 || Object.keys(forms).length >= MOST_FORMS) break;
    if (!battery.kinds.some((kind) => missing.has(kind))) continue;
    const answer = await fetch(`/v1/workshop/battery/${battery.code}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) break;
    for (const { kind, form, en, zh } of (await answer.json()).actions) {
      forms[kind] = { ...bare(form), en, zh };
      missing.delete(kind);
    }
  }
  if (Object.keys(forms).length > 0) await queue.know("forms", { ...(await queue.known("forms")), ...forms });
}

/** A form without what was of the one battery it was asked for. */
function bare(form) {
  const fields = form.fields.map((field) => ({ ...field, value: null, suggestions: [] }));
  return { ...form, others: form.others.map((each) => ({ ...each, codes: [] })), fields };
}

/** What is known of a battery: `{battery, age: "fresh"|"old"|"gone", ms}`; battery is null where it is in nothing kept. */
export async function recall(code, now = Date.now()) {
  const snapshot = await queue.known("snapshot");
  const { organisation } = document.getElementById("session").dataset; // a verdict is for one organisation alone
  if (snapshot?.organisation !== organisation) return { battery: null, age: "gone", ms: Infinity };
  const battery = snapshot.batteries.find((each) => each.code === code) ?? null;
  const ms = now < snapshot.keptAt ? Infinity : Math.max(now - snapshot.keptAt, now - Date.parse(snapshot.at));
  return { battery, age: ms < FRESH_MS ? "fresh" : ms <= OLD_MS ? "old" : "gone", ms };
}

/** The signal for a scanned text, as far as this phone knows: ok, check or stop. */
export async function levelOf(text) {
  const code = codeOf(text);
  const { battery, age } = code ? await recall(code) : { battery: null, age: "gone" };
  if (!battery || age === "gone") return "check";
  return battery.level === "ok" && age === "old" ? "check" : battery.level;
}
