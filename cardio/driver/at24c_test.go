package driver_test

import (
	"testing"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/driver"
)

// TestAT24CPageSize: the reader is told the chip's page, so that it takes one write cycle and not many.
func TestAT24CPageSize(t *testing.T) {
	t.Parallel()
	for chip, lines := range map[driver.Chip][]string{
		driver.AT24C01:  {"FFA400000101 > 9000", "FF0100000103 > 9000"},
		driver.AT24C16:  {"FFA400000101 > 9000", "FF0100000104 > 9000"},
		driver.AT24C64:  {"FFA400000102 > 9000", "FF0100000105 > 9000"},
		driver.AT24C256: {"FFA400000102 > 9000", "FF0100000106 > 9000"},
		driver.AT24C512: {"FFA400000102 > 9000", "FF0100000107 > 9000"},
	} {
		card := &tape{t, lines}
		if _, err := driver.Open(apdu.NewChannel(card), chip, driver.Dialect{}); err != nil || len(card.lines) > 0 {
			t.Errorf("%s: %v, not sent: %v", chip, err, card.lines)
		}
	}
}
