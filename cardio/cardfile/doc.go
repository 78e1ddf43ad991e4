// Package cardfile knows what the bytes of customers' cards mean. It is pure: bytes
// in, values out; no card, no clock.
//
// Vocabulary: a layout is one file of data (layout.schema.json), compiled by Parse; an
// image is the bytes of a card's areas; an area is a run of bytes that the layout
// addresses, and lies on a kind of chip where the layout says (Place, Extent). A
// record is what is written together, in one place or more; its fields hold values,
// its check seals it. The vendor writes identity and purse, the meter its
// write-back (返写). A plan is what an order has to write, in which order; a draft
// keeps the images before and after it.
//
//	Matches → Claim → Prove → Decode → Plan        at the counter
//	Compare → Took → Restore                       after a cut, in fixed places
//	Issue, WriteBack                               new cards, and the meter's side
//
// Decoding takes one spelling only, so that what was decoded encodes to the same
// bytes. DESIGN.md says what a layout file holds, and how to write one.
package cardfile
