/**
 * What step 6 offers to go on with a run elsewhere: a zip for torch. Shows `state.keep.away`; packing is in actions/away.ts.
 */
import { takeAway } from "../../actions/away.ts";
import { isTraining } from "../../state/selectors.ts";
import { h, refill } from "../../widgets/dom.ts";
import { download } from "../../widgets/download.ts";
import { failureBox, failureLine } from "../../widgets/failure.ts";
import { block } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";
import { codeBlock } from "./code.ts";

const NAME = "my-run.zip";

/** Only where there are rows and a model to train. */
export function awayBlock(studio: Studio): HTMLElement {
  const { store, t, say, signal } = studio;
  const save = async (): Promise<void> => {
    const zip = await takeAway(store);
    const { error } = store.state.keep.away;
    if (error) say(failureLine(t, error));
    if (!zip) return;
    say(t.keep.away.saved);
    download(zip, NAME);
  };
  const button = h("button", { type: "button", id: "keep-away", onclick: () => void save() });
  const outcome = h("div");
  const which = h("p", { class: "help" });
  store.on(
    ["keep", "training"],
    (state) => {
      const { working, share, error } = state.keep.away;
      button.setAttribute("aria-disabled", String(working));
      button.textContent = working ? t.keep.away.working(share ?? 0) : t.keep.away.zip;
      which.textContent = isTraining(state) ? t.keep.away.underWay : t.keep.away.fromStart;
      refill(outcome, failureBox(t, error));
    },
    signal,
  );
  return block(
    t.keep.away.title,
    h("p", {}, t.keep.away.help),
    which,
    h("div", { class: "actions" }, button),
    outcome,
    h(
      "details",
      { id: "away-use" },
      h("summary", {}, t.keep.away.use),
      h(
        "div",
        { class: "stack" },
        ...codeBlock(studio, t.keep.away.use, COMMANDS, "copy-away"),
        h("p", { class: "help" }, t.keep.away.dropout),
      ),
    ),
  );
}

const COMMANDS = `pip install -r requirements.txt
python train.py --check
python train.py
torchrun --nproc_per_node 2 train.py
`;
