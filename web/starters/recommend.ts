/**
 * Recommendation by similarity: the nearest things to a wish, put in another order by what the person likes or not.
 */
import { fill, h } from "../studio/widgets/dom.ts";
import { CATALOGUE } from "./data/catalogue.ts";
import { asking, nextSteps, type Starter, started } from "./frame.ts";
import { encoder, similarity } from "./model.ts";
import { moved } from "./taste.ts";

const SHOWN = 6;

export function recommend(starter: Starter): HTMLElement[] {
  const { t, say } = starter;
  const words = t.recommend;
  const app = started(
    starter,
    words.title,
    words.lead,
    async (progress) => {
      const classifier = await encoder(progress);
      const texts = CATALOGUE.map(({ name, about }) => `${name}. ${about}`);
      return { classifier, vectors: await classifier.embed(texts, { normalize: true }) };
    },
    ({ classifier, vectors }) =>
      asking(t, { ...words, ask: words.find }, async (text) => {
        const wish = await classifier.embed(text, { normalize: true });
        const liked = new Set<number>();
        const disliked = new Set<number>();
        const list = h("ol", { class: "answers", tabindex: -1, "aria-label": words.title });
        const show = (): void => {
          const taste = moved(wish, pick(vectors, liked), pick(vectors, disliked));
          const order = vectors
            .map((vector, at) => ({ at, score: similarity(taste, vector) }))
            .filter(({ at }) => !disliked.has(at))
            .sort((a, b) => b.score - a.score);
          fill(list, ...order.slice(0, SHOWN).map(({ at }) => line(at)));
        };
        const line = (at: number): HTMLElement => {
          const { name = "", about = "" } = CATALOGUE[at] ?? {};
          const press = (into: Set<number>, other: Set<number>, label: string): HTMLElement =>
            h(
              "button",
              {
                type: "button",
                "aria-label": `${label}: ${name}`,
                "aria-pressed": into.has(at),
                onclick: () => {
                  other.delete(at);
                  if (!into.delete(at)) into.add(at);
                  show();
                  say(list.querySelector("strong")?.textContent ?? "");
                  list.focus();
                },
              },
              label,
            );
          return h(
            "li",
            {},
            h("div", {}, h("p", {}, h("strong", {}, name)), h("p", {}, about)),
            h("div", { class: "actions" }, press(liked, disliked, t.more), press(disliked, liked, t.less)),
          );
        };
        show();
        return [list];
      }),
  );
  return [app, nextSteps(t, words.steps)];
}

function pick(vectors: readonly Float32Array[], chosen: ReadonlySet<number>): Float32Array[] {
  return vectors.filter((_, at) => chosen.has(at));
}
