package cardfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tink-crypto/tink-go/v2/prf/subtle"
)

// Vector proves a layout: an image and what it holds and, where there is an order, the image after it. Its keys are
// made up for it and are no card's.
type Vector struct {
	Name     string              `json:"name"`
	Source   string              `json:"source"`
	Keys     map[string]hexBytes `json:"keys"`
	Image    map[string]hexBytes `json:"image"`
	Contents map[string]any      `json:"contents"`
	Copies   map[string]string   `json:"copies"`
	Order    map[string]any      `json:"order"`
	After    map[string]hexBytes `json:"after"`
}

// ErrVector is a vector that the layout does not fulfil.
var ErrVector = errors.New("the layout does not fulfil its vector")

// Test proves the layout by its vectors: each must decode to its contents, and each order must bring the image after
// it. Every byte counts: a vector with a torn copy proves nothing about that copy's bytes and is refused.
func (l *Layout) Test() error {
	var all error
	for i := range l.Vectors {
		if err := l.Vectors[i].test(l); err != nil {
			all = errors.Join(all, fmt.Errorf("%w: %q: %w", ErrVector, l.Vectors[i].Name, err))
		}
	}
	return all
}

func (v *Vector) test(l *Layout) error {
	m, err := l.image(v.Image)
	if err != nil {
		return fmt.Errorf("image: %w", err)
	}
	if !l.Matches(m) {
		return errors.New("image: the identity's constants are not there")
	}
	keys, err := l.vectorKeys(m, v.Keys)
	if err != nil {
		return err
	}
	c, err := l.Decode(m, keys)
	if err != nil {
		return err
	}
	if err := v.compare(c); err != nil {
		return err
	}
	if v.Order == nil {
		return nil
	}
	return v.testOrder(l, c)
}

// compare holds what was decoded against what the vector says.
func (v *Vector) compare(c *Contents) error {
	want := numbers(v.Contents)
	for _, name := range slices.Sorted(maps.Keys(merged(want, c.Values))) {
		if want[name] != c.Values[name] {
			return fmt.Errorf("contents: %s is %v, the vector says %v", name, c.Values[name], want[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Copies)) {
		have := fmt.Sprint(c.Copies[name])
		if have != "["+v.Copies[name]+"]" {
			return fmt.Errorf("copies: %s is %s, the vector says [%s]", name, have, v.Copies[name])
		}
		if slices.Contains(c.Copies[name], Torn) {
			return fmt.Errorf("copies: %s is torn: a vector of it proves nothing", name)
		}
	}
	return nil
}

func merged(a, b Values) Values {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// testOrder holds the image that an order makes against the one that the vector has.
func (v *Vector) testOrder(l *Layout, c *Contents) error {
	for name := range v.Order {
		if added := name == Credit && l.purse.has(Balance); !added && !l.purse.has(name) {
			return fmt.Errorf("order: the card holds no %s", name)
		}
	}
	p, err := l.Plan(c, v.order(l))
	if err != nil {
		return fmt.Errorf("order: %w", err)
	}
	after, err := l.image(v.After)
	if err != nil {
		return fmt.Errorf("after: %w", err)
	}
	for _, a := range l.Areas {
		for i, want := range after[a.Name] {
			if have := p.New[a.Name][i]; have != want {
				return fmt.Errorf("after: byte %d of %s is %02X, the vector says %02X", i, a.Name, have, want)
			}
		}
	}
	return nil
}

// order is the vector's, as Plan takes it.
func (v *Vector) order(l *Layout) Order {
	o := numbers(v.Order)
	credit := o.Int(Credit)
	return Order{Count: o.Int(Count), Credit: max(0, credit), Change: credit, Total: o.Int(Total), Purchase: o.Text(Purchase),
		Prices: l.StepsIn(o, Prices, Bounds)}
}

// image is one of a vector, every area whole.
func (l *Layout) image(from map[string]hexBytes) (Image, error) {
	m := Image{}
	for _, a := range l.Areas {
		if m[a.Name] = from[a.Name]; len(m[a.Name]) != a.Size {
			return nil, fmt.Errorf("area %s has %d bytes, not %d", a.Name, len(m[a.Name]), a.Size)
		}
	}
	if len(from) != len(l.Areas) {
		return nil, errors.New("there is an area that the layout does not have")
	}
	return m, nil
}

// numbers turns the numbers of a JSON object into int64.
func numbers(from map[string]any) Values {
	v := Values{}
	for name, value := range from {
		if n, ok := value.(json.Number); ok {
			i, err := n.Int64()
			if err != nil {
				continue // compares with nothing
			}
			value = i
		}
		v[name] = value
	}
	return v
}

// vectorKeys are the keys that a vector names: those that the MACs on its image want, no fewer and no more.
func (l *Layout) vectorKeys(m Image, from map[string]hexBytes) (k Keys, err error) {
	wanted := map[string]bool{}
	for i := range l.Records {
		r := &l.Records[i]
		for j := range r.At {
			if r.Check != nil && r.Check.Kind == kindCMAC && !erased(r.bytesAt(m, j)) {
				wanted[r.Check.Key] = true
			}
		}
	}
	if have, want := names(from), names(wanted); have != want {
		return k, fmt.Errorf("keys: the layout wants [%s], the vector has [%s]", want, have)
	}
	k.Purse, err = vectorKey(from["purse"])
	if err == nil {
		k.WriteBack, err = vectorKey(from["write-back"])
	}
	return k, err
}

func names[V any](m map[string]V) string { return strings.Join(slices.Sorted(maps.Keys(m)), " ") }

// cmac is AES-CMAC with a vector's key.
type cmac struct{ prf *subtle.AESCMACPRF }

func (c cmac) CMAC(message []byte) (tag [16]byte, err error) {
	b, err := c.prf.ComputePRF(message, uint32(len(tag)))
	copy(tag[:], b)
	return tag, err
}

func vectorKey(secret []byte) (MACKey, error) {
	if secret == nil {
		return nil, nil
	}
	prf, err := subtle.NewAESCMACPRF(secret)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return cmac{prf}, nil
}
