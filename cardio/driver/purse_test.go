package driver_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// known answers for messages in hex, and fails the test on any other.
type known struct {
	t    *testing.T
	macs map[string]string
}

func (k known) TAC(message []byte) (mac [4]byte, err error) {
	k.t.Helper()
	b, err := hex.DecodeString(k.macs[hex.EncodeToString(message)])
	if err != nil || len(b) != 4 {
		k.t.Fatalf("a MAC over %x", message)
	}
	return [4]byte(b), nil
}

func (k known) SessionMAC(random [4]byte, sequence uint16, message []byte) ([4]byte, error) {
	return k.TAC(append([]byte(fmt.Sprintf("%x %d ", random, sequence)), message...))
}

var dayB = time.Date(2017, 3, 10, 11, 7, 34, 0, time.UTC)

// vectorB is the load of a real FM1208 (cards.md §2): one fen, balance 1A.
func vectorB(t *testing.T) (driver.Load, known) {
	session := hex.EncodeToString([]byte("06b825d7 23 "))
	return driver.Load{Amount: 1, Terminal: [6]byte{0x11, 0x22, 0x33, 0x44, 0x55, 0x66}, Balance: 0x1A, Sequence: 0x17,
			When: driver.Stamp(dayB)}, known{t, map[string]string{
			session + "0000001a0000000102112233445566":         "684C81CE",
			session + "000000010211223344556620170310110734":   "9C8A0625",
			"0000001b0017000000010211223344556620170310110734": "16EAD516",
		}}
}

const startB = "805000020B 00 00000001 112233445566 10 > 0000001A 0017 00 01 06B825D7 684C81CE 9000"

func TestLoadOfVectorB(t *testing.T) {
	t.Parallel()
	want, keys := vectorB(t)
	card := play(t, startB, "805200000B 20170310110734 9C8A0625 04 > 16EAD516 9000", "805C000204 > 0000001B 9000",
		"805A00020200 17 08 > 9C8A0625 16EAD516 9000", "805C000204 > 0000001B 9000")
	p := card.Purse(driver.Wallet, 0)
	l, err := p.Start(1, want.Terminal, keys)
	if err != nil || l.Balance != want.Balance || l.Sequence != want.Sequence {
		t.Fatalf("%+v, %v", l, err)
	}
	if l, err = p.Sign(l, dayB, keys); err != nil || l.When != want.When {
		t.Fatalf("%+v, %v", l, err)
	}
	if err := p.Credit(l, keys); err != nil {
		t.Error(err)
	}
	if fen, err := p.Balance(); fen != 0x1B || err != nil {
		t.Errorf("%d fen, %v", fen, err)
	}
	if loaded, err := p.Settle(want, keys, keys); !loaded || err != nil {
		t.Errorf("%v, %v", loaded, err)
	}
}

