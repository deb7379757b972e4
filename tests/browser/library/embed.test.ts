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

  async function embed(parameters: Record<string, string>, sandbox = ""): Promise<Page> {
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
    const page = await embed({
      src: `javascript:${script}`,
      lang: script,
      title: script,
      labels: script,
      mode: script,
      [script]: "1",
      sandbox: "none",
    });
    await page.waitForFunction(() => window.messages.filter(({ verb }) => verb === "failed").length >= 4);
    const failed = (await heard(page, "failed")).map(({ message }) => message).join("\n");
    for (const name of ["src: expected", "mode: expected", "sandbox: expected", "<img"])
      assert.ok(failed.includes(name), name);
    assert.equal(await page.frameLocator("iframe").locator("img").count(), 0);
    assert.deepEqual(await heard(page, "broken"), []);
    await page.close();
  });
});
