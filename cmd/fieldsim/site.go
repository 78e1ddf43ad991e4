package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/fixtures/field"
	"github.com/vendgate/vendgate/fixtures/metersim"
)

// siteOptions say what there is in a field.
type siteOptions struct {
	readers, cards, meters int
	baud, faults           int
	utility                uint32
	chip                   string
}

func (o *siteOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.IntVar(&o.readers, "readers", 2, "card readers; they come in pairs")
	f.IntVar(&o.cards, "cards", 2, "cards; card 1 is put into reader 1")
	f.IntVar(&o.meters, "meters", 1, "gas meters, all on one line")
	f.IntVar(&o.baud, "baud", 2400, "baud rate of the line")
	f.IntVar(&o.faults, "line-faults", 20, "about one answer in so many goes wrong on the line; 0 for none")
	f.StringVar(&o.chip, "chip", usualChip, "chip of the cards, as vendgate layout list names it: sle4442, sle4428, at24c16, at88sc102, mifare-classic-1k and others")
	f.Uint32Var(&o.utility, "utility", 1, "number of the company on its cards")
}

// check is for the command line.
func (o siteOptions) check() error {
	const least, most = 300, 115_200
	if o.baud < least || o.baud > most || o.faults < 0 {
		return usageError{fmt.Errorf("choose %d to %d baud, and no fewer than 0 faults", least, most)}
	}
	if o.readers < 1 || o.readers > field.MaxReaders || o.cards < 0 || o.cards > field.MaxCards || o.meters < 0 || o.meters > field.MaxMeters {
		return usageError{fmt.Errorf("choose 1 to %d readers, 0 to %d cards and 0 to %d meters",
			field.MaxReaders, field.MaxCards, field.MaxMeters)}
	}
	_, err := o.layout()
	return err
}

// config is the field in dir. The clock of a new meter starts a year back, so
// that days can go by without running into the future.
func (o siteOptions) config(dir string, keys *keyFile, log io.Writer) field.Config {
	layout, _ := o.layout() // it was checked
	c := field.Config{Dir: dir, Readers: o.readers, Cards: o.cards, Utility: o.utility, Chip: o.memory(), Layout: layout, Code: keys.code,
		Start: time.Now().AddDate(-1, 0, 0).Truncate(time.Second), Keys: keys,
		Line: metersim.Line{Baud: o.baud, Faults: metersim.Friendly(), Log: log}}
	if o.faults > 0 {
		c.Line.Faults = metersim.OneIn(o.faults)
	}
	for n := range o.meters {
		c.Meters = append(c.Meters, meterNumber(n+1))
	}
	return c
}

// meterNumber is the number of the field's nth meter.
func meterNumber(n int) string { return fmt.Sprintf("88010000%06d", n) }

// dataDir is vendgate's, in a field's directory.
func dataDir(dir string) string { return filepath.Join(dir, "data") }

// site is a running field that can be told what to do.
type site struct {
	*field.Field
	dir     string
	lock    *os.File
	control *control
}

// open starts the field in dir, with card 1 in reader 1. It fails with errRuns
// where one runs.
func open(ctx context.Context, dir string, c field.Config) (s *site, err error) {
	s = &site{dir: dir}
	if s.lock, err = lockFile(filepath.Join(dir, "field.lock")); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	if s.Field, err = field.Start(ctx, c); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if c.Cards > 0 {
		err = s.Insert(ctx, 1, 1)
	}
	if err == nil {
		s.control, err = listen(filepath.Join(dir, controlName), s.Field)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close ends the field. Its files stay.
func (s *site) Close() error {
	var errs []error
	if s.control != nil {
		errs = append(errs, s.control.Close())
	}
	if s.Field != nil {
		errs = append(errs, s.Field.Close())
	}
	return errors.Join(append(errs, s.lock.Close())...)
}

// leave is Close for who has run vendgate here: it waits for vendgate's own
// PostgreSQL, which stops after the last vendgate has ended.
func (s *site) leave() error { return errors.Join(gone(s.gate("").home()), s.Close()) }

// gate is vendgate for this field.
func (s *site) gate(path string) gate {
	return gate{path, dataDir(s.dir), s.Socket(), s.Status().Utility, s.Status().Chip}
}
