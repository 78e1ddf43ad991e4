package counter

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/bankfile"
	"github.com/vendgate/vendgate/vending/store"
)

// ErrLinesWrong is a file with lines that cannot be read; nothing of it was taken.
var ErrLinesWrong = &vending.Error{Kind: vending.Invalid, Code: "bank_lines_wrong"}

// AddPartner adds an agent or a bank, or changes its name and format. The deed's
// actor needs the right to account, as for all that follows but Collect.
func (d *Desk) AddPartner(ctx context.Context, deed vending.Deed, p vending.Partner) error {
	if err := errors.Join(deed.By.Permit(vending.MayAccount), p.Valid()); err != nil {
		return err
	}
	if p.Format != "" {
		if _, err := bankfile.ReadFormat(strings.NewReader(p.Format)); err != nil {
			return err
		}
	}
	deed.Kind, deed.Request = "partner", p
	return d.Store.ForCompany(ctx, deed, func(tx *store.Tx) error { return tx.PutPartner(ctx, p) })
}

// Import is a file of a partner's to be taken in.
type Import struct {
	Account   ledger.Account
	Name      string // of the file, for people
	SkipWrong bool   // take the other lines where some cannot be read; else nothing
	DryRun    bool
	Progress  func(done int)
}

// ImportFile reads a file and stores its lines, each once. The file as read is
// returned even with ErrLinesWrong, so that the lines can be shown.
func (d *Desk) ImportFile(ctx context.Context, deed vending.Deed, in Import, content io.Reader) (bankfile.File, store.Imported, error) {
	var done store.Imported
	if err := deed.By.Permit(vending.MayAccount); err != nil {
		return bankfile.File{}, done, err
	}
	p, err := d.Store.Partner(ctx, in.Account)
	if err != nil {
		return bankfile.File{}, done, err
	}
	f, err := parse(p, content)
	if err != nil {
		return bankfile.File{}, done, err
	}
	if len(f.Wrong) > 0 && !in.SkipWrong {
		return f, done, ErrLinesWrong.With("Count", len(f.Wrong))
	}
	bankfile.Identify(in.Account.String(), f.Lines)
	if in.DryRun {
		return f, done, nil
	}
	deed.Kind, deed.Request = "bank file", map[string]any{"account": in.Account.String(), "hash": f.Hash[:], "skip_wrong": in.SkipWrong}
	err = d.Store.ForCompany(ctx, deed, func(tx *store.Tx) (err error) {
		done, err = tx.AddFile(ctx, deed.ID, in.Account, in.Name, f, in.Progress)
		return err
	})
	if errors.Is(err, vending.ErrRepeated) {
		done, err = store.Imported{Repeated: true, Known: int64(len(f.Lines))}, nil
	}
	return f, done, err
}

func parse(p vending.Partner, content io.Reader) (bankfile.File, error) {
	if p.Format == "" {
		return bankfile.ParseCAMT(content)
	}
	format, err := bankfile.ReadFormat(strings.NewReader(p.Format))
	if err != nil {
		return bankfile.File{}, err
	}
	return bankfile.Parse(content, format)
}

// Collect takes what an agent reported at once into the books.
func (d *Desk) Collect(ctx context.Context, deed vending.Deed, c vending.Collection) error {
	if err := errors.Join(deed.By.Permit(vending.MaySell), c.Valid()); err != nil {
		return err
	}
	if _, err := d.Store.Partner(ctx, ledger.Agent(c.Agent)); err != nil {
		return err
	}
	return d.collect(ctx, deed, c, func(*store.Tx) error { return nil })
}

func (d *Desk) collect(ctx context.Context, deed vending.Deed, c vending.Collection, also func(*store.Tx) error) error {
	deed.Kind, deed.Request = vending.Collected, c
	err := d.Store.ForCustomer(ctx, c.Customer, deed, func(tx *store.Tx) error {
		if err := tx.Collect(ctx, deed.ID, c); err != nil {
			return err
		}
		return also(tx)
	})
	if errors.Is(err, vending.ErrCollected) {
		return vending.ErrCollected.With("Partner", c.Agent, "Reference", c.Reference)
	}
	return err
}

