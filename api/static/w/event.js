// From a form to the event that it tells, as the server reads the same form where there is no script.

const CHINA_MS = 8 * 3_600_000;

/** A field that cannot be read. `input`: the element; `why`: which words say so. */
export class FieldError extends Error {
  constructor(input, why) {
    super(why);
    this.input = input;
    this.why = why;
  }
}

/** The event of a form, with its id, and with subjects from the form unless they are given. Raises FieldError. */
export function eventOf(form, id, { now = Date.now(), subjects = subjectsOf(form) } = {}) {
  const time = form.elements.namedItem("occurred_at");
  const at = time?.value ? new Date(`${time.value}Z`).getTime() - CHINA_MS : now;
  if (Number.isNaN(at)) throw new FieldError(time, "wrongTime");
  return { id, type: form.dataset.kind, occurred_at: new Date(at).toISOString(), subjects, body: bodyOf(form) };
}

/** The codes in all fields for subjects, each once, in their order. */
export function subjectsOf(form) {
  const codes = [...form.querySelectorAll("[data-subject]")].flatMap((input) => codesOf(input));
  return [...new Set(codes)];
}

/** The codes of a text area or input. Raises FieldError for an address that only the register can read. */
export function codesOf(input) {
  return piecesOf(input.value).map((text) => {
    const code = codeOf(text);
    if (!code) throw new FieldError(input, "wrongCode");
    return code;
  });
}

/** What stands between blanks and commas in a list. */
export const piecesOf = (text) => text.split(/[\s,，、；;]+/).filter(Boolean);

/** The code in what was typed, pasted or scanned; null where it is another kind of name. */
export function codeOf(text) {
  const folded = text.normalize("NFKC").trim();
  const path = /^https?:\/\/[^/]+(\/.*)$/i.exec(folded)?.[1];
  const part = path === undefined ? folded : /^\/b\/([^/?#]+)/i.exec(path)?.[1] ?? "";
  const code = part.toUpperCase().replace(/[\s\-‐-―]/g, "");
  return /^[0-9A-Z]{1,48}$/.test(code) ? code : null;
}

/** An id that sorts by time (RFC 9562, version 7). */
export function makeId(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let at = 5, rest = now; at >= 0; at -= 1, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function bodyOf(form) {
  const body = {};
  for (const input of form.querySelectorAll("[data-type]")) {
    if (["radio", "checkbox"].includes(input.type) && !input.checked) {
      if (input.dataset.type === "codes" && "required" in input.dataset) body[input.name] ??= [];
      continue;
    }
    const value = READERS[input.dataset.type](input);
    if (Array.isArray(value)) {
      const all = [...(body[input.name] ?? []), ...value];
      if (all.length > 0 || "required" in input.dataset) body[input.name] = [...new Set(all)];
    } else if (value !== null) {
      body[input.name] = value;
    }
  }
  return body;
}

const plain = (input) => {
  const text = input.value.trim();
  return text === "" ? null : "upper" in input.dataset ? text.normalize("NFKC").toUpperCase() : text;
};

/** An id, or of a name that was chosen from the list, its id. Raises FieldError for a name that only the register knows. */
function operatorOf(input) {
  const text = plain(input);
  const id = [...(input.list?.options ?? [])].find((option) => option.label === text)?.value ?? text;
  if (id !== null && !/^[a-z][a-z0-9-]{1,39}$/.test(id)) throw new FieldError(input, "wrongOperator");
  return id;
}

const READERS = {
  text: plain, operator: operatorOf, region: plain, date: plain, choice: plain,
  integer: integerOf,
  boolean: (input) => (input.value === "" ? null : input.value === "true"),
  code: (input) => codesOf(input)[0] ?? null,
  codes: (input) => codesOf(input),
};

/** A comma that parts no thousands is left, and refused: 3,5 is not 35. */
function integerOf(input) {
  const typed = input.value.normalize("NFKC").replace(/\s/g, "");
  const text = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(typed) ? typed.replaceAll(",", "") : typed;
  if (text === "") return null;
  const places = Number(input.dataset.places ?? 0);
  const found = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (!found) throw new FieldError(input, "wrongNumber");
  if ((found[3] ?? "").replace(/0+$/, "").length > places) throw new FieldError(input, "wrongPlaces");
  const number = Number(found[1] + found[2] + (found[3] ?? "").slice(0, places).padEnd(places, "0"));
  const { min, max } = input.dataset;
  if (!Number.isSafeInteger(number)) throw new FieldError(input, "wrongNumber");
  if ((min && number < Number(min)) || (max && number > Number(max))) throw new FieldError(input, "wrongRange");
  return number;
}
