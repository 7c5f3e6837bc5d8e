"use strict";
// Starts Swagger UI on /docs. The validator badge would send the description to somebody else's server.
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
