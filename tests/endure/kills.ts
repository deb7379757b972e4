// Kills the worker, one of its threads, the GPU's process or the whole tab at random moments of full, LoRA and pretraining runs
// with a journal. Each must end with the weights of one that was left alone: to the bit on the CPU.

import { difference } from "../support/checkpoints.ts";
import type { Found, Kind, On } from "../support/journalled-runs.ts";
import { kill, type Victim } from "../support/kill.ts";
import type { Options } from "./main.ts";
import { seeded } from "./random.ts";
import { Stage } from "./stage.ts";

const KINDS: Kind[] = ["full", "lora", "pretrain"];
const VICTIMS: Victim[] = ["worker", "thread", "gpu", "tab"];
/** Epochs: on the CPU a run then takes two to four seconds, on a software GPU some more. */
const EPOCHS = { wasm: 80, webgpu: 4 };
/** How far a loss on a GPU may be from that of the run that was left alone; scores of both devices differ by as much. */
const LOSS_BOUND = 1e-4;
const JOURNAL = "killed";

/** What one kind of kill came to. */
interface Row {
  kills: number;
  same: number;
  /** Of them: by another worker of the page; by `resume`; after the run was over; before the journal was whole. */
  survived: number;
  resumed: number;
  late: number;
  early: number;
  worst: number;
  slowestMs: number;
}

/** `times` kills of each victim, the kinds of run in turn. */
export async function kills({ times, seed, device }: Options): Promise<boolean> {
  const stage = await Stage.open();
  const random = seeded(seed);
  const on: On = { device, epochs: EPOCHS[device] };
  const alone = new Map<Kind, { found: Found; ms: number }>();
  for (const kind of KINDS) {
    for (const round of [0, 1]) {
      const beganAt = performance.now();
      await stage.begin(kind, undefined, on);
      const startedAt = performance.now();
      const found = await stage.found();
      if (typeof found === "string") throw new Error(`${kind}, left alone: ${found}`);
      const ms = performance.now() - startedAt;
      console.log(`${kind}, left alone: ${Math.round(startedAt - beganAt)} ms to load, ${Math.round(ms)} ms`);
      // The first one compiles.
      if (round === 1) alone.set(kind, { found, ms });
    }
  }
  const rows = new Map<string, Row>();
  let failures = 0;
  for (let round = 0; round < times; round++) {
    for (const victim of VICTIMS) {
      if (device === "webgpu" && victim === "thread") continue;
      const kind = KINDS[round % KINDS.length] as Kind;
      const expected = alone.get(kind) as { found: Found; ms: number };
      const row = rows.get(victim) ?? empty();
      rows.set(victim, row);
      const atMs = random() * expected.ms;
      const failure = await one(stage, { kind, victim, atMs, on, expected: expected.found, row }).catch(
        (error) => `the harness: ${error}`,
      );
      row.kills += 1;
      if (failure === undefined) row.same += 1;
      else {
        failures += 1;
        console.log(`FAILED round ${round}, ${kind}, ${victim} after ${atMs.toFixed(1)} ms: ${failure}`);
        await stage.turnPage();
      }
      await stage.forget(JOURNAL);
    }
    if ((round + 1) % 5 === 0) console.log(`${new Date().toISOString().slice(11, 19)} ${round + 1} rounds`);
  }
  console.log(`${device}, seed ${seed}: kills of each victim, full, LoRA and pretraining in turn`);
  console.table(Object.fromEntries(rows));
  await stage.close();
  return failures === 0;
}

interface Order {
  kind: Kind;
  victim: Victim;
  atMs: number;
  on: On;
  expected: Found;
  row: Row;
}

/** Makes a run, kills its victim, and gives what was wrong about its end, if anything. */
async function one(
  stage: Stage,
  { kind, victim, atMs, on, expected, row }: Order,
): Promise<string | undefined> {
  await stage.begin(kind, JOURNAL, on);
  await new Promise((resolve) => setTimeout(resolve, atMs));
  const stepsThen = await stage.page.evaluate(() => window.steps);
  await kill(stage.browser, stage.page, victim);
  const killedAt = performance.now();
  if (victim === "tab") await stage.turnPage();
  let ended = victim === "tab" ? "worker-crashed" : await stage.found();
  const wasOver = victim === "tab" || (await stage.page.evaluate(() => window.over));
  if (typeof ended === "string") {
    if (ended !== "worker-crashed" && ended !== "device-lost") return `it ended with ${ended}`;
    // A page that lives must have gone on by itself, unless the run was over, or had no journal yet.
    const code = ended;
    ended = await stage.goOn(JOURNAL);
    if (ended === "unknown-name" && stepsThen === 0) {
      row.early += 1;
      return undefined;
    }
    if (typeof ended === "string") return `resume ended with ${ended}`;
    if (!wasOver) return `it ended with ${code}, and resume could go on`;
    row.resumed += 1;
  } else if (ended.resumed > 0) row.survived += 1;
  else row.late += 1;
  row.slowestMs = Math.max(row.slowestMs, Math.round(performance.now() - killedAt));
  return wrong(ended, expected, on, row);
}

/** What is not as it was in the run that was left alone. Of a run that another page began, the last losses are known. */
function wrong(ended: Found, expected: Found, { device }: On, row: Row): string | undefined {
  const losses = expected.losses.slice(expected.losses.length - ended.losses.length);
  if (ended.losses.length > expected.losses.length) return `${ended.losses.length} steps`;
  if (ended.reason !== expected.reason) return `its end is ${ended.reason}`;
  const worst = difference(ended.losses, losses);
  row.worst = Math.max(row.worst, worst);
  if (device === "webgpu") return worst <= LOSS_BOUND ? undefined : `a loss differs by ${worst}`;
  if (worst !== 0) return `a loss differs by ${worst}`;
  return ended.weights === expected.weights ? undefined : "its weights differ";
}

function empty(): Row {
  return { kills: 0, same: 0, survived: 0, resumed: 0, late: 0, early: 0, worst: 0, slowestMs: 0 };
}
