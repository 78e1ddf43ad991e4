// Package cluster runs vendgate's own PostgreSQL server when no other is named (DESIGN.md §6, "One machine, nothing
// configured"). It starts the installed binaries on a data directory and a Unix socket of its own, with durable settings,
// and stops them when nobody uses them any more. Linux only; elsewhere Open says to name a server instead.
//
// Vocabulary
//
//   - data directory: what the caller passes as dir. Everything of this package is in its folder "postgres".
//   - server: the postmaster and all its children. It lives as long as one process of it lives.
//   - user: one open Cluster, in whichever process. A running service and three commands beside it are four users of one
//     server.
//   - reaper: a small detached shell that waits until there is no user and then stops the server, so that a server never
//     outlives its users, even if all of them were killed with SIGKILL.
//   - service: the one process that serves a data directory (LockService). Commands do not need to be the service.
//
// # Locks
//
// All coordination is by flock(2), which the kernel drops when a process ends however it ends; nothing depends on a file
// being tidied up. In the order in which they are taken:
//
//	serve.lock   exclusive  the service, for its life; holds its pid as text
//	users.lock   shared     a user, for its life
//	             exclusive  the reaper, while it stops the server: a new user waits and then starts it anew
//	start.lock   exclusive  whoever creates, starts or stops the server, for as long as that takes
//	reaper.lock  exclusive  the reaper, until it got users.lock: "somebody will stop this server"
//	server.lock  exclusive  inherited by the postmaster and every child: "some process of the server lives"
//
// DESIGN.md in this folder says why each exists and what happens when a process is killed between any two steps.
package cluster
