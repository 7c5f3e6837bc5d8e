// Many batteries, one action, with the camera kept open: a running list, and one record for each battery.

import { codeOf, codesOf, eventOf, makeId, piecesOf } from "./event.js";
import { fieldsOf } from "./fields.js";
import { complain, isValid, recordOf } from "./form.js";
import { refuse, sendNow } from "./page.js";
import { keep, known } from "./queue.js";
import { attachScanner } from "./scanner.js";
import { levelOf } from "./snapshot.js";
import { grouped, make, pick, say } from "./words.js";

const first = document.getElementById("batch");
const second = document.getElementById("batch-record");
if (first) collect(first);
if (second) {
  const lines = [...document.querySelectorAll("li[data-code]")].map(({ dataset }) => [dataset.code, dataset.eventId]);
  record(second, new Map(lines), second.dataset.title);
}

/** The list of codes stands in the text area, so that the form works as it does without a script. */
function collect(form) {
  const field = form.elements.codes;
  const root = document.querySelector("[data-scan]");
  const list = document.getElementById("scanned");
  const counter = root.querySelector("[data-scan-count]");

  const codes = () => [...new Set(piecesOf(field.value).map((piece) => codeOf(piece) ?? piece))];
  const show = () => {
    const all = codes();
    counter.textContent = say("total", { count: all.length });
    list.querySelector("[data-count]").textContent = say("total", { count: all.length });
    list.querySelector("ol").replaceChildren(...all.slice(-5).reverse().map((code) => make("li", grouped(code), { class: "code" })));
    list.hidden = all.length === 0;
  };
  const put = (all) => { field.value = all.map((code) => `${code}\n`).join(""); show(); };

  attachScanner(root, async (text) => {
    const code = codeOf(text) ?? text; // an address of another maker: the register can read it
    if (piecesOf(code).length !== 1) return "stop";
    if (codes().includes(code)) return "again";
    put([...codes(), code]);
    return levelOf(code);
  }, { stays: true });
  for (const undo of document.querySelectorAll("[data-undo]")) {
    undo.addEventListener("click", () => put(codes().slice(0, -1)));
  }
  field.addEventListener("input", () => { field.setCustomValidity(""); show(); });
  form.addEventListener("submit", (submitted) => {
    if (navigator.onLine) return;
    submitted.preventDefault();
    try {
      fill(form, [...new Set(codesOf(field))]).catch(refuse);
    } catch (error) {
      complain(error);
    }
  });
  show();
}

/** Offline: the fields of the chosen action under the list, from the form that this phone has kept. */
async function fill(form, codes) {
  const kind = form.elements.kind.value;
  const kept = ((await known("forms")) ?? {})[kind];
  const place = document.getElementById("batch-offline");
  if (!kept || kept.others.length > 0) {
    place.replaceChildren(make("p", say("noForm")));
  } else {
    const element = make("form", "", { class: "fields", "data-kind": kind });
    element.append(fieldsOf(kept), make("button", say("keepAll", { count: codes.length }), { class: "button" }));
    place.replaceChildren(make("h2", pick(kept)), element);
    const ids = new Map(codes.map((code) => [code, makeId()]));
    record(element, ids, pick(kept), () => { form.elements.codes.value = ""; });
  }
  place.hidden = false;
}

/**
 * One record for each battery, kept when the form is submitted. `ids`: of the events, by code; where the server made
 * the form, those under which it would record them itself, so that both ways tell the same event.
 */
function record(form, ids, title, after = () => {}) {
  form.addEventListener("submit", async (submitted) => {
    if (submitted.submitter?.value === "look") return;
    submitted.preventDefault();
    if (!isValid(form)) return;
    try {
      const now = Date.now();
      const events = [...ids].map(([code, id]) => eventOf(form, id, { now, subjects: [code] }));
      for (const event of events) await keep(recordOf(event, title, now));
      after();
      location.assign("/w/queue");
    } catch (error) {
      if (error.input) complain(error);
      else refuse(error);
    }
    await sendNow();
  });
  form.addEventListener("input", ({ target }) => target.setCustomValidity?.(""));
}
