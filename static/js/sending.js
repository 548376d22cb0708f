// What is being sent is not written on: an accepted form comes back empty, and what
// was typed into it on the way would go with it.

const kept = new WeakMap(); // request → its fields

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const form = ctx.sourceElement;
  if (!form.matches?.("form") || ctx.request.method === "GET") return;
  const fields = [...form.elements].filter((field) => field.matches("textarea:read-write, input:read-write"));
  for (const field of fields) field.readOnly = true;
  kept.set(ctx, fields);
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  for (const field of kept.get(ctx) ?? []) field.readOnly = false;
});