// Settle takes an agent's payment to one of our bank accounts into the books.
func (d *Desk) Settle(ctx context.Context, deed vending.Deed, agent, bank string, fen int64) error {
	if err := deed.By.Permit(vending.MayAccount); err != nil {
		return err
	}
	if fen <= 0 {
		return vending.ErrAmountInvalid.With("Amount", vending.FormatYuan(fen))
	}
	for _, account := range []ledger.Account{ledger.Agent(agent), ledger.Bank(bank)} {
		if _, err := d.Store.Partner(ctx, account); err != nil {
			return err
		}
	}
	deed.Kind, deed.Request = vending.Settled, map[string]any{"agent": agent, "bank": bank, "fen": fen}
	return d.Store.ForCompany(ctx, deed, func(tx *store.Tx) error {
		moved := vending.AgentPays(deed.ID, agent, bank, fen)
		moved.At = tx.Now
		return tx.Apply(ctx, moved)
	})
}

// Match is a partner's lines to be held against the books.
type Match struct {
	Account ledger.Account
	Since   vending.Date // of our entries; lines are held whatever their age
	Days    int          // how far a line and its entry may lie apart
	Post    bool         // take what an agent's lines say and we have not into the books
	DryRun  bool
}

// Standing is how a partner's lines stand against the books.
type Standing struct {
	bankfile.Matched
	Posted  []bankfile.Line // taken into the books now
	Refused map[uuid.UUID]error
}

// MatchPartner pairs each line once with what we have and keeps the pairs. What
// remains on either side is returned; nothing is corrected but by Post, which
// takes a collection that an agent's line says, and we have not, into the
// customer's book, once whoever repeats it.
func (d *Desk) MatchPartner(ctx context.Context, deed vending.Deed, m Match) (Standing, error) {
	out := Standing{Refused: map[uuid.UUID]error{}}
	if err := deed.By.Permit(vending.MayAccount); err != nil {
		return out, err
	}
	if _, err := d.Store.Partner(ctx, m.Account); err != nil {
		return out, err
	}
	deed.Kind, deed.Request = "bank match", map[string]any{"account": m.Account.String(), "since": m.Since, "days": m.Days}
	err := d.hold(ctx, deed, m, &out)
	if errors.Is(err, vending.ErrRepeated) { // its pairs are kept; what remains is shown, and posted, as it is now
		again := m
		again.DryRun = true
		err = d.hold(ctx, vending.Deed{Kind: deed.Kind, By: deed.By}, again, &out)
	}
	if err != nil || !m.Post || m.DryRun || m.Account.Class != ledger.ClassAgent {
		return out, err
	}
	return out, d.post(ctx, deed.By, m.Account, &out)
}

// hold pairs lines and entries while nobody else does, and keeps the pairs.
func (d *Desk) hold(ctx context.Context, deed vending.Deed, m Match, out *Standing) error {
	return d.Store.ForCompany(ctx, deed, func(tx *store.Tx) error {
		lines, err := tx.Unmatched(ctx, m.Account)
		if err != nil {
			return err
		}
		entries, err := tx.Entries(ctx, m.Account, m.Since)
		if err != nil {
			return err
		}
		out.Matched = bankfile.Match(lines, entries, m.Days)
		if m.DryRun {
			return nil
		}
		return tx.AddMatches(ctx, deed.ID, m.Account, out.Pairs)
	})
}

// post takes lines that name a customer into the books, one by one: what cannot
// be taken stays among those that we have not, with the reason.
func (d *Desk) post(ctx context.Context, by vending.Actor, account ledger.Account, out *Standing) error {
	var left []bankfile.Line
	for _, l := range out.Theirs {
		if l.Customer == 0 || l.Fen < 0 {
			left = append(left, l)
			continue
		}
		c := vending.Collection{Agent: account.Of, Customer: l.Customer, Reference: l.Reference, Day: l.Day, Fen: l.Fen}
		deed := vending.Deed{ID: l.ID, By: by, At: l.Day.Midnight()}
		entry := bankfile.Entry{ID: l.ID, Customer: l.Customer}
		err := d.collect(ctx, deed, c, func(tx *store.Tx) error {
			return tx.AddMatches(ctx, deed.ID, account, []bankfile.Pair{{Line: l, Entry: entry}})
		})
		var refused *vending.Error
		switch {
		case err == nil:
			out.Posted = append(out.Posted, l)
		case errors.As(err, &refused) && slices.Contains([]vending.Kind{vending.NotFound, vending.NotAllowed, vending.Invalid}, refused.Kind):
			out.Refused[l.ID] = err
			left = append(left, l)
		default:
			return err
		}
	}
	out.Theirs = left
	return nil
}
