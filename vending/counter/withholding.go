package counter

import (
	"context"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/bankfile"
	"github.com/vendgate/vendgate/vending/store"
)

// Withhold makes a batch of what customers with a mandate owe, late fees booked so
// far included. Who is asked already is left out. The same deed again returns the
// same batch; done is then false.
func (d *Desk) Withhold(ctx context.Context, deed vending.Deed, bank string) (lines []vending.Withholding, done bool, err error) {
	if err := deed.By.Permit(vending.MayAccount); err != nil {
		return nil, false, err
	}
	account := ledger.Bank(bank)
	if _, err := d.Store.Partner(ctx, account); err != nil {
		return nil, false, err
	}
	deed.Kind, deed.Request = vending.DeedWithholding, bank
	err = d.Store.ForCompany(ctx, deed, func(tx *store.Tx) error {
		lines = nil
		const atOnce = 10_000
		for last := int64(0); ; {
			found, next, err := tx.Indebted(ctx, last, atOnce)
			if err != nil {
				return err
			}
			for i := range found {
				found[i].ID = vending.WithholdingID(deed.ID, found[i].Customer)
			}
			lines = append(lines, found...)
			if last = next; last == 0 {
				break
			}
		}
		switch {
		case d.dryRun:
			return errRehearsed
		case len(lines) == 0:
			return nil
		}
		return tx.AddWithholdings(ctx, deed.ID, account, lines)
	})
	switch {
	case errors.Is(err, errRehearsed):
		return lines, false, nil
	case errors.Is(err, vending.ErrRepeated):
		lines, err = d.Store.Withholdings(ctx, deed.ID)
		return lines, false, err
	}
	return lines, err == nil, err
}

// Withheld is what a file of results did.
type Withheld struct {
	File    bankfile.File
	Paid    int
	PaidFen int64
	Refused []vending.Withholding
	Known   int // said before, in this file or another
	Faults  []WithholdingFault
}

// WithholdingFault is a line that could not be taken: nothing was changed for it.
type WithholdingFault struct {
	Line bankfile.Line
	Err  error
}

// TakeWithheld takes the results of withholding: what was paid goes through the
// customer's advance to the debt, what is more stays advance. Each line ends once;
// what says otherwise than before, or names another amount, is a fault.
func (d *Desk) TakeWithheld(ctx context.Context, by vending.Actor, bank string, format bankfile.Format, content io.Reader) (Withheld, error) {
	var out Withheld
	if err := by.Permit(vending.MayAccount); err != nil {
		return out, err
	}
	if _, err := d.Store.Partner(ctx, ledger.Bank(bank)); err != nil {
		return out, err
	}
	var err error
	if out.File, err = bankfile.Parse(content, format); err != nil {
		return out, err
	}
	if n := len(out.File.Wrong); n > 0 {
		return out, ErrLinesWrong.With("Count", n)
	}
	rules, err := d.Store.LifeRules(ctx)
	if err != nil {
		return out, err
	}
	for _, l := range out.File.Lines {
		err := d.withheld(ctx, by, bank, rules, l, &out)
		var refused *vending.Error
		if errors.As(err, &refused) && refused.Kind != vending.Failed && refused.Kind != vending.Doubtful {
			out.Faults = append(out.Faults, WithholdingFault{l, err})
			continue
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// withheld takes one result.
func (d *Desk) withheld(ctx context.Context, by vending.Actor, bank string, rules vending.LifeRules, l bankfile.Line, out *Withheld) error {
	id, err := uuid.Parse(l.Reference)
	if err != nil {
		return vending.ErrNotAsked.With("Reference", l.Reference)
	}
	asked, err := d.Store.Withholding(ctx, ledger.Bank(bank), id)
	if errors.Is(err, vending.ErrNotAsked) {
		return vending.ErrNotAsked.With("Reference", l.Reference)
	}
	if err != nil {
		return err
	}
	end := vending.WithholdingRefused
	if l.Paid {
		end = vending.WithholdingPaid
	}
	switch {
	case asked.State != vending.WithholdingAsked && asked.State != end:
		return vending.ErrOtherOutcome.With("Reference", l.Reference, "State", string(asked.State))
	case asked.Fen != l.Fen || l.Customer != 0 && l.Customer != asked.Customer:
		return vending.ErrOtherAmount.With("Reference", l.Reference, "Asked", vending.FormatYuan(asked.Fen), "Amount", vending.FormatYuan(l.Fen))
	case asked.State == end:
		out.Known++
		return nil
	case d.dryRun:
		out.count(asked, l)
		return nil
	}
	deed := vending.Deed{ID: asked.Result(), Kind: vending.DeedWithheld, By: by, Request: string(end)}
	done, err := d.book(ctx, asked.Customer, deed, func(tx *store.Tx) error {
		if err := tx.EndWithholding(ctx, id, end, l.Reason); err != nil || !l.Paid {
			return err
		}
		if _, err := tx.Arrears(ctx, rules, deed.ID); err != nil {
			return err
		}
		owed, err := payable(ctx, tx)
		if err != nil {
			return err
		}
		moves := append([]ledger.Transfer{asked.Transfer(deed.ID, bank, l.Day)},
			move(tx, deed.ID, "debt", ledger.Advance(asked.Customer), ledger.Debt(asked.Customer), ledger.Fen(min(asked.Fen, max(owed, 0))))...)
		return tx.Apply(ctx, moves...)
	})
	switch {
	case err != nil:
		return err
	case done:
		out.count(asked, l)
	default:
		out.Known++
	}
	return nil
}

func (w *Withheld) count(asked vending.Withholding, l bankfile.Line) {
	if l.Paid {
		w.Paid++
		w.PaidFen += asked.Fen
		return
	}
	asked.State, asked.Reason = vending.WithholdingRefused, l.Reason
	w.Refused = append(w.Refused, asked)
}

// SetMandate keeps the number of a customer's mandate to a bank; empty cancels it.
// done is false where the same deed was done before.
func (d *Desk) SetMandate(ctx context.Context, deed vending.Deed, customer int64, mandate string) (done bool, err error) {
	if err := deed.By.Permit(vending.MayServe); err != nil {
		return false, err
	}
	if !utf8.ValidString(mandate) || strings.ContainsRune(mandate, 0) {
		return false, vending.ErrNumberInvalid.With("What", "mandate", "Value", strings.ToValidUTF8(mandate, "?"), "Want", "utf8_text")
	}
	deed.Kind, deed.Request = "mandate", mandate
	return d.book(ctx, customer, deed, func(tx *store.Tx) error { return tx.SetMandate(ctx, mandate) })
}
