package counter

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// Rehearsal is the desk of which nothing stays: what is done in the books of a
// customer is done to the end and then taken back.
func (d *Desk) Rehearsal() *Desk {
	other := *d
	other.dryRun = true
	return &other
}

// book does a deed in a customer's book. done is false where it had been done
// before, or is only rehearsed.
func (d *Desk) book(ctx context.Context, customer int64, deed vending.Deed, do func(*store.Tx) error) (done bool, err error) {
	return ended(d.Store.ForCustomer(ctx, customer, deed, d.rehearsable(do)))
}

// company is book on the company's own book.
func (d *Desk) company(ctx context.Context, deed vending.Deed, do func(*store.Tx) error) (done bool, err error) {
	return ended(d.Store.ForCompany(ctx, deed, d.rehearsable(do)))
}

// rehearsable does it, and undoes it again at a desk that only rehearses.
func (d *Desk) rehearsable(do func(*store.Tx) error) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		if d.dryRun {
			return errRehearsed
		}
		return nil
	}
}

// ended says whether a deed has been done now: one that was done before, or only rehearsed, was not.
func ended(err error) (done bool, _ error) {
	if errors.Is(err, vending.ErrRepeated) || errors.Is(err, errRehearsed) {
		return false, nil
	}
	return err == nil, err
}

// till is where the money of a payment goes or comes from: the open shift of who
// acts (RULES B7). Its reference is used up (RULES B4).
func till(ctx context.Context, tx *store.Tx, deed vending.Deed, p vending.Payment) (ledger.Account, error) {
	if err := p.Valid(true); err != nil {
		return ledger.Account{}, err
	}
	if err := tx.UseReference(ctx, p, deed.ID); err != nil {
		return ledger.Account{}, err
	}
	shift, err := tx.CashierShift(ctx, deed.By.Staff)
	return p.Means.Account(shift), err
}

// payer is till for money that is paid out: cash must be in the drawer.
func payer(ctx context.Context, tx *store.Tx, deed vending.Deed, p vending.Payment, fen int64) (ledger.Account, error) {
	from, err := till(ctx, tx, deed, p)
	if err == nil && p.Means == vending.Cash {
		err = tx.HoldsCash(ctx, from, fen)
	}
	return from, err
}

// move is a transfer that a deed makes in a customer's book.
func move(tx *store.Tx, cause uuid.UUID, role string, from, to ledger.Account, amount ledger.Amount) []ledger.Transfer {
	if amount.N == 0 {
		return nil
	}
	return []ledger.Transfer{{Customer: tx.Customer.No, ID: ledger.MoveID(cause, role), Kind: ledger.Single, Debit: from, Credit: to,
		Amount: amount, Cause: cause, At: tx.Now}}
}
