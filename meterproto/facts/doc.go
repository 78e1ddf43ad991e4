// Package facts says what bytes from a meter line hold, for a person or a
// program that never saw the protocol: `vendgate meter decode`.
//
// A file a protocol turns the codec's values into facts. Their keys and units
// are those of the reference frames (`expect`), so that decoders of different
// houses can be compared line by line.
package facts
