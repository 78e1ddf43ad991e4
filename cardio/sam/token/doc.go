// Package token is the security module that lets no root out: a PKCS#11 token, be
// it SoftHSM2 or a real HSM. It is a sam.Module, so that cards and meters do not
// notice which one they are keyed by.
//
// Vocabulary: a token is found by its label; a session is one line to it, used by
// one goroutine at a time; a login is a set of sessions for which the PIN was given
// once. A root is a token object, derived keys are session objects and are destroyed
// as soon as they were used.
//
//	open ─→ login ─→ every operation: take a session, follow the recipe, use, destroy
//	          ▲  └── the token is away, was reset, or forgot us: leave the module
//	          └───── and come back, once an operation, with the PIN that was right
//
// ../DESIGN.md says what stays in the token, and why.
package token
