// The works of others as a page of the site, licences.html: a table, and each licence's text once, folded up.

import { byText } from "./notices.mjs";

/** `works` as notices.mjs gives them. */
export function asPage(works) {
  const texts = [...byText(works).keys()];
  const rows = works.map(
    ({ name, version, licence, source, text }) =>
      `<tr><th scope="row"><a href="${escaped(source)}">${escaped(name)}</a></th><td>${escaped(version)}</td><td><a href="#text-${texts.indexOf(text)}">${escaped(licence)}</a></td></tr>`,
  );
  const sections = [...byText(works)].map(([text, all], index) => {
    const names = all.map(({ name, version }) => `${name} ${version}`.trim()).join(", ");
    return `<details id="text-${index}"><summary>${escaped(names)}</summary><pre tabindex="0">${escaped(text)}</pre></details>`;
  });
  return `<!doctype html>
<!-- Made by scripts/notices-page.mjs of what this build is made of. -->
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="referrer" content="no-referrer" />
    <title>bertlet: third-party licences</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="./docs/docs.css" />
    <script type="module" src="./docs/docs.js"></script>
  </head>
  <body>
    <header class="head"><p class="brand"><a href="./"><strong>bertlet</strong></a></p></header>
    <div class="foot">
      <main id="main" tabindex="-1">
        <h1><span lang="en">Works of others in this site</span><span lang="zh-Hans">本站包含的第三方作品</span></h1>
        <p lang="en">The site's files hold compiled parts of these ${works.length} works. Each licence leads to its text.</p>
        <p lang="zh-Hans">本站的文件含有以下 ${works.length} 个作品编译后的部分。点击许可可以看到全文。</p>
        <p><a href="./models/default/NOTICE.txt"><span lang="en">The model that the page starts from, and its licence</span><span lang="zh-Hans">本页默认模型及其许可</span></a></p>
        <div class="scroll" tabindex="0" role="region" aria-labelledby="works"><table>
          <caption id="works"><span lang="en">Works, versions and licences</span><span lang="zh-Hans">作品、版本和许可</span></caption>
          <thead><tr><th scope="col"><span lang="en">Work</span><span lang="zh-Hans">作品</span></th><th scope="col"><span lang="en">Version</span><span lang="zh-Hans">版本</span></th><th scope="col"><span lang="en">Licence</span><span lang="zh-Hans">许可</span></th></tr></thead>
          <tbody>${rows.join("\n")}</tbody>
        </table></div>
        <h2><span lang="en">Texts of the licences</span><span lang="zh-Hans">许可全文</span></h2>
        ${sections.join("\n")}
      </main>
    </div>
  </body>
</html>
`;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
