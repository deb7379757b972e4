/**
 * Where labels and examples are written and the model is trained. A Train button that cannot start says why.
 */
import type { Method } from "../../src/index.ts";
import { METHOD_DEFAULTS } from "../../studio/state/method-defaults.ts";
import { fill, h } from "../../studio/widgets/dom.ts";
import type { Desk } from "../state.ts";
import { cards, onEnter } from "./cards.ts";
import { failure, type Part, progress } from "./parts.ts";

/** The methods that are offered; another one is there where the page sets it. */
const OFFERED: readonly Method[] = ["centroid", "contrastive", "full", "lora"];

/** `drawCards` is for a lesson that the page has filled anew. */
export function teachView(desk: Desk): Part & { drawCards(): void } {
  const { t, lesson } = desk;
  const list = cards(desk, () => part.update());
  const undo = h(
    "button",
    {
      type: "button",
      "data-key": "undo",
      onclick: () => {
        lesson.undo();
        part.update();
        list.draw();
        train.focus();
      },
    },
    t.undo,
  );
  const newLabel = h("input", { id: "new-label", "aria-describedby": "label-help" });
  const help = h("p", { class: "soft", id: "label-help" });
  const addLabel = (): void => {
    const name = newLabel.value.trim();
    const added = lesson.addLabel(name);
    help.textContent = added || name === "" ? "" : t.sameLabel(name);
    if (!added) {
      desk.say(help.textContent);
      newLabel.focus();
      return;
    }
    newLabel.value = "";
    list.draw(`new ${name}`);
    part.update();
  };
  onEnter(newLabel, addLabel);
  const train = h("button", {
    type: "button",
    class: "primary",
    part: "button train",
    "aria-describedby": "why-no-training",
  });
  const why = h("p", { class: "soft", id: "why-no-training" });
  const outcome = h("div", { class: "stack", part: "outcome" });
  const reason = (): string | undefined => {
    const { phase, info } = desk.now;
    const lacking = lesson.reason();
    if (lacking) return t.reason(lacking);
    return info === undefined && phase === "loading" ? t.waitLoad : undefined;
  };
  train.addEventListener("click", () => {
    const { phase, disabled } = desk.now;
    if (disabled || phase === "training") return;
    const found = reason();
    if (found === undefined) void desk.teach().then(() => desk.say(told(desk).join(" ")));
    else desk.say(found);
  });
  const adding = h(
    "div",
    { class: "stack" },
    h("label", { for: "new-label" }, t.newLabel),
    h(
      "div",
      { class: "line" },
      newLabel,
      h("button", { type: "button", class: "small", onclick: addLabel }, t.addLabel),
    ),
    help,
  );
  const inside = [
    failure(desk, "rows"),
    recipe(desk),
    progress(desk, ["training"]),
    failure(desk, "train"),
  ] as const;
  const [rowsError, settings, work, trainError] = inside;
  const editing = h("fieldset", { class: "stack" }, list.element, undo, adding);
  const element = h(
    "section",
    { class: "stack", part: "teach", "aria-label": t.examples },
    h("h3", {}, t.examples),
    h("p", { class: "soft" }, t.examplesHelp),
    rowsError.element,
    editing,
    settings.element,
    h("div", { class: "row" }, train),
    why,
    work.element,
    trainError.element,
    outcome,
  );
  const part = {
    element,
    drawCards: () => list.draw(),
    update() {
      const { now, settings } = desk;
      element.hidden = settings.src === undefined || settings.mode === "use";
      editing.disabled = desk.now.disabled;
      undo.hidden = !lesson.canUndo;
      adding.hidden = settings.locked;
      const found = reason();
      const { maxMinutes } = settings;
      train.textContent = now.end ? t.trainAgain : t.train;
      train.setAttribute(
        "aria-disabled",
        String(now.disabled || now.phase === "training" || found !== undefined),
      );
      why.textContent =
        found ?? (maxMinutes !== undefined && now.phase !== "training" ? t.within(maxMinutes) : "");
      for (const each of inside) each.update();
      fill(outcome, ...told(desk).map((line) => h("p", {}, line)));
    },
  };
  list.draw();
  return part;
}

/** How the training will go, or went. */
function told({ t, now, settings }: Desk): string[] {
  const { end, estimate, phase } = now;
  const { maxMinutes = 0 } = settings;
  if (phase === "training")
    return estimate !== undefined && estimate > maxMinutes ? [t.tooLong(estimate, maxMinutes)] : [];
  if (!end) return [];
  if (end.reason === "diverged") return [t.diverged];
  if (!end.learned) return [t.nothing];
  if (end.outOfTime) return [t.outOfTime(maxMinutes)];
  if (end.reason === "stopped") return [t.stopped];
  const { checked } = end;
  return [t.trained(end.milliseconds / 1000), checked ? t.checked(checked.correct, checked.rows) : ""].filter(
    (line) => line !== "",
  );
}

/** Method and epochs. A lock shows them, and lets no one change them. */
function recipe(desk: Desk): Part {
  const { t } = desk;
  const method = h("select", {
    id: "method",
    onchange: () => desk.choose({ method: method.value as Method, epochs: undefined }),
  });
  const epochs = h("input", { id: "epochs", type: "number", min: 1, max: 1000 });
  epochs.addEventListener("change", () => {
    if (epochs.checkValidity() && epochs.value !== "") desk.choose({ epochs: epochs.valueAsNumber });
    else part.update();
  });
  const fields = h(
    "fieldset",
    {},
    h(
      "div",
      { class: "fields" },
      h("div", {}, h("label", { for: "method" }, t.method), method),
      h("div", {}, h("label", { for: "epochs" }, t.epochs), epochs),
    ),
  );
  const locked = h("p", { class: "soft" }, t.locked);
  const element = h("details", { part: "recipe" }, h("summary", {}, t.recipe), locked, fields);
  const part = {
    element,
    update() {
      const { settings } = desk;
      const offered = OFFERED.includes(settings.method) ? OFFERED : [...OFFERED, settings.method];
      if (method.options.length !== offered.length)
        fill(method, ...offered.map((value) => h("option", { value }, t.methods[value] ?? value)));
      method.value = settings.method;
      // Not while it is typed in: a step of a training comes by here, too.
      const { activeElement } = element.getRootNode() as ShadowRoot;
      if (activeElement !== epochs || !epochs.validity.valid)
        epochs.value = String(settings.epochs ?? METHOD_DEFAULTS[settings.method].epochs);
      epochs.disabled = settings.method === "centroid";
      fields.disabled = settings.locked || desk.now.disabled;
      locked.hidden = !settings.locked;
    },
  };
  return part;
}
