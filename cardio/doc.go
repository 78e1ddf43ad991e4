// Package cardio reads and writes customers' cards, and proves what became of
// every write. Callers get contents and a verdict, never bytes.
//
// Vocabulary: a Terminal is a reader with a utility's keys; presenting a card
// gives a Card whose contents were verified; an order is one credit write; a
// verdict says what is proved about it (DESIGN.md at the top of the repository, §1).
//
//	Present ─→ Contents ─→ Load(order) ─→ Loaded | Untouched | InDoubt
//
// The chip is driver's, the meaning of its bytes is a layout's (cardfile), keys
// are sam's, readers are reader's. This package joins them into one rule: what was read is
// judged, then written, then read again and judged, and the write's own answer
// counts for nothing.
package cardio
