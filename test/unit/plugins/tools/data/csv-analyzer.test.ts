// csv_analyzer: tables as people and programs write them, ragged, damaged and large ones too.
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import iconv from "iconv-lite";
import type { CsvSummary } from "../../../../../plugins/tools/data/csv/analyze-csv.ts";
import { delimiterOf } from "../../../../../plugins/tools/data/csv/delimiter.ts";
import { readValue } from "../../../../../plugins/tools/data/csv/value-kind.ts";
import tool from "../../../../../plugins/tools/data/csv-analyzer.ts";
import { runAsNode } from "../../../../support/run-as-node.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext();
});
afterEach(() => context.remove());

async function analyze(text: string | Buffer, name = "a.csv") {
  await writeFile(join(context.root, name), text);
  return runAsNode<CsvSummary>(tool, { path: name }, context);
}

describe("a table", () => {
  test("is told column by column", async () => {
    const { data } = await analyze(
      'id,name,amount,day\r\n1,"Doe, ""J""",1.5,2024-01-02\r\n2,Bob,NA,2024-01-01\r\n3,"two\r\nlines",-2e1,2023-12-31 10:00\r\n',
    );
    expect(data).toMatchObject({
      ...{ encoding: "utf-8", delimiter: ",", header: "found", rows: 3, column_count: 4, truncated: false },
      columns: [
        { name: "id", type: "integer", count: 3, nulls: 0, min: 1, max: 3, mean: 2, distinct: 3 },
        { name: "name", type: "text", count: 3, shortest: 3, longest: 10 },
        { name: "amount", type: "number", count: 2, nulls: 1, min: -20, max: 1.5, mean: -9.25 },
        { name: "day", type: "date", count: 3, min: "2023-12-31 10:00", max: "2024-01-02" },
      ],
    });
  });

  test.each([
    ["semicolons and commas in numbers", "Name;Betrag\nA;1,5\nB;1.234,5\n", ";"],
    ["tabs", "Name\tBetrag\nA\t1.5\nB\t1234.5\n", "tab"],
    ["bars", "Name|Betrag\nA, b|1.5\nB, c|1234.5\n", "|"],
    ["what Excel says itself", "sep=;\nName;Betrag\nA;1.5\nB;1,234.5\n", ";"],
  ])("may be separated by %s", async (_words, text, delimiter) => {
    const { data } = await analyze(text);
    expect(data).toMatchObject({ delimiter, rows: 2, header: "found" });
    expect(data.columns[1]).toMatchObject({ name: "Betrag", type: "number", min: 1.5, max: 1234.5 });
  });

  test.each(["utf-8", "utf-16le", "utf-16be", "gbk"])("may be written in %s", async (encoding) => {
    const text = "姓名,城市,年龄\n张伟,北京市海淀区,34\n王芳,上海市浦东新区,28\n";
    const { data } = await analyze(iconv.encode(text, encoding, { addBOM: encoding !== "gbk" }));
    expect(data).toMatchObject({ encoding, rows: 2, header: "found" });
    expect(data.columns.map(({ name, type }) => [name, type])).toEqual([
      ["姓名", "text"],
      ["城市", "text"],
      ["年龄", "integer"],
    ]);
  });

  test("without a header keeps its first row, and with texts only its header is assumed", async () => {
    expect((await analyze("1,2\n3,4\n")).data).toMatchObject({ header: "none", rows: 2 });
    expect((await analyze("1,2\n3,4\n")).data.columns[0]).toMatchObject({ name: "column 1", min: 1, max: 3 });
    expect((await analyze("name,city\nBob,Rome\n")).data).toMatchObject({ header: "assumed", rows: 1 });
    expect((await analyze("Bob,Rome\nBob,Rome\nBob,Rome\n")).data).toMatchObject({ header: "none", rows: 3 });
  });

  test("with rows that are too long or too short names them", async () => {
    const { data } = await analyze("a,b\n1,2\n3\n4,5,6\n\n7,8\n");
    expect(data).toMatchObject({ rows: 4, column_count: 3 });
    expect(data.ragged_rows).toEqual({
      count: 2,
      first: [
        { line: 3, fields: 1 },
        { line: 4, fields: 3 },
      ],
    });
    expect(data.columns[1]).toMatchObject({ count: 3, nulls: 1 });
    expect(data.columns[2]).toMatchObject({ name: "column 3", count: 1, nulls: 3 });
  });

  test("with values of several kinds in a column counts them", async () => {
    const { data } = await analyze("a,b\n1,x\n2,x\nunknown,y\n");
    expect(data.columns[0]).toMatchObject({ type: "mixed", kinds: { integer: 2, text: 1 } });
    expect(data.columns[1]?.most_frequent).toEqual([{ value: "x", count: 2 }]);
  });

  test("of any size is looked through, more values than can be told apart too", async () => {
    const rows = Array.from({ length: 120_000 }, (_row, index) => `${index},${index % 10},"text ${index}"`);
    const { data } = await analyze(`id,digit,text\n${rows.join("\n")}\n`);
    expect(data).toMatchObject({ rows: 120_000, truncated: false });
    expect(data.columns[0]).toMatchObject({
      max: 119_999,
      mean: 59_999.5,
      distinct: 1_000,
      distinct_is_more: true,
    });
    expect(data.columns[1]).toMatchObject({ distinct: 10, mean: 4.5 });
  });
});

