package cardfile

import (
	"bytes"
	"testing"
)

// macless takes any MAC for right, so that the fuzzer gets past it: it gives the
// one that stands at the end of what is being decoded.
type macless struct{ sealed []byte }

func (m macless) CMAC([]byte) ([16]byte, error) {
	var tag [16]byte
	copy(tag[:], m.sealed[len(m.sealed)-macSize:])
	return tag, nil
}

func FuzzIdentity(f *testing.F) {
	good, _ := identity.Encode(cmacKey('k'))
	f.Add(good)
	f.Add(good[:47])
	f.Add(bytes.Repeat([]byte{0xFF}, VendorSize))
	f.Fuzz(func(t *testing.T, file []byte) {
		_, _ = Unfinished(file), Check(file, cmacKey('k'))
		id, err := DecodeIdentity(file)
		if err != nil {
			return
		}
		if again, err := id.Encode(cmacKey('k')); err != nil || !bytes.Equal(again[:identityBody], file[:identityBody]) {
			t.Errorf("%+v: %v\n%x\n%x", id, err, file, again)
		}
	})
}

func FuzzPurse(f *testing.F) {
	good, _ := purse.Encode(SlotA, binding)
	f.Add(good)
	f.Add(bytes.Repeat([]byte{0}, SlotSize))
	f.Fuzz(func(t *testing.T, slot []byte) {
		if len(slot) != SlotSize {
			_, _ = DecodePurses(slot, binding)
			return
		}
		to := Binding{Key: macless{slot}, UID: uid, Meter: binding.Meter}
		p, err := decodePurse(slot, SlotA, to)
		if err != nil {
			return
		}
		if again, err := p.Encode(SlotA, to); err != nil || !bytes.Equal(again, slot) {
			t.Errorf("%+v: %v\n%x\n%x", p, err, slot, again)
		}
	})
}

func FuzzWriteBack(f *testing.F) {
	good, _ := back.Encode(binding)
	f.Add(good)
	f.Add(good[1:])
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) < macSize {
			_, _ = DecodeWriteBack(file, binding)
			return
		}
		to := Binding{Key: macless{file}, UID: uid, Meter: binding.Meter}
		w, err := DecodeWriteBack(file, to)
		if err != nil {
			return
		}
		if again, err := w.Encode(to); err != nil || !bytes.Equal(again, file) {
			t.Errorf("%+v: %v\n%x\n%x", w, err, file, again)
		}
	})
}
