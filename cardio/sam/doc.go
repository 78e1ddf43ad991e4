// Package sam is the security module: keys go in or are made here and never come
// out. What comes out are MACs, cryptograms and keys enciphered under other keys.
//
// Vocabulary: a root is the utility's secret of one key version; every working
// key is diversified from a root by its purpose and by the meter number or the
// chip's UID (or both), so that one opened meter or card gives away no other. A
// Key is a handle: a recipe from a root, which a Module follows; it computes, and
// prints as nothing. A Set is all of a utility's roots; a File is a Set in memory,
// out of an encrypted file; package token is the Module that lets no root out. A key
// component is one holder's part of a root, a KCV the check value of either.
//
// DESIGN.md says how the keys hang together and what stays in a token.
package sam
