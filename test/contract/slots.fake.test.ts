import { createFakeSlots } from "../fakes/slots.ts";
import { slotsSuite } from "./slots.suite.ts";

let aheadMs = 0;
const fake = createFakeSlots(() => new Date(Date.now() + aheadMs));

slotsSuite("fake", () => ({
  slots(ahead = 0) {
    aheadMs = ahead;
    return fake;
  },
  zone: "example.internal",
  plant: async (slot, number) => fake.plant(slot, number),
}));
