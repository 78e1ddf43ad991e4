// Package reader is a card reader of this machine: cardio.Reader and
// cardio.Link on PC/SC, the only importer of github.com/ebfe/scard.
//
// Vocabulary: the service is pcscd (on Windows: the Smart Card service). A
// context is a client's conversation with it, a handle one connected card, a
// transaction the exclusive use of that card. A link is all three, owned by one
// goroutine, the worker, for the link's whole life.
//
// # Rules kept here
//
//   - One goroutine owns a context and everything made from it. The client
//     library takes a process-wide lock and then waits for the context's lock
//     while holding it, so one call that hangs plus any second call on the same
//     context freezes every PC/SC call of the process. Nobody but the worker
//     touches a context, not even to close it.
//   - A call to a card cannot be interrupted. When its deadline passes, the worker
//     is given up: the caller gets cardio.ErrReaderStuck, the reader stays stuck until
//     that very call returns (the card was pulled), and there is at most one such
//     worker per Reader.
//   - Any PC/SC error, and any answer under two bytes, ends the link for good. A
//     handle is never reconnected: the service would let whatever card is in the
//     reader now answer on it.
//   - To a card of T=0 a command with data goes without Le (apdu.OneWay): some drivers pass on what they
//     are given, and T=0 has no room for it.
//   - One Monitor per process: ebfe/scard keeps the names of watched readers in a
//     table keyed by name, and a second watcher frees the first one's strings.
//   - A context that met a dead service stays dead though it says that it is valid.
//     Every link, List and Monitor turn makes a new one.
//
// # Windows
//
// The package builds without cgo there. Windows resets a card whose transaction
// is idle for more than 5 seconds (SCARD_W_RESET_CARD): the next Transmit fails,
// the link is dead, and the caller connects and judges the card anew. Do what needs
// a person before Connect or after Close.
//
// # pcscd
//
// The client library reads PCSCLITE_CSOCK_NAME once per process. Never run pcscd
// with --apdu outside a laboratory: it logs keys and PINs. From pcsc-lite 2.0.1 on,
// polkit lets only the desktop's user in; see ErrNotAllowed.
package reader
