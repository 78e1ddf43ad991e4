package gateway

import (
	"context"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// DLT97 is the Driver of electricity meters of DL/T 645-1997. They are read, and take no command: the edition has none that a
// meter must know. Begin with [Electricity97].
type DLT97 struct {
	Asks   []dlt645.DI // what a reading asks for; the first must be answered
	Timing meterproto.Timing
}

// Electricity97 is a meter whose forward active energy is read.
func Electricity97() DLT97 {
	return DLT97{Asks: []dlt645.DI{dlt645.ID97(0x9010)}, Timing: dlt645.Timing()}
}

// Read is that of DLT645.
func (d DLT97) Read(ctx context.Context, line Line, meter string) (meterproto.Reading, error) {
	return DLT645{Preamble: wakeUps, Asks: d.Asks, Timing: d.Timing}.Read(ctx, line, meter)
}
