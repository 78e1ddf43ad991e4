package sam

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"
)

const fast = 4 // scrypt work factor of tests

func generated(t *testing.T) (string, *File) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys")
	f, err := GenerateFile(path, "correct horse", fast)
	if err != nil {
		t.Fatal(err)
	}
	return path, f
}

func same(t *testing.T, a, b *File, version uint8) bool {
	t.Helper()
	x, err := a.Card(version, [8]byte{5})
	y, err2 := b.Card(version, [8]byte{5})
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	return hexOf(t, x.Vendor.Auth) == hexOf(t, y.Vendor.Auth) && hexOf(t, x.Transport) == hexOf(t, y.Transport)
}

func TestFileRoundTrip(t *testing.T) {
	t.Parallel()
	path, f := generated(t)
	loaded, err := LoadFile(path, "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Current() != 1 || !same(t, f, loaded, 1) {
		t.Error("the loaded keys are not those that were generated")
	}
	sealed, _ := os.ReadFile(path)
	for _, root := range f.held {
		if secret := root(); bytes.Contains(sealed, []byte(hex.EncodeToString(secret[:]))) {
			t.Error("a root lies in the file in clear")
		}
	}
	if _, err := GenerateFile(path, "other", fast); !errors.Is(err, fs.ErrExist) {
		t.Errorf("overwriting: %v", err)
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	path, old := generated(t)
	if err := os.WriteFile(path+".new", []byte("left by a crash"), 0o600); err != nil {
		t.Fatal(err)
	}
	store := NewFileStore(path, "correct horse", fast)
	if err := store.Add(2, nil); err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadFile(path, "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Current() != 2 || !same(t, old, loaded, 1) {
		t.Error("adding a root lost one, or the new one is not current")
	}
	if _, err := old.Card(2, [8]byte{}); !errors.Is(err, ErrVersion) {
		t.Errorf("version 2 in the old module: %v", err)
	}
	if _, err := loaded.Meter(3, "00000000000001"); !errors.Is(err, ErrVersion) {
		t.Errorf("version 3: %v", err)
	}
	for name, refused := range map[string]struct {
		err, want error
	}{
		"a version twice":    {store.Add(2, nil), ErrHeld},
		"of another purpose": {store.Add(128, nil), ErrMixed},
		"retire the current": {store.Retire(2), ErrCurrent},
		"retire none":        {store.Retire(7), ErrVersion},
		"wrong passphrase":   {NewFileStore(path, "wrong", fast).Add(3, nil), ErrPassphrase},
		"no file":            {NewFileStore(path+"x", "correct horse", fast).Add(3, nil), fs.ErrNotExist},
		"init over it":       {store.Init(), fs.ErrExist},
	} {
		if !errors.Is(refused.err, refused.want) {
			t.Errorf("%s: %v, want %v", name, refused.err, refused.want)
		}
	}
	if err := store.Retire(1); err != nil {
		t.Fatal(err)
	}
	left, err := store.Roots()
	if err != nil || len(left) != 1 || left[0].Version != 2 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestStoreIsChangedByOneAtATime(t *testing.T) {
	t.Parallel()
	path, _ := generated(t)
	unlock, err := lockDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	store := NewFileStore(path, "correct horse", fast)
	if err := store.Add(2, nil); !errors.Is(err, ErrBusy) {
		t.Errorf("while another one changes it: %v", err)
	}
	unlock()
	if err := store.Add(2, nil); err != nil {
		t.Error(err)
	}
}

func TestEmptyStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	store := NewFileStore(path, "p", fast)
	if err := store.Init(); err != nil {
		t.Fatal(err)
	}
	f, err := LoadFile(path, "p")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Card(f.Current(), [8]byte{}); !errors.Is(err, ErrNoKeys) {
		t.Errorf("no keys: %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	path, _ := generated(t)
	for _, wrong := range []string{"", "incorrect horse"} {
		if _, err := LoadFile(path, wrong); !errors.Is(err, ErrPassphrase) {
			t.Errorf("passphrase %q: %v", wrong, err)
		}
	}
	if _, err := LoadFile(path+"x", "correct horse"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	for _, mode := range []fs.FileMode{0o644, 0o640, 0o604, 0o620} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadFile(path, "correct horse"); !errors.Is(err, ErrReadable) {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if _, err := GenerateFile(path+"y", "", fast); err == nil {
		t.Error("an empty passphrase was taken")
	}
	if _, err := GenerateFile(path+"z", "x", maxWorkFactor+1); err == nil {
		t.Error("a work factor was taken that loading refuses")
	}
}

func TestLoadRefusesContent(t *testing.T) {
	t.Parallel()
	const ok = `"000102030405060708090a0b0c0d0e0f"`
	for name, test := range map[string]struct {
		plain string
		want  error
	}{
		"not json":       {`keys`, ErrFormat},
		"other format":   {`{"format":"x","version":2,"roots":[{"version":1,"key":` + ok + `}]}`, ErrFormat},
		"newer version":  {`{"format":"vendgate keys","version":3,"roots":[{"version":1,"key":` + ok + `}]}`, ErrFormat},
		"earlier":        {`{"format":"vendgate keys","version":1,"current":1,"transport":` + ok + `,"roots":[{"version":1,"key":` + ok + `}]}`, ErrEarlier},
		"a root twice":   {`{"format":"vendgate keys","version":2,"roots":[{"version":1,"key":` + ok + `},{"version":1,"key":` + ok + `}]}`, ErrFormat},
		"root zero":      {`{"format":"vendgate keys","version":2,"roots":[{"version":0,"key":` + ok + `}]}`, ErrFormat},
		"two purposes":   {`{"format":"vendgate keys","version":2,"roots":[{"version":127,"key":` + ok + `},{"version":128,"key":` + ok + `}]}`, ErrMixed},
		"short key":      {`{"format":"vendgate keys","version":2,"roots":[{"version":1,"key":"00"}]}`, ErrFormat},
		"long key":       {`{"format":"vendgate keys","version":2,"roots":[{"version":1,"key":"000102030405060708090a0b0c0d0e0f10"}]}`, ErrFormat},
		"not hex digits": {`{"format":"vendgate keys","version":2,"roots":[{"version":1,"key":"000102030405060708090a0b0c0d0e0g"}]}`, ErrFormat},
	} {
		recipient, _ := age.NewScryptRecipient("p")
		recipient.SetWorkFactor(fast)
		if _, err := open(encrypt(t, test.plain, recipient), "p"); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	if _, err := open([]byte("age? no"), "p"); !errors.Is(err, ErrFormat) {
		t.Errorf("not age: %v", err)
	}
	identity, _ := age.GenerateX25519Identity()
	if _, err := open(encrypt(t, "{}", identity.Recipient()), "p"); !errors.Is(err, ErrFormat) {
		t.Errorf("to a public key: %v", err)
	}
	slow, _ := age.NewScryptRecipient("p")
	slow.SetWorkFactor(fast)
	header := bytes.Replace(encrypt(t, "{}", slow), []byte(" 4\n"), []byte(" 21\n"), 1)
	if _, err := open(header, "p"); !errors.Is(err, ErrFormat) {
		t.Errorf("a work factor past the limit: %v", err)
	}
}

func encrypt(t *testing.T, plain string, to age.Recipient) []byte {
	t.Helper()
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(plain)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return sealed.Bytes()
}
