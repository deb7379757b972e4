/**
 * Takes a template of HTML or SVG; gives its text, with whatever is put into it escaped unless it is markup itself. For files
 * that are downloaded: the page's own elements are made by widgets/dom.ts.
 */

export class Markup {
  constructor(readonly text: string) {}
}

type Value = string | number | Markup | false | undefined | readonly (Markup | false | undefined)[];

export function html(template: TemplateStringsArray, ...values: readonly Value[]): Markup {
  let text = template[0] ?? "";
  values.forEach((value, at) => {
    text += written(value) + (template[at + 1] ?? "");
  });
  return new Markup(text);
}

function written(value: Value): string {
  if (value === false || value === undefined) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(written).join("");
  return String(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
