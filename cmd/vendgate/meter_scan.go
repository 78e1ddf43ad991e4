package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

type meterScanOptions struct {
	bus      busOptions
	from, to string
}

// mostProbes bounds a search by masks: it takes a night at 300 baud.
const mostProbes = 20_000

func meterScanCommand(a *app) *cobra.Command {
	var o meterScanOptions
	c := &cobra.Command{
		Use:   "scan",
		Short: "See which meters are on a line",
		Long: `Ask who is on a line. Without --from and --to:

  cjt188, dlt645   the one meter of the line, whatever its number (AA…)
  mbus             every meter, by its secondary address: with masks, digit by digit where several answer
  iec62056-21      the one meter under the optical head
  modbus           units 1 to 247

With them every number is tried, which takes up to a second each. A line that a gateway of this machine holds is borrowed of it, for two
minutes at most. It changes nothing in a meter, and needs no books. It ends with 3
where something answers that cannot be told apart: two meters with one number, or a broken one; with 1 where nobody answers.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runMeterScan(c.Context(), a, o) },
	}
	o.bus.flags(c)
	c.Flags().StringVar(&o.from, "from", "", "first number to try, with all its digits")
	c.Flags().StringVar(&o.to, "to", "", "last number to try")
	return c
}

func runMeterScan(ctx context.Context, a *app, o meterScanOptions) error {
	addresses, err := o.addresses()
	if err != nil {
		return usageError{err}
	}
	l, err := o.bus.config()
	if err != nil {
		return err
	}
	line, err := a.openLine(l)
	if err != nil {
		return err
	}
	defer line.Close()
	if err := line.Ready(ctx); err != nil {
		return err
	}
	s := &scan{bar: a.bar(len(addresses))}
	if addresses == nil {
		err = s.search(ctx, line, l.rate())
	} else {
		var d gateway.Driver
		if d, err = o.bus.driver(l); err == nil {
			err = gateway.Scan(ctx, line, d, addresses, s.tell)
		}
	}
	_ = s.bar.Finish()
	if err := errors.Join(err, a.printList(s.found)); err != nil {
		return err
	}
	switch {
	case len(s.odd) > 0:
		return &remark{exitDifferences, a.words().Text("scan_odd", "Addresses", strings.Join(s.odd, ", "))}
	case len(s.found) == 0:
		return meterproto.ErrNoAnswer
	}
	return nil
}

// addresses are those to try one by one; nil where the line is searched by masks.
func (o meterScanOptions) addresses() ([]string, error) {
	from, to := o.from, o.to
	switch {
	case (from == "") != (to == ""):
		return nil, errors.New("--from and --to go together")
	case from != "":
		return gateway.Range(from, to)
	}
	switch o.bus.protocol {
	case "mbus":
		return nil, nil
	case "modbus":
		return units(), nil
	case "iec62056-21":
		return []string{""}, nil
	case "dlt645":
		return []string{strings.Repeat("A", 12)}, nil
	}
	return []string{strings.Repeat("A", 14)}, nil
}

// units are those of Modbus.
func units() (out []string) {
	for u := 1; u <= 247; u++ {
		out = append(out, fmt.Sprint(u))
	}
	return out
}

// scan is one under way.
type scan struct {
	bar   *progressbar.ProgressBar
	found []record
	odd   []string
}

func (s *scan) tell(asked string, r *meterproto.Reading, odd error) {
	_ = s.bar.Add(1)
	if odd != nil {
		s.odd = append(s.odd, asked)
	}
	if r != nil {
		s.found = append(s.found, foundRecord(*r))
	}
}

func foundRecord(r meterproto.Reading) record {
	consumed := field{key: "consumed", text: "-"}
	if r.Consumed.Valid {
		consumed = field{"consumed", r.Consumed.Litres, amount(r.Consumed.Litres, "L")}
	}
	return record{{key: "address", value: r.Meter}, {key: "meter_time", value: r.Time}, consumed,
		{key: "unit", value: "L"}, {key: "registers", value: len(r.Registers)}}
}

// search finds M-Bus meters by masks. Each exchange is a step of the bar, for nobody knows how many there will be.
func (s *scan) search(ctx context.Context, line gateway.Line, baud int) error {
	d := gateway.MBus{Timing: mbus.Timing(baud)}
	found, err := d.Search(ctx, &stepped{line, s.bar}, mbus.Everyone(), mostProbes)
	for _, u := range found.Unresolved {
		s.odd = append(s.odd, u.String())
	}
	for _, m := range found.Meters {
		r, readErr := d.Read(ctx, line, m.String())
		if readErr != nil {
			s.odd = append(s.odd, m.String())
			continue
		}
		s.found = append(s.found, foundRecord(r))
	}
	return err
}

// stepped is a line whose exchanges move a bar.
type stepped struct {
	gateway.Line
	bar *progressbar.ProgressBar
}

func (s *stepped) Exchange(ctx context.Context, request []byte, t meterproto.Timing, accept func([]byte) ([]byte, bool)) error {
	_ = s.bar.Add(1)
	return s.Line.Exchange(ctx, request, t, accept)
}

// bar is progress on stderr where that is a terminal, and nothing elsewhere; of 0
// steps nobody knows how many there will be.
func (a *app) bar(steps int) *progressbar.ProgressBar {
	if steps == 0 {
		steps = -1
	}
	f, ok := a.errs.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return progressbar.DefaultSilent(int64(steps))
	}
	return progressbar.NewOptions(steps, progressbar.OptionSetWriter(f), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish())
}
