// Kills the worker or the tab inside random operations of a journal's storage: in the middle of a write, before or after a
// file is cut to length, flushed, closed or removed. Whole is then the old state or the new one, and the run ends as if left alone.

import type { Found, On } from "../support/journalled-runs.ts";
import { kill, letKill, type Victim } from "../support/kill.ts";
import { strikeAt, watchStrikes } from "../support/strike.ts";
import type { Options } from "./main.ts";
import { seeded } from "./random.ts";
import { Stage } from "./stage.ts";

const JOURNAL = "written";
/** The run whose journal is there before, and the one that writes over it. */
const OLD: On = { epochs: 2 };
const NEW: On = { epochs: 40 };
const VICTIMS: Victim[] = ["worker", "tab"];

interface Row {
  kills: number;
  whole: number;
  /** What was gone on with. */
  old: number;
  new: number;
}

export async function writes({ times, seed }: Options): Promise<boolean> {
  const stage = await Stage.open(strikeAt({ operation: Number.POSITIVE_INFINITY, share: 0 }));
  const random = seeded(seed);
  const alone = async (kind: "full" | "lora", on: On, journal?: string) => {
    await stage.begin(kind, journal, on);
    return (await stage.found()) as Found;
  };
  const expected = { old: await alone("lora", OLD), new: await alone("full", NEW) };
  await alone("lora", OLD, JOURNAL);
  await watchStrikes(stage.page);
  await alone("full", NEW, JOURNAL);
  const operations = await stage.page.evaluate(() => window.storageOperations);
  const names = [...new Set(operations)];
  const counts = names.map((name) => `${operations.filter((each) => each === name).length} ${name}`);
  console.log(`a run over an older journal makes ${counts.join(", ")}`);
  const rows = new Map<string, Row>();
  let failures = 0;
  let late = 0;
  for (let kills = 0; kills < times; ) {
    letKill(stage.site);
    await stage.turnPage();
    await stage.forget(JOURNAL);
    await alone("lora", OLD, JOURNAL);
    // Each name as often as another.
    const name = names[Math.floor(random() * names.length)];
    const places = [...operations.keys()].filter((at) => operations[at] === name);
    const operation = places[Math.floor(random() * places.length)] as number;
    const strike = { operation, share: random() };
    letKill(stage.site, strikeAt(strike));
    await watchStrikes(stage.page);
    await stage.begin("full", JOURNAL, NEW);
    const struck = await stage.page.evaluate(() =>
      Promise.race([window.struck, window.found.then(() => null)]),
    );
    if (struck === null) {
      // The run was quicker this time, and wrote its state less often.
      late += 1;
      continue;
    }
    const victim = VICTIMS[kills % VICTIMS.length] as Victim;
    kills += 1;
    letKill(stage.site);
    await kill(stage.browser, stage.page, victim);
    if (victim === "tab") await stage.turnPage();
    let ended = victim === "tab" ? "gone" : await stage.found();
    if (typeof ended === "string") ended = await stage.goOn(JOURNAL);
    const is = typeof ended === "string" ? undefined : whichIs(ended, expected);
    const row = rows.get(struck.what) ?? { kills: 0, whole: 0, old: 0, new: 0 };
    rows.set(struck.what, row);
    row.kills += 1;
    if (is !== undefined) {
      row.whole += 1;
      row[is] += 1;
      continue;
    }
    failures += 1;
    const found = typeof ended === "string" ? ended : `other weights, after ${ended.losses.length} steps`;
    console.log(
      `FAILED: ${victim} in ${struck.what}, operation ${strike.operation}, ${strike.share}: ${found}`,
    );
  }
  console.log(`seed ${seed}; ${late} runs were over before the operation`);
  console.table(Object.fromEntries(rows));
  await stage.close();
  return failures === 0;
}

function whichIs(ended: Found, expected: Record<"old" | "new", Found>): "old" | "new" | undefined {
  return (["old", "new"] as const).find((each) => expected[each].weights === ended.weights);
}
