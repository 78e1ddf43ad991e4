package sam

// Module is where roots lie and where everything is computed with them: this
// program's memory, or a token that lets no root out. It is safe for concurrent use.
type Module interface {
	// CMAC is AES-CMAC (RFC 4493) of message under the key that the recipe gives.
	CMAC(r Recipe, message []byte) ([16]byte, error)
	// TripleDES enciphers whole blocks of eight bytes with two-key triple DES, chained from iv (CBC).
	TripleDES(r Recipe, iv [8]byte, blocks []byte) ([]byte, error)
	// Value gives the bytes of a derived key away, to be written into a card or a
	// meter. A module that guards its roots refuses a recipe without steps.
	Value(r Recipe) ([KeySize]byte, error)
}

// Recipe names a key by how it is made: from the root of a version, step by step.
// It holds no secret. A module follows it anew for every use, so that a token that
// was away, and forgot what it had derived, has lost nothing.
type Recipe struct {
	Version uint8
	Steps   []Step
}

// Step makes a key from another one.
type Step struct {
	Rule Rule
	Data []byte
}

// Rule says how the new key comes from the old one and the step's data.
type Rule byte

// The rules of diversification.
const (
	// ByCMAC: the new key is the AES-CMAC of the data.
	ByCMAC Rule = iota + 1
	// ByTripleDES: the new key is the data, 16 bytes, under two-key triple DES in ECB.
	ByTripleDES
	// LeftTwice: the new key is the left half of the old one, twice; triple DES with it is single DES with that half.
	LeftTwice
)

// then is the recipe with one step more. The steps before are not shared.
func (r Recipe) then(rule Rule, data []byte) Recipe {
	steps := append(make([]Step, 0, len(r.Steps)+1), r.Steps...)
	return Recipe{r.Version, append(steps, Step{rule, data})}
}

// left is the recipe of the left half, twice. Where the last step enciphers two
// blocks, the first one twice gives it: this a token can do, too.
func (r Recipe) left() Recipe {
	last := len(r.Steps) - 1
	if last < 0 || r.Steps[last].Rule != ByTripleDES {
		return r.then(LeftTwice, nil)
	}
	first := r.Steps[last].Data[:8]
	return Recipe{r.Version, r.Steps[:last]}.then(ByTripleDES, append(append([]byte{}, first...), first...))
}
