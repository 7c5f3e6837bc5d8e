// Warns two minutes before a session ends, and keeps what was typed when it has ended. The dialog and its words are in
// templates/desk/ending.html. Times are counted from the page's own beginning: the device's clock may be wrong.

const WARN_MS = 120_000;
const LATEST_MS = 60_000; // by then the warning waits no longer for a pause in typing
const PAUSE_MS = 3_000;

const dialog = document.querySelector("[data-ending]");
const said = dialog.querySelector("[data-session-said]");
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("packtrail-session") : null;

let last = "last" in dialog.dataset;
let ends = Date.now() + Number(dialog.dataset.seconds) * 1000;
let typedAt = 0;
let warned = false;

const left = () => ends - Date.now();

/** Open the dialog in one of its states. It is closed first, so that a screen reader says the new one. */
function show(state) {
  if (dialog.open && !dialog.querySelector(`[data-session=${state}]`).hidden) return;
  if (dialog.open) dialog.close();
  for (const each of dialog.querySelectorAll("[data-session]")) each.hidden = each.dataset.session !== state;
  dialog.setAttribute("aria-labelledby", `session-${state}`);
  dialog.setAttribute("aria-describedby", `session-${state}-why`);
  said.textContent = "";
  dialog.showModal();
}

function look() {
  if (left() <= 0) return show("over");
  if (warned || left() > WARN_MS) return;
  if (left() > LATEST_MS && Date.now() - typedAt < PAUSE_MS) return;
  warned = true;
  show(last ? "final" : "soon");
}

/** The session lasts so long from now on: `ends` is a time of this device. */
function putOff(until, isLast) {
  ends = until;
  last = isLast;
  warned = false;
  if (dialog.open) dialog.close();
}

/** Use the session, which extends it; after another sign-in the forms of this page get its token. */
async function goOn() {
  let told;
  try {
    const answer = await fetch(dialog.dataset.address, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (!answer.ok) {
      if (dialog.querySelector("[data-session=over]").hidden) show("over");
      else said.textContent = dialog.dataset.none;
      return;
    }
    told = await answer.json();
  } catch {
    said.textContent = dialog.dataset.away;
    return;
  }
  if (told.person !== dialog.dataset.person) {
    said.textContent = dialog.dataset.other;
    return;
  }
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = told.csrf;
  document.querySelector("[data-session-notice]").textContent = told.notice;
  putOff(Date.now() + told.seconds * 1000, told.last);
  tabs?.postMessage({ ends, last });
}

for (const button of dialog.querySelectorAll("[data-session-go]")) button.addEventListener("click", goOn);
dialog.querySelector("[data-session-close]").addEventListener("click", () => dialog.close());
document.addEventListener("keydown", () => { typedAt = Date.now(); }, true);
document.addEventListener("submit", (submitted) => {
  if (left() > 0) return;
  submitted.preventDefault();
  submitted.stopImmediatePropagation();
  show("over");
}, true);
tabs?.addEventListener("message", ({ data }) => {
  if (left() > 0 && data.ends > ends) putOff(data.ends, data.last);
});
tabs?.postMessage({ ends, last });
setInterval(look, 1000);
