import type { Pages } from "./page.ts";

/** Leaving service by choice: slots, and the least that has to stay. */
export const slotPages = {
  "unhealthy-in-service": {
    happened:
      "The checks of a serving instance fail, and it stays in service all the same: without it too few would be left to serve, or others are out already, or nobody can say.",
    again: "health",
    causes: [
      "Many instances are sick at once: a new commit, or something that all of them need.",
      "The role's group is small, and `minimumHealthy` asks for more than it has.",
      "Another instance holds the role's slot.",
    ],
    todo: [
      ["See what fails here, and since when.", "muster explain"],
      "Repair what fails: the verdict follows by itself.",
      "If users are better off without this instance, take it out by hand: muster drain.",
    ],
  },
  "minimum-reached": {
    happened:
      "The instance was to be patched in its window, and without it fewer members of its balancer group would be healthy than the role's `minimumHealthy` asks for. It stays in service.",
    again: "window",
    causes: ["Others of the group are out or sick.", "The group has no more members than `minimumHealthy`."],
    todo: [
      ["On AWS, see who is healthy.", "aws elbv2 describe-target-health --target-group-arn ARN"],
      "Add an instance, or lower `minimumHealthy`.",
    ],
  },
  "slot-busy": {
    happened:
      "The instance is to leave service by choice, and as many others as the role's slot allows are out already. It stays in service.",
    again: "window",
    causes: [
      "Others patch: that is what the slot is for.",
      "An instance is held after it patched: it keeps its slot until that runs out, so that a bad patch stops with the first.",
      "A person put a TXT record of their own under the slot's name, to stop the fleet.",
    ],
    todo: [
      "Nothing, while others patch.",
      ["Look at the instance that the message names.", "muster explain"],
      "Where windows close before everybody had a turn, open them for longer, or raise `slot.count`.",
    ],
  },
  "slot-missing": {
    happened:
      "The instance left service by choice with nothing to keep others from doing the same: each has a time of its own within the window, and that is all.",
    causes: [
      "The role has no `slot` in the catalogue.",
      "On `local`, the settings name no DNS server (`local.dns`) that could hold slots.",
    ],
    todo: ["Give the role a `slot` in a zone that its instances may write to; a role of one instance needs none."],
  },
  "slot-lost": {
    happened:
      "The instance held a slot, and its record is gone or another's. What it is out of service for is brought to its end; it renews nothing any more.",
    causes: [
      "The zone could not be written to for longer than `slot.expires`.",
      "The machine was down for so long, and another instance took the slot over.",
      "Somebody removed the record.",
    ],
    todo: [
      ["See who holds one.", "dig +norecurse @DNS_SERVER _muster-slot-1.NAME TXT"],
      "Where that happens again, give `slot.expires` more room.",
    ],
  },
} as const satisfies Pages;
