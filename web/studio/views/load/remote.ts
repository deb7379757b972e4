/**
 * The part of step 1 for a model on another host: the address, the question before that host is contacted, what was
 * found there, and the button that loads it. Shows `state.remote`; the work is in actions/remote.ts.
 */
import { forgetHosts, rememberedHosts } from "../../actions/hosts.ts";
import { agree, leaveRemote, loadFound, lookUp } from "../../actions/remote.ts";
import type { RemoteState } from "../../state/remote.ts";
import { field, fill, h } from "../../widgets/dom.ts";
import { failureBox, failureLine } from "../../widgets/failure.ts";
import type { Studio } from "../view.ts";

/** `mayLoad` asks whether a run under way may end. */
export function remotePart(studio: Studio, mayLoad: () => boolean): HTMLElement {
  const { store, t, say, signal } = studio;
  const { address, revision, hubHost } = store.state.remote;
  const input = (
    key: "address" | "revision" | "hubHost",
    value: string,
    placeholder = "",
  ): HTMLInputElement => {
    const element = h("input", {
      type: "text",
      inputmode: "url",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      placeholder,
      value,
      // What was found belongs to what was typed.
      oninput: () => {
        store.patch("remote", { [key]: element.value });
        if (store.state.remote.phase !== "none") leaveRemote(store);
      },
    });
    return element;
  };
  const typed = input("address", address, t.remote.placeholder);
  typed.setAttribute("aria-describedby", "model-address-help");
  const form = h(
    "form",
    {
      class: "remote",
      onsubmit: (event) => {
        event.preventDefault();
        void lookUp(store, mayLoad);
      },
    },
    h(
      "div",
      { class: "row" },
      field("model-address", t.remote.address, typed),
      h("button", { type: "submit", id: "look-up" }, t.remote.lookUp),
    ),
    h("p", { class: "help", id: "model-address-help" }, t.remote.help),
    h(
      "details",
      { id: "remote-more" },
      h("summary", {}, t.remote.more),
      h(
        "div",
        { class: "fields" },
        field(
          "model-revision",
          t.remote.revision,
          input("revision", revision, "main"),
          t.remote.revisionHelp,
        ),
        field("model-hub", t.remote.hubHost, input("hubHost", hubHost), t.remote.hubHostHelp),
      ),
    ),
  );
  const answer = h("div", { class: "remote-answer" });
  let shown: RemoteState["phase"] | undefined;
  let failed = store.state.remote.error;
  store.on(
    ["remote"],
    ({ remote }) => {
      const changed = shown !== remote.phase;
      const held = answer.contains(document.activeElement);
      if (changed || remote.error !== failed) fill(answer, ...answerOf(studio, remote, mayLoad));
      const panel = answer.querySelector<HTMLElement>("[role=group]");
      // The focus goes to the question itself, so that a held Enter key does not answer it.
      if (shown !== undefined && changed && panel) panel.focus();
      else if (held) typed.focus();
      if (shown !== undefined && remote.error && remote.error !== failed) say(failureLine(t, remote.error));
      failed = remote.error;
      shown = remote.phase;
    },
    signal,
  );
  return h("div", { class: "remote-part" }, form, answer, rememberedLine(studio));
}

function answerOf(
  { store, t }: Studio,
  remote: RemoteState,
  mayLoad: () => boolean,
): (HTMLElement | false)[] {
  const { phase, wanted, preview } = remote;
  const host = wanted?.host ?? location.host;
  const leave = (text: string): HTMLElement =>
    h("button", { type: "button", id: "remote-leave", onclick: () => leaveRemote(store) }, text);
  if (phase === "asking") {
    const always = h("input", { type: "checkbox", id: "remote-always" });
    return [
      panel(
        () => leaveRemote(store),
        t.remote.ask(host),
        h("p", { id: "remote-text" }, t.remote.asked(host)),
        h("label", { class: "check", for: "remote-always" }, always, t.remote.always(host)),
        h(
          "div",
          { class: "row" },
          h(
            "button",
            {
              type: "button",
              class: "primary",
              id: "remote-agree",
              onclick: () => void agree(store, always.checked),
            },
            t.remote.agree(host),
          ),
          leave(t.remote.refuse),
        ),
      ),
    ];
  }
  if (phase === "looking") {
    return [
      panel(
        () => leaveRemote(store),
        t.remote.looking(host),
        h("div", { class: "row" }, leave(t.remote.cancel)),
      ),
    ];
  }
  if (phase === "found" && preview && wanted) {
    const { architecture, bytes, license, revision } = preview;
    const facts: [string, string][] = [
      [t.remote.architecture, architecture],
      [t.remote.download, bytes === undefined ? t.remote.unknownSize : t.remote.size(bytes)],
    ];
    // Only a Hub's description has a commit, and with it the card's licence.
    if (revision !== undefined)
      facts.push(
        [t.remote.license, license ?? t.remote.noLicense],
        [t.remote.revisionFound, revision.slice(0, 10)],
      );
    const load = () => {
      if (mayLoad()) void loadFound(store);
    };
    return [
      panel(
        () => leaveRemote(store),
        t.remote.found(wanted.name),
        h(
          "dl",
          { class: "facts", id: "remote-text" },
          ...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
        ),
        h(
          "div",
          { class: "row" },
          h(
            "button",
            { type: "button", class: "primary", id: "remote-load", onclick: load },
            t.remote.load(bytes),
          ),
          leave(t.remote.cancel),
        ),
      ),
    ];
  }
  return [failureBox(t, remote.error)];
}

/** Escape leaves it. */
function panel(leave: () => void, title: string, ...children: HTMLElement[]): HTMLElement {
  return h(
    "div",
    {
      class: "remote-panel",
      role: "group",
      tabindex: -1,
      "aria-labelledby": "remote-title",
      "aria-describedby": children.some(({ id }) => id === "remote-text") && "remote-text",
      onkeydown: (event) => {
        if ((event as KeyboardEvent).key === "Escape") leave();
      },
    },
    h("h3", { id: "remote-title" }, title),
    ...children,
  );
}

/** The hosts that are contacted without a question, and the button that ends that. */
function rememberedLine({ store, t, say, signal }: Studio): HTMLElement {
  const line = h("div", { class: "row" });
  store.on(
    ["remote"],
    () => {
      const hosts = rememberedHosts();
      if (hosts.length === 0) fill(line);
      else if (line.dataset.hosts !== hosts.join(" ")) {
        const forget = (): void => {
          forgetHosts();
          leaveRemote(store);
          say(t.remote.forgotten);
          document.getElementById("model-address")?.focus();
        };
        fill(
          line,
          h("p", { class: "help" }, t.remote.remembered(hosts.join(", "))),
          h("button", { type: "button", id: "remote-forget", onclick: forget }, t.remote.forget),
        );
      }
      line.dataset.hosts = hosts.join(" ");
    },
    signal,
  );
  return line;
}
