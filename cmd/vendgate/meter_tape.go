package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

// tape is the first line of a transcript of meter read: all that must be known to decode the rest, without the books. It names
// no customer.
type tape struct {
	At        time.Time        `json:"at"`
	Meter     string           `json:"meter"`
	Address   string           `json:"address"`
	Counts    ledger.Commodity `json:"counts"`
	Model     modelConfig      `json:"model"`
	Baud      int              `json:"baud"`
	Parity    string           `json:"parity"`
	Bits      int              `json:"bits,omitempty"`
	Latency   duration         `json:"latency,omitzero"`
	Patience  float64          `json:"patience,omitzero"`
	ModbusTCP bool             `json:"modbus_tcp,omitempty"`
	First     byte             `json:"first"` // number of the first request
}

// tapeMark begins it; see link.Play.
const tapeMark = "# "

// mostTape bounds a transcript: forty minutes of a line at 2400 baud.
const mostTape = 4 << 20

// driver asks as it was asked: to the byte.
func (t tape) driver() (gateway.Driver, error) {
	return t.Model.driver(berth{lineConfig{Baud: t.Baud, ModbusTCP: t.ModbusTCP}, gateway.CountFrom(t.First)})
}

// taped has the wire to a meter, whose line was not used yet, written down in a new file. Close that behind the line.
func taped(ctx context.Context, path string, w *intake.Wire, line *link.Line, m vending.LineMeter) (*os.File, error) {
	model, err := modelInBooks(ctx, w.Store, m.Model)
	if err != nil {
		return nil, err
	}
	counts, err := countsOf(ctx, w.Store, m.Customer, m.Meter)
	if err != nil {
		return nil, err
	}
	on := lineOf(m, model)
	latency, patience := line.Pace()
	t := tape{At: w.Now().UTC(), Meter: m.Meter, Address: m.Address, Counts: counts, Model: model, Baud: m.Baud, Parity: on.parity(),
		Bits: on.Bits, Latency: duration(latency), Patience: patience, ModbusTCP: on.ModbusTCP, First: byte(rand.Uint32())}
	if w.Driver, err = t.driver(); err != nil {
		return nil, err
	}
	head, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, usageError{err}
	}
	if _, err := fmt.Fprintf(f, "%s%s\n", tapeMark, head); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	line.Record(f)
	return f, nil
}

// replayed decodes a transcript in the place of a line. It needs no books, and changes none.
func (a *app) replayed(ctx context.Context, path string) error {
	text, err := readText(path, nil, mostTape)
	if err != nil {
		return err
	}
	head, _, _ := bytes.Cut(text, []byte("\n"))
	head, ours := bytes.CutPrefix(head, []byte(tapeMark))
	var t tape
	if !ours {
		return usageError{fmt.Errorf("%s is no transcript of vendgate meter read --transcript", path)}
	}
	if err := strict(head, &t); err != nil {
		return usageError{fmt.Errorf("%s: line 1: %w", path, err)}
	}
	driver, err := t.driver()
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", path, err)}
	}
	mode, err := lineConfig{Baud: t.Baud, Parity: t.Parity, Bits: t.Bits, Latency: t.Latency}.mode()
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", path, err)}
	}
	mode.Patience = t.Patience
	line, err := link.Play(path, mode, bytes.NewReader(text))
	if err != nil {
		return usageError{err}
	}
	defer line.Close()
	w := &intake.Wire{Line: line, Driver: driver, Meter: t.Meter, Address: t.Address, Now: func() time.Time { return t.At }}
	heard, err := w.HearAs(ctx, store.Statement{Meter: vending.Meter{No: t.Meter, Commodity: t.Counts}})
	if errors.Is(err, meterproto.ErrLineGone) { // as it was then, or the transcript is another conversation: it says which line
		return &remark{exitFailure, fmt.Sprintf("%s: %v", path, err)}
	}
	if err != nil {
		return err
	}
	nobody := func(f field) bool { return f.key == "customer" }
	return a.printOne(slices.DeleteFunc(reportRecord(heard.Report, heard.Counts), nobody))
}
