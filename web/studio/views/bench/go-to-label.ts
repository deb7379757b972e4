/**
 * Brings the card of a label into sight, opens it, and puts the focus into its field for the next example.
 */
import type { Store } from "../../state/store.ts";

export function goToLabel(store: Store, label: string): void {
  // The card is there once the change, or the step, is drawn.
  setTimeout(() => {
    // Of very many labels not each has a card: the search brings it.
    if (!fieldOf(label)) store.patch("bench", { search: label });
    const field = fieldOf(label);
    field?.closest(".card")?.querySelector<HTMLElement>('.card-name[aria-expanded="false"]')?.click();
    field?.focus();
  });
}

function fieldOf(label: string): HTMLElement | null {
  return document.querySelector(`.new-example[data-label="${CSS.escape(label)}"]`);
}
