// Every page of the workshop loads this: what all of them do, and what this one has.

import "./page.js";

const PARTS = [
  ["form#record", "./form.js"],
  ["form#batch, form#batch-record", "./batch.js"],
  ["section#scan", "./scan.js"],
  ["#queue", "./list.js"],
  ["#offline", "./offline.js"],
];

for (const [mark, part] of PARTS) {
  if (document.querySelector(mark)) import(part);
}
