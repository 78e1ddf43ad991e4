package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/vendgate/vendgate/fixtures/field"
	"github.com/vendgate/vendgate/fixtures/metersim"
)

func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// showReaders prints what is in each reader, and who the cards are.
func showReaders(w io.Writer, s field.Status) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range s.Readers {
		in := "empty"
		if r.Card > 0 {
			in = fmt.Sprintf("card %d, chip %s", r.Card, s.Cards[r.Card-1].UID)
		}
		if r.Faults > 0 {
			in += fmt.Sprintf(", %d faults to come", r.Faults)
		}
		fmt.Fprintf(t, "reader %d\t%s\t%s\n", r.Reader, r.Name, in)
	}
	_ = t.Flush() // w is the terminal
}

// showMeter prints a meter's display.
func showMeter(w io.Writer, m metersim.State, line string) {
	valve := "shut"
	if m.ValveOpen {
		valve = "open"
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "meter\t%s\non line\t%s\nits time\t%s\n", m.Number, line, m.Time.Format(time.RFC3339))
	fmt.Fprintf(t, "loaded\t%s\nconsumed\t%s\nremaining\t%s\n", cubic(m.Loaded), cubic(m.Consumed), cubic(m.Remaining()))
	fmt.Fprintf(t, "last month end\t%s\npurchase count\t%d\nvalve\t%s\n", cubic(m.MonthEnd[0]), m.Count, valve)
	_ = t.Flush()
}

// cubic is litres as cubic metres.
func cubic(litres int64) string { return fmt.Sprintf("%d.%03d m³", litres/1000, litres%1000) }

// meterIn finds a meter in what the field reported; "" is the first.
func meterIn(s field.Status, number string) (metersim.State, error) {
	for _, m := range s.Meters {
		if number == "" || m.Number == number {
			return m, nil
		}
	}
	return metersim.State{}, field.ErrNoMeter
}