// TestLoadRefused: what the card says is not believed unless it can prove it.
func TestLoadRefused(t *testing.T) {
	t.Parallel()
	l, keys := vectorB(t)
	for name, test := range map[string]struct {
		line string
		want error
	}{
		"MAC1 of another key": {"805000020B 00 00000001 112233445566 10 > 0000001A 0017 00 01 06B825D7 684C81CF 9000", driver.ErrMAC1},
		"short":               {"805000020B 00 00000001 112233445566 10 > 0000001A 0017 00 01 06B825D7 684C81 9000", driver.ErrShort},
	} {
		if _, err := play(t, test.line).Purse(driver.Wallet, 0).Start(1, l.Terminal, keys); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	credit := "805200000B 20170310110734 9C8A0625 04 > "
	for answer, want := range map[string]error{
		"16EAD517 9000": driver.ErrTAC, "16EAD5 9000": driver.ErrShort, "9302": driver.ErrSecret, "9303": driver.ErrSecret,
	} {
		p := play(t, startB, credit+answer).Purse(driver.Wallet, 0)
		begun, err := p.Start(1, l.Terminal, keys)
		if err != nil {
			t.Fatal(err)
		}
		if begun, err = p.Sign(begun, dayB, keys); err != nil {
			t.Fatal(err)
		}
		if err := p.Credit(begun, keys); !errors.Is(err, want) {
			t.Errorf("%s: %v", answer, err)
		}
	}
	var refused *apdu.StatusError
	if _, err := play(t, "805C000204 > 6A82").Purse(driver.Wallet, 0).Balance(); !errors.As(err, &refused) {
		t.Error(err)
	}
}

// TestSettleCrossChecks: proof, balance and sequence have to agree.
func TestSettleCrossChecks(t *testing.T) {
	t.Parallel()
	l, keys := vectorB(t)
	prove, none := "805A0002020017 08 > 9C8A0625 16EAD516 9000", "805A0002020017 08 > 9406"
	for name, test := range map[string]struct {
		lines []string
		want  error
	}{
		"proved":                    {[]string{prove, "805C000204 > 0000001B 9000"}, nil},
		"proved, balance as before": {[]string{prove, "805C000204 > 0000001A 9000"}, driver.ErrUnsure},
		"another load's proof":      {[]string{"805A0002020017 08 > 9C8A0625 16EAD517 9000"}, driver.ErrTAC},
		"no proof, same sequence":   {[]string{none, startB}, nil},
	} {
		loaded, err := play(t, test.lines...).Purse(driver.Wallet, 0).Settle(l, keys, keys)
		if !errors.Is(err, test.want) || loaded != (name == "proved") {
			t.Errorf("%s: %v, %v", name, loaded, err)
		}
	}
	for name, before := range map[string]driver.Load{
		"no proof, next sequence": {Amount: 1, Terminal: l.Terminal, When: l.When, Balance: 0x19, Sequence: 0x16},
		"no proof, two sequences": {Amount: 1, Terminal: l.Terminal, When: l.When, Balance: 0x1A, Sequence: 0x15},
		"no proof, more balance":  {Amount: 1, Terminal: l.Terminal, When: l.When, Balance: 0x19, Sequence: 0x17},
	} {
		lines := []string{fmt.Sprintf("805A000202%04X 08 > 9406", before.Sequence), startB}
		loaded, err := play(t, lines...).Purse(driver.Wallet, 0).Settle(before, loose{keys}, loose{keys})
		if !errors.Is(err, driver.ErrUnsure) || loaded {
			t.Errorf("%s: %v, %v", name, loaded, err)
		}
	}
}

// TestSettleAfterThePurchase: the meter's proof has taken the place of the load's, and explains the balance.
func TestSettleAfterThePurchase(t *testing.T) {
	t.Parallel()
	_, keys := vectorB(t)
	before := driver.Load{Amount: 1, Terminal: [6]byte{0x11, 0x22, 0x33, 0x44, 0x55, 0x66}, Balance: 0x1A, Sequence: 0x16}
	loaded, err := play(t, "805A0002020016 08 > 9406", startB).Purse(driver.Wallet, 0).Settle(before, loose{keys}, loose{keys})
	if !loaded || err != nil {
		t.Errorf("%v, %v", loaded, err)
	}
}

// loose proves receipts of any load.
type loose struct{ known }

func (loose) TAC([]byte) ([4]byte, error) { return [4]byte{1}, nil }

// zero is a load key under which every MAC is zero.
type zero struct{}

func (zero) SessionMAC([4]byte, uint16, []byte) (mac [4]byte, err error) { return mac, nil }

// TestFullPurse: more than a purse can hold is refused before it is sent.
func TestFullPurse(t *testing.T) {
	t.Parallel()
	for balance, want := range map[string]error{"FFFFFFFE": nil, "FFFFFFFF": driver.ErrFull} {
		line := "805000020B 01 00000001 000000000000 10 > " + balance + " 0001 00 01 06B825D7 00000000 9000"
		if _, err := play(t, line).Purse(driver.Wallet, 1).Start(1, [6]byte{}, zero{}); !errors.Is(err, want) {
			t.Errorf("%s: %v", balance, err)
		}
	}
}

var application = []byte("PURSE.TEST")

// purseCard is an issued card with a purse.
type purseCard struct {
	t      *testing.T
	slot   *cardsim.Slot
	reader cardio.Reader // the slot itself, or pcscd's view of it
	chip   *cardsim.Card
	keys   sam.PurseKeys
}

func newPurseCard(t *testing.T) *purseCard {
	uid := [8]byte{7, 7, 7}
	f := sam.Generate()
	keys, err := f.Purse(1, uid)
	if err != nil {
		t.Fatal(err)
	}
	card, err := f.Card(1, uid)
	if err != nil {
		t.Fatal(err)
	}
	slot := cardsim.NewSlot("purse")
	c := &purseCard{t, slot, slot, cardsim.NewBlank(uid), keys}
	c.slot.Insert(c.chip)
	link, err := c.slot.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	cpu := driver.New(apdu.NewChannel(link))
	for _, err := range []error{
		cpu.Authenticate(0, card.Transport),
		cpu.CreateDF(0x3F02, 0x0300, driver.MFOwner, driver.MFOwner, application),
		cpu.Select(application),
		cpu.CreateKeyFile(0x0100, driver.MFOwner),
		cpu.AddPurseKey(driver.ForLoads, 1, 1, keys.Load, card.Transport),
		cpu.AddPurseKey(driver.ForPurchases, 1, 1, keys.Purchase, card.Transport),
		cpu.AddPurseKey(driver.ForReceipts, 0, 1, keys.TAC, card.Transport),
		cpu.CreatePurse(driver.Wallet, driver.Always),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// session powers the card up and hands its purse to do.
func (c *purseCard) session(do func(*driver.Purse) error) error {
	link, err := c.reader.Connect(context.Background())
	if err != nil {
		return err
	}
	defer link.Close()
	cpu := driver.New(apdu.NewChannel(link))
	if err := cpu.Select(application); err != nil {
		return err
	}
	return do(cpu.Purse(driver.Wallet, 1))
}

// load loads the purse as an engine does, and gives what it would have written down.
func (c *purseCard) load(fen uint32) (l driver.Load, begun bool, err error) {
	err = c.session(func(p *driver.Purse) error {
		if l, err = p.Start(fen, [6]byte{1, 2, 3}, c.keys.Load); err != nil {
			return err
		}
		if l, err = p.Sign(l, time.Date(2024, 5, 1, 12, 30, 0, 0, time.UTC), c.keys.Load); err != nil {
			return err
		}
		begun = true
		if err = p.Credit(l, c.keys.TAC); err != nil {
			return err
		}
		now, err := p.Balance()
		if err == nil && now != l.Balance+fen {
			err = errNotWritten
		}
		return err
	})
	return l, begun, err
}

func (c *purseCard) settle(l driver.Load) (loaded bool, err error) {
	err = c.session(func(p *driver.Purse) error {
		loaded, err = p.Settle(l, c.keys.Load, c.keys.TAC)
		return err
	})
	return loaded, err
}

func (c *purseCard) holds() uint32 {
	c.t.Helper()
	fen, ok := c.chip.Balance(byte(driver.Wallet))
	if !ok {
		c.t.Fatal("no purse")
	}
	return fen
}

// TestTornLoad puts every fault at every command of a load: done is never reported
// falsely, and once a load was begun, the card's proof decides both ways, as often as it is asked.
func TestTornLoad(t *testing.T) {
	t.Parallel()
	c, seen := newPurseCard(t), map[bool]int{}
	for n := range 4 { // SELECT, INITIALIZE, CREDIT, GET BALANCE
		for _, f := range faults(16) {
			name := fmt.Sprintf("%s at command %d", f.name, n)
			before := c.holds()
			c.slot.Inject(cardsim.Nth(n), f.do)
			l, begun, err := c.load(100)
			truth := c.holds() == before+100
			if err == nil && !truth {
				t.Errorf("%s: reported done, and is not", name)
			}
			c.slot.Insert(c.chip)
			if !begun {
				if truth {
					t.Errorf("%s: loaded before it was written down", name)
				}
				continue
			}
			for range 2 {
				if loaded, err := c.settle(l); loaded != truth || err != nil {
					t.Errorf("%s: settled %v, %v, is %v", name, loaded, err, truth)
				}
			}
			seen[truth]++
		}
	}
	if t.Logf("loads begun and cut: %d done, %d not", seen[true], seen[false]); seen[true] == 0 || seen[false] == 0 {
		t.Error("the cuts went one way only")
	}
}

// TestSettleUnderFaults cuts the settling itself: it may fail, and is never wrong.
func TestSettleUnderFaults(t *testing.T) {
	t.Parallel()
	c := newPurseCard(t)
	for _, cut := range []cardsim.Effect{cardsim.PullBefore(), cardsim.PullAfter()} {
		for n := range 3 {
			for _, f := range faults(16) {
				before := c.holds()
				c.slot.Inject(cardsim.OnINS(0x52), cut)
				l, _, err := c.load(7)
				if err == nil {
					t.Fatal("it was not cut")
				}
				c.slot.Insert(c.chip)
				truth := c.holds() == before+7
				c.slot.Inject(cardsim.Nth(n), f.do)
				if loaded, err := c.settle(l); err == nil && loaded != truth {
					t.Errorf("%s at command %d: settled %v, is %v", f.name, n, loaded, truth)
				}
				c.slot.Insert(c.chip)
				if loaded, err := c.settle(l); err != nil || loaded != truth {
					t.Errorf("%s at command %d, again: settled %v, %v, is %v", f.name, n, loaded, err, truth)
				}
			}
		}
	}
}
