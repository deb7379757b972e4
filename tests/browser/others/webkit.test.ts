// The library and the studio in WebKitGTK, which has Safari's engine.

import { otherBrowserSuite } from "../../support/other-browser-suite.ts";
import { openWebkit } from "../../support/other-browsers.ts";

// What a worker's own worker imports passes by the service worker there, so one thread does the work without a server.
otherBrowserSuite("WebKitGTK", openWebkit, { threadsOffline: false, httpCache: false });
