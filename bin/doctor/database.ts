// Checks the database: that its files are what they should be, and that every page of it can be read. The server may be running.
import { databaseFaults } from "../../lib/embedded/check-database.ts";
import { RESTORE } from "../../lib/embedded/database-file.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";
import { type Finding, failure, ok } from "./finding.ts";

export function checkDatabase(home: string, { doctor, said }: Texts = textsFor("en")): Finding[] {
  const faults = databaseFaults(home);
  if (faults === undefined) return [];
  if (faults.length > 0) return [failure("database", said(faults.join("\n")), said(RESTORE))];
  return [ok("database", doctor.databaseFine)];
}
