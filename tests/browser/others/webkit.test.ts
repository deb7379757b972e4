// The library and the studio in WebKitGTK, which has Safari's engine.

import { otherBrowserSuite } from "../../support/other-browser-suite.ts";
import { openWebkit } from "../../support/other-browsers.ts";

otherBrowserSuite("WebKitGTK", openWebkit);
