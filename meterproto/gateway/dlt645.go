package gateway

import (
	"errors"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// DLT645 is the Driver of electricity meters of DL/T 645: how a kind of them wants to
// be asked. Begin with [Electricity].
type DLT645 struct {
	Preamble int         // FE bytes before a request: 0 to 4
	Asks     []dlt645.DI // what a reading asks for; the first must be answered
	Timing   meterproto.Timing
	Operator dlt645.Operator // who commands, for the meter's records
	Prepaid  bool            // it counts money; another one is not asked for its purchases, and takes none

	// Keys make what the meter proves by its ESAM: orders, and the relay's commands.
	// Where they are nil the meter takes no order, and its relay the password of level 02.
	Keys     dlt645.Keys
	Password dlt645.Password

	PriceAccess      dlt645.Access // under which prices are written
	LadderAlone      bool          // the meter charges by its ladder alone; else it may add the price of the tariff
	LadderWithTariff bool          // the sets of the ladder change over with those of the tariff (04000108); else at an instant of their own (04000109)
}

// wakeUps are the FE bytes before a request that every meter hears.
const wakeUps = 4

// Electricity is a prepaid meter of the 2007 edition that counts money: its energy, what
// is left, its clock and its relay are read.
func Electricity() DLT645 {
	return DLT645{
		Preamble: wakeUps,
		Timing:   dlt645.Timing(),
		Prepaid:  true,
		Asks: []dlt645.DI{
			dlt645.ID(0x00010000), dlt645.ID(0x00900200), dlt645.ID(dlt645.ClockNow), dlt645.ID(dlt645.StatusWord3), dlt645.ID(dlt645.StatusWord1),
		},
		PriceAccess: dlt645.Access{Level: priceLevel},
	}
}

// Between a meter and whoever would command it.
var (
	ErrNoKeys = errors.New("the meter takes orders from who has the keys of its ESAM, and there are none")
	ErrKeys   = errors.New("the meter's ESAM does not believe our keys")
)

var errNobody = errors.New("a command needs the number of a meter: AA and 99 reach whoever is there")

// one is the address of one meter, that of a command.
func (d DLT645) one(meter string) (dlt645.Address, error) {
	a, err := dlt645.ParseAddress(meter)
	if err != nil {
		return a, err
	}
	if a == dlt645.Everyone() || a.Wild() {
		return a, errNobody
	}
	return a, nil
}
