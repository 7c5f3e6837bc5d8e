// A battery in hand without a network: what this phone knows of it, how old that is, and records that can be captured.

import { codeOf, makeId } from "./event.js";
import { fieldsOf } from "./fields.js";
import { takeOver } from "./form.js";
import { refuse } from "./page.js";
import { known } from "./queue.js";
import { recall } from "./snapshot.js";
import { grouped, make, pick, say } from "./words.js";

const page = document.getElementById("offline");
const [, place] = /^\/w\/b\/([^/]+)/.exec(location.pathname) ?? [];
const code = place ? codeOf(decodeURIComponent(place)) : null;
const WORDS = { ok: "offlineOk", check: "offlineCheck", stop: "offlineStop", none: "offlineNone" };

async function show() {
  const { battery, age, ms } = await recall(code);
  const band = document.getElementById("verdict");
  const level = battery && age !== "gone" ? battery.level : "none";
  band.dataset.level = level;
  band.dataset.age = age;
  band.querySelector("h1").textContent = say(WORDS[level]);
  band.querySelector("[data-age-said]").textContent = ageSaid(battery, age, ms);
  const reasons = level === "none" ? [] : battery.reasons;
  band.querySelector("ul").replaceChildren(...reasons.map((reason) => make("li", pick(reason))));
  page.querySelector("[data-code]").textContent = grouped(code);
  page.querySelector("[data-state]").textContent = level !== "none" && battery.op_state ? pick(battery.op_state) : "";
  await offer(level === "none" ? null : battery.kinds);
  page.hidden = false;
}

function ageSaid(battery, age, ms) {
  if (!battery) return say("notKept");
  if (age === "gone") return say("tooOld");
  const hours = Math.floor(ms / 3_600_000);
  if (hours < 1) return say("ageNow");
  return say(age === "fresh" ? "ageFresh" : "ageOld", { hours });
}

/** The kinds that may be told, as far as this phone knows; of a battery it does not know, all whose form it has. */
async function offer(kinds) {
  const forms = (await known("forms")) ?? {};
  const offered = (kinds ?? Object.keys(forms)).filter((kind) => kind in forms);
  const list = page.querySelector("[data-kinds]");
  list.replaceChildren(...offered.map((kind, at) => {
    const button = make("button", pick(forms[kind]), { type: "button", class: at === 0 && kinds ? "button" : "quiet" });
    button.addEventListener("click", () => open(forms[kind]));
    return button;
  }));
  page.querySelector("[data-no-kinds]").hidden = offered.length > 0;
}

function open(form) {
  const element = make("form", "", { class: "fields", "data-kind": form.kind, "data-code": code, "data-event-id": makeId() });
  element.append(make("input", "", { type: "hidden", "data-subject": "", name: "code", value: code }), fieldsOf(form));
  element.append(make("button", say("keep"), { class: "button" }));
  const title = pick(form);
  const section = page.querySelector("[data-form]");
  section.replaceChildren(make("h2", title, { tabindex: "-1" }), element);
  section.hidden = false;
  page.querySelector("[data-kinds]").parentElement.hidden = true;
  takeOver(element, title);
  section.firstChild.focus();
}

if (code) show().catch(refuse);
else document.getElementById("no-page").hidden = false;
