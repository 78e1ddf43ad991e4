package intake_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/intake"
)

// pricedMeter takes every price list, and shows these, the last one on and on.
type pricedMeter struct {
	gateway.Driver
	said  meterproto.Result
	told  []meterproto.Prices
	shows []meterproto.Prices
	lost  error
}

func (m *pricedMeter) SetPrices(_ context.Context, _ gateway.Line, _ string, p meterproto.Prices) meterproto.Result {
	m.told = append(m.told, p)
	return m.said
}

func (m *pricedMeter) Prices(context.Context, gateway.Line, string) (p meterproto.Prices, err error) {
	p = m.shows[0]
	if len(m.shows) > 1 {
		m.shows = m.shows[1:]
	}
	return p, m.lost
}

func (m *pricedMeter) wire() *intake.Wire {
	return &intake.Wire{Driver: m, Meter: number, Now: func() time.Time { return noon }}
}

var threeTiers = []vending.Tier{{UpTo: 350_000, PriceFen: 263}, {UpTo: 500_000, PriceFen: 316}, {PriceFen: 395}}

// A version is told in what it measures, from now on, and read back as it is.
func TestVersionIsToldAndRead(t *testing.T) {
	t.Parallel()
	list := meterproto.Prices{Fen: []int64{263, 316, 395}, Upto: []int64{350_000, 500_000}}
	m := &pricedMeter{said: meterproto.Result{Outcome: meterproto.Done}, shows: []meterproto.Prices{list}}
	if err := m.wire().SetPrices(t.Context(), vending.Tariff{Measures: ledger.Litre, Tiers: threeTiers}); err != nil || len(m.told) != 1 ||
		!slices.Equal(m.told[0].Fen, list.Fen) || !slices.Equal(m.told[0].Upto, list.Upto) || m.told[0].Of != meterproto.CreditLitres || !m.told[0].From.Equal(noon) {
		t.Errorf("%v: %+v", err, m.told)
	}
	if tiers, err := m.wire().Prices(t.Context()); err != nil || !slices.Equal(tiers, threeTiers) {
		t.Errorf("%+v, %v", tiers, err)
	}
}

func TestVersionIsNotTold(t *testing.T) {
	t.Parallel()
	refuses := func(why error) meterproto.Result {
		return meterproto.Result{Outcome: meterproto.Refused, Reason: why}
	}
	for name, c := range map[string]struct {
		version vending.Tariff
		said    meterproto.Result
		want    error
		told    int
	}{
		"the driver cannot":    {vending.Tariff{Measures: ledger.Litre, Tiers: threeTiers}, refuses(errors.New("four prices")), vending.ErrPriceLine, 1},
		"we have no keys":      {vending.Tariff{Measures: ledger.Litre, Tiers: threeTiers}, refuses(gateway.ErrNoKeys), vending.ErrNotSent, 1},
		"our keys are away":    {vending.Tariff{Measures: ledger.Litre, Tiers: threeTiers}, refuses(fmt.Errorf("no price was sent: %w", gateway.ErrUnsealed)), vending.ErrNotSent, 1},
		"a wrong password":     {vending.Tariff{Measures: ledger.Litre, Tiers: threeTiers}, refuses(fmt.Errorf("%w: %w", dlt645.ErrPassword, meterproto.ErrAbnormal)), vending.ErrNotSent, 1},
		"our keys are wrong":   {vending.Tariff{Measures: ledger.Litre, Tiers: threeTiers}, refuses(fmt.Errorf("%w: %w", gateway.ErrKeys, meterproto.ErrAbnormal)), vending.ErrNotSent, 1},
		"the meter declines":   {vending.Tariff{Measures: ledger.Litre, Tiers: threeTiers}, refuses(fmt.Errorf("ST: %w", meterproto.ErrAbnormal)), vending.ErrMeterDeclined, 1},
		"nobody says anything": {vending.Tariff{Measures: ledger.Litre, Tiers: threeTiers}, meterproto.Result{Reason: meterproto.ErrNoAnswer}, meterproto.ErrNoAnswer, 1},
	} {
		m := &pricedMeter{said: c.said}
		if err := m.wire().SetPrices(t.Context(), c.version); !errors.Is(err, c.want) || len(m.told) != c.told {
			t.Errorf("%s: %v, told %d times", name, err, len(m.told))
		}
	}
	other := &intake.Wire{Driver: struct{ gateway.Driver }{}, Meter: number}
	if err := other.SetPrices(t.Context(), vending.Tariff{}); !errors.Is(err, vending.ErrNotSettable) {
		t.Error(err)
	}
	if _, err := other.Prices(t.Context()); !errors.Is(err, vending.ErrNotSettable) {
		t.Error(err)
	}
}

// A price is what two answers in a row say.
func TestPricesAgree(t *testing.T) {
	t.Parallel()
	one := func(fen int64) meterproto.Prices { return meterproto.Prices{Fen: []int64{fen}} }
	for name, c := range map[string]struct {
		shows []meterproto.Prices
		lost  error
		fen   int64
		want  error
	}{
		"what no list says":   {[]meterproto.Prices{{}, one(263), {}, one(1)}, nil, 0, vending.ErrPricesNotAgreed},
		"twice the same":      {[]meterproto.Prices{one(263)}, nil, 263, nil},
		"one that is wrong":   {[]meterproto.Prices{one(999), one(263), one(263), one(1)}, nil, 263, nil},
		"no two":              {[]meterproto.Prices{one(1), one(2), one(1), one(2), one(2)}, nil, 0, vending.ErrPricesNotAgreed},
		"one is not answered": {[]meterproto.Prices{one(1)}, meterproto.ErrNoAnswer, 0, meterproto.ErrNoAnswer},
	} {
		got, err := (&pricedMeter{shows: c.shows, lost: c.lost}).wire().Prices(t.Context())
		if !errors.Is(err, c.want) || c.want == nil && !slices.Equal(got, []vending.Tier{{PriceFen: c.fen}}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
