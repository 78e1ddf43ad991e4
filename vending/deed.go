package vending

import "github.com/google/uuid"

// Actor is who does something, and from where.
type Actor struct {
	Staff string // code of a member of the staff, or "system:" and what part of it
	Role  Role
	From  string // terminal, host or file from which it was asked
}

// System is a part of the service that acts by itself, as intake.
func System(part string) Actor { return Actor{Staff: "system:" + part, Role: RoleSystem} }

// Deed says what is being done, by whom and why. It becomes one audit record and
// one link of the book's chain, with the transfers it makes.
type Deed struct {
	ID       uuid.UUID // made by the outermost client; permanent: it is never done twice
	Kind     string    // what is done, as "shift open"
	By       Actor
	Approved Actor  // the second pair of eyes, where the rule wants one
	Why      string // the reason, where a person gives one
	Request  any    // what was asked for: the same id with another request is refused
}
