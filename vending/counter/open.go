package counter

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// AccountRequest opens an account for a customer with a meter (RULES A5).
type AccountRequest struct {
	Customer vending.Customer // Status is of no account
	Meter    vending.Meter
	Papers   vending.Papers // empty where they are not there yet
	Seen     string         // the meter number as read on site, or empty
}

// opensService are the steps by which an account that has all it needs is in service.
var opensService = []vending.Step{vending.StepAccept, vending.StepIgnite}

// OpenAccount opens an account. It is registered; with papers, contract and the meter
// number on site it is put in service by the steps that every account takes, each a
// deed. Cut anywhere, the same request goes on; done is false where nothing was left to
// do. A number on site that is not the contract's leaves it registered, is recorded,
// and fails with vending.ErrMeterMismatch.
func (d *Desk) OpenAccount(ctx context.Context, deed vending.Deed, req AccountRequest) (c vending.Customer, done bool, err error) {
	req.Customer.Status = vending.Registered
	if err := deed.By.Permit(vending.MayServe); err != nil {
		return req.Customer, false, err
	}
	if req.Papers != (vending.Papers{}) && !req.Papers.Complete() {
		return req.Customer, false, vending.ErrPapers
	}
	deed.Kind = vending.DeedOpened
	if done, err = d.Store.AddCustomer(ctx, req.Customer, req.Meter, deed); err != nil {
		return req.Customer, false, err
	}
	if more, err := d.opens(ctx, deed, req); err != nil {
		return req.Customer, false, err
	} else if more {
		done = true
	}
	c, _, err = d.Store.Customer(ctx, req.Customer.No)
	return c, done, err
}

// opens files the papers and takes the steps that were not taken before.
func (d *Desk) opens(ctx context.Context, deed vending.Deed, req AccountRequest) (done bool, err error) {
	no := req.Customer.No
	part := func(what string) vending.Deed { // the same request is the same deeds
		deed.ID = ledger.MoveID(uuid.NameSpaceOID, fmt.Sprintf("customer %d %s", no, what))
		return deed
	}
	if req.Papers.Complete() {
		if done, err = d.FilePapers(ctx, part("opened"), no, req.Papers); err != nil {
			return false, err
		}
	}
	if req.Seen != "" && req.Seen != req.Meter.No {
		err := vending.ErrMeterMismatch.With("Seen", req.Seen, "Meter", req.Meter.No)
		return false, d.mismatched(ctx, part("meter number "+req.Seen), no, err)
	}
	if !req.Papers.Complete() || req.Seen == "" {
		return done, nil
	}
	for _, step := range opensService {
		c, _, err := d.Store.Customer(ctx, no)
		if err != nil {
			return false, err
		}
		if _, ok := c.Status.After(step); !ok {
			continue
		}
		_, taken, err := d.TakeStep(ctx, part(string(step)), StepRequest{Customer: no, Change: vending.Change{Step: step, Seen: req.Seen}})
		if err != nil {
			return false, err
		}
		done = done || taken
	}
	return done, nil
}

// mismatched records that a meter number on site is not the contract's (RULES A5), for
// whoever corrects it, and returns the refusal; or why it could not be recorded.
func (d *Desk) mismatched(ctx context.Context, deed vending.Deed, customer int64, refusal *vending.Error) error {
	deed.ID, deed.Kind, deed.Request = ledger.MoveID(deed.ID, "mismatch"), vending.DeedMismatch, refusal.Args
	_, err := d.book(ctx, customer, deed, func(tx *store.Tx) error {
		tx.Changed("seen", refusal.Args["Seen"])
		tx.Changed("contract", refusal.Args["Meter"])
		return nil
	})
	if err != nil {
		return fmt.Errorf("%w; it is not recorded that %w", err, refusal)
	}
	return refusal
}

// MeterCorrection puts the right meter number in the place of one that is wrong.
type MeterCorrection struct {
	Customer int64
	Old, New string
}

// CorrectMeter corrects a meter number that was wrong from the beginning, everywhere at
// once (RULES A5): the premises, the directory of meters, and the card, which bears
// it: a card for the wrong number is dead from then on, and a new one is issued. It
// needs a reason. vending.ErrMeterUsed where credit was sold for the old number or it
// has reported: that meter is replaced instead, with what it holds.
func (d *Desk) CorrectMeter(ctx context.Context, deed vending.Deed, req MeterCorrection) (done bool, err error) {
	deed.Kind, deed.Request = vending.DeedCorrected, req
	if err := deed.By.Permit(vending.MayServe); err != nil {
		return false, err
	}
	if deed.Why == "" {
		return false, vending.ErrReasonMissing
	}
	if req.Old == req.New {
		return false, vending.ErrSameMeter.With("Meter", req.New)
	}
	return d.book(ctx, req.Customer, deed, func(tx *store.Tx) error {
		account, err := tx.Account(ctx)
		if err != nil {
			return err
		}
		for _, m := range account.Meters {
			if m.No == req.Old {
				m.No = req.New
				if err := m.Valid(); err != nil {
					return err
				}
				return tx.CorrectMeter(ctx, req.Old, req.New)
			}
		}
		return vending.ErrNoMeter.With("Meter", req.Old)
	})
}
