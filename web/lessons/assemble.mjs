// Takes page.html, the texts of both languages, the picture and the rows; writes the lessons' pages and data below a
// folder: index.html, en/ and zh/, data/. Every page exists in both languages under the same name.

import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const folder = import.meta.dirname;
const LANGUAGES = { en: "en", zh: "zh-Hans" };
const LABELS_ZH = { happy: "开心", sad: "难过", angry: "生气" };
/** What stands around each text. */
const FRAME = {
  en: {
    skip: "Skip to the content",
    tagline: "Lessons about machines that sort texts",
    contents: "Lessons",
    other: "中文",
    colours: "Colours",
    themes: ["Auto", "Light", "Dark"],
    worksheet: "Worksheet",
    print: "Print the worksheet",
    name: "Name",
    date: "Date",
  },
  zh: {
    skip: "跳到正文",
    tagline: "会给文本分类的机器：课程",
    contents: "课程",
    other: "English",
    colours: "配色",
    themes: ["自动", "浅色", "深色"],
    worksheet: "学习单",
    print: "打印学习单",
    name: "姓名",
    date: "日期",
  },
};

export async function writeLessons(out) {
  const page = await readFile(join(folder, "page.html"), "utf8");
  const picture = await readFile(join(folder, "attention.svg"), "utf8");
  const names = await readdir(join(folder, "texts", "en"));
  const chinese = await readdir(join(folder, "texts", "zh"));
  if (names.sort().join() !== chinese.sort().join())
    throw new Error(`expected the same lessons in both languages, found ${names} and ${chinese}`);
  for (const language of Object.keys(LANGUAGES)) {
    const texts = await Promise.all(
      names.map((name) => readFile(join(folder, "texts", language, name), "utf8")),
    );
    const titles = texts.map((text) => /<h1>(.*?)<\/h1>/.exec(text)?.[1] ?? "");
    await mkdir(join(out, language), { recursive: true });
    for (const [index, name] of names.entries())
      await writeFile(
        join(out, language, name),
        framed(page, language, names, titles, index, texts[index].replaceAll("<!-- attention -->", picture)),
      );
  }
  await writeRows(join(out, "data"));
  await cp(join(folder, "index.html"), join(out, "index.html"));
}

/** English texts get Chinese labels in the Chinese lessons, since the lessons' model reads English alone. */
async function writeRows(out) {
  await mkdir(join(out, "zh"), { recursive: true });
  for (const name of await readdir(join(folder, "data"))) {
    const rows = await readFile(join(folder, "data", name), "utf8");
    await writeFile(join(out, name), rows);
    const chinese = rows.replace(/,(happy|sad|angry)(?=,|$)/gm, (_, label) => `,${LABELS_ZH[label]}`);
    await writeFile(join(out, "zh", name), chinese);
  }
}

function framed(page, language, names, titles, index, text) {
  const words = FRAME[language];
  const links = names.map((name, at) => {
    const current = at === index ? ' aria-current="page"' : "";
    return `<li><a href="./${name}"${current}>${titles[at]}</a></li>`;
  });
  const other = language === "en" ? "zh" : "en";
  const themes = ["system", "light", "dark"].map(
    (value, at) => `<option value="${value}">${words.themes[at]}</option>`,
  );
  const head = `<div class="worksheet-head"><h2>${words.worksheet}: ${titles[index]}</h2>
<p class="blanks"><span>${words.name}</span><span>${words.date}</span></p>
<p class="screen"><button type="button" class="primary" data-part="print">${words.print}</button></p></div>`;
  const values = {
    ...words,
    nameOfFile: names[index],
    lang: LANGUAGES[language],
    title: titles[index],
    folderOfOther: other,
    otherLang: LANGUAGES[other],
    themes: themes.join(""),
    links: links.join("\n"),
    text: text.replace("<!-- worksheet -->", () => head),
  };
  return page
    .replace(`<html lang="en">`, `<html lang="${values.lang}">`)
    .replace(/\{(\w+)\}/g, (_, key) => values[key]);
}
