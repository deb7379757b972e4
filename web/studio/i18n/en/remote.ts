/**
 * The texts of step 1 about a model on another host, in English.
 */
import { size } from "./amounts.ts";

export const remote = {
  address: "Hub id or address",
  placeholder: "owner/name or https://…",
  help: "An id such as owner/name, a page of huggingface.co, or the address of a folder. Nobody is contacted before you agree.",
  lookUp: "Look up",
  more: "Revision or mirror",
  revision: "Revision",
  revisionHelp: "A branch, tag or commit. Empty: main, or what the page's address says.",
  hubHost: "Address of the Hub",
  hubHostHelp: "A mirror of huggingface.co answers where that one cannot be reached.",
  badAddress: (address: string) => `Expected a Hub id or an http or https address, found “${address}”.`,
  badAddressHint:
    "A Hub id has the form owner/name. An address begins with https://, or with ./ for a folder beside this page.",
  badHub: (address: string) => `Expected the http or https address of a Hub, found “${address}”.`,
  ask: (host: string) => `Contact ${host}?`,
  asked: (host: string) =>
    `This page will ask ${host} for the model's files, by their names. None of your texts or labels is sent. Like any website, that host sees your network address. It may send large files from another host of its own.`,
  always: (host: string) => `Do not ask again for ${host} in this browser`,
  agree: (host: string) => `Contact ${host}`,
  refuse: "Do not contact",
  looking: (host: string) => `Asking ${host} about the model`,
  cancel: "Cancel",
  found: (name: string) => `Found: ${name}`,
  architecture: "Architecture",
  download: "Download",
  unknownSize: "The host does not tell the size.",
  license: "Licence",
  noLicense: "The model's card names none.",
  revisionFound: "Revision",
  load: (bytes: number | undefined) => (bytes === undefined ? "Load" : `Load (${size(bytes)})`),
  size,
  notAgreed: (host: string) => `This model comes from ${host}, which you have not agreed to contact.`,
  notAgreedHelp: "Look its address up in step 1, or open the project again.",
  remembered: (hosts: string) => `Contacted without asking: ${hosts}`,
  forget: "Ask again",
  forgotten: "The page asks again before it contacts another host.",
};
