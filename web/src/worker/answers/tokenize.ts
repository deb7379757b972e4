// Takes texts; gives their tokens with places, a text at a time, so that a call can be cancelled. Has no state.

import type { TokenizedText } from "../../../bertlet.d.ts";
import type { Text } from "../../shared/messages.ts";
import { nextTurn } from "../../shared/next-turn.ts";
import type { Job, Session } from "../session.ts";
import type { OnProgress } from "./infer.ts";

/** Texts between looks at the messages. */
const SLICE_TEXTS = 64;
/** Numbers of a token: its id, its segment, its beginning, its end, and whether it is special. */
const NUMBERS = 5;

/** To be called within a turn. */
export async function tokenize(
  { engine }: Pick<Session, "engine">,
  texts: readonly Text[],
  job: Job,
  onProgress: OnProgress,
): Promise<TokenizedText[]> {
  const rows: TokenizedText[] = [];
  job.check();
  for (const text of texts) {
    rows.push(rowOf(typeof text === "string" ? engine.tokenize(text) : engine.tokenize(...text)));
    if (rows.length % SLICE_TEXTS === 0 || rows.length === texts.length) {
      onProgress({ stage: "tokenize", loaded: rows.length, total: texts.length });
      await nextTurn();
      job.check();
    }
  }
  return rows;
}

function rowOf(given: (string | Uint32Array)[]): TokenizedText {
  const [truncated = 0, ...numbers] = given.at(-1) as Uint32Array;
  const tokens = given.slice(0, -1) as string[];
  const column = (at: number) => tokens.map((_, token) => numbers[token * NUMBERS + at] as number);
  const ends = column(3);
  return {
    tokens,
    inputIds: column(0),
    tokenTypeIds: column(1),
    offsets: column(2).map((begin, token) => [begin, ends[token] as number]),
    specialTokensMask: column(4),
    truncated: truncated === 1,
  };
}
