"use strict";
// Passkeys: asks the register for options, hands them to the browser, and sends what it answers as a plain form.
//
//   <form data-passkey="create|get" data-options="ADDRESS" hidden>  csrf_token, credential, a button
//     <p data-failed hidden>...</p>
//
// A form is shown only where the browser knows passkeys. Without this script the page still offers the other ways.

function toBytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// The options as the browser wants them: bytes where JSON has base64url.
function withBytes(options) {
  const ready = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) ready.user = { ...options.user, id: toBytes(options.user.id) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (options[list]) ready[list] = options[list].map((each) => ({ ...each, id: toBytes(each.id) }));
  }
  return ready;
}

// The answer as the register wants it: base64url where the browser has bytes.
function asJson(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response });
}

async function ask(form) {
  const token = form.elements.csrf_token.value;
  const answer = await fetch(form.dataset.options, { method: "POST", headers: { "X-CSRF-Token": token } });
  if (!answer.ok) throw new Error(`the register answered ${answer.status}`);
  const publicKey = withBytes(await answer.json());
  form.elements.credential.value = asJson(await navigator.credentials[form.dataset.passkey]({ publicKey }));
}

function watch(form) {
  const failed = form.querySelector("[data-failed]");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    failed.hidden = true;
    ask(form).then(
      () => form.submit(),
      () => {
        failed.hidden = false;
      },
    );
  });
}

if (window.PublicKeyCredential) document.querySelectorAll("form[data-passkey]").forEach(watch);
