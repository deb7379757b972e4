/**
 * Takes a title and settings; gives the texts of what is shared: the snippet, the pages of the starter folder and of the
 * lesson, and the lesson's manifest for SCORM 1.2. A title or label cannot become markup.
 */

export interface Shared {
  title: string;
  /** The language of the page: "en" or "zh-Hans". */
  lang: string;
  /** Where the model lies, as an address relative to the page. */
  src: string;
  /** What a visitor may do: ask the model, or teach one with the examples in rows.json. */
  mode: "use" | "teach";
  /** What is shown where the tag cannot run. */
  fallback: string;
}

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self'; img-src data:";

export function escaped(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (sign) => entities[sign] as string);
}

/** The tag alone. */
function tagOf({ title, lang, src, mode, fallback }: Shared): string {
  return `<bertlet-classifier src="${escaped(src)}" mode="${mode}"${mode === "teach" ? ' rows="rows.json"' : ""} lang="${escaped(lang)}">
  <strong slot="title">${escaped(title)}</strong>
  <p>${escaped(fallback)}</p>
</bertlet-classifier>`;
}

/** For a page that has bertlet's files and the model beside it. */
export function snippetOf(shared: Shared): string {
  return `<script type="module" src="bertlet/element.js"></script>
${tagOf(shared)}
`;
}

export function starterPage(shared: Shared): string {
  return page(shared, "", '<script type="module" src="./bertlet/element.js"></script>');
}

export function lessonPage(shared: Shared): string {
  const scripts = ["element", "scorm"].map(
    (name) => `<script type="module" src="./bertlet/${name}.js"></script>`,
  );
  return page(shared, '<p id="note" role="status"></p>\n', scripts.join("\n"));
}

function page(shared: Shared, after: string, scripts: string): string {
  return `<!doctype html>
<html lang="${escaped(shared.lang)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(shared.title)}</title>
<link rel="icon" href="data:,">
${scripts}
</head>
<body>
<main>
${tagOf(shared)}
${after}</main>
</body>
</html>
`;
}

/** imsmanifest.xml. Platforms tell lessons apart by `identifier`. */
export function manifestOf(title: string, identifier: string, files: readonly string[]): string {
  const listed = files.map((name) => `      <file href="${escaped(name)}"/>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="${escaped(identifier)}" version="1.0"
  xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata>
    <schema>ADL SCORM</schema>
    <schemaversion>1.2</schemaversion>
  </metadata>
  <organizations default="course">
    <organization identifier="course">
      <title>${escaped(title)}</title>
      <item identifier="lesson" identifierref="page">
        <title>${escaped(title)}</title>
      </item>
    </organization>
  </organizations>
  <resources>
    <resource identifier="page" type="webcontent" adlcp:scormtype="sco" href="index.html">
${listed.join("\n")}
    </resource>
  </resources>
</manifest>
`;
}
