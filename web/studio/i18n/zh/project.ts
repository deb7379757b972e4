/**
 * The texts of projects and of the list of runs, in Chinese.
 */
import type { project as englishProject, runs as englishRuns } from "../en/project.ts";
import { size, wholePercent } from "./amounts.ts";

const DAY_MS = 86_400_000;

/** How long ago, in days of the calendar. */
function daysAgo(when: number): number {
  return Math.round((new Date().setHours(0, 0, 0, 0) - new Date(when).setHours(0, 0, 0, 0)) / DAY_MS);
}

export const project: typeof englishProject = {
  goOn: "继续",
  open: "打开",
  openNamed: (name) => `打开${name}`,
  forget: "删除",
  forgetNamed: (name) => `删除${name}`,
  inHand: "已打开",
  labels: (n) => `${n} 个标签`,
  rows: (n) => `${n} 个例子`,
  accuracy: wholePercent,
  when: (when) => {
    const days = daysAgo(when);
    if (days <= 0)
      return `今天 ${new Date(when).toLocaleTimeString("zh", { hour: "numeric", minute: "2-digit" })}`;
    return days === 1 ? "昨天" : days < 14 ? `${days} 天前` : new Date(when).toLocaleDateString("zh");
  },
  fromFile: "打开项目文件",
  onlyHere: "项目只保存在这台电脑的这个浏览器里。",
  opening: "正在打开…",
  opened: (name) => `${name} 已打开。`,
  begin: "新建项目",
  wipe: "全部清除",
  wipeHelp: "清除本页面保存在这台电脑上的一切：项目、例子、模型、下载过的模型，以及语言等选择。",
  wiped: "已全部清除。这台电脑上不再保存本页面的任何内容。",
  interrupted: (name, step, steps, when) =>
    `“${name}”的训练在第 ${step} 步中断${steps === undefined ? "" : `，共 ${steps} 步`}，${project.when(when)}。`,
  goOnRun: "继续训练",
  title: "整个项目",
  help: "一个文件，包含列的选择、训练选项、各次训练和模型。在另一台电脑的第 1 步打开，分数完全相同。",
  name: "名称",
  withExamples: "包含例子",
  withExamplesHelp: "勾选后，文件里有你的文本。不勾选时，只有标签的名称。",
  save: "下载项目",
  saving: "正在生成文件…",
  leftOut: (runs, most) =>
    `项目文件已生成，但不含第 ${runs.join("、")} 次训练的模型：一个文件最多 ${size(most)}。可以逐个使用这些训练的模型，分别保存。`,
  saved: (bytes) => `项目文件已生成，${size(bytes)}。`,
  kept: (name) => `“${name}”只保存在这台电脑的这个浏览器里。`,
  keptCopy: (of, name) =>
    `“${of}”已在另一个标签页里打开，这里是它的副本。“${name}”只保存在这台电脑的这个浏览器里。`,
  elsewhere: "这个项目已在另一个标签页里打开，请先在那里关闭它。",
  othersElsewhere: "没有清除任何内容：本页面的另一个标签页里打开着一个项目，请先关闭那个标签页。",
  keeping: "正在保存你的改动…",
  denied: "什么都没有保存：这个浏览器不允许本页面存储。离开前请下载项目。",
  notKept: "最近的改动没有保存。",
  full: "浏览器没有空间再保存这个项目。",
  fullHelp: "请下载项目，或删除另一个项目，然后继续。",
  stuck: "浏览器的存储没有响应。",
  stuckHelp: "离开前请下载项目，然后关闭这个标签页，再重新打开本页面。",
  gone: "这里已经没有这个项目，可能在另一个标签页里被删除了。",
  missing: (path) => `缺少它的文件 ${path}。`,
  file: {
    foreign: (name) => `${name} 是 zip，但不是项目：里面没有 bertlet.json。`,
    newer: (name, version) => `${name} 的格式版本是 ${version}，本页面读取版本 1。请重新加载页面，换用新版。`,
    huge: (name, bytes, most) => `${name} 声称有 ${size(bytes)}，最多只读 ${size(most)}。`,
    missing: (name, path) => `${name} 里缺少 ${path}，文件可能不完整。`,
    changed: (name, path) => `${name} 里的 ${path} 与保存时不同，文件已损坏。`,
    unreadable: (name, reason) => `${name} 不能作为项目读取：${reason}。`,
    nothingLost: "请重新保存或重新下载这个文件。这里打开的内容保持原样。",
  },
  ask: {
    training: "训练正在进行。这样做会结束训练，仍要继续吗？",
    classifying: "正在给一个文件分类。这样做会结束它，仍要继续吗？",
    model: "训练好的模型还没有保存，这样做会丢失它。仍要继续吗？",
    work: "你的例子和改动没有保存，这样做会丢失它们。仍要继续吗？",
    hand: "你在其中手工标注和修改的内容会一起删除。要删除吗？",
    readAgain: "这样重新读取，会丢失你手工标注的内容；换一个工作表，还会丢失你的修改。仍要继续吗？",
    sample: "示例会取代你的例子，以及你手工做的所有修改。仍要继续吗？",
    forget: (name) => `删除“${name}”，连同它的例子、训练和模型？`,
    run: "删除中断的训练？它的项目会留下。",
    wipe: "清除本页面保存在这台电脑上的所有项目、例子和模型？",
  },
};

export const runs: typeof englishRuns = {
  title: "各次训练",
  takeBack: "使用这个模型",
  takeBackNamed: (number) => `使用这个模型：第 ${number} 次训练`,
  takenBack: (number) => `现在使用第 ${number} 次训练的模型。`,
  whileTraining: "训练结束之后才能换用别的模型。",
  current: "当前",
  notKept: "模型没有保存",
  differs: (what) => `不同之处：${what.join("，")}`,
  same: "选项和数据相同",
  other: {
    model: (name) => `模型 ${name}`,
    data: (rows) => `数据（${rows} 行训练数据）`,
    held: "评估用的文本",
  },
  change: (name, value) => `${name} ${value}`,
  none: "–",
};
