package vending

import (
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// Partner is an agent or a bank whose files are held against the books (RULES B3).
type Partner struct {
	Account ledger.Account // agent:post, bank:icbc
	Name    string
	Format  string // how its text files are written, as JSON; empty: camt.053
}

// What is wrong with partners and what they report.
var (
	ErrPartnerInvalid = &Error{Kind: Invalid, Code: "partner_invalid"}
	ErrNoPartner      = &Error{Kind: NotFound, Code: "no_partner"}
	ErrCollected      = &Error{Kind: NotAllowed, Code: "collection_exists"}
)

// Valid checks a partner's code and name.
func (p Partner) Valid() error {
	const longest = 32
	code := p.Account.Of
	plain := !strings.ContainsFunc(code, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
	if code == "" || len(code) > longest || !plain || p.Name == "" || !utf8.ValidString(p.Name) || strings.ContainsRune(p.Name, 0) ||
		p.Account.Class != ledger.ClassAgent && p.Account.Class != ledger.ClassBank {
		return ErrPartnerInvalid.With("Partner", code)
	}
	return nil
}

// Collection is what an agent took from a customer for us.
type Collection struct {
	Agent     string
	Customer  int64
	Reference string // the agent's own number of it: it is taken once
	Day       Date
	Fen       int64
}

// Valid checks what an agent reports.
func (c Collection) Valid() error {
	switch {
	case c.Fen <= 0:
		return ErrAmountInvalid.With("Amount", FormatYuan(c.Fen))
	case c.Reference == "" || !utf8.ValidString(c.Reference) || strings.ContainsRune(c.Reference, 0):
		return ErrNumberInvalid.With("What", "reference", "Value", strings.ToValidUTF8(c.Reference, "?"), "Want", "some_text")
	}
	return nil
}

// Collected is the kind of deed that takes it into the books.
const Collected = "agent collection"

// Transfer is what a collection moves: the agent owes us what it took, and the
// customer has it with us.
func (c Collection) Transfer(deed uuid.UUID) ledger.Transfer {
	return ledger.Transfer{Customer: c.Customer, ID: ledger.MoveID(deed, "collected"), Kind: ledger.Single,
		Debit: ledger.Agent(c.Agent), Credit: ledger.Advance(c.Customer), Amount: ledger.Fen(c.Fen), Cause: deed, At: c.Day.Midnight()}
}

// Settled is the kind of deed by which an agent pays what it owes us.
const Settled = "agent settlement"

// AgentPays is the transfer of an agent's payment to one of our bank accounts.
func AgentPays(deed uuid.UUID, agent, bank string, fen int64) ledger.Transfer {
	return ledger.Transfer{ID: ledger.MoveID(deed, "settled"), Kind: ledger.Single, Debit: ledger.Bank(bank), Credit: ledger.Agent(agent),
		Amount: ledger.Fen(fen), Cause: deed}
}
