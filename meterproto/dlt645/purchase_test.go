package dlt645_test

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// keys are a key service whose MACs are checksums: enough to see what is proven.
type keys struct {
	err    error
	cipher []byte
}

func (k keys) Challenge(context.Context, dlt645.Address) (dlt645.Challenge, error) {
	return dlt645.Challenge{Cipher: [8]byte{1}, Random: [8]byte{2}, Diversifier: [8]byte{3}}, k.err
}

func (k keys) MAC(_ context.Context, s dlt645.Session, di dlt645.DI, data []byte) (mac dlt645.MAC, err error) {
	sum := crc32.ChecksumIEEE(append(append(s.Random[:], byte(di.Code>>8)), data...))
	binary.LittleEndian.PutUint32(mac[:], sum)
	return mac, k.err
}

func (k keys) Encipher(ctx context.Context, s dlt645.Session, di dlt645.DI, data []byte) ([]byte, dlt645.MAC, error) {
	mac, err := k.MAC(ctx, s, di, data)
	return k.cipher, mac, err
}

func genPurchase(t *rapid.T) dlt645.Purchase {
	c, err := dlt645.ParseCustomer(rapid.StringMatching(`[1-9][0-9]{11}`).Draw(t, "customer"))
	if err != nil {
		t.Fatal(err)
	}
	return dlt645.Purchase{
		Fen: rapid.Int64Range(1, dlt645.MaxFen).Draw(t, "fen"), Count: rapid.Uint32().Draw(t, "count"), Customer: c,
	}
}

func TestSecurityMessagesSurvive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, op, p := genAddress(t), dlt645.Operator(genFixed(t, 4)), genPurchase(t)
		di := rapid.SampledFrom([]uint32{dlt645.OpenAccount, dlt645.Recharge}).Draw(t, "di")
		sealed, err := dlt645.Seal(t.Context(), keys{}, dlt645.Session{Random: [4]byte(genFixed(t, 4))}, di, op, p)
		if err != nil {
			t.Fatal(err)
		}
		f, err := sealed.Frame(a)
		survives(t, sealed, f, err, dlt645.DecodePurchase)

		account := dlt645.Account{Fen: p.Fen, Count: p.Count, Customer: p.Customer, KeyInfo: [4]byte(genFixed(t, 4)), MACs: sealed.MACs}
		f, err = account.Frame(a)
		if back, err2 := dlt645.DecodeAccount(f); err != nil || err2 != nil || back != account {
			t.Fatalf("%+v came back as %+v, %v, %v", account, back, err, err2)
		}
		for _, credit := range []dlt645.Credit{{}, {Told: true, Fen: p.Fen, Count: p.Count, Customer: p.Customer}} {
			f, err = credit.Frame(a, di)
			if back, err2 := dlt645.DecodeCredit(f, di); err != nil || err2 != nil || back != credit {
				t.Fatalf("%+v came back as %+v, %v, %v", credit, back, err, err2)
			}
		}
		session := dlt645.Session{Meter: a, Challenge: dlt645.Challenge{Cipher: [8]byte(genFixed(t, 8))}, Random: [4]byte(genFixed(t, 4)), ESAM: [8]byte(genFixed(t, 8))}
		if back, err := dlt645.DecodeIdentity(dlt645.IdentityFrame(session), session.Challenge); err != nil || back != session {
			t.Fatalf("%+v came back as %+v, %v", session, back, err)
		}
		cmd, err := dlt645.DecodeSecurityCommand(dlt645.AskIdentity(op, session.Challenge).Frame(a))
		if c, err2 := dlt645.DecodeChallenge(cmd); err != nil || err2 != nil || c != session.Challenge || cmd.Operator != op {
			t.Fatalf("%+v, %v, %v", cmd, err, err2)
		}
	})
}

// The bytes of the reference (§5): 15.00 yuan, count 2, low byte first.
func TestPurchaseOnTheWire(t *testing.T) {
	t.Parallel()
	c, _ := dlt645.ParseCustomer("000000123456")
	s := dlt645.SealedPurchase{
		DI: dlt645.Recharge, Operator: dlt645.Operator{1, 2, 3, 4}, Purchase: dlt645.Purchase{Fen: 1500, Count: 2, Customer: c},
		MACs: [2]dlt645.MAC{{0xA1, 0xA2, 0xA3, 0xA4}, {0xB1, 0xB2, 0xB3, 0xB4}},
	}
	f, err := s.Frame(dlt645.Address{})
	want := unhex(t, "FF020107"+"01020304"+"DC050000"+"02000000"+"A1A2A3A4"+"563412000000"+"B1B2B3B4")
	if err != nil || f.Control != 0x03 || string(f.Data) != string(want) {
		t.Errorf("%v %X, %v", f.Control, f.Data, err)
	}
}

