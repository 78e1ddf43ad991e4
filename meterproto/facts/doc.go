// Package facts says what bytes from a meter line hold, for a person or a
// program that never saw the protocol: `vendgate meter decode`.
//
// A file a protocol turns the codec's values into facts. Their keys and units
// are those of the reference frames (`expect`), so that decoders of different
// houses can be compared line by line. Numbers are written exactly as the meter
// sent them, never as floats; what is no value has the bytes in "raw" and a flag
// ("invalid_or_unset"), and a frame whose model had to be found out says so in
// "layout". Bytes that carry a key are left out.
package facts
