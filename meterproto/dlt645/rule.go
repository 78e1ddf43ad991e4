package dlt645

// The bits of SERR.
const (
	serrRepeated uint16 = 1 << 1
	serrCustomer uint16 = 1 << 4
	serrCount    uint16 = 1 << 5
	serrHoard    uint16 = 1 << 6
)

// Take is the rule that protects the money, from the meter's side (§5): what an
// account does with a purchase whose MACs hold, where it may hold no more than
// hoard fen. It returns the account as it is afterwards, or the *SecurityError
// with which the meter refuses; the account is then as it was.
//
// Count + 1 is credited, the own count is a repetition that was credited before,
// every other count is wrong.
func (c Account) Take(p Purchase, hoard int64) (Account, error) {
	switch {
	case p.Customer != c.Customer:
		return c, &SecurityError{SERR: serrCustomer}
	case p.Count == c.Count:
		return c, &SecurityError{SERR: serrRepeated}
	case p.Count != c.Count+1:
		return c, &SecurityError{SERR: serrCount}
	case p.Fen > hoard-c.Fen:
		return c, &SecurityError{SERR: serrHoard}
	}
	c.Fen += p.Fen
	c.Count++
	return c, nil
}
