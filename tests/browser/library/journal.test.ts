// Runs that cannot be killed: with a journal, a run whose worker, thread or tab is killed at any moment ends with the weights
// of one that was left alone, to the bit on the CPU. BERTLET_KILLS sets the rounds, and with it every run is killed in
// every way.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import type { KeptJournal } from "../../../web/bertlet.d.ts";
import { openPage, shareBrowser, until } from "../../support/browser.ts";
import { type Found, type Kind, provideRuns } from "../../support/journalled-runs.ts";
import { kill, letKill, moment, ON_PAGE, type Victim } from "../../support/kill.ts";
import { type Site, serve } from "../../support/serve.ts";
import { strikeAt, watchStrikes } from "../../support/strike.ts";

const ROUNDS = Number(process.env.BERTLET_KILLS ?? 1);
/** What is killed of each run: what a state holds depends on the run alone, how it is come back to on what was killed. */
const VICTIMS: Record<Kind, readonly Victim[]> = {
  full: ["worker", "thread", "tab"],
  best: ["worker"],
  lora: ["thread"],
  pretrain: ["tab"],
};
/** A run takes about two seconds. */
const RUN_MS = 1500;

describe("a run with a journal", () => {
  const share = shareBrowser({ webgpu: false });
  let site: Site;
  let context: BrowserContext;
  let page: Page;
  const undisturbed = new Map<Kind, Found>();

  const open = async () => {
    const opened = await openPage(context, site, [], ON_PAGE);
    await opened.evaluate(provideRuns);
    return opened;
  };
  const begin = (kind: Kind, journal?: string) =>
    page.evaluate(([kind, journal]) => window.begin(kind, journal), [kind, journal] as const);
  const found = () => page.evaluate(() => window.found);
  const journals = async (): Promise<KeptJournal[]> => {
    const found = await page.evaluate(() => window.bertlet.Classifier.listJournals());
    return found.filter((each) => !each.damaged);
  };
  const alone = async (kind: Kind) => {
    if (!undisturbed.has(kind)) {
      await begin(kind);
      undisturbed.set(kind, await found());
    }
    return undisturbed.get(kind) as Found;
  };
  /** Has the run pause after so many steps, and waits until the pause has written its state. */
  const pausedAfter = async (steps: number, go: () => Promise<void>) => {
    await page.evaluate((steps) => {
      Object.assign(window, { pauseAfter: steps, paused: undefined });
    }, steps);
    await go();
    const kept = async () => {
      if (window.paused === undefined) return false;
      // A call is answered between two steps, so that none follows.
      await window.paused;
      const [journal] = await window.bertlet.Classifier.listJournals();
      return journal !== undefined && !journal.damaged && journal.step === window.steps;
    };
    await until(page, kept, null);
  };
  const assertSame = (ended: Found, expected: Found) => {
    assert.deepEqual({ ...ended, resumed: 0 }, expected);
  };
  const forget = async () => {
    for (const { name } of await journals()) {
      await page.evaluate((name) => window.bertlet.Classifier.deleteJournal(name), name);
    }
  };

  before(async () => {
    site = await serve({ isolated: true });
    letKill(site);
    context = await (await share.browser()).newContext();
    page = await open();
  });
  after(async () => {
    await site?.close();
    await share.release();
  });

  for (const kind of ["full", "best", "lora", "pretrain"] as const) {
    test(`${kind}: the journal changes nothing, and keeps what the run ended with`, async () => {
      const expected = await alone(kind);
      await begin(kind, kind);
      assertSame(await found(), expected);
      const [journal] = await journals();
      assert.equal(journal?.name, kind);
      assert.equal(journal?.finished, true);
      // The page may be gone by now.
      await page.evaluate((kind) => window.goOn(kind), kind);
      assertSame({ ...(await found()), losses: expected.losses }, expected);
      await page.evaluate((kind) => window.bertlet.Classifier.deleteJournal(kind), kind);
      assert.deepEqual(await journals(), []);
    });

    for (const victim of VICTIMS[ROUNDS > 1 ? "full" : kind]) {
      test(`${kind}: ${victim} killed`, async () => {
        const expected = await alone(kind);
        for (let round = 0; round < ROUNDS; round++) assertSame(await killed(kind, victim), expected);
        await forget();
      });
    }
  }

  /** What a run ends with whose victim is killed at some moment after its first step. */
  async function killed(kind: Kind, victim: Victim): Promise<Found> {
    await begin(kind, "killed");
    await page.waitForFunction(() => window.steps > 0);
    await moment(RUN_MS);
    if (victim === "tab") {
      await kill(await share.browser(), page, victim);
      await page.close();
      page = await open();
      await page.evaluate(() => window.goOn("killed"));
      const ended = await found();
      const { losses } = await alone(kind);
      // The steps before the state were another page's.
      const before = losses.length - ended.losses.length;
      return { ...ended, losses: [...losses.slice(0, before), ...ended.losses] };
    }
    await kill(await share.browser(), page, victim);
    return found();
  }

  test("a run that is refused leaves the journal of before; of an ended one, all is told", async () => {
    // Its name begins as the first file of the refused one.
    await begin("full", "ghost/1");
    const ended = await found();
    const [before] = await journals();
    assert.deepEqual([before?.finished, before?.step], [true, ended.losses.length]);
    const refused = await page.evaluate(async () => {
      const { classifier, run } = await window.bertlet.Classifier.resume("ghost/1");
      await run.result;
      const train = [
        { text: "it was late", label: "delivery" },
        { text: "all is well", label: "other" },
      ];
      const codes: string[] = [];
      for (const [journal, options] of [
        ["ghost/1", { earlyStopping: { patience: 1 } }],
        ["ghost/1", { learningRate: 5 }],
        ["ghost", { learningRate: 5 }],
      ] as const) {
        const run = classifier.finetune({ train }, { ...options, journal });
        codes.push(
          await run.result.then(
            () => "done",
            (error) => error.code,
          ),
        );
      }
      await classifier.dispose();
      return codes;
    });
    assert.deepEqual(refused, ["bad-option", "bad-option", "bad-option"]);
    assert.deepEqual(await journals(), [before]);
    const events = await page.evaluate(async () => {
      const { classifier, run } = await window.bertlet.Classifier.resume("ghost/1");
      const types: string[] = [];
      for await (const { type } of run) types.push(type);
      await classifier.dispose();
      return types;
    });
    assert.deepEqual(events, ["end"]);
    await forget();
  });

  test("a stopped run goes on, and one in another tab is busy", async () => {
    const expected = await alone("full");
    await pausedAfter(20, () => begin("full", "stopped"));
    const other = await open();
    const busy = await other.evaluate(() =>
      window.bertlet.Classifier.resume("stopped").then(
        () => "opened",
        (error) => error.code,
      ),
    );
    assert.equal(busy, "busy");
    await other.close();
    await page.evaluate(() => {
      window.run.resume();
      window.run.stop();
    });
    assert.equal((await found()).reason, "stopped");
    const [{ step, finished } = { step: 0, finished: true }] = await journals();
    assert.equal(finished, false);
    assert.ok(step >= 20);
    await page.evaluate(() => window.goOn("stopped"));
    const ended = await found();
    assert.equal(ended.losses.length, expected.losses.length - step);
    assert.equal(ended.weights, expected.weights);
    await forget();
  });

  test("a worker killed inside a write leaves a whole journal, or none, of which the next run keeps nothing", async () => {
    const expected = await alone("full");
    const struck = async (operation: number) => {
      letKill(site, strikeAt({ operation, share: 0.5 }));
      await watchStrikes(page);
      await begin("full", "struck");
      await page.evaluate(() => window.struck);
      letKill(site);
      await kill(await share.browser(), page, "worker");
    };
    // In the first state.
    await struck(40);
    const { resumed, ...ended } = await found();
    assert.equal(resumed, 1);
    assertSame({ ...ended, resumed }, expected);
    await forget();
    // In the model, which the journal begins with.
    await struck(1);
    await assert.rejects(found(), /worker crashed/);
    const again = await page.evaluate(() => window.failure(() => window.bertlet.Classifier.resume("struck")));
    assert.equal(again?.code, "unknown-name");
    await begin("full", "another");
    await found();
    const left = await page.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("bertlet");
      const names: string[] = [];
      for await (const [name] of (await folder.getDirectoryHandle("njournals")).entries()) names.push(name);
      return names.filter((name) => name.startsWith("nstruck"));
    });
    assert.deepEqual(left, []);
    await forget();
  });

  test("a state with one wrong byte is not gone on from, and the other one is", async () => {
    const expected = await alone("full");
    // Two states.
    await pausedAfter(40, () => begin("full", "damaged"));
    await pausedAfter(80, () => page.evaluate(() => window.run.resume()));
    await kill(await share.browser(), page, "tab");
    await page.close();
    page = await open();
    const before = (await journals())[0]?.step as number;
    const damaged = await page.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("bertlet");
      const files = await folder.getDirectoryHandle("njournals");
      const slots: { handle: FileSystemFileHandle; version: number }[] = [];
      for await (const [name, handle] of files as unknown as AsyncIterable<[string, FileSystemFileHandle]>) {
        if (!/slot-[01]/.test(decodeURIComponent(name))) continue;
        const text = await (await handle.getFile()).text();
        slots.push({ handle, version: Number(/"version":(\d+)/.exec(text)?.[1]) });
      }
      const newest = slots.sort((one, other) => other.version - one.version)[0]?.handle;
      if (newest === undefined) return 0;
      const bytes = new Uint8Array(await (await newest.getFile()).arrayBuffer());
      bytes[1000] = (bytes[1000] as number) ^ 1;
      const writer = await newest.createWritable();
      await writer.write(bytes);
      await writer.close();
      return slots.length;
    });
    assert.equal(damaged, 2);
    await page.evaluate(() => window.goOn("damaged"));
    const ended = await found();
    assert.ok(expected.losses.length - ended.losses.length < before, "an earlier state");
    assert.equal(ended.weights, expected.weights);
  });

  test("an unknown name is told", async () => {
    const codes = await page.evaluate(async () => {
      const { Classifier } = window.bertlet;
      const code = (call: Promise<unknown>) =>
        call.then(
          () => "served",
          (error) => error.code,
        );
      return [await code(Classifier.resume("nobody")), await code(Classifier.deleteJournal("nobody"))];
    });
    assert.deepEqual(codes, ["unknown-name", "unknown-name"]);
  });

  test("where the storage is taken away, the run says so and goes on, and the model lives", async () => {
    const seen = await page.evaluate(async () => {
      const classifier = await window.bertlet.Classifier.load(
        "data/checkpoints/sequence_classification_f32/",
        { device: "wasm", labels: ["delivery", "other"] },
      );
      const train = [
        { text: "it was late", label: "delivery" },
        { text: "all is well", label: "other" },
      ];
      const found: string[] = [];
      const trainAndKeep = async (name: string) => {
        const run = classifier.finetune({ train }, { epochs: 1, journal: name });
        for await (const event of run) {
          if (event.type === "journal") found.push(`${name}: ${event.kept}`);
        }
        const kept = await classifier.keep(name).then(
          () => "kept",
          ({ code }) => code,
        );
        found.push(`${name}: ${kept}`);
      };
      await trainAndKeep("one");
      const root = await navigator.storage.getDirectory();
      await root.removeEntry("bertlet", { recursive: true });
      await trainAndKeep("two");
      await trainAndKeep("three");
      const names = (await window.bertlet.Classifier.listJournals()).map(({ name }) => name);
      for (const name of await window.bertlet.Classifier.list())
        await window.bertlet.Classifier.forget(name.name);
      await classifier.dispose();
      return { found, names };
    });
    assert.deepEqual(seen, {
      found: ["one: kept", "two: nothing", "two: no-storage", "three: kept"],
      names: ["three"],
    });
    await forget();
  });

  test("where storage is denied, the run says so and goes on", async () => {
    const denied = await serve();
    denied.beforeWorkers(`
      StorageManager.prototype.getDirectory = async () => { throw new DOMException("denied", "SecurityError"); };
      Object.defineProperty(self, "indexedDB", { get() { throw new DOMException("denied", "SecurityError"); } });`);
    const alonePage = await openPage(await share.browser(), denied, [], ON_PAGE);
    try {
      await alonePage.evaluate(provideRuns);
      await alonePage.evaluate(() => window.begin("full", "denied"));
      const [ended, kept] = await alonePage.evaluate(async () => [
        await window.found,
        (window as unknown as { kept: string[] }).kept,
      ]);
      assert.equal((ended as Found).weights, (await alone("full")).weights);
      assert.deepEqual(kept, ["nothing"]);
    } finally {
      await alonePage.close();
      await denied.close();
    }
  });
});
