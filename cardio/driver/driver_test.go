package driver_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
)

// tape is a card that expects commands in order and gives the answers beside them.
type tape struct {
	t     *testing.T
	lines []string // "COMMAND>ANSWER" in hex
}

func (c *tape) Transmit(cmd []byte) ([]byte, error) {
	c.t.Helper()
	if len(c.lines) == 0 {
		c.t.Fatalf("unexpected command %X", cmd)
	}
	want, answer, _ := strings.Cut(strings.ReplaceAll(c.lines[0], " ", ""), ">")
	c.lines = c.lines[1:]
	if got := strings.ToUpper(hex.EncodeToString(cmd)); got != want {
		c.t.Fatalf("sent %s, want %s", got, want)
	}
	return hex.DecodeString(answer)
}

func play(t *testing.T, lines ...string) *driver.CPU {
	t.Helper()
	c := &tape{t, lines}
	t.Cleanup(func() {
		if len(c.lines) > 0 {
			t.Errorf("not sent: %v", c.lines)
		}
	})
	return driver.New(apdu.NewChannel(c))
}

// stamp is a key whose answers are easy to see.
type stamp struct{ challenge, message []byte }

func (s *stamp) Cryptogram(challenge []byte) ([8]byte, error) {
	s.challenge = challenge
	return [8]byte{1, 2, 3, 4, 5, 6, 7, 8}, nil
}

func (s *stamp) SecureMAC(challenge, message []byte) ([4]byte, error) {
	s.challenge, s.message = challenge, message
	return [4]byte{0xA, 0xB, 0xC, 0xD}, nil
}

func TestIdentify(t *testing.T) {
	t.Parallel()
	atr := func(s string) []byte { b, _ := hex.DecodeString(strings.ReplaceAll(s, " ", "")); return b }
	name, uid, ok := driver.Identify(atr("3B 6E 01 02 86 464D434F53 0102030405060708"))
	if !ok || name == "" || uid != [8]byte{1, 2, 3, 4, 5, 6, 7, 8} {
		t.Errorf("%q, %X, %v", name, uid, ok)
	}
	for _, s := range []string{"", "3B", "3B 04 A2 13 10 91", "3B 6E 00 00 86 464D434F53 01020304050607",
		"3B 6E 00 00 86 464D434F53 0102030405060708 09", "3B 6E 00 00 86 464D434F54 0102030405060708"} {
		if _, _, ok := driver.Identify(atr(s)); ok {
			t.Errorf("%s was taken", s)
		}
	}
}

// TestCandidates: an ATR names its chip, and one that a reader makes up for chips without names them all.
func TestCandidates(t *testing.T) {
	t.Parallel()
	for atr, want := range map[string]int{
		"3B04A2131091": 1, "3B0492231091": 1, "3B04493243 2E": 12, "3B6E000086464D434F530102030405060708": 1,
		"3B8F8001804F0CA000000306030001000000006A": 1, "3B8F8001804F0CA0000003060300020000000069": 1,
		"": 0, "3B04": 0, "3B04A2131092": 0, "3B04A213109100": 0, "3B8F8001804F0CA0000003060300030000000068": 0,
	} {
		b, _ := hex.DecodeString(strings.ReplaceAll(atr, " ", ""))
		if got := driver.Candidates(b); len(got) != want {
			t.Errorf("%s: %v", atr, got)
		}
		for _, c := range driver.Candidates(b) {
			if c == driver.FMCOS {
				continue
			}
			any := &anyCard{}
			if _, err := driver.Open(apdu.NewChannel(any), c, driver.NewACS()); errors.Is(err, driver.ErrChip) {
				t.Errorf("%s has no driver", c)
			}
		}
	}
	if _, err := driver.Open(apdu.NewChannel(&anyCard{}), "sle9999", driver.NewACS()); !errors.Is(err, driver.ErrChip) {
		t.Error(err)
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	c := play(t, "00A4040003AABBCC>6110", "00A40000023F00>9000", "00A4040001AA>6A82")
	if err := c.Select([]byte{0xAA, 0xBB, 0xCC}); err != nil {
		t.Error(err)
	}
	if err := c.SelectID(0x3F00); err != nil {
		t.Error(err)
	}
	var refused *apdu.StatusError
	if err := c.Select([]byte{0xAA}); !errors.As(err, &refused) || refused.Status != apdu.FileNotFound {
		t.Error(err)
	}
}

func TestReadFiles(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("11", 200)
	c := play(t, "00B08200C8>"+long+"9000", "00B082C802>22229000", "00B0810004>010203046281", "00B0810004>0102039000",
		"00A4040001AA>9000", "00B0810004>010203049000", "00B0820004>6A82", "00A4040001AA>6A82")
	_, got, err := c.ReadFiles(nil, driver.EF{SFI: 2, Size: 202}, driver.EF{SFI: 1, Size: 4})
	if err != nil || len(got) != 2 || hex.EncodeToString(got[0]) != long+"2222" {
		t.Errorf("%x, %v", got, err)
	}
	if !bytes.Equal(got[1], []byte{1, 2, 3, 4}) {
		t.Errorf("with a warning: %x", got[1])
	}
	if _, got, err := c.ReadFiles(nil, driver.EF{SFI: 1, Size: 4}); !errors.Is(err, driver.ErrShort) || len(got) != 0 {
		t.Errorf("too short: %x, %v", got, err)
	}
	if entered, got, err := c.ReadFiles([]byte{0xAA}, driver.EF{SFI: 1, Size: 4}, driver.EF{SFI: 2, Size: 4}); !entered || len(got) != 1 || err == nil {
		t.Errorf("the second file is not there: %v, %x, %v", entered, got, err)
	}
	if entered, _, err := c.ReadFiles([]byte{0xAA}, driver.EF{SFI: 1, Size: 4}); entered || err == nil {
		t.Errorf("no application: %v", err)
	}
}

func TestUpdateBinary(t *testing.T) {
	t.Parallel()
	c, key := play(t, "0084000004>CAFEBABE9000", "04D6813007 AABBCC 0A0B0C0D>9000"), new(stamp)
	if err := c.UpdateBinary(1, 0x30, []byte{0xAA, 0xBB, 0xCC}, key); err != nil {
		t.Error(err)
	}
	if hex.EncodeToString(key.challenge) != "cafebabe" || hex.EncodeToString(key.message) != "04d6813007aabbcc" {
		t.Errorf("MAC over %x, started from %x", key.message, key.challenge)
	}
	if err := c.UpdateBinary(1, 0, make([]byte, 252), key); !errors.Is(err, apdu.ErrCommand) {
		t.Errorf("too long: %v", err) // and nothing was sent
	}
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lines []string
		low   bool
		tries int
	}{
		"nine left":      {[]string{"0084000004>CAFEBABE9000", "00820001080102030405060708>63C9"}, false, 9},
		"one left":       {[]string{"0084000004>CAFEBABE9000", "00820001080102030405060708>63C1"}, true, 1},
		"none left":      {[]string{"0084000004>CAFEBABE9000", "00820001080102030405060708>63C0"}, true, 0},
		"locked":         {[]string{"0084000004>CAFEBABE9000", "00820001080102030405060708>6983"}, true, -1},
		"no such key":    {[]string{"0084000004>CAFEBABE9000", "00820001080102030405060708>6A88"}, false, -1},
		"odd challenges": {[]string{"0084000004>CAFEBA9000"}, false, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := play(t, test.lines...)
			first := c.Authenticate(1, new(stamp))
			if first == nil || errors.Is(first, driver.ErrTriesLow) != test.low {
				t.Errorf("%v", first)
			}
			var refused *apdu.StatusError
			if errors.As(first, &refused) && refused.Tries != test.tries {
				t.Errorf("%d tries", refused.Tries)
			}
			if refused == nil {
				return
			}
			if again := c.Authenticate(1, new(stamp)); again != first { // the tape takes no more commands
				t.Errorf("again: %v", again)
			}
		})
	}
	other := play(t, "0084000004>CAFEBABE9000", "00820000080102030405060708>63C1", "0084000004>CAFEBABE9000", "00820001080102030405060708>9000")
	if first, second := other.Authenticate(0, new(stamp)), other.Authenticate(1, new(stamp)); first == nil || second != nil {
		t.Errorf("another key has tries of its own: %v, %v", first, second)
	}
	c := play(t, "0084000004>CAFEBABE9000", "00820001080102030405060708>9000",
		"0084000004>CAFEBABE9000", "00820002080102030405060708>9000")
	for id := byte(1); id <= 2; id++ {
		if err := c.Authenticate(id, new(stamp)); err != nil {
			t.Error(err)
		}
	}
}

