// The chat page's reading of Discord's markdown, under Node: no browser needed. Run by test_page.py.
import assert from "node:assert/strict";
import { test } from "node:test";

const scripts = new URL("../../../discord_emulator/page/js/", import.meta.url);
const { inline, parse, plainText } = await import(new URL("markdown.js", scripts));

/** The tree in short: strong[…], text as it is. */
const short = (nodes) => nodes.map((node) => {
  if (node.type === "text") return node.text;
  if (node.type === "link") return `link(${node.url})[${short(node.children)}]`;
  return node.children ? `${node.type}[${short(node.children)}]` : `${node.type}(${node.text ?? node.id ?? node.name ?? node.seconds})`;
}).join("");

for (const [source, tree] of [
  ["**b** *i* __u__ ~~s~~ ||x||", "strong[b] em[i] underline[u] strike[s] spoiler[x]"],
  ["***both*** **a *b* c**", "strong[em[both]] strong[a em[b] c]"],
  ["*a **b** c*", "em[a strong[b] c]"],
  ["snake_case_name and _it_", "snake_case_name and em[it]"],
  ["2 * 3 * 4 ** **", "2 * 3 * 4 ** **"], ["**never closed", "**never closed"], ["****", "****"],
  ["\\*not\\* \\`this\\`", "*not* `this`"],
  ["`**code**` ``a`b``", "code(**code**) code(a`b)"], ["`open **b**", "`open strong[b]"],
  ["<@1> <@!2> <@&3> <#4> </draw now:5>", "user(1) user(2) role(3) channel(4) command(5)"],
  ["<t:60> <t:-5:R> <t:x>", "time(60) time(-5) <t:x>"], ["<:melon:9> @everyone", "emoji(9) everyone(everyone)"],
  ["see https://a.b/c(d), or (https://e.f).", "see link(https://a.b/c(d))[https://a.b/c(d)], or (link(https://e.f/)[https://e.f])."],
  ["[a **b**](https://c.d/e) <https://f.g>", "link(https://c.d/e)[a strong[b]] link(https://f.g/)[https://f.g]"],
  ["[x](javascript:alert(1)) <data:text/html,x>", "[x](javascript:alert(1)) <data:text/html,x>"],
  ["<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
]) {
  test(`${source} is ${tree}`, () => assert.equal(short(inline(source)), tree));
}

test("blocks: headings, quotes, lists, code, subtext", () => {
  const blocks = parse("# One\n-# small\n> a\n> b\nplain\ntext\n- x\n  - y\n3. z\n```js\nlet a = `1`;\n```\nend\n>>> rest\nof it");
  assert.deepEqual(blocks.map((block) => block.type), ["heading", "subtext", "quote", "text", "list", "code", "text", "quote"]);
  assert.deepEqual(blocks[4].items.map((item) => [item.depth, item.number]), [[0, null], [1, null], [0, 3]]);
  assert.deepEqual([blocks[5].language, blocks[5].text], ["js", "let a = `1`;"]);
  assert.equal(blocks[7].children[0].text, "rest\nof it");
});

test("a marker may span lines, and nothing inside a code block is read", () => {
  assert.equal(short(parse("**a\nb**")[0].children), "strong[a\nb]");
  assert.deepEqual(parse("```\n**a**\n<@1>\n```"), [{ type: "code", language: null, text: "**a**\n<@1>" }]);
});

test("no text is lost, however hostile", () => {
  const bits = ["*", "**", "_", "__", "~~", "||", "`", "```", "\\", "<", ">", "[", "](", ")", "a", " ", "\n", "# ", "> ", "- ", "<@1>", "http://x.y"];
  let state = 1;
  const next = (below) => (state = (state * 48271) % 2147483647) % below;
  for (let round = 0; round < 400; round += 1) {
    const source = Array.from({ length: 1 + next(40) }, () => bits[next(bits.length)]).join("");
    const letters = (source.match(/a/g) ?? []).length;
    const kept = (JSON.stringify(parse(source).map((block) => short(block.items ? block.items.flatMap((item) => item.children) : block.children ?? [block]))).match(/a/g) ?? []);
    assert.ok(kept.length >= letters, source);
  }
});

test("long and deep input is read in reasonable time", () => {
  const started = performance.now();
  for (const piece of ["*", "**a ", "||", "[", "`", "__*", "> ", "<", "\\", "* _"]) parse(piece.repeat(4000 / piece.length));
  assert.ok(performance.now() - started < 3000);
});

test("what is read out has no signs, and keeps a spoiler's secret", () => {
  assert.equal(plainText("# Hi **there**\n||secret|| `x` [l](https://a.b)"), "Hi there spoiler x l");
});
