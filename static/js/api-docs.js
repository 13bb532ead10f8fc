/* Swagger UI over our own schema; nothing is fetched from elsewhere. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("docs");
  window.SwaggerUIBundle({
    domNode: place,
    url: place.dataset.schema,
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    // The validator is another site's badge.
    validatorUrl: null,
  });
});
