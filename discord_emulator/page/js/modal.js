/**
 * Modals: a form in a dialog that the bot asked for. Text fields, and labels that hold a text field or a menu.
 */
import { selectMenu } from "./components.js";
import { h, replace, uid } from "./dom.js";
import { iconButton } from "./icons.js";
import { markdown } from "./markdown-dom.js";
import { ComponentType as C } from "./types.js";

/** @typedef {import("./types.js").Component} Component */
/** @typedef {{answer: () => object, problem: () => string|null, focus: () => void}} Field */

const PARAGRAPH = 2;

/** @param {import("./types.js").Modal} modal */
export function openModal(modal, app) {
  /** @type {Field[]} */
  const fields = [];
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const title = uid("modal-title");
  const send = h("button", { type: "submit", class: "button button-1", data: { testid: "modal-submit" } }, "Submit");
  const form = h("form", { method: "dialog", novalidate: true, on: { submit: handIn } },
    h("header", {}, h("h2", { id: title }, modal.title), iconButton("close", "Close", () => dialog.close())),
    h("div", { class: "modal-body" }, (modal.components ?? []).map((component) => part(component, fields, app))),
    problem,
    h("footer", {}, h("button", { type: "button", class: "button button-2", on: { click: () => dialog.close() } }, "Cancel"), send));
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", {
    class: "modal", "aria-labelledby": title, data: { testid: "modal", customId: modal.custom_id }, on: { close: () => dialog.remove() },
  }, form));

  async function handIn(event) {
    event.preventDefault();
    const wrong = fields.find((field) => field.problem() !== null);
    show(wrong?.problem() ?? null);
    if (wrong) {
      wrong.focus();
      return;
    }
    send.classList.add("busy");
    const error = await app.actions.submitModal(modal, fields.map((field) => field.answer()));
    send.classList.remove("busy");
    if (error === null) dialog.close();
    else show(error);
  }

  function show(text) {
    problem.hidden = text === null;
    replace(problem, text ?? "");
  }

  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("input, textarea, .select")?.focus();
}

/** A component of a modal; inputs are added to `fields`. */
function part(component, fields, app) {
  if (component.type === C.TEXT_DISPLAY) return markdown(component.content ?? "", app);
  if (component.type === C.ROW) return component.components.map((inner) => labelled(inner, inner.label, null, fields, app, (answer) => ({ type: C.ROW, components: [answer] })));
  if (component.type === C.LABEL && component.component) {
    return labelled(component.component, component.label, component.description, fields, app, (answer) => ({ type: C.LABEL, component: answer }));
  }
  return null;
}

function labelled(component, label, description, fields, app, wrap) {
  const id = uid("field");
  const required = component.required !== false;
  const field = component.type === C.TEXT_INPUT ? textField(component, id, required) : menuField(component, required, app);
  fields.push({
    answer: () => wrap(field.answer()), focus: () => field.control.focus(),
    problem: () => {
      const why = field.problem();
      return why === null ? null : `${label || "This field"} ${why}`;
    },
  });
  return h("div", { class: "field" },
    h("label", { for: id }, label, required ? h("span", { class: "required-mark", title: "required" }, "*") : null),
    description ? h("small", {}, description) : null, field.control);
}

function textField(component, id, required) {
  const props = {
    id, placeholder: component.placeholder, value: component.value ?? "", maxlength: component.max_length ?? 4000, autocomplete: "off",
    "aria-required": String(required), data: { testid: "modal-field", customId: component.custom_id },
  };
  const control = component.style === PARAGRAPH ? h("textarea", { ...props, rows: 5 }) : h("input", { ...props, type: "text" });
  const problem = () => {
    const length = [...control.value].length;
    if (length === 0) return required ? "is required" : null;
    return length < (component.min_length ?? 0) ? `must have at least ${component.min_length} characters` : null;
  };
  return { control, problem, answer: () => ({ type: component.type, custom_id: component.custom_id, value: control.value }) };
}

function menuField(component, required, app) {
  let values = (component.options ?? []).filter((option) => option.default).map((option) => option.value);
  const control = selectMenu({ ...component, min_values: 0 }, app.store, { onDone: (chosen) => {
    values = chosen;
  } });
  const least = required ? Math.max(1, component.min_values ?? 1) : 0;
  return {
    control, problem: () => (values.length < least ? "needs a choice" : null),
    answer: () => ({ type: component.type, custom_id: component.custom_id, values }),
  };
}
