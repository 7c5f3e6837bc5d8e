// The queue page: what waits, what is being sent, what needs a person, and what was recorded.

import { reasonOf } from "./form.js";
import { organisation, refuse, sendNow } from "./page.js";
import { change, counts, discard, DISCARDED, finished, NEEDS, onChange, pending, SENDING, WAITING } from "./queue.js";
import { standstill } from "./sending.js";
import { grouped, make, moment, say } from "./words.js";

const SHOWN = 50;
const WHY = { offline: "whyOffline", "signed-out": "whySignedOut", other: "whyOther", busy: "whyBusy" };
const DAY_MS = 86_400_000;
const page = document.getElementById("queue");
let shown = SHOWN;

async function show() {
  const [sums, items, done] = [await counts(), await pending(), await finished(shown)];
  for (const name of ["waiting", "sending", "needs", "done"]) {
    page.querySelector(`[data-sum=${name}]`).textContent = String(sums[name]);
  }
  page.querySelector("[data-why]").textContent = items.length > 0 && standstill ? say(WHY[standstill]) : "";
  page.querySelector("[data-send]").disabled = sums.waiting + sums.sending === 0;
  fill("needs", items.filter((item) => item.state === NEEDS), needsRow);
  fill("open", items.filter((item) => item.state !== NEEDS), openRow);
  fill("done", done, doneRow, sums.done);
}

/** The first rows of a list, how many there are, and a way to the others. */
function fill(name, records, row, total = records.length) {
  const section = page.querySelector(`[data-list=${name}]`);
  const some = records.slice(0, shown);
  section.hidden = total === 0 && name === "needs";
  section.querySelector(".rows").replaceChildren(...some.map(row));
  section.querySelector("[data-none]").hidden = total > 0;
  section.querySelector("[data-of]").textContent = total > some.length ? say("shownOf", { shown: some.length, total }) : "";
  section.querySelector("[data-more]").hidden = total <= some.length;
}

function rowOf(record, word, state) {
  const item = make("li", "", { "data-id": record.id, "data-state": state });
  const about = make("div");
  const late = state !== "done" && Date.now() - record.capturedAt > DAY_MS;
  const codes = record.event.subjects;
  const more = codes.length > 1 ? say("andMore", { count: codes.length - 1 }) : "";
  about.append(
    make("b", record.title),
    make("span", grouped(codes[0] ?? "") + more, { class: "code", translate: "no" }),
    make("small", `${moment(record.capturedAt)} (UTC+8) · ${word}`, late ? { class: "late" } : {}),
  );
  item.append(about);
  return item;
}

function needsRow(item) {
  const row = rowOf(item, say("needs"), NEEDS);
  row.firstChild.append(make("p", reasonOf(item), { class: "reason" }));
  const acts = make("div", "", { class: "acts" });
  acts.append(
    button(say(isLate(item) ? "retryLate" : "retry"), () => again(item)),
    link(say("look"), `/w/b/${item.event.subjects[0]}`, item.event.subjects.length),
    button(say("discard"), () => confirmDiscard(item, row), "quiet"),
  );
  row.append(acts);
  return row;
}

function openRow(item) {
  const foreign = item.organisation !== organisation;
  const word = item.state === SENDING ? say("sending") : foreign ? say("foreign", { organisation: item.organisation }) : say("waiting");
  const row = rowOf(item, word, item.state === SENDING ? SENDING : WAITING);
  if (item.reason) row.firstChild.append(make("p", say("tried", { count: item.tries, reason: reasonOf(item) }), { class: "reason" }));
  return row;
}

function doneRow(record) {
  const at = `${moment(record.at)}`;
  if (record.state === DISCARDED) return rowOf(record, say("discarded", { at }), "done");
  const row = rowOf(record, say("recordedAt", { index: record.index, at }), "done");
  row.append(link(say("entry", { index: record.index }), `/v1/entries/${record.index}`, 1));
  return row;
}

function button(text, act, kind = "button") {
  const made = make("button", text, { type: "button", class: kind });
  made.addEventListener("click", () => act().catch(refuse));
  return made;
}

const link = (text, href, wanted) => (wanted ? make("a", text, { class: "target", href }) : "");

/** Whether the register knows something newer of the battery, and takes this with a reason only. */
const isLate = (item) => item.reason?.errors?.some((each) => each.code === "late-reason") ?? false;

/** Why it comes late is known here: it was recorded on this phone first. */
async function again(item) {
  const event = isLate(item) ? { ...item.event, body: { ...item.event.body, late_reason: "offline" } } : item.event;
  await change(item.id, { event, state: WAITING, nextAt: 0, reason: null });
  await sendNow(true);
}

/** Ask in a dialog; what is discarded stays in the list of what is done. */
async function confirmDiscard(item, row) {
  const dialog = document.getElementById("discard");
  dialog.querySelector("[data-what]").textContent = `${item.title} · ${grouped(item.event.subjects[0] ?? "")}`;
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  if (dialog.returnValue !== "discard") return row.querySelector(".quiet")?.focus();
  await discard(item.id, Date.now());
  return sendNow(); // what it held may go now
}

const update = () => show().catch(refuse);
onChange(update);
addEventListener("standstill", update);
page.querySelector("[data-send]").addEventListener("click", () => sendNow(true).catch(refuse));
for (const more of page.querySelectorAll("[data-more]")) {
  more.addEventListener("click", () => { shown += 200; update(); });
}
page.hidden = false;
document.getElementById("needs-script").hidden = true;
update();
