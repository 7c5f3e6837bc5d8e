// The proof page: asks the register for what is public, or takes files, has them verified here in the browser, and says
// what was checked, against what, when, and what was not. All words come from the page, in its language.

import { isContradiction, isReceipt, MalformedError, parseVerifierKeys } from "./verify.js";
import { verifyContradictionBytes, verifyEvidenceBytes, verifyHistoryBytes, verifyReceiptBytes } from "./verify.js";

const form = document.getElementById("check");
const result = document.getElementById("result");
const phrases = document.getElementById("phrases").content;

/** A phrase of the page with its values put in, as an element of this kind. */
function say(kind, key, values = {}) {
  const element = document.createElement(kind);
  const text = phrases.querySelector(`[data-key="${key}"]`).textContent;
  element.textContent = text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  return element;
}

/** A list of elements under a heading. */
function section(heading, items) {
  const list = document.createElement("ul");
  list.append(...items);
  return [say("h3", heading), list];
}

async function fetched(address) {
  const response = await fetch(address, { credentials: "omit" });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function bytesOf(input) {
  const [file] = input.files;
  return file ? new Uint8Array(await file.arrayBuffer()) : null;
}

/** The keys to check against, and whether the reader brought them. */
async function chosenKeys() {
  const file = await bytesOf(form.elements.keyfile);
  const given = file ? new TextDecoder().decode(file) : form.elements.keys.value.trim();
  if (given) return { keys: parseVerifierKeys(given), own: true };
  return { keys: parseVerifierKeys(new TextDecoder().decode(await fetched("/log/vkeys"))), own: false };
}

async function judge(code, keys) {
  const [file, entry] = [await bytesOf(form.elements.evidence), await bytesOf(form.elements.entry)];
  if (file === null) return verifyHistoryBytes(await fetched(`/v1/batteries/${encodeURIComponent(code)}/history`), code, keys);
  if (isContradiction(file)) return verifyContradictionBytes(file, keys);
  if (!isReceipt(file)) return verifyEvidenceBytes(file, keys);
  if (entry === null) throw new MalformedError("a receipt is checked together with its entry");
  return verifyReceiptBytes(file, entry, keys);
}

/** What was looked at, in words. */
function checks({ kind, checked, size, complete, absent, contradiction, subject }) {
  if (kind === "contradiction") {
    const [one, other] = contradiction.sizes;
    return [say("li", "contradiction", { ...contradiction, one, other }), say("li", "contradiction_advice")];
  }
  const found = [say("li", "signed", { size })];
  if (kind === "history") found.push(say("li", "public", { count: checked.events, all: checked.of }));
  if (kind === "evidence" && !absent) found.push(say("li", "entries", { count: checked.entries, code: subject }));
  if (kind === "evidence") found.push(say("li", "signatures"));
  if (kind === "receipt") found.push(say("li", "receipt"));
  if (complete) found.push(say("li", absent ? "absent" : "complete", { at: complete.at, size: complete.size, code: subject }));
  if (checked.disputed_entries > 0) found.push(say("li", "disputed", { count: checked.disputed_entries }));
  return found;
}

function gaps({ kind, complete }, own, code, subject) {
  const found = [];
  if (!own) found.push(say("li", "gap_keys"));
  if (kind === "contradiction") return [...found, say("li", "gap_which")];
  if (kind === "history") found.push(say("li", "gap_public"));
  if (kind !== "receipt" && !complete) found.push(say("li", "gap_complete"));
  if (kind === "evidence" && subject !== code) found.push(say("li", "gap_other", { code: subject }));
  found.push(say("li", "gap_witness"), say("li", "gap_world"));
  return found;
}

function faults({ failures }) {
  return failures.slice(0, 10).map(({ index, what }) => {
    const item = index === null ? document.createElement("li") : say("li", "at_entry", { index });
    const detail = document.createElement("span");
    detail.lang = "en";
    detail.textContent = ` ${what}`;
    item.append(detail);
    return item;
  });
}

function show(verdict, { keys, own }, code) {
  const proven = verdict.ok && verdict.kind === "contradiction";
  const heading = say("h2", proven ? "proven" : verdict.ok ? "holds" : "fails");
  const against = keys.map(({ text }) => Object.assign(document.createElement("li"), { textContent: shortened(text) }));
  for (const item of against) item.classList.add("hash");
  const parts = verdict.ok ? section("checked", checks(verdict)) : section("wrong", faults(verdict));
  const time = say("p", "when", { time: new Date().toISOString() });
  parts.push(say("h3", "against"), say("p", own ? "own_keys" : "server_keys"));
  parts.push(Object.assign(document.createElement("ul"), { className: "codes" }));
  parts.at(-1).append(...against);
  present(proven ? "attention" : verdict.ok ? "ok" : "unknown", [heading, time, ...parts, ...section("unchecked", gaps(verdict, own, code, verdict.subject))]);
}

/** Name and id of a key, and how its text begins and ends. */
function shortened(text) {
  return text.length > 100 ? `${text.slice(0, 60)}…${text.slice(-12)}` : text;
}

function refuse(error) {
  const detail = Object.assign(document.createElement("p"), { lang: "en", textContent: error.message });
  present("attention", [say("h2", error instanceof MalformedError ? "malformed" : "unreachable"), detail]);
}

function present(tone, parts) {
  result.className = `verdict ${tone}`;
  result.replaceChildren(...parts);
  result.hidden = false;
  result.focus();
}

async function check(event) {
  event.preventDefault();
  const { code } = form.dataset;
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const chosen = await chosenKeys();
    show(await judge(code, chosen.keys), chosen, code);
  } catch (error) {
    refuse(error);
  } finally {
    button.disabled = false;
  }
}

if (globalThis.crypto?.subtle === undefined) {
  document.getElementById("insecure").hidden = false;
} else {
  form.hidden = false;
  form.addEventListener("submit", check);
}
