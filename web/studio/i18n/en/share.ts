/**
 * The texts of sharing a model, in step 6, in English.
 */
import { size } from "./amounts.ts";

export const share = {
  title: "Share it",
  help: "Put the classifier on a web page, or give it to a class. Whoever opens it computes on their own device.",
  pairs:
    "This model reads two texts together. The tag for web pages reads one, so it cannot show this model.",
  name: "Title on the page",
  defaultName: "Sort a text",
  fallback: "This page needs JavaScript and a web server. A file opened from the disk cannot start it.",
  snippetTitle: "In your page",
  snippetHelp: "Upload the folders bertlet and model of the starter folder beside your page. Then add:",
  snippet: "HTML",
  starterTitle: "A starter folder",
  starterHelp:
    "A whole page with the model and bertlet in it. It runs from any web server, with nothing to install.",
  starter: "Download the starter folder",
  lessonTitle: "A lesson for a learning platform",
  lessonHelp: "A SCORM 1.2 package for Moodle, Canvas and others. It reports when a pupil has finished.",
  lessonKind: "What pupils do",
  kinds: {
    use: "They ask your model. The first answer completes the lesson.",
    teach:
      "They teach it with your examples, which are in the zip. Training completes the lesson, with a score.",
  },
  lesson: "Download the lesson",
  size: (bytes: number) => `About ${size(bytes)}: the model, and bertlet.`,
  making: "Making the zip…",
  made: "The zip is saved.",
  missing: (name: string, status: number) => `${name} of this site answered with HTTP ${status}`,
  readme: `This folder is a web page with a text classifier in it.

1. Upload the whole folder to any web server, such as GitHub Pages or your school's.
2. Open index.html there. To try it on this computer, run in this folder:
   npx serve
   or: python3 -m http.server
   and open the address that it prints.

A page that is opened from the disk cannot start the classifier.
Nothing that a visitor types leaves their device.
`,
};
