// Command lines and option values of the chat page, under Node: no browser needed. Run by test_page.py.
import assert from "node:assert/strict";
import { test } from "node:test";

const scripts = new URL("../../../discord_emulator/page/js/", import.meta.url);
const { leaves, score, search, wrapOptions } = await import(new URL("command-tree.js", scripts));
const { formatCommand, parseCommand, pieceAt } = await import(new URL("command-parse.js", scripts));
const { checkCommand, checkValue } = await import(new URL("option-parsing.js", scripts));

const COMMANDS = [
  { id: "1", name: "melicon", description: "Draw", options: [
    { type: 3, name: "seed", name_localizations: { fr: "graine" } }, { type: 4, name: "size", min_value: 16, max_value: 2048 }] },
  { id: "2", name: "daily", name_localizations: { fr: "quotidien" }, options: [
    { type: 1, name: "set", options: [{ type: 7, name: "channel", required: true }, { type: 3, name: "time", required: true }] },
    { type: 2, name: "list", options: [{ type: 1, name: "all", options: [] }] }] },
  { id: "3", name: "Vary", type: 3 },
];
const ALL = leaves(COMMANDS, "en-US");
const read = (line, all = ALL, locale = "en-US") => {
  const { leaf, values, error } = parseCommand(line, all, locale);
  return [leaf?.title ?? null, Object.fromEntries(values), error];
};
const WHO = {
  users: [{ id: "100000000000000001", username: "mel", global_name: "Mel Ody" }], locale: "en-US",
  channels: [{ id: "200000000000000001", name: "icons" }], roles: [{ id: "300000000000000001", name: "Artists" }],
};

test("commands are flattened to what can be run; menus of messages are not typed", () => {
  assert.deepEqual(ALL.map((leaf) => leaf.title), ["melicon", "daily set", "daily list all"]);
});

for (const [line, values] of [
  ["/melicon", {}], ["/melicon seed:123", { seed: "123" }], ["/melicon  seed:  naru  ", { seed: "naru" }],
  ["/melicon seed:two words size:64", { seed: "two words", size: "64" }],
  ["/melicon size:64 seed:a:b http://x", { size: "64", seed: "a:b http://x" }],
  ['/melicon seed:"a size:3 \\"q\\"" size:4', { seed: 'a size:3 "q"', size: "4" }],
  ["/melicon seed:“smart quotes” size:4", { seed: "smart quotes", size: "4" }],
  ['/melicon seed:"never closed', { seed: '"never closed' }],
  ["/melicon 123x456@25", { seed: "123x456@25" }], ["/MELICON SEED:x", { seed: "x" }], ["/melicon seed:", {}],
]) {
  test(`${line} reads as ${JSON.stringify(values)}`, () => assert.deepEqual(read(line), ["melicon", values, null]));
}

test("sub-commands and groups are found by their whole name", () => {
  assert.deepEqual(read("/daily set #icons time:9 am"), ["daily set", { channel: "#icons", time: "9 am" }, null]);
  assert.deepEqual(read("/daily  list all"), ["daily list all", {}, null]);
  assert.equal(read("/daily")[0], null);
});

test("translated names work beside the real ones", () => {
  const french = leaves(COMMANDS, "fr");
  assert.deepEqual(read("/melicon graine:5", french, "fr"), ["melicon", { seed: "5" }, null]);
  assert.deepEqual(read("/melicon seed:5", french, "fr"), ["melicon", { seed: "5" }, null]);
  assert.equal(read("/quotidien set #icons", french, "fr")[0], "quotidien set");
  assert.equal(read("/daily set #icons", french, "fr")[0], "quotidien set");
});

for (const [line, wrong] of [
  ["/nothing", /no command “\/nothing”/], ["/melicon sed:1", /no option “sed”; it knows: seed, size/],
  ["/melicon seed:1 seed:2", /“seed” is given twice/], ['/melicon seed:"a" b', /cannot place “b”/], ["/daily list all 5", /no option for “5”/],
]) {
  test(`${line} is refused with what is wrong`, () => assert.match(read(line)[2], wrong));
}

test("what is formatted reads back the same", () => {
  for (const seed of ["1", "two words", "a: b", 'quo"te', " edge ", "back\\slash", "size:4"]) {
    const line = formatCommand(ALL[0], new Map([["seed", seed], ["size", "4"]]), "en-US");
    assert.deepEqual(read(line), ["melicon", { seed, size: "4" }, null], line);
  }
});

test("the option at the caret is known", () => {
  const line = "/melicon seed:ab size:4";
  const parsed = parseCommand(line, ALL, "en-US");
  assert.equal(pieceAt(parsed, 15).option.name, "seed");
  assert.equal(pieceAt(parsed, line.length).option.name, "size");
  assert.equal(pieceAt(parsed, 4), null);
});

test("options are wrapped in their group and sub-command", () => {
  assert.deepEqual(wrapOptions(ALL[2], []), [{ name: "list", type: 2, options: [{ name: "all", type: 1, options: [] }] }]);
});

for (const [option, raw, expected] of [
  [{ type: 4, min_value: 1, max_value: 9 }, "5", { value: 5 }],
  [{ type: 4, min_value: 1, max_value: 9 }, "12", { error: "must be a whole number between 1 and 9" }],
  [{ type: 4 }, "1.5", { error: "must be a whole number" }], [{ type: 4 }, "", { error: "must be a whole number" }],
  [{ type: 10, min_value: 0 }, "-1", { error: "must be a number of at least 0" }], [{ type: 10 }, ".5", { value: 0.5 }],
  [{ type: 5 }, "Yes", { value: true }], [{ type: 5 }, "maybe", { error: "must be true or false" }],
  [{ type: 3, min_length: 3 }, "ab", { error: "must have at least 3 characters" }], [{ type: 3, max_length: 1 }, "🎲", { value: "🎲" }],
  [{ type: 3, choices: [{ name: "Big", value: "b" }] }, "big", { value: "b" }],
  [{ type: 4, choices: [{ name: "Big", value: 9 }] }, "small", { error: "must be one of: Big" }],
  [{ type: 6 }, "@mel ody", { value: WHO.users[0].id }], [{ type: 6 }, `<@!${WHO.users[0].id}>`, { value: WHO.users[0].id }],
  [{ type: 6 }, "nobody", { error: "must be someone in this server" }], [{ type: 7 }, "#icons", { value: WHO.channels[0].id }],
  [{ type: 8 }, "artists", { value: WHO.roles[0].id }], [{ type: 9 }, "@Artists", { value: WHO.roles[0].id }],
]) {
  test(`option ${JSON.stringify(option)} takes ${JSON.stringify(raw)} as ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(checkValue({ name: "x", ...option }, raw, WHO), expected);
  });
}

test("a missing required option is named", () => {
  const { problem } = checkCommand(ALL[1], new Map([["channel", "#icons"]]), new Map(), WHO);
  assert.equal(problem.message, "time is required");
  const { options } = checkCommand(ALL[1], new Map([["channel", "#icons"], ["time", "9"]]), new Map(), WHO);
  assert.deepEqual(options.map((option) => option.value), [WHO.channels[0].id, "9"]);
});

test("search prefers beginnings, and finds scattered letters", () => {
  assert.ok(score("melicon", "mel") > score("caramel", "mel"));
  assert.ok(score("daily set", "ds") > 0);
  assert.equal(score("daily", "x"), 0);
  assert.equal(search(ALL, "da")[0].title, "daily set");
  assert.deepEqual(search(ALL, "").length, ALL.length);
});
