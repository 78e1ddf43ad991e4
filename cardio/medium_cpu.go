package cardio

import (
	"strconv"
	"strings"

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
	entered string // name of the application that was selected last; "" since power-up: two layouts are two applications
}

// fileOf is the SFI of one of the chip's areas, "file1" and so on.
func fileOf(p cardfile.Place) byte {
	n, _ := strconv.ParseUint(strings.TrimPrefix(p.On[0].Area, "file"), 10, 5)
	return byte(n)
}

// read is one script, where the card has all that is wanted. A purse is read once its keys are known.
func (m *cpu) read(l *cardfile.Layout, wanted func(string) bool) (cardfile.Image, error) {
	name := l.Application(string(driver.FMCOS))
	application := string(name)
	if m.entered == application {
		name = nil
	}
	var areas []string
	var files []driver.EF
	for _, p := range l.On(string(driver.FMCOS)) {
		if wanted(p.Area) && purseKind(p.On[0].Area) == 0 {
			areas, files = append(areas, p.Area), append(files, driver.EF{SFI: fileOf(p), Size: p.On[0].Size})
		}
	}
	out := cardfile.Image{}
	for first := true; first || len(files) > 0; first = false {
		entered, read, err := m.chip.ReadFiles(name, files...)
		if m.entered = ""; entered {
			m.entered = application
		}
		for i, b := range read {
			out[areas[i]] = b
		}
		if err == nil {
			break
		}
		areas, files = areas[len(read):], files[len(read):]
		if !entered || !refused(err) || l.Written()[areas[0]] {
			if missing(err) {
				m.entered = ""
			}
			return nil, err
		}
		name, areas, files = nil, areas[1:], files[1:] // the meter has not made it, or makes it anew
	}
	return out, nil
}

// unlock wins the state in which the vendor's files can be written; each write is MACed by itself.
func (m *cpu) unlock(_ *cardfile.Layout, _ []cardfile.Write, keys keyring) error {
	return m.chip.Authenticate(vendorKey, keys.vendor.Auth)
}

func (m *cpu) write(l *cardfile.Layout, w cardfile.Write, keys keyring) error {
	for _, p := range l.On(string(driver.FMCOS)) {
		if p.Area == w.Area {
			return m.chip.UpdateBinary(fileOf(p), byte(w.Offset), w.Data, keys.vendor.Message)
		}
	}
	return driver.ErrRange
}