// TestPersonalise holds the commands against the shapes of published FMCOS
// issuing scripts (80E0 3F01 11 38.., 80E0 0000 07 3F.., 80E0 0005 07 A8..).
func TestPersonalise(t *testing.T) {
	t.Parallel()
	c := play(t, "80E03F0111 38 036F 0F 0F FFFFFF A00000000386980701 >9000", "80E0000007 3F 0080 FF 0F FFFF >9000",
		"80E0000507 A8 001E F0 11 FF FE >9000", "800E000000>9000", "800E000000>6982")
	for _, err := range []error{
		c.CreateDF(0x3F01, 0x36F, driver.MFOwner, driver.MFOwner, []byte("\xA0\x00\x00\x00\x03\x86\x98\x07\x01")),
		c.CreateKeyFile(0x80, driver.MFOwner),
		c.CreateBinary(5, 0x1E, driver.Always, driver.State(1), 1),
		c.EraseDF(),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if err := c.EraseDF(); err == nil {
		t.Error("a refusal was lost")
	}
}

// anyCard answers challenges and takes everything; it keeps what was sent.
type anyCard struct{ sent [][]byte }

func (c *anyCard) Transmit(cmd []byte) ([]byte, error) {
	c.sent = append(c.sent, bytes.Clone(cmd))
	if cmd[1] == 0x84 {
		return []byte{1, 2, 3, 4, 0x90, 0}, nil
	}
	return []byte{0x90, 0}, nil
}

// TestKeysGoEnciphered: what a WRITE KEY carries is 24 enciphered bytes and a
// MAC, another for each key, and with secure messaging in its class.
func TestKeysGoEnciphered(t *testing.T) {
	t.Parallel()
	keys, err := sam.Generate().Card(1, [8]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	card := new(anyCard)
	c := driver.New(apdu.NewChannel(card))
	if err := c.AddAuthKey(1, 1, 10, keys.Vendor.Auth, keys.Transport); err != nil {
		t.Fatal(err)
	}
	if err := c.AddMessageKey(1, 10, keys.Vendor.Message, keys.Transport); err != nil {
		t.Fatal(err)
	}
	header, _ := hex.DecodeString("84D401011C")
	if len(card.sent) != 4 {
		t.Fatalf("%d commands", len(card.sent))
	}
	for _, i := range []int{1, 3} {
		if cmd := card.sent[i]; !bytes.HasPrefix(cmd, header) || len(cmd) != 5+24+4 {
			t.Errorf("%X", cmd)
		}
	}
	if bytes.Equal(card.sent[1], card.sent[3]) {
		t.Error("two keys went as one")
	}
}
