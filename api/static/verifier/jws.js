// The signature of an event: a detached JWS whose header has one form only (ledger/README.md section 3).

import { formatUtf8, joinBytes, parseBase64url, parseUtf8 } from "./encoding.js";
import { MalformedError } from "./errors.js";

const HEADER = new RegExp(
  '^\\{"alg":"(EdDSA|ES256)","b64":false,"crit":\\["b64"\\],("custody":"service",)?' +
    '"kid":"(([a-z][a-z0-9-]{1,39})/[a-z0-9][a-z0-9._-]{0,39})","typ":"application/vnd\\.packtrail\\.event\\+json"\\}$',
);
export const KID = /^([a-z][a-z0-9-]{1,39})\/[a-z0-9][a-z0-9._-]{0,39}$/;

/** `{alg, custody, kid, operator, signature, signingInput(eventBytes)}` of the text of a JWS. */
export function parseJws(text) {
  const parts = text.split(".");
  if (parts.length !== 3 || parts[1] !== "") throw new MalformedError("a signature that is no detached JWS");
  const [encodedHeader, , encodedSignature] = parts;
  const [, alg, custody, kid, operator] = HEADER.exec(parseUtf8(parseBase64url(encodedHeader))) ?? [];
  if (alg === undefined) throw new MalformedError("a signature header of another form");
  const signature = parseBase64url(encodedSignature);
  if (signature.length !== 64) throw new MalformedError("a signature has 64 bytes");
  return {
    alg,
    custody: custody === undefined ? "operator" : "service",
    kid,
    operator,
    signature,
    signingInput: (eventBytes) => joinBytes(formatUtf8(encodedHeader + "."), eventBytes),
  };
}
