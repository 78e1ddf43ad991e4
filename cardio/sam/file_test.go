package sam

import (
	"bytes"
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
	return x.Vendor.Auth.text() == y.Vendor.Auth.text() && x.Transport.text() == y.Transport.text()
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
	for _, k := range f.roots {
		if bytes.Contains(sealed, []byte(k.text())) {
			t.Error("a root lies in the file in clear")
		}
	}
	if _, err := GenerateFile(path, "other", fast); !errors.Is(err, fs.ErrExist) {
		t.Errorf("overwriting: %v", err)
	}
}

func TestRoll(t *testing.T) {
	t.Parallel()
	path, old := generated(t)
	if err := os.WriteFile(path+".new", []byte("left by a crash"), 0o600); err != nil {
		t.Fatal(err)
	}
	rolled, err := RollFile(path, "correct horse", fast)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadFile(path, "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Current() != 2 || !same(t, old, loaded, 1) || !same(t, rolled, loaded, 2) {
		t.Error("rolling lost a key")
	}
	if _, err := old.Card(2, [8]byte{}); !errors.Is(err, ErrVersion) {
		t.Errorf("version 2 in the old module: %v", err)
	}
	if _, err := loaded.Meter(3, "00000000000001"); !errors.Is(err, ErrVersion) {
		t.Errorf("version 3: %v", err)
	}
	if _, err := RollFile(path, "wrong", fast); !errors.Is(err, ErrPassphrase) {
		t.Errorf("rolling with a wrong passphrase: %v", err)
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
	for name, plain := range map[string]string{
		"not json":        `keys`,
		"other format":    `{"format":"x","version":1,"current":1,"transport":` + ok + `,"roots":[{"version":1,"key":` + ok + `}]}`,
		"newer version":   `{"format":"vendgate keys","version":2,"current":1,"transport":` + ok + `,"roots":[{"version":1,"key":` + ok + `}]}`,
		"no current root": `{"format":"vendgate keys","version":1,"current":2,"transport":` + ok + `,"roots":[{"version":1,"key":` + ok + `}]}`,
		"a root twice":    `{"format":"vendgate keys","version":1,"current":1,"transport":` + ok + `,"roots":[{"version":1,"key":` + ok + `},{"version":1,"key":` + ok + `}]}`,
		"root zero":       `{"format":"vendgate keys","version":1,"current":0,"transport":` + ok + `,"roots":[{"version":0,"key":` + ok + `}]}`,
		"short key":       `{"format":"vendgate keys","version":1,"current":1,"transport":` + ok + `,"roots":[{"version":1,"key":"00"}]}`,
		"long key":        `{"format":"vendgate keys","version":1,"current":1,"transport":"000102030405060708090a0b0c0d0e0f10","roots":[{"version":1,"key":` + ok + `}]}`,
		"no transport":    `{"format":"vendgate keys","version":1,"current":1,"roots":[{"version":1,"key":` + ok + `}]}`,
	} {
		recipient, _ := age.NewScryptRecipient("p")
		recipient.SetWorkFactor(fast)
		if _, err := open(encrypt(t, plain, recipient), "p"); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
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
