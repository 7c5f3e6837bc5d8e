// The form of one record: kept on this phone first, then sent. Without this script the server takes the same form.

import { eventOf, FieldError } from "./event.js";
import { organisation, refuse, sendNow } from "./page.js";
import { find, keep, NEEDS, onChange, RECORDED } from "./queue.js";
import { grouped, make, say } from "./words.js";

/** What the register can read where this phone cannot: while there is a network, it is asked. */
const ASKED = new Set(["wrongCode", "wrongOperator"]);

/** Turn the submit of `form` into a kept record. `title`: what is done, in words, for the queue. */
export function takeOver(form, title) {
  form.addEventListener("submit", async (submitted) => {
    submitted.preventDefault();
    let event;
    if (!isValid(form)) return undefined;
    try {
      event = eventOf(form, form.dataset.eventId);
    } catch (error) {
      if (ASKED.has(error.why) && navigator.onLine && form.hasAttribute("action")) return form.submit();
      return complain(error);
    }
    try {
      await keep(recordOf(event, title));
    } catch (error) {
      return refuse(error);
    }
    showFate(form, event);
    return sendNow();
  });
  form.addEventListener("input", ({ target }) => target.setCustomValidity?.(""));
}

/** What the queue keeps of an event. */
export function recordOf(event, title, capturedAt = Date.now()) {
  const { lang } = document.documentElement;
  const codes = [...new Set([...event.subjects, ...codesIn(event.body)])];
  return { id: event.id, organisation, event, codes, title, capturedAt, language: lang.startsWith("zh") ? "zh" : "en" };
}

/** Other batteries that a body names: what is recorded of them has its order too. */
const codesIn = (body) => Object.values(body).flat().filter((each) => /^(?=.*\d)[0-9A-Z]{19}([0-9A-Z]{5})?$/.test(each));

/** Show at its field what cannot be read. */
export function complain(error) {
  if (!(error instanceof FieldError)) throw error;
  error.input.setCustomValidity(say(error.why));
  isValid(error.input.form);
}

/** Whether all fields are in order; else the first that is not says so, though it was folded away. */
export function isValid(form) {
  for (const folded of form.querySelectorAll("details:has(:invalid)")) folded.open = true;
  return form.reportValidity();
}

/** In place of the form: kept, then recorded, or what stands in the way. */
function showFate(form, event) {
  const panel = make("section", "", { class: "fate", "aria-live": "polite", tabindex: "-1" });
  const heading = make("h2", say("kept"));
  const line = make("p", say("keptHint"));
  const others = event.subjects.slice(1).map(grouped).join(" · "); // the first stands above
  const codes = make("p", others, { class: "code", translate: "no" });
  const links = make("p", "", { class: "acts" });
  links.append(make("a", say("next"), { class: "button", href: "/w" }), make("a", say("toQueue"), { class: "quiet", href: "/w/queue" }));
  panel.append(heading, codes, line, links);
  form.replaceWith(panel);
  panel.focus();
  const update = async () => {
    const record = await find(event.id);
    if (record?.state === RECORDED) {
      heading.textContent = say("recorded", { index: record.index });
      line.textContent = say("recordedHint");
      panel.dataset.state = RECORDED;
    } else if (record?.state === NEEDS) {
      heading.textContent = say("needs");
      line.textContent = reasonOf(record);
      panel.dataset.state = NEEDS;
    }
  };
  onChange(() => update().catch(refuse));
  update().catch(refuse);
}

/** Why a record was not taken, in the register's words. */
export function reasonOf({ reason }) {
  if (!reason) return "";
  if (reason.code === "network") return say("noNetwork");
  if (reason.code === "unreadable") return say("unreadable");
  const chinese = document.documentElement.lang.startsWith("zh");
  const told = (reason.errors ?? []).map((each) => (chinese ? each.message_zh : each.message));
  return [reason.title, told.length > 0 ? told.join(say("comma")) : reason.detail].filter(Boolean).join(say("colon"));
}

const form = document.querySelector("form#record[data-kind]");
if (form) takeOver(form, form.dataset.title ?? document.querySelector("h1").textContent.trim());
