package vending

import (
	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// Taken is a collection as it was taken into the books, by a deed.
type Taken struct {
	Collection
	ID uuid.UUID // of the deed
}

// Asked is what a bank was asked to withhold.
type Asked struct {
	Withholding
	Bank string
}

// collections checks that each moved what the agent took, and that nothing else did.
func (a *audit) collections() {
	for _, c := range a.file.Collections {
		if got := a.byCause[c.ID]; !sameMoves(got, []ledger.Transfer{c.Transfer(c.ID)}) {
			a.fault("a collection moves what the agent took", "collection %s of %d fen by %s, its transfers are %v", c.ID, c.Fen, c.Agent, moves(got))
		}
		delete(a.byCause, c.ID)
	}
	for cause := range a.byCause {
		if a.file.Deeds[cause] == Collected {
			a.fault("a collection moves what the agent took", "there is no collection %s", cause)
			delete(a.byCause, cause)
		}
	}
}

// withholdings checks that what a bank said it withheld went through its account, once,
// and that nothing else did.
func (a *audit) withholdings() {
	from := map[uuid.UUID]Asked{}
	for _, w := range a.file.Withholdings {
		from[w.Result()] = w
		if w.State == WithholdingPaid && len(a.withheld(w.Result())) == 0 {
			a.fault("a withheld line moves its amount", "line %s of %d fen is paid, and nothing moved", w.ID, w.Fen)
		}
	}
	for cause := range a.byCause {
		got := a.withheld(cause)
		if a.file.Deeds[cause] != DeedWithheld || len(got) == 0 {
			continue
		}
		w, ok := from[cause]
		if want := w.Transfer(cause, w.Bank, 0); !ok || w.State != WithholdingPaid || !sameMoves(got, []ledger.Transfer{want}) {
			a.fault("a withheld line moves its amount", "line %s of %d fen is %q, the bank's money is %v", w.ID, w.Fen, w.State, moves(got))
		}
	}
}

// withheld is what a deed has moved out of a bank account.
func (a *audit) withheld(cause uuid.UUID) (out []ledger.Transfer) {
	for _, t := range a.byCause[cause] {
		if t.Debit.Class == ledger.ClassBank {
			out = append(out, t)
		}
	}
	return out
}
