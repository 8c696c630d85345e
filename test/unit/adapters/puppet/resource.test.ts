import { expect, test } from "vitest";
import { resourceIn } from "../../../../src/adapters/puppet/resource.ts";

test.each([
  ["/Stage[main]/Nginx/Service[nginx]/ensure", "Service[nginx]"],
  ["/Stage[main]/Nginx/Service[nginx]", "Service[nginx]"],
  [
    "/Stage[main]/Profile::Web/Nginx::Site[welcome]/File[/etc/nginx/sites-enabled/welcome]/content",
    "File[/etc/nginx/sites-enabled/welcome]",
  ],
  ["/Stage[main]/Main/Exec[test -e '/a[1]/b']/returns", "Exec[test -e '/a[1]/b']"],
  ["/Stage[main]/Main/Notify[two\nlines]/message", "Notify[two\nlines]"],
  ["Class[Nginx]", "Class[Nginx]"],
  ["Puppet", undefined],
  ["/Package", undefined],
  ["", undefined],
])("%s", (source, resource) => {
  expect(resourceIn(source)).toBe(resource);
});
