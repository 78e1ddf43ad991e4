package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
	"github.com/vendgate/vendgate/vending/intake"
)

// shared is the key service over a key file, and the chips that a factory made from that file.
func shared(t testing.TB) (pboc3DES, *metersim.ESAM) {
	t.Helper()
	const passphrase = "for a test"
	path, secret := filepath.Join(t.TempDir(), "keys.age"), filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(secret, []byte(passphrase+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := chipKeys(t, path, passphrase)
	root, version, err := metersim.FactoryRoot(path, secret)
	if err != nil {
		t.Fatal(err)
	}
	return pboc3DES{&file.Set, version}, &metersim.ESAM{Root: root}
}

// chipKeys makes a key file of meters' chips.
func chipKeys(t testing.TB, path, passphrase string) *sam.File {
	t.Helper()
	store := sam.NewFileStore(path, passphrase, 1)
	if err := errors.Join(store.Init(), store.Add(192, nil)); err != nil {
		t.Fatal(err)
	}
	file, err := sam.LoadFile(path, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	return file
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

// onCable runs a test on a line at 2400 baud with a meter of DL/T 645 that has a chip, on the clock of its bubble: no real time passes.
func onCable(t *testing.T, chip *metersim.ESAM, keys dlt645.Keys, l metersim.Line, test func(*testing.T, *metersim.Meter, *link.Line, gateway.DLT645)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m, err := metersim.New(metersim.Config{Number: electricMeter, Start: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		l.Protocol, l.Log = metersim.DLT645Line{}, io.Discard
		bus, cable := metersim.NewBus(l), metersim.NewCable()
		bus.Join(&metersim.DLT645{Meter: m, Customer: electricCustomer, Hoard: 1 << 40, ESAM: chip})
		go bus.Serve(cable.Meters())
		defer cable.Cut()
		line, err := link.New("cable", link.Mode{Baud: 2400}, func() (link.Wire, error) { return cable, nil })
		if err != nil {
			t.Fatal(err)
		}
		d := gateway.Electricity()
		d.Keys = keys
		test(t, m, line, d)
	})
}

// A thousand orders with the keys that are shipped, on a line where one answer in four goes wrong, to a meter whose chip dies of
// fifteen wrong MACs: each is credited once.
func TestThousandOrdersWithKeys(t *testing.T) {
	t.Parallel()
	keys, chip := shared(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	onCable(t, chip, keys, metersim.Line{Faults: metersim.OneInOf(4, metersim.HardFaults()), Seed: seed}, buyThousand)
}

func buyThousand(t *testing.T, m *metersim.Meter, line *link.Line, d gateway.DLT645) {
	var paid int64
	for n := range uint32(1000) {
		o := meterproto.Order{Count: 1 + n, Amount: 100 + int64(n), Unit: meterproto.CreditFen, Customer: electricCustomer}
		paid += o.Amount
		for tries := 0; ; tries++ {
			d.TopUp(t.Context(), line, electricMeter, o)
			if taken, err := d.Taken(t.Context(), line, electricMeter); err == nil && taken.Holds(o.Count) {
				break
			}
			if tries == 100 {
				t.Fatalf("order %d is not settled", o.Count)
			}
		}
		if got := m.Snapshot(); got.Loaded != paid || got.Count != o.Count {
			t.Fatalf("order %d: the meter has %d fen, paid %d", o.Count, got.Loaded, paid)
		}
	}
}

// A chip with another root believes nothing, and is not asked twice.
func TestAnotherRootIsNotBelieved(t *testing.T) {
	t.Parallel()
	keys, _ := shared(t)
	_, stranger := shared(t)
	onCable(t, stranger, keys, metersim.Line{Faults: metersim.Friendly()}, func(t *testing.T, m *metersim.Meter, line *link.Line, d gateway.DLT645) {
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
		d.Keys = nil
		if err := d.Prove(t.Context(), line, electricMeter); !errors.Is(err, gateway.ErrNoKeys) {
			t.Errorf("without keys: %v", err)
		}
	})
}

// The scheme proves no price: nothing is sealed as if it were a relay command, and nothing is sent.
func TestPricesHaveNoKeyInTheScheme(t *testing.T) {
	t.Parallel()
	keys, chip := shared(t)
	onCable(t, chip, keys, metersim.Line{Faults: metersim.Friendly()}, func(t *testing.T, m *metersim.Meter, line *link.Line, d gateway.DLT645) {
		for _, level := range []byte{dlt645.LevelMAC, dlt645.LevelCipher} {
			d.PriceAccess.Level = level
			before := m.Snapshot().Electric
			r := d.SetPrices(t.Context(), line, electricMeter, meterproto.Prices{Fen: []int64{55}, Of: meterproto.CreditWattHours})
			if r.Outcome != meterproto.Refused || errors.Is(r.Reason, meterproto.ErrAbnormal) || m.Snapshot().Electric != before {
				t.Errorf("%02X: %v, %v", level, r.Outcome, r.Reason)
			}
		}
	})
}

// The scheme is named, and so is the root where there are several.
func TestSchemeIsNotGuessed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := &app{keyFile: filepath.Join(dir, "keys.age"), passphrase: filepath.Join(dir, "passphrase")}
	if err := os.WriteFile(a.passphrase, []byte("for a test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	chipKeys(t, a.keyFile, "for a test")
	says := func(esam string, version uint8, usage bool) {
		t.Helper()
		keys, err := a.meterKeys(esam)
		_, refused := errors.AsType[usageError](err)
		is, _ := keys.(pboc3DES)
		if refused != usage || is.version != version || !usage && err != nil {
			t.Errorf("%q: version %d, %v", esam, is.version, err)
		}
	}
	says("", 0, false)
	says("pboc-3des", 192, false)
	says("pboc-3des:192", 192, false)
	for _, bad := range []string{"sm1", "pboc-3des:", "pboc-3des:0", "pboc-3des:256", "pboc-3des:x", "PBOC-3DES"} {
		says(bad, 0, true)
	}
	if err := sam.NewFileStore(a.keyFile, "for a test", 1).Add(193, nil); err != nil {
		t.Fatal(err)
	}
	says("pboc-3des", 0, true)
	says("pboc-3des:192", 192, false)
	says("pboc-3des:193", 193, false)
}

// The scheme in the environment is that of meters which count money: a relay beside them obeys its password.
func TestRelayWithAPasswordBesideChips(t *testing.T) {
	t.Setenv("VENDGATE_ESAM", "of another maker")
	a := &app{}
	if err := a.proves(t.Context(), &intake.Wire{Driver: gateway.DLT645{}}); err != nil {
		t.Error(err)
	}
	if err := a.proves(t.Context(), &intake.Wire{Driver: gateway.Electricity()}); err == nil {
		t.Error("a meter that counts money is not proved to by the scheme that is set")
	}
}
