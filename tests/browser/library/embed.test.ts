// embed.html in a host's iframe: parameters by the tag's table, messages and height for the host, and nothing of a hostile
// address or host that becomes markup or reaches the model.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { type Site, send, serve } from "../../support/serve.ts";
import { documented, TRAINED, tagStage } from "../../support/tag.ts";

interface Message {
  type: "bertlet";
  verb: string;
  height?: number;
  label?: string;
  message?: string;
  learned?: boolean;
  score?: { scaled: number; raw?: number };
}

declare global {
  interface Window {
    messages: Message[];
  }
}

/** Keeps all messages, beside the listener of the documentation, which follows the frame's height. */
const HOST = `window.messages = [];
addEventListener("message", ({ data }) => data?.type === "bertlet" && messages.push(data));
${await documented("host.js")}`;

describe("embed.html", () => {
  const stage = tagStage();
  /** A site of another origin, which embeds the first. */
  let host: Site;
  before(async () => {
    host = await serve();
    host.answer("host.js", (response) => send(response, 200, ".js", HOST));
  });
  after(() => host.close());

  async function embed(parameters: Record<string, string> | [string, string][], sandbox = ""): Promise<Page> {
    const src = `${stage.site.base}embed.html?${new URLSearchParams(parameters)}`.replaceAll("&", "&amp;");
    host.answer("host.html", (response) =>
      send(
        response,
        200,
        ".html",
        `<!doctype html><title>host</title><link rel="icon" href="data:,"><script src="host.js"></script><iframe ${sandbox} width="600" src="${src}"></iframe>`,
      ),
    );
    const page = await stage.browser.newPage();
    page.setDefaultTimeout(120_000);
    await page.goto(`${host.base}host.html`);
    return page;
  }
  const heard = (page: Page, verb: string) =>
    page.evaluate((wanted) => window.messages.filter((each) => each.verb === wanted), verb);

  test("tells a host of another origin what happens, without the text, and its height", async () => {
    const page = await embed({ src: TRAINED, mode: "use", title: "Sort it", lang: "zh-Hans" });
    const frame = page.frameLocator("iframe");
    await page.waitForFunction(() => window.messages.some(({ verb }) => verb === "initialized"));
    assert.equal(await frame.getByText("allow-same-origin").count(), 0);
    await frame.getByRole("textbox").fill("a secret text");
    await frame.getByRole("button", { name: "分类" }).click();
    await page.waitForFunction(() => window.messages.some(({ verb }) => verb === "answered"));
    const [answer] = await heard(page, "answered");
    assert.ok(answer?.label && (answer.score?.scaled ?? 0) > 0);
    assert.ok(!JSON.stringify(await page.evaluate(() => window.messages)).includes("secret"));
    // The height is told in a message of its own.
    const differs = async () => {
      const height = await page.locator("iframe").getAttribute("height");
      return (
        Math.abs(Number(height) - (await frame.locator("html").evaluate((html) => html.scrollHeight))) > 1
      );
    };
    while (await differs()) await page.waitForTimeout(50);
    // The host's script reaches neither the page nor the model in it.
    const reached = await page.evaluate(() => {
      const { contentWindow, contentDocument } = document.querySelector("iframe") as HTMLIFrameElement;
      try {
        return contentDocument ?? contentWindow?.document.title;
      } catch (error) {
        return (error as DOMException).name;
      }
    });
    assert.equal(reached, "SecurityError");
    await page.close();
  });

  test("no parameter becomes markup; one that is unknown or faulty is named", async () => {
    const script = "<img src=x onerror=parent.postMessage({type:'bertlet',verb:'broken'},'*')>";
    const page = await embed([
      ["src", `javascript:${script}`],
      ["lang", script],
      ["title", script],
      ["labels", script],
      ["mode", script],
      ["theme", "dark"],
      ["theme", "light"],
      [script, "1"],
      ["sandbox", "none"],
    ]);
    await page.waitForFunction(() => window.messages.filter(({ verb }) => verb === "failed").length >= 5);
    const failed = (await heard(page, "failed")).map(({ message }) => message).join("\n");
    for (const name of [
      "src: expected",
      "mode: expected",
      "sandbox: expected",
      "theme: expected one value",
      "<img",
    ])
      assert.ok(failed.includes(name), name);
    assert.equal(await page.frameLocator("iframe").locator("img").count(), 0);
    assert.deepEqual(await heard(page, "broken"), []);
    await page.close();
  });

  test("a frame that lets no script run says what it lacks", async () => {
    const page = await embed({ src: TRAINED }, 'sandbox="allow-scripts"');
    await page.frameLocator("iframe").getByText("allow-same-origin").first().waitFor();
    await page.close();
  });

  test("a lesson works beside a platform whose script fails, and records with any that can", async () => {
    const api = (more: string) => `window.said = [];
      const say = (name, answer) => (...values) => { said.push([name, ...values].join(" ")); return answer; };
      window.API = { LMSInitialize: say("begin", "true"), LMSGetValue: say("get", ""), LMSSetValue: say("set", "true"),
        LMSCommit: say("commit", "true"), LMSFinish: say("finish", "true") };
      const fail = () => { throw new Error("the session is over"); };
      ${more}`;
    const cases = [
      ["window.API = { version: 2 };", /^Opened outside of a learning platform: nothing is recorded/],
      [api("API.LMSInitialize = fail;"), /does not answer as it should: nothing is recorded/],
      [api("API.LMSGetValue = fail;"), /^Recorded in your learning platform/],
      [api("API.LMSSetValue = fail; API.LMSGetLastError = fail;"), /nothing is recorded/],
      [api('API.LMSCommit = () => "false";'), /nothing is recorded/],
      [
        api('API.LMSCommit = () => "false"; API.LMSGetLastError = () => "101";'),
        /did not take the result \(error 101\)/,
      ],
      [
        api("API.LMSInitialize = () => 1; API.LMSSetValue = () => true; API.LMSCommit = () => 1;"),
        /^Recorded/,
      ],
    ] as const;
    const page = await stage.browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    for (const [script, note] of cases) {
      const html = `<!doctype html><html lang="en"><title>a lesson</title><link rel="icon" href="data:,"><p id="note"></p>
<bertlet-classifier></bertlet-classifier><script>${script}</script><script type="module" src="scorm.js"></script>`;
      stage.site.answer("lesson.html", (response) => send(response, 200, ".html", html));
      await page.goto(`${stage.site.base}lesson.html`);
      const said = await page.evaluate(() => {
        document.querySelector("bertlet-classifier")?.dispatchEvent(new Event("bertlet-result"));
        return document.querySelector("#note")?.textContent ?? "";
      });
      assert.match(said, note, script);
    }
    await page.close();
    assert.deepEqual(errors, []);
  });
});
