import { createFakeTagWriter } from "../fakes/tag-writer.ts";
import { tagWriterSuite } from "./tag-writer.suite.ts";

tagWriterSuite("fake", async () => createFakeTagWriter());
