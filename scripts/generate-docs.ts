// Writes the pages of docs/ that come from the schemas: `npm run docs`.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pages } from "./docs/pages.ts";

const root = join(import.meta.dirname, "..");
for (const [file, text] of pages()) writeFileSync(join(root, file), text);
