// The form of a kind of record, made from its description, for when the server cannot be asked for it.

import { make, pick, say } from "./words.js";

const MODES = { integer: "decimal", code: "text", codes: "text" };
let made = 0;

/** The fields of `form` (see /v1/workshop/battery in the API's description), those that may be left out folded away. */
export function fieldsOf(form) {
  const parts = document.createDocumentFragment();
  const shown = form.fields.filter((field) => !field.more);
  const folded = form.fields.filter((field) => field.more);
  for (const each of form.others) parts.append(...others(each));
  for (const field of shown) parts.append(...labelled(field));
  if (folded.length > 0) {
    const details = make("details");
    details.append(make("summary", say("more")), ...folded.flatMap((field) => labelled(field)));
    parts.append(details);
  }
  return parts;
}

function others({ label, minimum }) {
  const input = make("textarea", "", { id: `f${(made += 1)}`, rows: "3", "data-subject": "", autocapitalize: "characters" });
  input.required = minimum > 0;
  return [make("label", pick(label), { for: input.id }), input];
}

function labelled(field) {
  const input = field.type === "boolean" || field.choices.length > 0 ? select(field) : plain(field);
  input.id = `f${(made += 1)}`;
  input.name = field.name;
  input.required = field.required && field.type !== "codes";
  Object.assign(input.dataset, { type: field.type, places: field.places ?? 0 });
  for (const [name, bound] of [["min", field.minimum], ["max", field.maximum]]) {
    if (bound !== null) input.dataset[name] = bound;
  }
  if (field.required) input.dataset.required = "";
  if (field.subject) input.dataset.subject = "";
  const text = pick(field.label) + (field.unit ? say("unit", { unit: pick(field.unit) }) : "");
  return [make("label", text, { for: input.id }), input];
}

function plain(field) {
  const input = make(field.type === "codes" ? "textarea" : "input");
  if (field.type === "date") input.type = "date";
  input.inputMode = MODES[field.type] ?? "text";
  if (field.max_length) input.maxLength = field.max_length;
  if (field.pattern && input.tagName === "INPUT") input.pattern = field.pattern;
  return input;
}

function select(field) {
  const input = make("select");
  const choices = field.type === "boolean"
    ? [{ value: "true", en: say("yes"), zh: say("yes") }, { value: "false", en: say("no"), zh: say("no") }] : field.choices;
  input.append(make("option", "", { value: "" }), ...choices.map((each) => make("option", pick(each), { value: each.value })));
  return input;
}
