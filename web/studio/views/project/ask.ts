/**
 * The questions before something is lost: a run under way, a trained model that is not kept; and before another
 * host is contacted.
 */
import type { Dictionary } from "../../i18n/en.ts";
import { isPretraining, isTraining, losesModel, losesPretrained, losesWork } from "../../state/selectors.ts";
import type { Studio } from "../view.ts";

/** Whether the model in hand may go: it is kept, or the person agrees. */
export function mayLeave({ store, t }: Pick<Studio, "store" | "t">): boolean {
  if (isTraining(store.state) || isPretraining(store.state)) return confirm(t.project.ask.training);
  return losesPretrained(store.state) ? confirm(t.project.ask.model) : mayLoseModel({ store, t });
}

/** The same where another project takes the place of the one in hand, with its examples. */
export function mayReplace({ store, t }: Pick<Studio, "store" | "t">): boolean {
  return mayLeave({ store, t }) && (!losesWork(store.state) || confirm(t.project.ask.work));
}

/** Whether a host may be contacted for the model of a project. */
export function mayContact(t: Dictionary): (host: string) => boolean {
  return (host) => confirm(`${t.remote.ask(host)}\n\n${t.remote.asked(host)}`);
}

/** Whether the trained model may go: another run takes its place. */
export function mayLoseModel({ store, t }: Pick<Studio, "store" | "t">): boolean {
  return !losesModel(store.state) || confirm(t.project.ask.model);
}
