// `npm run docs`: writes the pages that are made from code. A test holds them equal.
import { writeFileSync } from "node:fs";
import { configPage, errorsPage } from "./docs/pages.ts";

writeFileSync("docs/config.md", configPage());
writeFileSync("docs/errors.md", errorsPage());