func TestSealRefuses(t *testing.T) {
	t.Parallel()
	c, _ := dlt645.ParseCustomer("000000123456")
	good := dlt645.Purchase{Fen: 1, Count: 1, Customer: c}
	broken := errors.New("the token is gone")
	for name, x := range map[string]struct {
		keys keys
		di   uint32
		p    dlt645.Purchase
		want error
	}{
		"nothing":          {keys{}, dlt645.Recharge, dlt645.Purchase{Count: 1, Customer: c}, dlt645.ErrAmount},
		"less than that":   {keys{}, dlt645.OpenAccount, dlt645.Purchase{Fen: -1, Customer: c}, dlt645.ErrAmount},
		"too much":         {keys{}, dlt645.Recharge, dlt645.Purchase{Fen: dlt645.MaxFen + 1, Customer: c}, dlt645.ErrAmount},
		"over four bytes":  {keys{}, dlt645.Recharge, dlt645.Purchase{Fen: 1<<32 + 1, Customer: c}, dlt645.ErrAmount},
		"nobody":           {keys{}, dlt645.Recharge, dlt645.Purchase{Fen: 1}, dlt645.ErrNumber},
		"no number":        {keys{}, dlt645.Recharge, dlt645.Purchase{Fen: 1, Customer: dlt645.Customer{0x0A}}, dlt645.ErrNumber},
		"no purchase":      {keys{}, dlt645.Identify, good, dlt645.ErrMalformed},
		"without the keys": {keys{err: broken}, dlt645.Recharge, good, broken},
	} {
		if got, err := dlt645.Seal(t.Context(), x.keys, dlt645.Session{}, x.di, dlt645.Operator{}, x.p); !errors.Is(err, x.want) || got != (dlt645.SealedPurchase{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := dlt645.Seal(t.Context(), keys{}, dlt645.Session{}, dlt645.OpenAccount, dlt645.Operator{}, dlt645.Purchase{Customer: c}); err != nil {
		t.Errorf("an account without money: %v", err)
	}
	for _, bad := range []string{"", "12345678901", "1234567890123", "12345678901A", "١٢٣٤٥٦"} {
		if c, err := dlt645.ParseCustomer(bad); err == nil {
			t.Errorf("%q became %v", bad, c)
		}
	}
	if _, err := (dlt645.Account{Fen: -1}).Frame(dlt645.Address{}); !errors.Is(err, dlt645.ErrAmount) {
		t.Errorf("an account below zero: %v", err)
	}
}

// However often a purchase is sent, whatever is sent between, money arrives once:
// and the count says so to whoever lost the answer.
func TestMoneyArrivesOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := genPurchase(t)
		account := dlt645.Account{Count: rapid.Uint32Range(0, 1000).Draw(t, "count"), Customer: p.Customer}
		var paid int64
		for range rapid.IntRange(1, 30).Draw(t, "attempts") {
			p.Count = account.Count + uint32(rapid.IntRange(0, 3).Draw(t, "ahead")) - 1
			p.Fen = rapid.Int64Range(1, 60_000).Draw(t, "fen")
			before := account
			var err error
			if account, err = account.Take(p, 500_000); err == nil {
				paid += p.Fen
			} else if account != before {
				t.Fatalf("%v, and yet %+v became %+v", err, before, account)
			}
			switch {
			case errors.Is(err, dlt645.ErrRepeated) != (p.Count == before.Count),
				(err == nil) != (account.Count == before.Count+1),
				errors.Is(err, dlt645.ErrOverHoard) && p.Fen+account.Fen <= 500_000,
				err != nil && !errors.Is(err, meterproto.ErrAbnormal):
				t.Fatalf("purchase %d where the meter counts %d: %v", p.Count, before.Count, err)
			}
		}
		if account.Fen != paid || paid > 500_000 {
			t.Fatalf("%d fen in the meter, %d taken", account.Fen, paid)
		}
	})
}

