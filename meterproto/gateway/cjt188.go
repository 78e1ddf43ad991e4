package gateway

import (
	"math/rand/v2"
	"sync/atomic"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// CJT188 is the Driver of CJ/T 188 meters: how a kind of them wants to be asked.
// Begin with [Gas] or [Water].
type CJT188 struct {
	Type     byte           // T of the requests; answers may carry another
	Order    cjt188.DIOrder // of the data identifier's bytes
	Preamble int            // FE bytes before a request: 0, or 2 to 4
	Layout   cjt188.Layout  // of the values
	// Credit is what the meter counts its purchases in. Where it is zero, the
	// meter is not asked for its purchases, and takes none.
	Credit cjt188.Credit
	Timing meterproto.Timing
	// SER numbers the requests of one line. Where it is nil, each reading begins
	// at a random number.
	SER *Counter
}

// Check says what is wrong with the way in which the meters are to be asked.
func (d CJT188) Check() error {
	if d.Credit > cjt188.CreditVolume {
		return cjt188.ErrCreditUnknown
	}
	_, err := cjt188.AppendPreamble(nil, d.Preamble)
	return err
}

// Gas is a prepaid gas meter that counts volume, asked as CJ/T 188 has it: T 30H,
// three FE, data identifier low byte first as in the only capture of a gas meter
// that is known.
func Gas() CJT188 {
	return CJT188{
		Type:     0x30,
		Order:    cjt188.LowFirst,
		Preamble: 3,
		Credit:   cjt188.CreditVolume,
		Timing:   cjt188.Timing(),
	}
}

// Water is a cold water meter without prepayment, asked as Gas is.
func Water() CJT188 {
	d := Gas()
	d.Type, d.Credit = 0x10, 0
	return d
}

// Heat is a heat meter without prepayment, asked as Gas is.
func Heat() CJT188 {
	d := Gas()
	d.Type, d.Credit = 0x20, 0
	return d
}

// Counter gives the numbers of a line's requests, so that a late answer to an
// earlier request is told from the one that is waited for (CJ/T 188 §1.3). It
// may be used from any goroutine.
type Counter struct{ n atomic.Uint32 }

// Next is the next number: 0, 1, … 255, 0.
func (c *Counter) Next() byte { return byte(c.n.Add(1) - 1) }

// CountFrom is a Counter whose first number is n.
func CountFrom(n byte) *Counter {
	c := new(Counter)
	c.n.Store(uint32(n))
	return c
}

// randomCounter begins anywhere, for a caller who keeps no counter.
func randomCounter() *Counter { return CountFrom(byte(rand.Uint32())) }
