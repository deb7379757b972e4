// The library and the studio in Firefox.

import { otherBrowserSuite } from "../../support/other-browser-suite.ts";
import { openFirefox } from "../../support/other-browsers.ts";

otherBrowserSuite("Firefox", openFirefox);
