package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
	"github.com/vendgate/vendgate/meterproto/mbus"
	"github.com/vendgate/vendgate/meterproto/modbus"
)

// Every kind of meter is on its line, the first and the last of them, on a port and behind an address.
func TestMetersOnALine(t *testing.T) {
	t.Parallel()
	wired := gateway.MBus{Timing: mbus.Timing(115_200)}
	drivers := map[string]gateway.Driver{"cjt188": gateway.Water(), "cjt188-water": gateway.Water(), "cjt188-heat": gateway.Heat(), "cjt188-gas": gateway.Gas(),
		"dlt645": gateway.Electricity(), "mbus": wired, "mbus-water": wired, "mbus-heat": wired,
		"modbus": gateway.Modbus{Map: corrector(t), Timing: modbus.Timing(115_200)}, "iec62056-21": gateway.Text()}
	for _, name := range kinds() {
		for _, listen := range []string{"", "127.0.0.1:0"} {
			o := metersOptions{protocol: name, listen: listen, count: 3, baud: 115_200, seed: 1}
			where, numbers, stop := running(t, o)
			mode := link.Mode{Baud: o.baud, Patience: 5}
			line, err := link.Open(where, mode)
			if address, ok := strings.CutPrefix(where, "tcp://"); ok {
				line, err = link.Dial(address, mode)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, number := range numbers {
				if r, err := drivers[name].Read(t.Context(), line, number); err != nil || r.Meter != number || len(r.Registers) == 0 {
					t.Errorf("%s at %s: meter %s: %+v, %v", name, where, number, r, err)
				}
			}
			_ = line.Close()
			stop()
		}
	}
}

// Meters that were given the root of a key file are new, and obey who has it.
func TestMetersWithKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keys, passphrase := filepath.Join(dir, "keys.age"), filepath.Join(dir, "keys.passphrase")
	if err := os.WriteFile(passphrase, []byte("for a test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if store := sam.NewFileStore(keys, "for a test", 1); store.Init() != nil || store.Add(192, nil) != nil {
		t.Fatal("no key file")
	}
	where, numbers, stop := running(t, metersOptions{protocol: "dlt645", listen: "127.0.0.1:0", count: 2, baud: 115_200, seed: 1, keys: keys})
	defer stop()
	line, err := link.Dial(strings.TrimPrefix(where, "tcp://"), link.Mode{Baud: 115_200, Patience: 5})
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	root, _, err := metersim.FactoryRoot(keys, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	d := gateway.Electricity()
	d.Keys = &metersim.ESAM{Root: root}
	o := meterproto.Order{Count: 1, Amount: 100, Unit: meterproto.CreditFen, Customer: "000000000002"}
	if r := d.TopUp(t.Context(), line, numbers[1], o); r.Outcome != meterproto.Done {
		t.Error(r.Err())
	}
	if taken, err := d.Taken(t.Context(), line, numbers[1]); err != nil || taken.Count != 1 || taken.Total.N != 100 {
		t.Errorf("%+v, %v", taken, err)
	}
	d.Keys = &metersim.ESAM{}
	if err := d.Prove(t.Context(), line, numbers[0]); !errors.Is(err, gateway.ErrKeys) {
		t.Errorf("another root: %v", err)
	}
	if err := runMeters(t.Context(), &app{out: io.Discard, errs: io.Discard}, metersOptions{protocol: "dlt645", count: 1, baud: 2400, keys: dir}); err == nil {
		t.Error("a folder was taken for a key file")
	}
}

// corrector is the map of the flow correctors that are simulated.
func corrector(t *testing.T) *modbus.Map {
	t.Helper()
	m, err := modbus.ShippedMap("example-corrector-integer")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// running is fieldsim meters, and what it says.
func running(t *testing.T, o metersOptions) (where string, numbers []string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	said, says := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- runMeters(ctx, &app{out: says, errs: io.Discard}, o) }()
	out, first, last := bufio.NewScanner(said), "", ""
	if !out.Scan() {
		t.Fatal(<-ended)
	}
	where = strings.TrimSuffix(strings.Fields(out.Text())[1], ",")
	out.Scan()
	if _, err := fmt.Sscanf(out.Text(), "meters %s to %s", &first, &last); err != nil {
		t.Fatal(out.Text(), err)
	}
	return where, []string{first, last}, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// A meter that another program has sold to says so.
func TestMetersThatHaveBought(t *testing.T) {
	t.Parallel()
	o := metersOptions{protocol: "cjt188-gas", listen: "127.0.0.1:0", count: 1, baud: 115_200, seed: 1, purchases: 37}
	where, numbers, stop := running(t, o)
	defer stop()
	line, err := link.Dial(strings.TrimPrefix(where, "tcp://"), link.Mode{Baud: o.baud, Patience: 5})
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	if taken, err := gateway.Gas().Taken(t.Context(), line, numbers[0]); err != nil || taken.Count != 37 || taken.Total.N != 50_000 {
		t.Errorf("%+v, %v", taken, err)
	}
}

// A meter that sends by itself does so in the form of its rate, and is heard on a port and behind an address.
func TestMetersThatSendByThemselves(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{"", "127.0.0.1:0"} {
		for _, baud := range []int{9600, 115_200} {
			where, numbers, stop := running(t, metersOptions{protocol: "iec62056-21", listen: listen, count: 1, baud: baud, seed: 1, push: 200 * time.Millisecond})
			mode := link.Mode{Baud: baud, Parity: link.None}
			line, err := link.Open(where, mode)
			if address, ok := strings.CutPrefix(where, "tcp://"); ok {
				line, err = link.Dial(address, mode)
			}
			if err != nil {
				t.Fatal(err)
			}
			if r, err := gateway.Pushed().Read(t.Context(), line, numbers[0]); err != nil || r.Meter != numbers[0] || !r.Consumed.Valid {
				t.Errorf("%d baud at %s: %+v, %v", baud, where, r, err)
			}
			_, err = (gateway.IEC62056Push{Wait: 2 * time.Second}).Read(t.Context(), line, "E"+numbers[0])
			if (err == nil) != (baud == baudP1) {
				t.Errorf("%d baud at %s: the port's own meter: %v", baud, where, err)
			}
			_ = line.Close()
			stop()
		}
	}
}

func TestMetersRefuses(t *testing.T) {
	t.Parallel()
	good := metersOptions{protocol: "dlt645", count: 1, baud: 2400}
	for name, change := range map[string]func(*metersOptions){
		"protocol": func(o *metersOptions) { o.protocol = "smoke" }, "none": func(o *metersOptions) { o.count = 0 },
		"too many": func(o *metersOptions) { o.count = mostOnLine + 1 }, "baud": func(o *metersOptions) { o.baud = 50 },
		"faults": func(o *metersOptions) { o.faults = -1 },
		"push":   func(o *metersOptions) { o.push = time.Second }, "push of two": func(o *metersOptions) { o.protocol, o.count, o.push = "iec62056-21", 2, time.Second },
		"keys": func(o *metersOptions) { o.protocol, o.keys = "modbus", "keys.age" },
	} {
		o := good
		change(&o)
		var usage usageError
		if err := runMeters(t.Context(), &app{out: io.Discard, errs: io.Discard}, o); !errors.As(err, &usage) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
