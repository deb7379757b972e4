/**
 * The lessons' front door: goes on to the language of the earlier choice, else the browser's.
 */
import { rememberedLanguage } from "../studio/i18n/language.ts";

location.replace(new URL(`./${rememberedLanguage()}/0-teachers.html`, location.href));
