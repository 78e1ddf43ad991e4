package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// The identifiers of prices (§2).
const (
	tariffCount  = 0x04000204
	ladderSteps  = 0x04000207
	changePrices = 0x04000108
	changeLadder = 0x04000109

	priceLevel = 0x04 // of the password under which prices are written (§4)

	block = 0xFF // of an identifier's last byte: all of them
)

// changeAhead is how long the meter is given, up to the next whole minute: a minute, so that the change is not past when it hears of it, and
// what a question may take that is repeated after the clock was read.
const changeAhead = 90 * time.Second

// never is when a change is due that nobody wants.
func never() time.Time {
	return time.Date(2099, 12, 31, 23, 59, 0, 0, time.UTC).Add(-dlt645.ZoneOffset)
}

// priceSets are the two sets of prices of a meter: one is in force, and at an instant they change over.
type priceSets struct {
	second dlt645.Status // set in status word 3 where the second set is in force
	change uint32        // the identifier of that instant
	upto   [2]uint32     // those before the first step's
	price  [2]uint32     // those before the first price's
	steps  int
	prices int
}

// tariffSets are those of a meter without a ladder: each tariff has a price.
func tariffSets(tariffs int) priceSets {
	return priceSets{second: dlt645.SecondPrices, change: changePrices, price: [2]uint32{0x04050100, 0x04050200}, prices: tariffs}
}

// ladderSets are those of a ladder of so many steps, and a price more.
func ladderSets(steps int, withTariff bool) priceSets {
	change := uint32(changeLadder)
	if withTariff {
		change = changePrices
	}
	return priceSets{second: dlt645.SecondLadder, change: change, upto: [2]uint32{0x04060000, 0x04060200},
		price: [2]uint32{0x04060100, 0x04060300}, steps: steps, prices: steps + 1}
}

// held is a set, as the meter holds it: steps in 10 Wh, prices in ten thousandths of a yuan a kWh.
type held struct{ upto, price []int64 }

func (h held) same(other held) bool {
	return slices.Equal(h.upto, other.upto) && slices.Equal(h.price, other.price)
}

const (
	fenDigits = 100        // ten thousandths of a yuan in a fen
	stepWh    = 10         // in a step's last digit
	mostStep  = 99_999_998 // a step that nobody reaches: one more is no value
	mostFen   = 999_999
)

// errAdded is a ladder whose prices are not all that is charged.
var errAdded = errors.New("the meter has prices in its tariffs, which it may add to those of its ladder: set them to 0 at the meter first, " +
	"or describe the model as one whose ladder counts alone")

// ErrUnsealed is a write that was not sent, for the keys do not prove it.
var ErrUnsealed = errors.New("the keys do not prove the write")

// priced refuses what no meter could hold.
func priced(p meterproto.Prices) error {
	if len(p.Fen) == 0 || len(p.Upto) != len(p.Fen)-1 || p.Of != meterproto.CreditWattHours {
		return fmt.Errorf("%d prices with %d steps in %v: want one or more, a step between each two, in watt-hours", len(p.Fen), len(p.Upto), p.Of)
	}
	for i, wh := range p.Upto {
		if wh <= 0 || wh%stepWh != 0 || wh/stepWh >= mostStep || i > 0 && wh <= p.Upto[i-1] {
			return fmt.Errorf("steps at %v Wh: want them to rise by multiples of %d, below %d", p.Upto, stepWh, int64(mostStep)*stepWh)
		}
	}
	if low, high := slices.Min(p.Fen), slices.Max(p.Fen); low < 0 || high > mostFen {
		return fmt.Errorf("prices of %d to %d fen: want 0 to %d", low, high, mostFen)
	}
	return nil
}

// hold is a list as the sets hold it: filled up with its last price, from a step that nobody reaches; of tariffs, the same price in each.
func (s priceSets) hold(p meterproto.Prices) (h held, err error) {
	if len(p.Upto) > s.steps {
		return h, fmt.Errorf("a list of %d steps: the meter's ladder has %d", len(p.Upto), s.steps)
	}
	for i := range s.steps {
		if i < len(p.Upto) {
			h.upto = append(h.upto, p.Upto[i]/stepWh)
		} else {
			h.upto = append(h.upto, mostStep)
		}
	}
	for i := range s.prices {
		h.price = append(h.price, p.Fen[min(i, len(p.Fen)-1)]*fenDigits)
	}
	return h, nil
}

