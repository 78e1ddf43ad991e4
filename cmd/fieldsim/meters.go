package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto/iec62056"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

// baudP1 is the rate of P1 ports.
const baudP1 = 115_200

// mostOnLine bounds the meters of one line.
const mostOnLine = 250

type metersOptions struct {
	protocol, listen    string
	keys, passphrase    string
	chip                *metersim.ESAM // made of that key file
	count, baud, faults int
	push                time.Duration
	purchases           uint32
	seed                uint64
}

func metersCommand(a *app) *cobra.Command {
	var o metersOptions
	c := &cobra.Command{
		Use:   "meters",
		Short: "Run a line with meters on it, for anyone, until Ctrl-C",
		Long: `Run a line with meters on it, for anyone, until Ctrl-C: a serial port, or with --listen a TCP address as a serial server has it.

Unless told otherwise about one answer in twenty goes wrong. The seed is printed: the same one does the same again.

The meters are new, unless --purchases says that another program has sold to them. dlt645 meters take orders where they are given the root
of a key file (--keys, made with vendgate keys init and keys generate --for esam): the nth one's customer is number n, and vendgate sells
to them with the same file and --esam pboc-3des.

With --push the one meter of an iec62056-21 line sends by itself and answers nobody: from 115200 baud on telegrams of a P1 port, with a CRC,
in which the meter hangs behind one for electricity that is called E and its number; below that those of mode D.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runMeters(c.Context(), a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.protocol, "protocol", "cjt188-water", "one of "+strings.Join(kinds(), ", "))
	f.StringVar(&o.listen, "listen", "", "TCP address, as 127.0.0.1:4001, instead of a serial port")
	f.StringVar(&o.keys, "keys", "", "key file of vendgate, whose newest root dlt645 meters are given: without it they take no orders")
	f.StringVar(&o.passphrase, "key-passphrase-file", "", "file with its passphrase (default: keys.passphrase beside it)")
	f.IntVar(&o.count, "count", 64, "meters on the line")
	f.IntVar(&o.baud, "baud", 2400, "baud rate")
	f.Uint32Var(&o.purchases, "purchases", 0, "that each meter has taken before, of another program")
	f.IntVar(&o.faults, "line-faults", 20, "about one answer in so many goes wrong; 0 for none")
	f.DurationVar(&o.push, "push", 0, "iec62056-21, with --count 1: pause between two telegrams that the meter sends by itself, as 1s (default: it is asked)")
	f.Uint64Var(&o.seed, "seed", 0, "of what goes wrong (default: a new one, which is printed)")
	return c
}

// kind is a kind of meter on a line.
type kind struct {
	line   metersim.Protocol
	number string // by which the nth meter is asked, as a format
	most   int    // meters that the protocol can tell apart on a line
	slave  func(m *metersim.Meter, n int, o metersOptions) metersim.Slave
}

func allKinds() map[string]kind {
	cjt := func(t byte) kind {
		return kind{metersim.CJT188Line{}, "88%012d", mostOnLine, func(m *metersim.Meter, _ int, _ metersOptions) metersim.Slave {
			return &metersim.CJT188{Type: t, Meter: m}
		}}
	}
	wired := func(medium byte) kind { // named by the primary address
		return kind{metersim.MBusLine{}, "%d", mostOnLine, func(m *metersim.Meter, n int, _ metersOptions) metersim.Slave {
			return &metersim.MBus{Primary: byte(n), Meter: m, Secondary: mbus.Secondary{ID: uint32(n), Manufacturer: 0x5987, Version: 1, Medium: medium}}
		}}
	}
	return map[string]kind{
		"cjt188": cjt(metersim.Water), "mbus": wired(0x07), // the protocol's name alone is water
		"cjt188-water": cjt(metersim.Water), "cjt188-heat": cjt(metersim.Heat), "cjt188-gas": cjt(metersim.Gas),
		"mbus-water": wired(0x07), "mbus-heat": wired(0x04),
		"dlt645": {metersim.DLT645Line{}, "88%010d", mostOnLine, func(m *metersim.Meter, n int, o metersOptions) metersim.Slave {
			return &metersim.DLT645{Meter: m, Customer: fmt.Sprintf("%012d", n), Hoard: 1_000_000, ESAM: o.chip}
		}},
		"modbus": {metersim.ModbusLine{}, "%d", 247, func(m *metersim.Meter, n int, _ metersOptions) metersim.Slave {
			return &metersim.Modbus{Unit: byte(n), Meter: m}
		}},
		"iec62056-21": {metersim.IEC62056Line{}, "88%012d", mostOnLine, func(m *metersim.Meter, _ int, o metersOptions) metersim.Slave {
			if o.push > 0 && o.baud >= baudP1 {
				return &metersim.P1{Meter: m}
			}
			return &metersim.IEC62056{Meter: m, Speed: speed(o.baud)}
		}},
	}
}

// speed is how a text meter says the line's rate, which it does not change.
func speed(baud int) byte {
	for c := byte('0'); ; c++ {
		if rate, ok := (iec62056.Identification{Baud: c}).BaudRate(); rate == baud || !ok {
			return c
		}
	}
}

func kinds() []string { return slices.Sorted(maps.Keys(allKinds())) }

func (o metersOptions) check() (kind, error) {
	k, ok := allKinds()[o.protocol]
	switch {
	case !ok:
		return k, usageError{fmt.Errorf("unknown protocol %q: want one of %s", o.protocol, strings.Join(kinds(), ", "))}
	case o.keys != "" && o.protocol != "dlt645":
		return k, usageError{errors.New("only dlt645 meters are given keys")}
	case o.push != 0 && (o.push < 0 || o.protocol != "iec62056-21" || o.count != 1):
		return k, usageError{errors.New("--push is for --protocol iec62056-21 --count 1, and takes a pause as 1s")}
	case o.count < 1 || o.count > k.most || o.baud < 300 || o.baud > 115_200 || o.faults < 0:
		return k, usageError{fmt.Errorf("choose 1 to %d meters, 300 to 115200 baud, and no fewer than 0 faults", k.most)}
	}
	return k, nil
}

// bus is the line's side of the meters, and their numbers.
func (o metersOptions) bus(k kind, a *app) (*metersim.Bus, []string, error) {
	l := metersim.Line{Baud: o.baud, Faults: metersim.Friendly(), Seed: o.seed, Log: a.errs, Protocol: k.line, Push: o.push}
	if o.faults > 0 {
		l.Faults = metersim.OneIn(o.faults)
	}
	bus := metersim.NewBus(l)
	var numbers []string
	for n := range o.count {
		number := fmt.Sprintf(k.number, n+1)
		serial := number
		if len(serial) < 12 { // it has a number beside its address on the line
			serial = fmt.Sprintf("88%012d", n+1)
		}
		m, err := metersim.New(metersim.Config{Number: serial, Start: time.Now().Truncate(time.Second)})
		if err != nil {
			return nil, nil, err
		}
		err = m.Change(func(s *metersim.State) {
			s.Prices, s.ValveOpen = [3]int64{263}, true
			if s.Count = o.purchases; s.Count > 0 {
				s.Consumed, s.Loaded = int64(n)*1230, int64(n)*1230+50_000
			}
		})
		if err != nil {
			return nil, nil, err
		}
		bus.Join(k.slave(m, n+1, o))
		numbers = append(numbers, number)
	}
	return bus, numbers, nil
}

// factory makes the meters' chips of a key file; nil without one.
func (o metersOptions) factory() (*metersim.ESAM, error) {
	if o.keys == "" {
		return nil, nil
	}
	if o.passphrase == "" {
		o.passphrase = filepath.Join(filepath.Dir(o.keys), "keys.passphrase")
	}
	root, _, err := metersim.FactoryRoot(o.keys, o.passphrase)
	return &metersim.ESAM{Root: root}, err
}

func runMeters(ctx context.Context, a *app, o metersOptions) error {
	k, err := o.check()
	if err != nil {
		return err
	}
	if o.chip, err = o.factory(); err != nil {
		return err
	}
	bus, numbers, err := o.bus(k, a)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	where, hangUp, err := o.open(bus, ended)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "line %s, %d baud, %s\nmeters %s to %s\n", where, o.baud, o.protocol, numbers[0], numbers[len(numbers)-1])
	select {
	case <-ctx.Done():
		return hangUp() // a master may hold on: it ends with us
	case err := <-ended:
		return errors.Join(err, hangUp())
	}
}

// open hangs the bus on a port or an address, and says which.
func (o metersOptions) open(bus *metersim.Bus, ended chan<- error) (where string, hangUp func() error, err error) {
	if o.listen != "" {
		l, err := net.Listen("tcp", o.listen)
		if err != nil {
			return "", nil, err
		}
		go func() { ended <- bus.Listen(l) }()
		return "tcp://" + l.Addr().String(), l.Close, nil
	}
	pty, err := metersim.OpenPTY()
	if err != nil {
		return "", nil, err
	}
	go func() { ended <- bus.Serve(pty) }()
	return pty.Path, pty.Close, nil
}
