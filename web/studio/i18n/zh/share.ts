/**
 * The texts of sharing a model, in step 6, in Chinese.
 */
import type { share as english } from "../en/share.ts";
import { size } from "./amounts.ts";

export const share: typeof english = {
  title: "分享",
  help: "把分类器放到网页上，或交给一个班。谁打开它，就在谁的设备上计算。",
  pairs: "这个模型要把两段文本放在一起读。网页标签只读一段，所以不能展示这个模型。",
  name: "页面上的标题",
  defaultName: "给文本分类",
  fallback: "本页需要 JavaScript 和网页服务器。直接从磁盘打开的文件无法启动它。",
  snippetTitle: "放进你的网页",
  snippetHelp: "把起步文件夹里的 bertlet 和 model 两个文件夹上传到你的网页旁边，然后加上：",
  snippet: "HTML",
  starterTitle: "起步文件夹",
  starterHelp: "一个完整的网页，里面有模型和 bertlet。放到任何网页服务器上就能用，什么都不用安装。",
  starter: "下载起步文件夹",
  lessonTitle: "学习平台上的一课",
  lessonHelp: "给 Moodle、Canvas 等平台用的 SCORM 1.2 课件包。学生完成后，它会报告。",
  lessonKind: "学生做什么",
  kinds: {
    use: "向你的模型提问。得到第一个回答就算完成。",
    teach: "用你的例子教它，例子就在 zip 里。训练结束就算完成，并有得分。",
  },
  lesson: "下载这一课",
  size: (bytes) => `大约 ${size(bytes)}：模型和 bertlet。`,
  making: "正在生成 zip…",
  made: "zip 已保存。",
  missing: (name, status) => `本站的 ${name} 返回了 HTTP ${status}`,
  readme: `这个文件夹是一个网页，里面有一个文本分类器。

1. 把整个文件夹上传到任何网页服务器，例如 GitHub Pages 或学校的服务器。
2. 在那里打开 index.html。要在这台电脑上试，请在这个文件夹里运行：
   npx serve
   或：python3 -m http.server
   然后打开它显示的地址。

直接从磁盘打开的页面无法启动分类器。
访问者输入的内容不会离开他们的设备。
`,
};