// list is hold, back; without a price where no list says what is held.
func (s priceSets) list(h held) (list meterproto.Prices) {
	n := len(h.upto)
	for n > 0 && h.upto[n-1] == mostStep && h.price[n] == h.price[n-1] {
		n--
	}
	said := h.price[:n+1]
	if s.steps == 0 && slices.Min(h.price) != slices.Max(h.price) {
		return list
	}
	for _, price := range said {
		if price%fenDigits != 0 {
			return meterproto.Prices{}
		}
		list.Fen = append(list.Fen, price/fenDigits)
	}
	for _, wh10 := range h.upto[:n] {
		list.Upto = append(list.Upto, wh10*stepWh)
	}
	list.Of = meterproto.CreditWattHours
	return list
}

// held reads a set.
func (c *priceTalk) held(ctx context.Context, which int) (h held, err error) {
	if c.sets.steps > 0 {
		if h.upto, err = c.numbers(ctx, c.sets.upto[which]|block, c.sets.steps); err != nil {
			return h, err
		}
	}
	h.price, err = c.numbers(ctx, c.sets.price[which]|block, c.sets.prices)
	return h, err
}

// number reads a number that the meter must have.
func (c *priceTalk) number(ctx context.Context, di uint32) (int, error) {
	n, err := c.numbers(ctx, di, 1)
	if err != nil {
		return 0, err
	}
	return int(n[0]), nil
}

// numbers reads so many values, each of which must be one. The meter may have room for more.
func (c *priceTalk) numbers(ctx context.Context, di uint32, n int) (values []int64, err error) {
	registers, err := c.registers(ctx, di)
	if err != nil {
		return nil, err
	}
	if n < 1 || len(registers) < n {
		return nil, fmt.Errorf("%w: %v has %d values, want %d", meterproto.ErrLayout, dlt645.ID(di), len(registers), n)
	}
	for _, r := range registers[:n] {
		if r.State != meterproto.Good {
			return nil, fmt.Errorf("%w: %v has no value", meterproto.ErrLayout, dlt645.ID(di))
		}
		values = append(values, r.Value.Digits)
	}
	return values, nil
}

// registers reads an identifier.
func (c *priceTalk) registers(ctx context.Context, di uint32) ([]meterproto.Register, error) {
	reply, _, err := c.ask(ctx, c.line, c.meter, dlt645.ID(di))
	if err != nil {
		return nil, err
	}
	return dlt645.AppendRegisters(nil, reply)
}

// write writes one value, once.
func (c *priceTalk) write(ctx context.Context, di uint32, value meterproto.Register) error {
	w := dlt645.Write{DI: dlt645.ID(di), Grant: dlt645.Grant{Access: c.PriceAccess, Operator: c.Operator}}
	var err error
	if w.Values, err = dlt645.AppendValues(nil, w.DI, []meterproto.Register{value}); err != nil {
		return err
	}
	request := w.Frame(c.meter)
	if c.PriceAccess.Sealed() {
		if request, err = c.seal(ctx, w); err != nil {
			return err
		}
	}
	c.sent = true
	return c.command(ctx, c.line, request).Reason
}

// seal has the keys prove a write, in one session for all of them.
func (c *priceTalk) seal(ctx context.Context, w dlt645.Write) (dlt645.Frame, error) {
	if c.session == nil {
		session, err := c.identify(ctx, c.line, c.meter)
		if err != nil {
			return dlt645.Frame{}, err
		}
		c.session = &session
	}
	sealed, err := dlt645.SealWrite(ctx, c.Keys, *c.session, w)
	if err != nil {
		return dlt645.Frame{}, fmt.Errorf("%w: %w", ErrUnsealed, err)
	}
	return sealed.Frame(c.meter), nil
}

func instant(t time.Time) meterproto.Register {
	return meterproto.Register{Kind: meterproto.OfInstant, Time: t}
}

func energy(wh10 int64) meterproto.Register {
	return meterproto.Register{Kind: meterproto.OfEnergy, Unit: meterproto.WattHour, Value: meterproto.Decimal{Digits: wh10, Scale: 1}}
}

func yuan(price int64) meterproto.Register {
	return meterproto.Register{Kind: meterproto.OfPrice, Unit: meterproto.Currency, Value: meterproto.Decimal{Digits: price, Scale: -4}}
}
