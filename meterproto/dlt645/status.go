package dlt645

import "fmt"

// statusWords is how many status words a meter has (§3).
const statusWords = 7

// Status is status word 3 of the 2007 edition (04000503): what a prepaid meter
// tells of its relay and its account. The other words are known by their bits
// only: see [StatusBits].
type Status uint16

// The bits of status word 3. Bit 12 is by the standard; no source confirms it.
const (
	SecondPeriods   Status = 1 << 0
	ProgrammingOn   Status = 1 << 3
	RelayOff        Status = 1 << 4
	SecondZones     Status = 1 << 5
	RelayCommandOff Status = 1 << 6
	Alarm           Status = 1 << 7
	SecondPrices    Status = 1 << 10
	SecondLadder    Status = 1 << 11
	SupplyKept      Status = 1 << 12
	Authenticated   Status = 1 << 13
	NotOpenedHere   Status = 1 << 14 // no account by card
	NotOpenedAfar   Status = 1 << 15 // no account over the line
)

// Supply is where the meter's own power comes from.
type Supply uint8

// The supplies.
const (
	Mains Supply = iota
	Auxiliary
	Battery
)

// Prepaid is what a meter counts down.
type Prepaid uint8

// The kinds.
const (
	NotPrepaid Prepaid = iota
	PrepaidEnergy
	PrepaidMoney
)

// Supply is bits 1 and 2.
func (s Status) Supply() Supply { return Supply(s >> 1 & 3) }

// Prepaid is bits 8 and 9.
func (s Status) Prepaid() Prepaid { return Prepaid(s >> 8 & 3) }

// Has reports whether a bit is set.
func (s Status) Has(bit Status) bool { return s&bit != 0 }

// String is the word in hexadecimal.
func (s Status) String() string { return fmt.Sprintf("%04X", uint16(s)) }

// DecodeStatus reads status word 3 as it is on the wire. It fails with
// ErrMalformed where there are not two bytes.
func DecodeStatus(b []byte) (Status, error) {
	if len(b) != 2 {
		return 0, fmt.Errorf("%w: a status word of %d bytes", ErrMalformed, len(b))
	}
	return Status(b[0]) | Status(b[1])<<8, nil
}

// AppendTo appends the word, low byte first.
func (s Status) AppendTo(dst []byte) []byte { return append(dst, byte(s), byte(s>>8)) }

// StatusBits are the names of the bits that are set in a status word, number 1 to
// 7, lowest first; a bit without a name is "bit 9". Fields of two bits are left
// to [Status.Supply] and [Status.Prepaid].
func StatusBits(word int, bits uint16) (set []string) {
	for i := range 16 {
		if bits>>i&1 == 0 || word == 3 && (i == 1 || i == 2 || i == 8 || i == 9) {
			continue
		}
		name := statusBit(word, i)
		if name == "" {
			name = fmt.Sprintf("bit %d", i)
		}
		set = append(set, name)
	}
	return set
}

// statusBit is the name of a bit (§3), "" where it is reserved.
func statusBit(word, bit int) string {
	var names []string
	switch word {
	case 1:
		names = []string{"", "demand by fixed periods", "clock battery low", "reading battery low", "active power reversed", "reactive power reversed"}
	case 2:
		names = []string{"active power A reversed", "active power B reversed", "active power C reversed", "",
			"reactive power A reversed", "reactive power B reversed", "reactive power C reversed"}
	case 3:
		names = []string{"second day tables", "", "", "programming enabled", "relay off", "second zone tables", "relay command off", "alarm",
			"", "", "second prices", "second ladder", "supply kept", "authenticated", "no account by card", "no account over the line"}
	case 4, 5, 6:
		names = []string{"loss of voltage", "under-voltage", "over-voltage", "loss of current", "over-current", "overload",
			"power reversed", "phase break", "current break"}
	case 7:
		names = []string{"voltage sequence reversed", "current sequence reversed", "voltage unbalance", "current unbalance",
			"auxiliary supply lost", "power off", "demand over limit", "power factor low", "severe current unbalance"}
	}
	if bit < len(names) {
		return names[bit]
	}
	return ""
}
