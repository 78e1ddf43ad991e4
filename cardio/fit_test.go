package cardio_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
)

// TestMisfits: a layout on bytes that its chip does not have, or that it cannot write so, is refused before any card is, and
// the field that lies there is named.
func TestMisfits(t *testing.T) {
	t.Parallel()
	const (
		sector3 = `{"area": "sector3", "offset": 0, "size": 48}`
		onMain  = `{"names": ["sle4442"], "places": [{"area": "card", "on": [{"area": "main", "offset": 96, "size": 48}]}]}`
		main    = `{"area": "vendor", "on": [{"area": "main", "offset": 0, "size": 144}]}`
	)
	for name, test := range map[string]struct {
		layout, from, to string
		names            []string
	}{
		"past the end":     {"vg1", main, strings.Replace(main, `"offset": 0`, `"offset": 369`, 1), []string{"at24c04", "purse.check lies on byte 512 of main"}},
		"wholly past it":   {"vg1", main, strings.Replace(main, `"offset": 0`, `"offset": 4611686018427387904`, 1), []string{"at24c04", "identity.magic"}},
		"no such sector":   {"vg1", sector3, strings.Replace(sector3, "sector3", "sector16", 1), []string{"mifare-classic-1k", "purse.purse_format", "sector16"}},
		"no sector":        {"vg1", sector3, strings.Replace(sector3, "sector3", "sector", 1), []string{"sector,"}},
		"another spelling": {"vg1", sector3, strings.Replace(sector3, "sector3", "sector03", 1), []string{"sector03"}},
		"no such zone":     {"vg1", "zone1", "zone8", []string{"at88sc1608", "zone8"}},
		"half a block":     {"vg1", sector3, `{"area": "sector3", "offset": 0, "size": 40}, {"area": "sector7", "offset": 0, "size": 8}`, []string{"purse.purse_format", "blocks of 16"}},
		"a byte twice":     {"vg1", `"main", "offset": 256, "size": 128`, `"main", "offset": 140, "size": 128`, []string{"purse.purchase and back.back_format", "byte 140"}},
		"no such file":     {"vg1", `"file2"`, `"file31"`, []string{"fmcos", "file31"}},
		"inside a file":    {"vg1", `"file2", "offset": 0`, `"file2", "offset": 16`, []string{"fmcos", "meter", "one file"}},
		"no such chip":     {"vg1", `"sle4428"`, `"sle4429"`, []string{"sle4429"}},
		"a zone twice":     {"vg2", `"area": "az1", "offset": 0, "size": 64`, `"area": "az1", "offset": 0, "size": 32}, {"area": "az2", "offset": 0, "size": 32`, []string{"zone.key_version and zone.magic"}},
		"half a zone":      {"example-counter", onMain, strings.NewReplacer("sle4442", "at88sc102", "main", "az1", "96", "0").Replace(onMain), []string{"is written as bytes", "az1"}},
		"bytes in a block": {"example-counter", onMain, strings.NewReplacer("sle4442", "mifare-classic-4k", "main", "sector1", "96", "0").Replace(onMain), []string{"is written as bytes", "sector1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile("cardfile/layouts/" + test.layout + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), test.from) {
				t.Fatalf("%s has no %s", test.layout, test.from)
			}
			l, err := cardfile.Parse([]byte(strings.Replace(string(text), test.from, test.to, 1)))
			if err != nil {
				t.Fatal(err)
			}
			err = cardio.Fits(l)
			if !errors.Is(err, cardio.ErrMisfit) {
				t.Fatalf("%v", err)
			}
			for _, want := range test.names {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v: it does not say %s", err, want)
				}
			}
			t.Log(err)
		})
	}
}

// TestFitsProperty holds Fits against the driver's own areas, whatever places a layout names: it fits if and only if all of
// its bytes are the chip's, in whole blocks, and none is used twice.
func TestFitsProperty(t *testing.T) {
	t.Parallel()
	chips := []driver.Chip{driver.SLE4442, driver.SLE4428, driver.AT24C01, driver.AT88SC102, driver.AT88SC1608, driver.Mifare1K, driver.Mifare4K}
	rapid.Check(t, func(t *rapid.T) {
		chip := rapid.SampledFrom(chips).Draw(t, "chip")
		areas := driver.AreasOf(chip)
		wanted, used, size, places := true, map[string]bool{}, 0, []string{}
		for range rapid.IntRange(1, 3).Draw(t, "extents") {
			a := rapid.SampledFrom(areas).Draw(t, "area")
			name := a.Name + rapid.SampledFrom([]string{"", "", "", "0", "x"}).Draw(t, "spelling")
			offset, n := 8*rapid.IntRange(0, 34).Draw(t, "offset"), 8*rapid.IntRange(1, 34).Draw(t, "size")
			wanted = wanted && slices.ContainsFunc(areas, func(a driver.Area) bool {
				return a.Name == name && offset+n <= a.Size && (a.Mode != driver.Blocks || offset%a.Unit == 0 && n%a.Unit == 0)
			})
			for at := offset; at < offset+n; at++ {
				key := fmt.Sprint(name, "/", at)
				wanted, used[key] = wanted && !used[key], true
			}
			size += n
			places = append(places, fmt.Sprintf(`{"area": %q, "offset": %d, "size": %d}`, name, offset, n))
		}
		text := fmt.Sprintf(onChip, size, chip, "HERE", size, size-2)
		text = strings.Replace(text, fmt.Sprintf(`{"area": "HERE", "size": %d}`, size), strings.Join(places, ", "), 1)
		l, err := cardfile.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := cardio.Fits(l); (err == nil) != wanted || err != nil && !errors.Is(err, cardio.ErrMisfit) {
			t.Errorf("%s, %v: %v", chip, places, err)
		}
	})
}
