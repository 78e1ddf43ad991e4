package dlt645

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Account is what a prepaid meter says of itself: the answer to AskAccount.
type Account struct {
	Fen      int64 // what remains
	Count    uint32
	Customer Customer
	KeyInfo  [4]byte
	MACs     [2]MAC // of Fen, of Count: for the key service to check
}

const (
	accountSize = 4 + 4 + 4 + 4 + 6 + 4
	creditSize  = 4 + 4 + 6
)

// QueryAccount is the command that asks for the account (078102FF).
func QueryAccount(op Operator) SecurityCommand {
	return SecurityCommand{DI: ID(AskAccount), Operator: op}
}

// Frame is the answer of meter a to QueryAccount. It fails with ErrAmount where
// Fen does not fit its field.
func (c Account) Frame(a Address) (Frame, error) {
	if c.Fen < 0 || c.Fen > math.MaxUint32 {
		return Frame{}, fmt.Errorf("%w: %d fen", ErrAmount, c.Fen)
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(c.Fen))
	b = append(b, c.MACs[0][:]...)
	b = binary.LittleEndian.AppendUint32(b, c.Count)
	b = append(append(append(b, c.MACs[1][:]...), c.Customer[:]...), c.KeyInfo[:]...)
	return SecurityAnswer{DI: ID(AskAccount), Payload: b}.Frame(a), nil
}

// DecodeAccount reads the answer to QueryAccount. Errors as DecodeSecurityAnswer.
func DecodeAccount(f Frame) (Account, error) {
	answer, err := DecodeSecurityAnswer(f, AskAccount)
	if err != nil {
		return Account{}, err
	}
	b, err := answer.payload(accountSize)
	if err != nil {
		return Account{}, err
	}
	return Account{
		Fen:      int64(binary.LittleEndian.Uint32(b)),
		MACs:     [2]MAC{MAC(b[4:8]), MAC(b[12:16])},
		Count:    binary.LittleEndian.Uint32(b[8:]),
		Customer: Customer(b[16:22]),
		KeyInfo:  [4]byte(b[22:]),
	}, nil
}

// Credit is the answer to OpenAccount or Recharge: the purchase is in the purse.
// Most meters say no more; where Told, some add what they hold now.
type Credit struct {
	Told     bool
	Fen      int64
	Count    uint32
	Customer Customer
}

// Frame is the answer of meter a to the command di. Errors as Account.Frame.
func (c Credit) Frame(a Address, di uint32) (Frame, error) {
	answer := SecurityAnswer{DI: ID(di)}
	if c.Fen < 0 || c.Fen > math.MaxUint32 {
		return Frame{}, fmt.Errorf("%w: %d fen", ErrAmount, c.Fen)
	}
	if c.Told {
		answer.Payload = binary.LittleEndian.AppendUint32(nil, uint32(c.Fen))
		answer.Payload = binary.LittleEndian.AppendUint32(answer.Payload, c.Count)
		answer.Payload = append(answer.Payload, c.Customer[:]...)
	}
	return answer.Frame(a), nil
}

// DecodeCredit reads the answer to a purchase that was sent with the command di.
// An error that is ErrRepeated means that the purchase had been credited before;
// others as DecodeSecurityAnswer. After any error but a refusal the purchase is in
// doubt: ask for the account.
func DecodeCredit(f Frame, di uint32) (Credit, error) {
	answer, err := DecodeSecurityAnswer(f, di)
	if err != nil {
		return Credit{}, err
	}
	b := answer.Payload
	switch len(b) {
	case 0:
		return Credit{}, nil
	case creditSize:
		return Credit{
			Told: true, Fen: int64(binary.LittleEndian.Uint32(b)), Count: binary.LittleEndian.Uint32(b[4:]), Customer: Customer(b[8:]),
		}, nil
	}
	return Credit{}, fmt.Errorf("%w: the answer to %v has %d bytes, want 0 or %d", ErrMalformed, answer.DI, len(b), creditSize)
}
