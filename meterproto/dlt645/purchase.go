package dlt645

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/vendgate/vendgate/meterproto/bcd"
)

// MaxFen is the most that a meter can hold: its registers are XXXXXX.XX yuan.
const MaxFen = 99_999_999

// Errors of a purchase that is not sent.
var (
	ErrAmount = errors.New("the amount is not between 1 fen and 999999.99 yuan")
	ErrNumber = errors.New("a customer number has 12 digits")
)

// Customer is the number of a customer in the meter, in wire order.
type Customer [6]byte

// ParseCustomer reads the 12 digits, highest first. It fails with ErrNumber.
func ParseCustomer(s string) (c Customer, err error) {
	if len(s) != 2*len(c) {
		return Customer{}, ErrNumber
	}
	for i := range c {
		hi, lo := s[2*i]-'0', s[2*i+1]-'0'
		if hi > 9 || lo > 9 {
			return Customer{}, ErrNumber
		}
		c[len(c)-1-i] = hi<<4 | lo
	}
	return c, nil
}

// String is the form that ParseCustomer reads.
func (c Customer) String() string {
	slices.Reverse(c[:])
	return fmt.Sprintf("%X", c[:])
}

// Purchase is money for a meter. Persist it before it is sent: Count is the
// idempotency key, one more than the meter's own, and never changes for it.
type Purchase struct {
	Fen      int64
	Count    uint32
	Customer Customer
}

// Check says why no meter could take the purchase as a recharge, before its keys are
// asked: ErrAmount, ErrNumber.
func (p Purchase) Check() error { return p.check(Recharge) }

// check is Check for a command; only an account can be opened without money.
func (p Purchase) check(di uint32) error {
	if p.Fen < 0 || p.Fen > MaxFen || p.Fen == 0 && di != OpenAccount {
		return fmt.Errorf("%w: %d fen", ErrAmount, p.Fen)
	}
	if v, err := bcd.Big(p.Customer[:]); err != nil || v == 0 {
		return fmt.Errorf("%w: %v", ErrNumber, p.Customer)
	}
	return nil
}

// SealedPurchase is a purchase as the wire carries it (§5): amount and count
// proven by one MAC, the customer by another.
type SealedPurchase struct {
	DI       uint32 // OpenAccount or Recharge
	Operator Operator
	Purchase Purchase
	MACs     [2]MAC
}

const sealedSize = 4 + 4 + 4 + 6 + 4

// Seal has the key service prove a purchase, for OpenAccount or Recharge. Errors:
// ErrAmount, ErrNumber, ErrMalformed for another command, and the key service's.
func Seal(ctx context.Context, keys Keys, s Session, di uint32, op Operator, p Purchase) (SealedPurchase, error) {
	if di != OpenAccount && di != Recharge {
		return SealedPurchase{}, fmt.Errorf("%w: %v takes no purchase", ErrMalformed, ID(di))
	}
	if err := p.check(di); err != nil {
		return SealedPurchase{}, err
	}
	sealed := SealedPurchase{DI: di, Operator: op, Purchase: p}
	for i, part := range [...][]byte{p.money(), p.Customer[:]} {
		var err error
		if sealed.MACs[i], err = keys.MAC(ctx, s, ID(di), part); err != nil {
			return SealedPurchase{}, fmt.Errorf("seal a purchase: %w", err)
		}
	}
	return sealed, nil
}

// money is amount and count, low byte first.
func (p Purchase) money() []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(p.Fen))
	return binary.LittleEndian.AppendUint32(b, p.Count)
}

// Frame is the request to meter a. Errors: ErrAmount, ErrNumber.
func (s SealedPurchase) Frame(a Address) (Frame, error) {
	if err := s.Purchase.check(s.DI); err != nil {
		return Frame{}, err
	}
	payload := append(s.Purchase.money(), s.MACs[0][:]...)
	payload = append(append(payload, s.Purchase.Customer[:]...), s.MACs[1][:]...)
	return SecurityCommand{DI: ID(s.DI), Operator: s.Operator, Payload: payload}.Frame(a), nil
}

// DecodePurchase reads a request that SealedPurchase.Frame made; whether its MACs
// hold, only the meter's ESAM can tell. It fails with ErrMalformed where the frame
// is anything else, with ErrAmount or ErrNumber where no meter could take it.
func DecodePurchase(f Frame) (SealedPurchase, error) {
	cmd, err := DecodeSecurityCommand(f)
	if err != nil {
		return SealedPurchase{}, err
	}
	b := cmd.Payload
	if cmd.DI.Code != OpenAccount && cmd.DI.Code != Recharge || len(b) != sealedSize {
		return SealedPurchase{}, malformed(f, "purchase")
	}
	p := Purchase{Fen: int64(binary.LittleEndian.Uint32(b)), Count: binary.LittleEndian.Uint32(b[4:]), Customer: Customer(b[12:18])}
	if err := p.check(cmd.DI.Code); err != nil {
		return SealedPurchase{}, err
	}
	return SealedPurchase{
		DI: cmd.DI.Code, Operator: cmd.Operator, Purchase: p, MACs: [2]MAC{MAC(b[8:12]), MAC(b[18:])},
	}, nil
}
