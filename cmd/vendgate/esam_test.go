package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

// shared is the key service over a key file, and the chips that a factory made from that file.
func shared(t testing.TB) (pboc3DES, *metersim.ESAM) {
	t.Helper()
	const passphrase = "for a test"
	path, secret := filepath.Join(t.TempDir(), "keys.age"), filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(secret, []byte(passphrase+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := sam.GenerateFile(path, passphrase, 1)
	if err != nil {
		t.Fatal(err)
	}
	root, version, err := metersim.FactoryRoot(path, secret)
	if err != nil {
		t.Fatal(err)
	}
	return pboc3DES{&file.Set, version}, &metersim.ESAM{Root: root}
}

// Whatever the meter, the session, the money, the count and the customer: what goes over the wire is to the byte what the
// independent key service makes, and what a meter with that root takes.
func TestSealedBytesAreThoseOfTheScheme(t *testing.T) {
	t.Parallel()
	ours, theirs := shared(t)
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[0-9]{12}`).Draw(t, "meter")
		address, err := dlt645.ParseAddress(number)
		if err != nil {
			t.Fatal(err)
		}
		session := dlt645.Session{Meter: address, Random: [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "random"))}
		customer, err := dlt645.ParseCustomer(rapid.StringMatching(`[0-9]{11}[1-9]`).Draw(t, "customer"))
		if err != nil {
			t.Fatal(err)
		}
		p := dlt645.Purchase{Fen: rapid.Int64Range(1, dlt645.MaxFen).Draw(t, "fen"), Count: rapid.Uint32().Draw(t, "count"), Customer: customer}
		di := rapid.SampledFrom([]uint32{dlt645.Recharge, dlt645.OpenAccount}).Draw(t, "di")
		r := dlt645.Relay{Command: dlt645.Command(rapid.Byte().Draw(t, "command")), Delay: rapid.Byte().Draw(t, "delay"),
			Deadline: time.Unix(rapid.Int64Range(946_684_800, 4_102_415_999).Draw(t, "deadline"), 0)}
		r.Grant.Access.Level = rapid.SampledFrom([]byte{dlt645.LevelMAC, dlt645.LevelCipher}).Draw(t, "level")
		if a, b := frames(t, ours, session, di, p, r), frames(t, theirs, session, di, p, r); !slices.Equal(a, b) {
			t.Fatalf("\nours   %s\ntheirs %s", a, b)
		}
	})
}

// frames are a purchase and a relay command as a key service seals them.
func frames(t *rapid.T, keys dlt645.Keys, s dlt645.Session, di uint32, p dlt645.Purchase, r dlt645.Relay) (out []string) {
	sealed, err := dlt645.Seal(t.Context(), keys, s, di, dlt645.Operator{1, 2, 3, 4}, p)
	if err != nil {
		t.Fatal(err)
	}
	purchase, err := sealed.Frame(s.Meter)
	if err != nil {
		t.Fatal(err)
	}
	relay, err := dlt645.SealRelay(t.Context(), keys, s, r)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []dlt645.Frame{purchase, relay.Frame(s.Meter)} {
		b, err := f.AppendTo(nil)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%X", b))
	}
	return out
}

const (
	electricMeter    = "202107072529"
	electricCustomer = "000000123456"
)

// onCable is a meter of DL/T 645 with a chip, on a line that does to answers what the plan says, and the driver that asks it.
func onCable(t *testing.T, chip *metersim.ESAM, keys dlt645.Keys, plan metersim.FaultPlan, seed uint64) (*metersim.Meter, *link.Line, gateway.DLT645) {
	t.Helper()
	m, err := metersim.New(metersim.Config{Number: electricMeter, Start: time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	bus := metersim.NewBus(metersim.Line{Baud: lineBaud, Think: time.Millisecond, Faults: plan, Seed: seed, Protocol: metersim.DLT645Line{}, Log: t.Output()})
	bus.Join(&metersim.DLT645{Meter: m, Customer: electricCustomer, Hoard: 1 << 40, ESAM: chip})
	cable := metersim.NewCable()
	go bus.Serve(cable.Meters())
	t.Cleanup(cable.Cut)
	line, err := link.New("cable", link.Mode{Baud: lineBaud}, func() (link.Wire, error) { return cable, nil })
	if err != nil {
		t.Fatal(err)
	}
	d := gateway.Electricity()
	d.Keys, d.Timing.Idle, d.Timing.Answer, d.Timing.Retries = keys, time.Millisecond, 30*time.Millisecond, 1
	return m, line, d
}

// Hundreds of orders with the keys that are shipped, over a line that loses one answer in four: each is credited once.
func TestSoakOrdersWithKeys(t *testing.T) {
	t.Parallel()
	keys, chip := shared(t)
	seed, orders := rand.Uint64(), uint32(20)
	if os.Getenv("SOAK") != "" {
		orders = 1000
	}
	t.Logf("seed %d", seed)
	m, line, d := onCable(t, chip, keys, metersim.OneInOf(4, metersim.HardFaults()), seed)
	var paid int64
	for n := range orders {
		o := meterproto.Order{Count: 1 + n, Amount: 100 + int64(n), Unit: meterproto.CreditFen, Customer: electricCustomer}
		paid += o.Amount
		for tries := 0; ; tries++ {
			d.TopUp(t.Context(), line, electricMeter, o)
			if taken, err := d.Taken(t.Context(), line, electricMeter); err == nil && taken.Holds(o.Count) {
				break
			}
			if tries == 300 {
				t.Fatalf("order %d is not settled", o.Count)
			}
		}
		if got := m.Snapshot(); got.Loaded != paid || got.Count != o.Count {
			t.Fatalf("order %d: the meter has %d fen, paid %d", o.Count, got.Loaded, paid)
		}
	}
}

// A chip with another root believes nothing, is not asked twice, and says so in words that lead to the keys.
func TestAnotherRootIsNotBelieved(t *testing.T) {
	t.Parallel()
	keys, _ := shared(t)
	_, stranger := shared(t)
	m, line, d := onCable(t, stranger, keys, metersim.Friendly(), 1)
	if err := d.Prove(t.Context(), line, electricMeter); !errors.Is(err, gateway.ErrKeys) || !errors.Is(err, dlt645.ErrESAM) {
		t.Errorf("prove: %v", err)
	}
	o := meterproto.Order{Count: 1, Amount: 100, Unit: meterproto.CreditFen, Customer: electricCustomer}
	if r := d.TopUp(t.Context(), line, electricMeter, o); r.Outcome != meterproto.Refused || !errors.Is(r.Reason, gateway.ErrKeys) {
		t.Errorf("order: %v, %v", r.Outcome, r.Reason)
	}
	if r := d.SetValve(t.Context(), line, electricMeter, false); r.Outcome != meterproto.Refused || !errors.Is(r.Reason, gateway.ErrKeys) {
		t.Errorf("relay: %v, %v", r.Outcome, r.Reason)
	}
	if got := m.Snapshot(); got.Loaded != 0 || got.Shut {
		t.Errorf("the meter has %+v", got)
	}
	if err := (gateway.DLT645{}).Prove(t.Context(), line, electricMeter); !errors.Is(err, gateway.ErrNoKeys) {
		t.Errorf("without keys: %v", err)
	}
}

// The scheme is named, and so is the root where there are several.
func TestSchemeIsNotGuessed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := &app{keyFile: filepath.Join(dir, "keys.age"), passphrase: filepath.Join(dir, "passphrase")}
	if err := os.WriteFile(a.passphrase, []byte("for a test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sam.GenerateFile(a.keyFile, "for a test", 1); err != nil {
		t.Fatal(err)
	}
	says := func(esam string, version uint8, usage bool) {
		t.Helper()
		a.esam = esam
		keys, err := a.meterKeys()
		_, refused := errors.AsType[usageError](err)
		is, _ := keys.(pboc3DES)
		if refused != usage || is.version != version || !usage && err != nil {
			t.Errorf("%q: version %d, %v", esam, is.version, err)
		}
	}
	says("", 0, false)
	says("pboc-3des", 1, false)
	says("pboc-3des:1", 1, false)
	for _, bad := range []string{"sm1", "pboc-3des:", "pboc-3des:0", "pboc-3des:256", "pboc-3des:x", "PBOC-3DES"} {
		says(bad, 0, true)
	}
	if err := sam.NewFileStore(a.keyFile, "for a test", 1).Add(2, nil); err != nil {
		t.Fatal(err)
	}
	says("pboc-3des", 0, true)
	says("pboc-3des:1", 1, false)
	says("pboc-3des:2", 2, false)
}
