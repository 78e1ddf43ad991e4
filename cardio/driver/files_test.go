package driver_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// filed is a CPU card with two files of two writers, and the writers.
type filed struct {
	chip   *cardsim.Card
	vendor sam.Writer // key 1, file 1
	meter  sam.Writer // key 2, file 2
}

func newFiled(t *testing.T) filed {
	t.Helper()
	uid := [8]byte{4, 2}
	f := sam.Generate()
	card, err := f.Card(1, uid)
	if err != nil {
		t.Fatal(err)
	}
	meter, err := f.Meter(1, "20240000000001")
	if err != nil {
		t.Fatal(err)
	}
	w, err := meter.On(uid)
	if err != nil {
		t.Fatal(err)
	}
	c := filed{chip: cardsim.NewBlank(uid), vendor: card.Vendor, meter: w}
	cpu, done := c.open(t, cardsim.NewSlot("issue"))
	defer done()
	for _, err := range []error{
		cpu.Authenticate(0, card.Transport),
		cpu.CreateDF(0x3F02, 0x0400, driver.MFOwner, driver.MFOwner, application),
		cpu.Select(application),
		cpu.CreateKeyFile(0x0100, driver.MFOwner),
		cpu.AddAuthKey(1, 1, 10, c.vendor.Auth, card.Transport), cpu.AddMessageKey(1, 10, c.vendor.Message, card.Transport),
		cpu.AddAuthKey(2, 2, 10, c.meter.Auth, card.Transport), cpu.AddMessageKey(2, 10, c.meter.Message, card.Transport),
		cpu.CreateBinary(1, 256, driver.Always, driver.State(1), 1),
		cpu.CreateBinary(2, 64, driver.State(2), driver.State(2), 2),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// open powers the card up in a slot.
func (c filed) open(t *testing.T, slot *cardsim.Slot) (cpu *driver.CPU, done func()) {
	t.Helper()
	slot.Insert(c.chip)
	link, err := slot.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return driver.New(apdu.NewChannel(link)), func() { _ = link.Close() }
}

func (c filed) files(t *testing.T, slot *cardsim.Slot) (m driver.Memory, done func()) {
	t.Helper()
	cpu, done := c.open(t, slot)
	if err := cpu.Select(application); err != nil {
		t.Fatal(err)
	}
	return cpu.Files(
		driver.File{Name: "vendor", SFI: 1, Size: 256, Key: 1},
		driver.File{Name: "meter", SFI: 2, Size: 64, Key: 2, Read: driver.ByWriter},
		driver.File{Name: "public", SFI: 1, Size: 16},
	), done
}

func writer(w sam.Writer) driver.Secret { return driver.Secret{Use: driver.Writer, Writer: w} }

// TestFilesOfTwoWriters: the card has one state, the driver remembers both writers.
func TestFilesOfTwoWriters(t *testing.T) {
	t.Parallel()
	c := newFiled(t)
	m, done := c.files(t, cardsim.NewSlot("files"))
	defer done()
	big, small := pattern(256, 3), pattern(60, 4)
	if err := m.Write(0, 0, big); !errors.Is(err, driver.ErrLocked) {
		t.Errorf("before the writer: %v", err)
	}
	if _, err := m.Read(1, 0, 1); !errors.Is(err, driver.ErrLocked) {
		t.Errorf("before the writer: %v", err)
	}
	for _, err := range []error{m.Unlock(0, writer(c.vendor)), m.Unlock(1, writer(c.meter)),
		m.Write(0, 0, big), m.Write(1, 4, small)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for area, want := range map[int][]byte{0: big[100:], 1: small} {
		if got, err := m.Read(area, []int{100, 4}[area], len(want)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d: %X, %v", area, got, err)
		}
	}
	if err := m.Write(2, 0, small[:1]); !errors.Is(err, driver.ErrLocked) {
		t.Errorf("a file without a writer: %v", err)
	}
	for _, wrong := range []driver.Secret{{}, writer(sam.Writer{}), code(driver.Code, 1, 2, 3)} {
		if err := m.Unlock(0, wrong); !errors.Is(err, driver.ErrUse) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	if err := m.Unlock(2, writer(c.vendor)); !errors.Is(err, driver.ErrUse) {
		t.Errorf("unlocked a file without a writer: %v", err)
	}
	for _, span := range [][2]int{{-1, 1}, {0, 0}, {0, 257}, {256, 1}} {
		if _, err := m.Read(0, span[0], span[1]); !errors.Is(err, driver.ErrRange) {
			t.Errorf("%v: %v", span, err)
		}
	}
	if err := m.Write(1, 60, small[:5]); !errors.Is(err, driver.ErrRange) {
		t.Error(err)
	}
}

// TestFilesWrongWriter: it is sent once, and says how many tries it left.
func TestFilesWrongWriter(t *testing.T) {
	t.Parallel()
	c, slot := newFiled(t), cardsim.NewSlot("files")
	m, done := c.files(t, slot)
	defer done()
	for range 3 {
		var refused *apdu.StatusError
		if err := m.Unlock(0, writer(c.meter)); !errors.Is(err, driver.ErrSecret) || !errors.As(err, &refused) || refused.Tries != 9 {
			t.Errorf("%v", err)
		}
	}
	tries := 0
	for _, e := range slot.Log() {
		if e.INS == 0x82 {
			tries++
		}
	}
	if tries != 1 {
		t.Errorf("it was sent %d times", tries)
	}
	if err := m.Write(0, 0, []byte{1}); !errors.Is(err, driver.ErrLocked) {
		t.Error(err)
	}
}

// TestFilesUnderFaults writes and reads back with every fault at every command.
func TestFilesUnderFaults(t *testing.T) {
	t.Parallel()
	c, slot := newFiled(t), cardsim.NewSlot("files")
	put := func(data []byte) error {
		m, done := c.files(t, slot)
		defer done()
		if err := m.Unlock(0, writer(c.vendor)); err != nil {
			return err
		}
		if err := m.Write(0, 0x20, data); err != nil {
			return err
		}
		got, err := m.Read(0, 0x20, len(data))
		if err == nil && !bytes.Equal(got, data) {
			err = errNotWritten
		}
		return err
	}
	after := func(n int) cardsim.When { return func(i int, _ []byte) bool { return i == n+1 } } // SELECT is not cut here
	for n := range 5 {
		for i, f := range faults(20) {
			data := pattern(20, byte(i))
			slot.Inject(after(n), f.do)
			err := put(data)
			if holds := c.chip.File(1)[0x20:0x34]; err == nil && !bytes.Equal(holds, data) {
				t.Errorf("%s at command %d: reported done, and is not", f.name, n)
			}
			if slot.Waiting() > 0 {
				t.Fatalf("%s at command %d never happened", f.name, n)
			}
			if err := put(data); err != nil {
				t.Errorf("%s at command %d, again: %v", f.name, n, err)
			}
		}
	}
}
