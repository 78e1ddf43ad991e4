package driver_test

import (
	"testing"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/driver"
)

// babble answers with whatever the fuzzer says: a length and that many bytes, again and again.
type babble struct {
	answers []byte
	codes   int // presented
}

func (b *babble) Transmit(cmd []byte) ([]byte, error) {
	if cmd[1] == 0x20 && cmd[3] != 0x56 && cmd[3] != 0x9C || cmd[1] == 0x86 {
		b.codes++
	}
	if len(b.answers) == 0 {
		return nil, nil
	}
	n := min(int(b.answers[0]), len(b.answers)-1)
	answer := b.answers[1 : 1+n]
	b.answers = b.answers[1+n:]
	return answer, nil
}

// FuzzAnswers: whatever a reader answers, no driver panics, gives other lengths than were
// asked for, or presents a code twice.
func FuzzAnswers(f *testing.F) {
	ok := "\x02\x90\x00"
	f.Add(uint8(0), uint8(0), []byte(ok+"\x06\xA2\x13\x10\x91\x90\x00"+"\x06\x07\x00\x00\x00\x90\x00"+"\x02\x90\x07"+ok+"\x03\x01\x90\x00"))
	f.Add(uint8(0), uint8(1), []byte(ok+"\x06\x07\x00\x00\x00\x90\x00"+"\x06\x07\xFF\xFF\xFF\x90\x00"))
	f.Add(uint8(15), uint8(0), []byte("\x06\x01\x02\x03\x04\x90\x00"+ok+ok+ok))
	f.Add(uint8(12), uint8(2), []byte(ok+"\x03\xFF\x90\x00"+ok+"\x03\xFF\x90\x00"))
	all := kinds()
	f.Fuzz(func(t *testing.T, which, dialect uint8, answers []byte) {
		k := all[int(which)%len(all)]
		d := []driver.Dialect{{}, driver.NewACS(), driver.OldACS()}[dialect%3]
		card := &babble{answers: answers}
		m, err := driver.Open(apdu.NewChannel(card), k.chip, d)
		if err != nil {
			return
		}
		area := m.Areas()[k.area]
		for range 3 {
			if unlock(m, k.area, k.right) != nil {
				break
			}
		}
		if card.codes > 3 {
			t.Errorf("%d codes were presented", card.codes)
		}
		_ = m.Write(k.area, k.offset, pattern(k.length, 1))
		if got, err := m.Read(k.area, 0, area.Unit); err == nil && len(got) != area.Unit {
			t.Errorf("%d bytes of %d", len(got), area.Unit)
		}
	})
}
