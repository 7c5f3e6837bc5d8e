// A page on which one code is scanned and its battery shown: the home page, and the workshop's first.

import { readPhoto } from "./decoder.js";
import { codeOf } from "./event.js";
import { attachScanner } from "./scanner.js";
import { levelOf } from "./snapshot.js";

const root = document.querySelector("[data-scan]");
const { battery } = root.dataset; // where batteries are by their code; "" on the home page, which takes any text
const form = document.querySelector(root.dataset.form);
const photo = root.dataset.photo ? document.querySelector(root.dataset.photo) : null;

attachScanner(root, async (text) => {
  lookUp(text);
  return battery ? levelOf(text) : "ok";
});

form.addEventListener("submit", (submitted) => {
  if (!goTo(form.elements.code.value)) return;
  submitted.preventDefault();
});

photo?.addEventListener("change", async () => {
  const text = photo.files.length === 1 ? await readPhoto(photo.files[0]) : "";
  if (text) lookUp(text);
  else if (photo.files.length === 1) photo.form.requestSubmit(); // the server has more patience
});

/** To the battery by its address, which works offline too; else by the form, which asks the register. */
function lookUp(text) {
  if (goTo(text)) return;
  form.elements.code.value = text;
  form.submit();
}

function goTo(text) {
  const code = battery ? codeOf(text) : null;
  if (!/^(?=.*\d)[0-9A-Z]{19}([0-9A-Z]{5})?$/.test(code ?? "")) return false;
  location.assign(battery + code);
  return true;
}
