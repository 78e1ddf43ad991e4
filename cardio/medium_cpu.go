package cardio

import (
	"strconv"
	"strings"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
)

// Who writes which of a layout's files on a CPU card: the keys of the vendor and of the meter have these ids, and
// authenticating gives the security state of the same number. Reading is free.
const (
	vendorKey = 1
	meterKey  = 2
)

// cpu is a CPU card with a layout's areas in files: area n of the chip is the EF with the short id n.
type cpu struct {
	chip    *driver.CPU
	channel *apdu.Channel
	entered string // name of the application that was selected last; "" since power-up
}

// fileOf is the SFI of one of the chip's areas, "file1" and so on.
func fileOf(p cardfile.Place) byte {
	n, _ := strconv.ParseUint(strings.TrimPrefix(p.On[0].Area, "file"), 10, 5)
	return byte(n)
}

func (m *cpu) read(l *cardfile.Layout, wanted func(string) bool) (cardfile.Image, error) {
	if err := m.enter(l); err != nil {
		return nil, err
	}
	out := cardfile.Image{}
	for _, p := range l.On(string(driver.FMCOS)) {
		if !wanted(p.Area) || purseKind(p.On[0].Area) != 0 { // a purse is read once its keys are known
			continue
		}
		b, err := m.chip.ReadBinary(fileOf(p), p.On[0].Size)
		switch {
		case refused(err) && !l.Written()[p.Area]: // the meter has not made it, or makes it anew
		case missing(err):
			m.entered = ""
			return nil, err
		case err != nil:
			return nil, err
		default:
			out[p.Area] = b
		}
	}
	return out, nil
}

// enter selects the layout's application, unless it is. Two layouts on CPU cards are two applications.
func (m *cpu) enter(l *cardfile.Layout) error {
	name := l.Application(string(driver.FMCOS))
	if m.entered == string(name) {
		return nil
	}
	m.entered = ""
	if err := m.chip.Select(name); err != nil {
		return err
	}
	m.entered = string(name)
	return nil
}

// unlock wins the state in which the vendor's files can be written; each write is MACed by itself.
func (m *cpu) unlock(_ *cardfile.Layout, _ []cardfile.Write, keys keyring) error {
	return m.chip.Authenticate(vendorKey, keys.vendor.Auth)
}

func (m *cpu) write(l *cardfile.Layout, w cardfile.Write, keys keyring) (bool, error) {
	before := m.channel.Traffic().Written
	for _, p := range l.On(string(driver.FMCOS)) {
		if p.Area == w.Area {
			err := m.chip.UpdateBinary(fileOf(p), byte(w.Offset), w.Data, keys.vendor.Message)
			return m.channel.Traffic().Written > before, err
		}
	}
	return false, driver.ErrRange
}
