package terminal

import (
	"errors"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/reader"
	"github.com/vendgate/vendgate/vending"
)

// Fault is why a frame was not done, from a closed list.
type Fault string

// The faults of a reader or card, and those of the line itself.
const (
	FaultNoReader    Fault = "no_reader"
	FaultNoCard      Fault = "no_card"
	FaultBusy        Fault = "reader_busy"
	FaultStuck       Fault = "reader_stuck"
	FaultMute        Fault = "mute_card"
	FaultSeveral     Fault = "several_cards"
	FaultReader      Fault = "reader" // anything else that the reader says before a card is powered
	FaultDead        Fault = "dead"   // the card was lost
	FaultInsertion   Fault = "old_insertion"
	FaultOrder       Fault = "out_of_order"
	FaultInstruction Fault = "instruction"
	FaultSignature   Fault = "signature"
)

// readerFaults are what can be wrong with a reader; the first that fits counts.
var readerFaults = [...]struct {
	err   error
	fault Fault
}{
	{cardio.ErrNoReader, FaultNoReader},
	{cardio.ErrNoCard, FaultNoCard},
	{cardio.ErrReaderBusy, FaultBusy},
	{cardio.ErrReaderStuck, FaultStuck},
	{reader.ErrMuteCard, FaultMute},
	{reader.ErrSeveral, FaultSeveral},
	{cardio.ErrLinkDead, FaultDead},
}

// faultOf names a reader's error for the line.
func faultOf(err error) Fault {
	for _, f := range readerFaults {
		if errors.Is(err, f.err) {
			return f.fault
		}
	}
	return FaultReader
}

// err is what the service makes of the answer's fault; nil without one.
func (a Answer) err() error {
	switch a.Fault {
	case "":
		return nil
	case FaultInsertion, FaultOrder:
		return vending.ErrOldInsertion.With("Fault", string(a.Fault))
	case FaultInstruction:
		return vending.ErrInstruction.With("INS", a.INS)
	case FaultSignature:
		return vending.ErrUnsigned
	}
	for _, f := range readerFaults {
		if f.fault == a.Fault {
			return f.err
		}
	}
	return cardio.ErrNoReader // its own words are in the agent's log
}
