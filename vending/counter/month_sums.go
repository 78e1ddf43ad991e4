package counter

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// classKey is a row of the IC meters' column.
type classKey struct {
	class     string
	commodity ledger.Commodity
}

// classSums adds the lines of a class up.
type classSums struct {
	meters, measured, estimated, beyond int64
	sold, used, outstanding             int64 // in the commodity
	left                                int64 // fen
	earned                              revenue.Sum
	measuredNet, estimatedNet           int64 // fen; a correction without readings counts as estimated
}

func (s *classSums) add(l store.MonthLine) (err error) {
	if l.Installed {
		s.meters++
	}
	switch {
	case l.Installed && l.Basis == revenue.Measured:
		s.measured++
	case l.Installed && l.Basis == revenue.Estimated:
		s.estimated++
	}
	if l.Basis == revenue.Measured {
		s.measuredNet += l.Month.Net()
	} else {
		s.estimatedNet += l.Month.Net()
	}
	if l.Beyond > 0 {
		s.beyond++
	}
	s.sold += l.Sold - l.SoldBefore
	s.used += l.After.Position - l.Before.Position
	s.outstanding += l.Sold - l.After.Position
	s.left += l.Left()
	s.earned, err = s.earned.Add(l.Month)
	return err
}

// sums adds all lines up by use class, in one order.
func (r *monthReport) sums(ctx context.Context) (keys []classKey, of map[classKey]*classSums, err error) {
	of = map[classKey]*classSums{}
	err = r.books.Pages(ctx, false, func(p store.MonthPage) error {
		for _, l := range p.Lines {
			key := classKey{l.Class, l.Commodity}
			if of[key] == nil {
				of[key] = &classSums{}
			}
			if err := of[key].add(l); err != nil {
				return err
			}
		}
		return nil
	})
	keys = slices.SortedFunc(maps.Keys(of), func(a, b classKey) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.commodity, b.commodity))
	})
	return keys, of, err
}

// meters is the IC meters' own column (RULES C8).
func (r *monthReport) meters(ctx context.Context) error {
	keys, of, err := r.sums(ctx)
	if err != nil {
		return err
	}
	left := int64(0)
	for _, k := range keys {
		s := of[k]
		left += s.left
		err := r.to.Row(k.class, string(k.commodity), s.meters, s.measured, s.estimated, s.meters-s.measured-s.estimated, s.beyond,
			s.sold, s.used, s.outstanding, s.left)
		if err != nil {
			return err
		}
	}
	return tie(string(ledger.ClassPrepaid), left, r.balance(ledger.ClassPrepaid, ledger.CNY))
}

// earnings are what each use class earned, by its lines, and what everything else
// earned, by the books. It ties the lines to what the close has posted.
func (r *monthReport) earnings(ctx context.Context) (classes []string, of map[string]*classSums, others []ledger.Source, err error) {
	keys, sums, err := r.sums(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	of = map[string]*classSums{}
	for _, k := range keys { // one revenue account a class, whatever is counted
		s := of[k.class]
		if s == nil {
			s = &classSums{}
			of[k.class], classes = s, append(classes, k.class)
		}
		more := sums[k]
		s.meters += more.meters
		s.measuredNet += more.measuredNet
		s.estimatedNet += more.estimatedNet
		if s.earned, err = s.earned.Add(more.earned); err != nil {
			return nil, nil, nil, err
		}
	}
	sources, err := r.books.Sources(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	posted := map[ledger.Account]int64{}
	for _, s := range sources {
		if s.Kind == vending.CloseDeed {
			posted[s.Account] = s.Fen
		} else {
			others = append(others, s)
		}
	}
	tax := int64(0)
	for _, class := range classes {
		tax += of[class].earned.VAT
		if err := tie(ledger.Revenue(class).String(), of[class].earned.Net(), posted[ledger.Revenue(class)]); err != nil {
			return nil, nil, nil, err
		}
	}
	return classes, of, others, tie(ledger.Output.String(), tax, posted[ledger.Output])
}

// revenue is what was earned, without VAT, by account and what it came from.
func (r *monthReport) revenue(ctx context.Context) error {
	classes, of, others, err := r.earnings(ctx)
	if err != nil {
		return err
	}
	total := int64(0)
	for _, class := range classes {
		s := of[class]
		total += s.earned.Net()
		if err := r.to.Row(vending.CloseDeed, ledger.Revenue(class).String(), s.meters, s.measuredNet, s.estimatedNet, s.earned.Net()); err != nil {
			return err
		}
	}
	for _, s := range others {
		if s.Account.Class != ledger.ClassRevenue {
			continue
		}
		total += s.Fen
		if err := r.to.Row(s.Kind, s.Account.String(), int64(0), int64(0), int64(0), s.Fen); err != nil {
			return err
		}
	}
	return tie(string(ledger.ClassRevenue), total, r.moved(ledger.ClassRevenue))
}

// vat is the VAT of the month, with the net that it is on: by use class, and by the
// kind of deed for everything else.
func (r *monthReport) vat(ctx context.Context) error {
	classes, of, others, err := r.earnings(ctx)
	if err != nil {
		return err
	}
	total := int64(0)
	for _, class := range classes {
		e := of[class].earned
		total += e.VAT
		if err := r.to.Row(vending.CloseDeed, ledger.Revenue(class).String(), e.Gross, e.VAT, e.Net()); err != nil {
			return err
		}
	}
	byKind := map[string]*revenue.Sum{}
	for _, s := range others {
		if byKind[s.Kind] == nil {
			byKind[s.Kind] = &revenue.Sum{}
		}
		byKind[s.Kind].Gross += s.Fen
		if s.Account.Class == ledger.ClassVAT {
			byKind[s.Kind].VAT += s.Fen
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		e := byKind[kind]
		total += e.VAT
		if err := r.to.Row(kind, "", e.Gross, e.VAT, e.Net()); err != nil {
			return err
		}
	}
	return tie(string(ledger.ClassVAT), total, r.moved(ledger.ClassVAT))
}
