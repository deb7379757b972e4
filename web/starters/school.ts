/**
 * Education: the subject of a pupil's question, and the answer to the nearest question of a list; or the teacher.
 */
import { h } from "../studio/widgets/dom.ts";
import { ANSWERS } from "./data/school.ts";
import { asking, nextSteps, type Starter, started } from "./frame.ts";
import { encoder, similarity } from "./model.ts";

/** Under this cosine, questions of other subjects come as near. */
const NEAR = 0.5;

type Subject = keyof Starter["t"]["school"]["subjects"];

export function school(starter: Starter): HTMLElement[] {
  const { t } = starter;
  const words = t.school;
  const app = started(
    starter,
    words.title,
    words.lead,
    async (progress) => {
      const classifier = await encoder(progress);
      const questions = ANSWERS.map(({ question }) => question);
      return { classifier, vectors: await classifier.embed(questions, { normalize: true }) };
    },
    ({ classifier, vectors }) =>
      asking(t, words, async (text) => {
        const asked = await classifier.embed(text, { normalize: true });
        const order = vectors
          .map((vector, at) => ({
            ...(ANSWERS[at] as (typeof ANSWERS)[number]),
            score: similarity(asked, vector),
          }))
          .sort((a, b) => b.score - a.score);
        const [nearest] = order;
        if (nearest === undefined || nearest.score < NEAR)
          return [h("p", { class: "verdict" }, h("strong", {}, words.teacher))];
        return [
          h("p", {}, `${words.subject}: `, h("strong", {}, words.subjects[nearest.subject as Subject])),
          h("p", { class: "verdict" }, nearest.answer),
          h("p", { class: "help" }, `${words.nearest}: ${nearest.question}`),
        ];
      }),
  );
  return [app, nextSteps(t, words.steps)];
}
