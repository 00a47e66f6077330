// `npm run docs`: writes the pages that are made from code, and the catalogue of the tools. A test holds them equal.
import { writeFileSync } from "node:fs";
import { CATALOGUE_FILE } from "../lib/tools/catalogue.ts";
import { catalogue } from "./docs/catalogue.ts";
import { configPage, errorsPage } from "./docs/pages.ts";

writeFileSync("docs/config.md", configPage());
writeFileSync("docs/errors.md", errorsPage());
writeFileSync(CATALOGUE_FILE, await catalogue());
