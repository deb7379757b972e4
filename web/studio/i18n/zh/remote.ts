/**
 * The texts of step 1 about a model on another host, in Chinese.
 */
import type { remote as english } from "../en/remote.ts";
import { size } from "./amounts.ts";

export const remote: typeof english = {
  address: "Hub 上的模型名或网址",
  placeholder: "owner/name 或 https://…",
  help: "可以填 owner/name 这样的模型名、huggingface.co 上的页面，或文件夹的网址。在你同意之前，不会联系任何网站。",
  lookUp: "查看",
  more: "版本或镜像站",
  revision: "版本",
  revisionHelp: "分支、标签或提交。留空则用 main，或网址里写明的版本。",
  hubHost: "Hub 的网址",
  hubHostHelp: "连不上 huggingface.co 时，可以填它的镜像站。",
  badAddress: (address) => `这里需要 Hub 上的模型名，或 http、https 网址，填的却是“${address}”。`,
  badAddressHint: "模型名的格式是 owner/name。网址以 https:// 开头；与本页面同处的文件夹以 ./ 开头。",
  badHub: (address) => `这里需要 Hub 的 http 或 https 网址，填的却是“${address}”。`,
  ask: (host) => `要联系 ${host} 吗？`,
  asked: (host) =>
    `本页面会按文件名向 ${host} 请求模型文件，不会发送你的任何文本或标签。与访问任何网站一样，对方能看到你的网络地址。大文件可能由它的另一台主机发送。`,
  always: (host) => `在这个浏览器里，以后联系 ${host} 不再询问`,
  agree: (host) => `联系 ${host}`,
  refuse: "不联系",
  looking: (host) => `正在向 ${host} 查询这个模型`,
  cancel: "取消",
  found: (name) => `已找到：${name}`,
  architecture: "架构",
  download: "下载量",
  unknownSize: "对方没有说明大小。",
  license: "许可证",
  noLicense: "模型说明里没有写。",
  revisionFound: "版本",
  load: (bytes) => (bytes === undefined ? "加载" : `加载（${size(bytes)}）`),
  size,
  notAgreed: (host) => `这个模型来自 ${host}，你还没有同意联系它。`,
  notAgreedHelp: "请在第 1 步查看它的网址，或重新打开项目。",
  remembered: (hosts) => `不再询问即可联系：${hosts}`,
  forget: "恢复询问",
  forgotten: "以后联系其他网站前，会再次询问。",
};