describe("a table that is not right", () => {
  test("with a quote that is never closed is told up to there", async () => {
    const { data } = await analyze('a,b\n1,2\n3,"never\n4,5\n');
    expect(data).toMatchObject({ rows: 1, truncated: true });
    expect(data.problem).toContain("not closed");
  });

  test("with quotes in the middle of fields is read as it is", async () => {
    const { data } = await analyze('size,name\n5" disk,a\n3" disk,b\n');
    expect(data).toMatchObject({ rows: 2, column_count: 2 });
  });

  test("that is binary, empty or none is refused", async () => {
    expect((await analyze(Buffer.from([0, 1, 2, 3, 0, 0, 7]))).code).toBe("binary");
    expect((await analyze("")).code).toBe("no_text");
    expect((await runAsNode(tool, { path: "missing.csv" }, context)).code).toBe("not_found");
    await symlink("/etc/passwd", join(context.root, "link.csv"));
    expect((await runAsNode(tool, { path: "link.csv" }, context)).code).toBe("not_allowed");
  });

  test("with thousands of columns has some of them described", async () => {
    const { data } = await analyze(
      `${Array(3_000).fill("x1").join(",")}\n${Array(3_000).fill("1").join(",")}\n`,
    );
    expect(data.column_count).toBe(3_000);
    expect(data.columns).toHaveLength(200);
  });

  test("without an end of lines is one column", async () => {
    expect((await analyze("x".repeat(300_000))).data).toMatchObject({ column_count: 1 });
  });
});

test("a delimiter within quotes does not count", () => {
  expect(delimiterOf('a;b\n"1,2,3";x\n"4,5,6";y\n', false).delimiter).toBe(";");
  expect(delimiterOf("just text\nand more\n", false).delimiter).toBe(",");
});

describe("a value", () => {
  test.each([
    ["12", "integer"],
    ["-1,234", "integer"],
    ["1,234.50", "number"],
    ["6.02e23", "number"],
    ["007", "text"],
    ["1234567890123456", "text"],
    ["1.2.3", "text"],
    ["yes", "boolean"],
    ["否", "boolean"],
    ["n/a", "null"],
    [" ", "null"],
    ["2024-02-03T10:00:00Z", "date"],
    ["2024年2月3日", "date"],
    ["3.2.2024", "date"],
    ["02/13/2024", "date"],
    ["13/13/2024", "text"],
    ["2024-13-01", "text"],
    ["1,5", "text"],
  ])("%j is of kind %s", (field, kind) => {
    expect(readValue(field, false).kind).toBe(kind);
  });

  test("has a decimal comma only where commas do not part the fields", () => {
    expect(readValue("1.234,5", true)).toEqual({ kind: "number", number: 1234.5 });
  });
});
