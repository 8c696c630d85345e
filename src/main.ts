import { buildInfo } from "./domain/build-info.ts";

process.stdout.write(`muster ${buildInfo.version} (${buildInfo.commit})\n`);
