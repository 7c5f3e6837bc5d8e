// What scripts say comes from the page, in its language: attributes of the element `words`, with {places} to fill.

const source = document.getElementById("words")?.dataset ?? {};

export function say(name, values = {}) {
  return source[name].replace(/\{(\w+)\}/g, (_, place) => values[place]);
}

/** A new element with text and attributes. */
export function make(tag, text = "", attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

const isChinese = document.documentElement.lang.startsWith("zh");

/** Of something that the register tells in both languages. */
export const pick = (told) => (isChinese ? told.zh : told.en) ?? told.en ?? "";

/** A time of this device as people read it in China, whatever zone the device is set to. */
export function moment(at) {
  const parts = new Date(new Date(at).getTime() + 8 * 3_600_000).toISOString();
  return `${parts.slice(0, 10)} ${parts.slice(11, 16)}`;
}

export const grouped = (code) => code.replace(/(.{4})(?=.)/g, "$1 ");
