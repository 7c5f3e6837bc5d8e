"use strict";
// Starts Swagger UI on /docs. The validator badge would send the description to somebody else's server.

// Swagger UI writes the descriptions into the page as HTML. Of that, paragraphs and plain words on them pass, without
// any attribute; all else is shown as the text that it is.
const PLAIN = /^(?:[^<>]|<\/?(?:p|br|em|strong|code|ul|ol|li)>)*$/;
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
window.trustedTypes?.createPolicy("default", {
  createHTML: (text) => (PLAIN.test(text) ? text : text.replace(/[&<>]/g, (each) => ESCAPES[each])),
});

window.addEventListener("DOMContentLoaded", () => {
  window.SwaggerUIBundle({
    dom_id: "#docs",
    url: "/v1/openapi.json",
    validatorUrl: null,
    deepLinking: true,
    docExpansion: "list",
    persistAuthorization: false,
  });
});
