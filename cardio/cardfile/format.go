package cardfile

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// file is a layout as it is written (layout.schema.json says what each key may hold).
type file struct {
	Schema  string   `json:"$schema"`
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Source  string   `json:"source"`
	Rule    string   `json:"rule"`
	Unit    string   `json:"unit"`
	Areas   []area   `json:"areas"`
	Chips   []chip   `json:"chips"`
	Records []record `json:"records"`
	Tools   []tool   `json:"tools"`
	Write   []step   `json:"write"`
	Vectors []Vector `json:"vectors"`
}

type area struct {
	Name string `json:"name"`
	Size int    `json:"size"`
}

// chip says where on some kinds of chip the layout's areas lie.
type chip struct {
	Names       []string `json:"names"`
	Application hexBytes `json:"application"` // name of the DF on a CPU card
	Places      []Place  `json:"places"`
	Purse       *Purse   `json:"purse"`
}

// Purse is what the commands of a PBOC e-purse want to be told (cards.md §2). The area that it is shown as lies on "ep" or
// "ed" of the chip, and has 7 bytes: the kind as P2 has it, the balance in fen, the online sequence, both big-endian.
type Purse struct {
	Area        string   `json:"area"`         // of the layout
	LoadKey     byte     `json:"load_key"`     // id of the key of loads
	PurchaseKey byte     `json:"purchase_key"` // id of the key with which the meter takes
	Terminal    hexBytes `json:"terminal"`     // number of who loads, 6 bytes
}

// Place is where one area of a layout lies on a chip: on its extents, one after the other.
type Place struct {
	Area string   `json:"area"`
	On   []Extent `json:"on"`
}

// Extent is a run of bytes in one of the chip's own areas.
type Extent struct {
	Area   string `json:"area"`
	Offset int    `json:"offset"`
	Size   int    `json:"size"`
}

// Runs are where size bytes at an offset of the area lie on the chip, in order.
func (p Place) Runs(offset, size int) (out []Extent) {
	at := 0
	for _, e := range p.On {
		from, to := max(offset, at), min(offset+size, at+e.Size)
		if from < to {
			out = append(out, Extent{e.Area, e.Offset + from - at, to - from})
		}
		at += e.Size
	}
	return out
}

// Size is how many bytes of the chip the area has.
func (p Place) Size() (n int) {
	for _, e := range p.On {
		n += e.Size
	}
	return n
}

// Ways of keeping a record in more places than one.
const (
	copiesOlder = "older" // only the older copy is written; the newest valid one counts (cards.md §7)
	copiesSame  = "same"  // main and backup: all are written, and must agree
)

// Writers of a record.
const (
	byVendor = "vendor"
	byMeter  = "meter"
)

// record is a run of bytes that is written together and, where it has one, sealed by one check.
type record struct {
	Name   string  `json:"name"`
	Writer string  `json:"writer"`
	Size   int     `json:"size"`
	Copies string  `json:"copies"`
	At     []at    `json:"at"`
	Fields []field `json:"fields"`
	Check  *check  `json:"check"`
}

// at is one place of a record. Its mark goes into the check, so that a copy of one place is not taken in another.
type at struct {
	Area   string   `json:"area"`
	Offset int      `json:"offset"`
	Mark   hexBytes `json:"mark"`
}

// field is one value, or with Const some bytes that never change.
type field struct {
	Name     string   `json:"name"`
	Offset   int      `json:"offset"`
	Size     int      `json:"size"`
	Encoding string   `json:"encoding"`
	Const    hexBytes `json:"const"`
	Radix    []int64  `json:"radix"`
	Bits     []string `json:"bits"`
	Scale    int64    `json:"scale"`
	Min      *int64   `json:"min"`
	Max      *int64   `json:"max"`
	Repeat   int      `json:"repeat"`
	Pad      hexBytes `json:"pad"`
	Default  hexBytes `json:"default"`

	coding encoding // where there is no Const
}

// check is a checksum or MAC over the record's bytes, itself left out.
type check struct {
	Kind   string   `json:"kind"`
	Key    string   `json:"key"`
	Offset int      `json:"offset"`
	Size   int      `json:"size"`
	From   int      `json:"from"`
	To     int      `json:"to"` // 0: up to the check
	Prefix []string `json:"prefix"`

	sum func([]byte) uint64 // of a checksum
}

// tool is how a card that sets or clears meters is told from a customer's.
type tool struct {
	Name   string   `json:"name"`
	Area   string   `json:"area"`
	Offset int      `json:"offset"`
	Bytes  hexBytes `json:"bytes"`
}

// step is one write of a load into a maker's fixed places: some fields of one copy, or what is left of it.
type step struct {
	Copy   int      `json:"copy"`
	Fields []string `json:"fields"`
}

// hexBytes are written as one hex string or, where they are many, as a list of them.
type hexBytes []byte

// UnmarshalJSON reads either form; spaces are for the eye.
func (h *hexBytes) UnmarshalJSON(b []byte) error {
	var lines []string
	if err := json.Unmarshal(b, &lines); err != nil {
		var line string
		if err := json.Unmarshal(b, &line); err != nil {
			return fmt.Errorf("hex digits: %w", err)
		}
		lines = []string{line}
	}
	bytes, err := hex.DecodeString(strings.ReplaceAll(strings.Join(lines, ""), " ", ""))
	*h = bytes
	return err
}
