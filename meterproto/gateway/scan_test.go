package gateway_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

func TestScanFindsWhoIsThere(t *testing.T) {
	t.Parallel()
	second, third := someState(), someState()
	second.Number, third.Number = "78010001234570", "78010001234600"
	addresses, err := gateway.Range("78010001234560", "78010001234579")
	if err != nil || len(addresses) != 20 {
		t.Fatal(addresses, err)
	}
	twins := &metersim.CJT188{Type: metersim.Gas, Meter: still(func() metersim.State {
		s := someState()
		s.Number, s.Consumed = second.Number, 777_770
		return s
	}())}
	once := gateway.Water()
	once.Type, once.Timing.Retries = 0xAA, 0
	for name, c := range map[string]struct {
		plan   metersim.FaultPlan
		slaves []metersim.Slave
		found  []string
		odd    []string
	}{
		"on a good line": {metersim.Friendly(), nil, []string{number, second.Number}, nil},
		"through noise":  {metersim.Always(metersim.Noise), nil, []string{number, second.Number}, nil},
		"spoilt once":    {metersim.First(1, metersim.BadSum), nil, []string{number, second.Number}, nil},
		"spoilt always":  {metersim.Always(metersim.BadSum), nil, nil, []string{number, second.Number}},
		"two of a name":  {metersim.Friendly(), []metersim.Slave{twins}, []string{number}, []string{second.Number}},
	} {
		var found, odd []string
		asked := 0
		onCable(t, metersim.Line{Faults: c.plan, Seed: 5}, append(one(), second, third), func(t *testing.T, line *link.Line) {
			err := gateway.Scan(t.Context(), line, once, addresses, func(a string, f *meterproto.Reading, what error) {
				asked++
				if f != nil {
					found = append(found, f.Meter)
				}
				if what != nil {
					odd = append(odd, a)
				}
			})
			if err != nil {
				t.Error(err)
			}
		}, c.slaves...)
		if asked != 20 || !slices.Equal(found, c.found) || !slices.Equal(odd, c.odd) {
			t.Errorf("%s: asked %d, found %v, odd %v", name, asked, found, odd)
		}
	}
}

func TestScanEndsWithTheLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &street{bad: map[string]error{"1": meterproto.ErrLineGone}}
		err := gateway.Scan(t.Context(), s, s, []string{"1", "2"}, func(string, *meterproto.Reading, error) { t.Error("told") })
		if !errors.Is(err, meterproto.ErrLineGone) {
			t.Error(err)
		}
	})
}

func TestRanges(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"1", "10"}, {"5", "4"}, {"0A", "0F"}, {"00000", "99999"}, {"00000000000000000000", "99999999999999999999"}} {
		if r, err := gateway.Range(c[0], c[1]); err == nil {
			t.Errorf("%v: %d numbers", c, len(r))
		}
	}
	if r, err := gateway.Range("0998", "1001"); err != nil || !slices.Equal(r, []string{"0998", "0999", "1000", "1001"}) {
		t.Error(r, err)
	}
}