func TestTakeRefuses(t *testing.T) {
	t.Parallel()
	c, _ := dlt645.ParseCustomer("000000123456")
	account := dlt645.Account{Fen: 100, Count: 7, Customer: c}
	for name, x := range map[string]struct {
		p    dlt645.Purchase
		want error
	}{
		"again":          {dlt645.Purchase{Fen: 1, Count: 7, Customer: c}, dlt645.ErrRepeated},
		"one left out":   {dlt645.Purchase{Fen: 1, Count: 9, Customer: c}, dlt645.ErrCount},
		"an old one":     {dlt645.Purchase{Fen: 1, Count: 6, Customer: c}, dlt645.ErrCount},
		"someone else's": {dlt645.Purchase{Fen: 1, Count: 8}, dlt645.ErrCustomer},
		"too much":       {dlt645.Purchase{Fen: 901, Count: 8, Customer: c}, dlt645.ErrOverHoard},
		"just enough":    {dlt645.Purchase{Fen: 900, Count: 8, Customer: c}, nil},
	} {
		if _, err := account.Take(x.p, 1000); !errors.Is(err, x.want) {
			t.Errorf("%s: %v, want %v", name, err, x.want)
		}
	}
}

func TestCreditIsNeverGuessed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		f    dlt645.Frame
		want error
	}{
		"repeated":       {dlt645.Frame{Control: 0xC3, Data: []byte{2, 0}}, dlt645.ErrRepeated},
		"other command":  {dlt645.SecurityAnswer{DI: dlt645.ID(dlt645.OpenAccount)}.Frame(dlt645.Address{}), meterproto.ErrStale},
		"odd length":     {dlt645.SecurityAnswer{DI: dlt645.ID(dlt645.Recharge), Payload: []byte{1}}.Frame(dlt645.Address{}), dlt645.ErrMalformed},
		"a read's":       {dlt645.Reply{DI: dlt645.ID(dlt645.Recharge)}.Frame(dlt645.Address{}), dlt645.ErrMalformed},
		"half an answer": {dlt645.Frame{Control: 0x83, Data: []byte{0xFF, 2}}, dlt645.ErrMalformed},
	} {
		if got, err := dlt645.DecodeCredit(c.f, dlt645.Recharge); !errors.Is(err, c.want) || got != (dlt645.Credit{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := dlt645.DecodeCredit(dlt645.DoneFrame(dlt645.Address{}, dlt645.Security), dlt645.Recharge); err != nil {
		t.Errorf("done without a word: %v", err)
	}
}

func TestSealedRelay(t *testing.T) {
	t.Parallel()
	r := dlt645.Relay{Command: dlt645.Trip, Deadline: time.Date(2025, 12, 30, 16, 0, 0, 0, time.UTC)}
	r.Grant.Operator = dlt645.Operator{1, 2, 3, 4}
	r.Grant.Access.Password = dlt645.Password{9, 9, 9} // must not be sent
	for level, body := range map[byte]string{dlt645.LevelMAC: "1A00000000311225", dlt645.LevelCipher: strings.Repeat("C1", 16)} {
		r.Grant.Access.Level = level
		sealed, err := dlt645.SealRelay(t.Context(), keys{cipher: unhex(t, strings.Repeat("C1", 16))}, dlt645.Session{}, r)
		if err != nil {
			t.Fatal(err)
		}
		f := sealed.Frame(dlt645.Address{})
		head := append([]byte{level, 0, 0, 0, 1, 2, 3, 4}, unhex(t, body)...)
		if string(f.Data) != string(append(head, sealed.MAC[:]...)) {
			t.Errorf("level %02X: %X", level, f.Data)
		}
		if back, err := dlt645.DecodeSealedRelay(f); err != nil || string(back.Body) != string(sealed.Body) || back.MAC != sealed.MAC || back.Grant != sealed.Grant {
			t.Errorf("level %02X: %+v, %v", level, back, err)
		}
	}
	for _, bad := range []int{0, 7, 40} {
		r.Grant.Access.Level = dlt645.LevelCipher
		if _, err := dlt645.SealRelay(t.Context(), keys{cipher: make([]byte, bad)}, dlt645.Session{}, r); !errors.Is(err, dlt645.ErrMalformed) {
			t.Errorf("%d bytes of ciphertext: %v", bad, err)
		}
	}
	r.Grant.Access.Level = 4
	if _, err := dlt645.SealRelay(t.Context(), keys{}, dlt645.Session{}, r); !errors.Is(err, dlt645.ErrMalformed) {
		t.Errorf("a level with a password: %v", err)
	}
}
