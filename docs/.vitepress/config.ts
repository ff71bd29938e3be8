// The site made of the pages of docs/. `make docs` builds it, and fails where a
// link leads nowhere.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { withMermaid } from "vitepress-plugin-mermaid";

const docs = dirname(dirname(fileURLToPath(import.meta.url)));
const source = "https://github.com/roomcast/roomcast";

/** The pages of a folder, by their titles. */
function pages(folder: string, first: string[] = []) {
  const place = (name: string) => (first.indexOf(name) + 1 || first.length + 1).toString().padStart(3, "0") + name;
  return readdirSync(join(docs, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => name.slice(0, -3))
    .sort((a, b) => (place(a) < place(b) ? -1 : 1))
    .map((name) => ({ text: titleOf(join(docs, folder, `${name}.md`)), link: `/${folder}/${name}` }));
}

function titleOf(file: string): string {
  return /^# (.*)$/m.exec(readFileSync(file, "utf8"))?.[1].replaceAll("`", "") ?? file;
}

/** GitHub's ids of headings, so that an anchor works there and here. */
function slugify(heading: string): string {
  return heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-");
}

/** Leads a link to a file outside of docs/ to the repository. */
function outside(href: string, page: string): string {
  if (/^([a-z]+:|#|\/)/.test(href)) return href;
  const [path, anchor] = href.split("#");
  const file = normalize(join(dirname(page), path));
  if (!file.startsWith("..")) return href;
  const inRepository = file.replace(/^(\.\.\/)+/, "").replace(/\/$/, "");
  const kind = statSync(join(docs, "..", inRepository)).isDirectory() ? "tree" : "blob";
  return `${source}/${kind}/main/${inRepository}${anchor ? `#${anchor}` : ""}`;
}

export default withMermaid({
  title: "Roomcast",
  description: "Realtime backends on AWS as Go CDK constructs",
  base: process.env.DOCS_BASE ?? "/",
  cleanUrls: true,
  srcExclude: ["node_modules/**"],
  vite: { publicDir: join(docs, "images") },
  markdown: {
    anchor: { slugify },
    toc: { slugify },
    headers: { slugify },
    config(md) {
      // Two braces are text here, not an expression of Vue.
      for (const kind of ["text", "code_inline"]) {
        const render = md.renderer.rules[kind]!;
        md.renderer.rules[kind] = (...args) => render(...args).replaceAll("{{", "&#123;&#123;");
      }
      md.core.ruler.push("outside", (state) => {
        for (const token of state.tokens.flatMap((block) => block.children ?? [])) {
          const href = token.attrGet("href");
          if (token.type === "link_open" && href) token.attrSet("href", outside(href, state.env.relativePath));
        }
      });
    },
  },
  themeConfig: {
    search: { provider: "local" },
    socialLinks: [{ icon: "github", link: source }],
    editLink: { pattern: `${source}/edit/main/docs/:path` },
    outline: [2, 3],
    nav: [
      { text: "Guide", link: "/guide/importing" },
      { text: "Reference", link: "/reference/cli" },
      { text: "Explanation", link: "/explanation/architecture" },
      { text: "Benchmarks", link: "/benchmarks" },
    ],
    sidebar: [
      { text: "Guide", items: pages("guide", ["importing", "production", "authentication"]) },
      { text: "Reference", items: pages("reference", ["cli", "protocol", "client-spec", "tokens", "limits"]) },
      { text: "Explanation", items: pages("explanation", ["architecture", "delivery"]) },
      { text: "More", items: [{ text: "Benchmarks", link: "/benchmarks" }, { text: "Glossary", link: "/glossary" }] },
      { text: "Decisions", collapsed: true, items: pages("decisions") },
    ],
  },
});
