// The command line for Node: node cli.js verify FILE --key VKEYS [--entry FILE] [--policy FILE] [--no-signatures] [--json]
//
// Exit codes: 0 holds, 1 does not hold, 2 usage or malformed input.

import { closeSync, createReadStream, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { parseArgs } from "node:util";

import { MalformedError } from "./errors.js";
import { isContradiction, isReceipt, LONGEST_START, parsePolicy, parseVerifierKeys } from "./verify.js";
import { verifyContradictionBytes, verifyEvidenceBytes, verifyExportChunks, verifyReceiptBytes } from "./verify.js";

const USAGE = "usage: cli.js verify FILE --key VKEYS [--entry FILE] [--policy FILE] [--no-signatures] [--json]";
const OPTIONS = {
  key: { type: "string" },
  entry: { type: "string" },
  policy: { type: "string" },
  "no-signatures": { type: "boolean" },
  json: { type: "boolean" },
};

class UsageError extends Error {}

function parseArguments(args) {
  try {
    const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
    if (positionals.length !== 2 || positionals[0] !== "verify" || values.key === undefined) throw new Error(USAGE);
    return { file: positionals[1], ...values };
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function bytesOf(path) {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function textOf(path) {
  return Buffer.from(bytesOf(path)).toString("utf8");
}

/** The first bytes of a file, which may be too large to be read whole. */
function startOf(path) {
  const start = new Uint8Array(LONGEST_START);
  try {
    const file = openSync(path);
    const length = readSync(file, start);
    closeSync(file);
    return start.subarray(0, length);
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function judge({ file, key, entry, policy, "no-signatures": bare }) {
  const keys = parseVerifierKeys(existsSync(key) ? textOf(key) : key);
  const options = { policy: policy === undefined ? null : parsePolicy(textOf(policy)), signatures: !bare };
  const start = startOf(file);
  if (isReceipt(start)) {
    if (entry === undefined) throw new UsageError("a receipt is verified for an entry: --entry FILE");
    return verifyReceiptBytes(bytesOf(file), bytesOf(entry), keys, options);
  }
  if (isContradiction(start)) return verifyContradictionBytes(bytesOf(file), keys, options);
  if (existsSync(`${file}.checkpoint`)) {
    return verifyExportChunks(createReadStream(file), bytesOf(`${file}.checkpoint`), keys, options);
  }
  return verifyEvidenceBytes(bytesOf(file), keys, options);
}

/** The exit code, and what to say: a verdict, or why there is none. */
async function answer(args) {
  try {
    const verdict = await judge(parseArguments(args));
    return { code: verdict.ok ? 0 : 1, verdict };
  } catch (error) {
    if (error instanceof MalformedError || error instanceof UsageError || error.code === "ENOENT") {
      return { code: 2, refusal: error.message };
    }
    throw error;
  }
}

function describe(verdict) {
  const lines = verdict.failures.map(({ index, what }) => (index === null ? what : `entry ${index}: ${what}`));
  const count = Object.entries(verdict.checked).map(([name, number]) => `${number} ${name.replaceAll("_", " ")}`).join(", ");
  lines.push(`${verdict.ok ? "holds" : "does not hold"}: ${count} checked, size ${verdict.size}`);
  lines.push(...verdict.notes());
  return lines.join("\n");
}

async function main(args) {
  const { code, verdict, refusal } = await answer(args);
  if (refusal !== undefined) console.error(refusal);
  else console.log(args.includes("--json") ? JSON.stringify(verdict) : describe(verdict));
  process.exitCode = code;
}

await main(process.argv.slice(2));
