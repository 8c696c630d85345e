// Makes what the bench boots, while there is still a network: bench/boot.ts runs inside the lab, where there is none.
import { imageDirectory, prepareImage } from "../../test/lab/prepare/image.ts";
import { cacheDirectory, mirror } from "../../test/lab/prepare/tree.ts";
import { buildLabPackages, prepareAptPool } from "../../test/lab/services/apt-pool.ts";
import { installHostPackages } from "../../test/lab/prepare/host-packages.ts";
import { benchImage } from "./image.ts";

const suite = "bookworm";
const say = (line: string): void => console.error(`bench: ${line}`);

installHostPackages(say);
await buildLabPackages(cacheDirectory);
const lock = prepareImage(suite, say, benchImage);
await prepareAptPool({ rootfs: imageDirectory(suite, benchImage), suite, cacheDir: cacheDirectory, mirror });
lock.release();
