// Package sam is the security module: keys go in or are made here and never come
// out. What comes out are MACs, cryptograms and keys enciphered under other keys.
//
// Vocabulary: a root is the utility's secret of one key version; every working
// key is diversified from a root by its purpose and by the meter number or the
// chip's UID (or both), so that one opened meter or card gives away no other. A
// Key is a handle: it computes, and prints as nothing.
//
// DESIGN.md says how the keys hang together and what a PKCS#11 token has to do.
package sam
