/**
 * The whole project in step 6: its name, and one file with all of it. And the line of the page's foot that says whether it is
 * kept. Shows `state.project`; the work is in actions/project.ts.
 */
import { nameProject, projectFile } from "../../actions/project.ts";
import type { Dictionary } from "../../i18n/en.ts";
import { hasExamples } from "../../state/selectors.ts";
import type { Store } from "../../state/store.ts";
import { field, fill, h, refill } from "../../widgets/dom.ts";
import { download } from "../../widgets/download.ts";
import { failureBox, failureLine } from "../../widgets/failure.ts";
import { block } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";

/** Only where there are examples or runs. */
export function projectBlock(studio: Studio): HTMLElement {
  const { store, t, say, signal } = studio;
  const name = h("input", {
    type: "text",
    maxlength: 100,
    required: true,
    onchange: () => {
      if (name.value.trim() !== "") nameProject(store, name.value.trim());
      name.value = store.state.project.name;
    },
  });
  const examples = h("input", {
    type: "checkbox",
    id: "project-examples",
    "aria-describedby": "project-examples-help",
    checked: store.state.project.withExamples,
    onchange: () => store.patch("project", { withExamples: examples.checked }),
  });
  const make = async (): Promise<void> => {
    const made = await projectFile(store);
    const { fileError } = store.state.project;
    if (fileError) say(failureLine(t, fileError));
    if (!made) return;
    say(t.project.saved(made.blob.size));
    download(made.blob, made.name);
  };
  const save = h("button", { type: "button", id: "project-save", onclick: () => void make() });
  const outcome = h("div");
  store.on(
    ["project"],
    ({ project }) => {
      if (document.activeElement !== name) name.value = project.name;
      save.setAttribute("aria-disabled", String(project.busy !== undefined));
      save.textContent = project.busy === "packing" ? t.project.saving : t.project.save;
      refill(outcome, failureBox(t, project.fileError ?? project.error));
    },
    signal,
  );
  return block(
    t.project.title,
    h("p", {}, t.project.help),
    field("project-name", t.project.name, name),
    hasExamples(store.state) &&
      h(
        "div",
        {},
        h("label", { class: "check", for: "project-examples" }, examples, t.project.withExamples),
        h("p", { class: "help", id: "project-examples-help" }, t.project.withExamplesHelp),
      ),
    h("div", { class: "actions" }, save),
    outcome,
  );
}

/** Whether the project in hand is kept, in one line. */
export function keptLine(store: Store, t: Dictionary, signal: AbortSignal): HTMLElement {
  const line = h("p", { id: "project-kept" });
  store.on(
    ["project"],
    ({ project: { id, name, phase, copyOf } }) => {
      const text = {
        none: "",
        saving: t.project.keeping,
        kept: copyOf === undefined ? t.project.kept(name) : t.project.keptCopy(copyOf, name),
        failed: t.project.notKept,
        denied: t.project.denied,
      }[phase];
      fill(line, id === undefined ? "" : text);
      line.classList.toggle("care", id !== undefined && (phase === "failed" || phase === "denied"));
    },
    signal,
  );
  return line;
}
