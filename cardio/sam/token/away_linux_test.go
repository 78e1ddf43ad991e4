//go:build cgo

package token

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/miekg/pkcs11"

	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/softhsm"
)

var purse = sam.Recipe{Version: 1, Steps: []sam.Step{{Rule: sam.ByCMAC, Data: []byte("\x01purse\x0000000000000001\x00\x80")}}}

func mac(t *testing.T, tok *Token) [16]byte {
	t.Helper()
	m, err := tok.CMAC(purse, []byte("message"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// saboteur is another part of the process that has the module loaded, too.
func saboteur(t *testing.T) *pkcs11.Ctx {
	t.Helper()
	m := pkcs11.New(hsm.Module)
	if m == nil {
		t.Fatal("no module")
	}
	t.Cleanup(m.Destroy)
	return m
}

// slotOfToken is where the token is now.
func slotOfToken(t *testing.T, m *pkcs11.Ctx, label string) uint {
	t.Helper()
	slot, err := slotOf(m, label)
	if err != nil {
		t.Fatal(err)
	}
	return slot
}

// TestComesBack: whatever the module forgets of us, the next operation gives what
// the one before gave.
func TestComesBack(t *testing.T) {
	tok := rooted(t)
	want := mac(t, tok)
	other := saboteur(t)
	for name, sabotage := range map[string]func() error{
		"sessions closed": func() error { return other.CloseAllSessions(slotOfToken(t, other, tok.options.Label)) },
		"module reset":    other.Finalize,
		"logged out": func() error {
			h, err := other.OpenSession(slotOfToken(t, other, tok.options.Label), pkcs11.CKF_SERIAL_SESSION)
			return errors.Join(err, other.Logout(h), other.CloseSession(h))
		},
		"one session closed": func() error {
			return tok.with(func(s *session) error { return s.module.CloseSession(s.handle) })
		},
		"reset and entered by others": func() error { return errors.Join(other.Finalize(), other.Initialize()) },
	} {
		if err := sabotage(); err != nil {
			t.Fatal(name, err)
		}
		for range 2 * sessions { // each of the sessions is asked
			got, err := tok.CMAC(purse, []byte("message"))
			if err != nil || got != want {
				t.Fatalf("%s: %x, %v, want %x", name, got, err, want)
			}
		}
	}
}

// TestUnplugged: while the token is away every operation says so, and none is wrong;
// when it is back, nothing has to be started again.
func TestUnplugged(t *testing.T) {
	tok := rooted(t)
	want := mac(t, tok)
	set, err := tok.Keys()
	if err != nil {
		t.Fatal(err)
	}
	meter, err := set.Meter(1, "00000000000001")
	if err != nil {
		t.Fatal(err)
	}
	plug := unplugged(t)
	_ = saboteur(t).Finalize() // SoftHSM keeps in memory what it has read
	for range 3 {
		if _, err := meter.Purse.CMAC([]byte("message")); !errors.Is(err, ErrGone) {
			t.Errorf("away: %v", err)
		}
	}
	plug()
	if got, err := meter.Purse.CMAC([]byte("message")); err != nil || got != want {
		t.Errorf("back: %x, %v, want %x", got, err, want)
	}
}

// TestOtherTokenIsNotOurs: a token with the same label that took its place is not asked for anything, nor given the PIN.
func TestOtherTokenIsNotOurs(t *testing.T) {
	tok := rooted(t)
	if err := hsm.Delete(tok.options.Label); err != nil {
		t.Fatal(err)
	}
	if err := hsm.Token(tok.options.Label); err != nil {
		t.Fatal(err)
	}
	_ = saboteur(t).Finalize()
	if _, err := tok.CMAC(purse, nil); !errors.Is(err, ErrGone) {
		t.Errorf("%v", err)
	}
}

// TestAwayWhileManyCompute resets the module again and again under eight goroutines:
// each answer is right.
func TestAwayWhileManyCompute(t *testing.T) {
	tok := rooted(t)
	want := mac(t, tok)
	tick := make(chan struct{})
	var working sync.WaitGroup
	for range 8 {
		working.Go(func() {
			for range 100 {
				if got, err := tok.CMAC(purse, []byte("message")); err != nil || got != want {
					t.Errorf("%x, %v, want %x", got, err, want)
					return
				}
				tick <- struct{}{}
			}
		})
	}
	go func() { working.Wait(); close(tick) }()
	answers := 0
	for range tick {
		if answers++; answers%10 != 0 {
			continue
		}
		tok.mu.RLock()
		l := tok.login
		tok.mu.RUnlock()
		if l != nil {
			tok.drop(l) // as after an answer that the session is not known
		}
	}
	if answers != 800 {
		t.Errorf("%d answers", answers)
	}
}

// TestSessionsClosedWhileManyCompute: all sessions are closed under eight goroutines,
// between two operations. Each answer is right, or says that the token does not answer.
// (In the middle of an operation SoftHSM was seen to block for ever: nothing of ours does that.)
func TestSessionsClosedWhileManyCompute(t *testing.T) {
	tok := rooted(t)
	want := mac(t, tok)
	other := saboteur(t)
	slot := slotOfToken(t, other, tok.options.Label)
	tick := make(chan struct{})
	var working sync.WaitGroup
	var gone atomic.Int64
	for range 8 {
		working.Go(func() {
			for range 100 {
				got, err := tok.CMAC(purse, []byte("message"))
				switch {
				case errors.Is(err, ErrGone):
					gone.Add(1)
				case err != nil || got != want:
					t.Errorf("%x, %v, want %x", got, err, want)
				}
				tick <- struct{}{}
			}
		})
	}
	go func() { working.Wait(); close(tick) }()
	answers := 0
	for range tick {
		if answers++; answers%50 == 0 {
			tok.mu.Lock()
			_ = other.CloseAllSessions(slot) // fails while the module is left
			tok.mu.Unlock()
		}
	}
	t.Logf("%d of %d answers said that the token was gone", gone.Load(), answers)
	if got := mac(t, tok); got != want {
		t.Errorf("then %x, want %x", got, want)
	}
}

// TestWornLogin: the module is entered anew before the objects that SoftHSM never frees fill the memory.
func TestWornLogin(t *testing.T) {
	tok := rooted(t)
	want := mac(t, tok)
	before := tok.login
	before.made.Store(wear)
	if got := mac(t, tok); got != want {
		t.Errorf("%x, want %x", got, want)
	}
	if got := mac(t, tok); got != want || tok.login == before {
		t.Errorf("%x, want %x; entered anew: %v", got, want, tok.login != before)
	}
}

func TestOpenRefuses(t *testing.T) {
	good := newToken(t)
	text := filepath.Join(t.TempDir(), "module.so")
	if err := os.WriteFile(text, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	twice := newToken(t)
	if err := hsm.Token(twice.Label); err != nil {
		t.Fatal(err)
	}
	gone := errors.New("the file is gone")
	for name, test := range map[string]struct {
		o    Options
		want error
	}{
		"no module":     {Options{Module: text + "x", Label: good.Label, PIN: good.PIN}, ErrModule},
		"no library":    {Options{Module: text, Label: good.Label, PIN: good.PIN}, ErrModule},
		"not PKCS#11":   {Options{Module: "libc.so.6", Label: good.Label, PIN: good.PIN}, ErrModule},
		"no such label": {Options{Module: hsm.Module, Label: "nobody's", PIN: good.PIN}, ErrNoToken},
		"two of them":   {twice, ErrTwoTokens},
		"no PIN":        {Options{Module: hsm.Module, Label: good.Label, PIN: func() (string, error) { return "", gone }}, gone},
	} {
		if tok, err := Open(test.o); !errors.Is(err, test.want) || tok != nil {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	open(t, good) // nothing of it was in the way
}

// TestWrongPINIsTriedOnce: neither by the same token, nor by a service that is started
// again, until somebody says so; and never the last try.
func TestWrongPINIsTriedOnce(t *testing.T) {
	good := newToken(t)
	asked := 0
	wrong := good
	wrong.PIN = func() (string, error) { asked++; return "1234-wrong", nil }
	tok := &Token{module: pkcs11.New(hsm.Module), options: wrong}
	for range 3 {
		_, err := tok.CMAC(purse, nil)
		if !errors.Is(err, ErrPIN) {
			t.Errorf("%v", err)
		}
		if strings.Contains(err.Error(), "1234") {
			t.Errorf("the error quotes the PIN: %v", err)
		}
	}
	if err := tok.Close(); err != nil {
		t.Error(err)
	}
	if asked != 1 {
		t.Errorf("the PIN was given %d times", asked)
	}
	if _, err := tok.CMAC(purse, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if _, err := Open(good); !errors.Is(err, ErrPINLow) {
		t.Errorf("started again: %v", err)
	}
	good.SpendTry = true
	open(t, good)
	good.SpendTry = false
	open(t, good) // the right PIN took the warning back
}

// TestMayLogIn: the flags that SoftHSM never sets, too.
func TestMayLogIn(t *testing.T) {
	const low, final, locked = pkcs11.CKF_USER_PIN_COUNT_LOW, pkcs11.CKF_USER_PIN_FINAL_TRY, pkcs11.CKF_USER_PIN_LOCKED
	for _, test := range []struct {
		flags uint
		spend bool
		want  error
	}{
		{pkcs11.CKF_TOKEN_INITIALIZED, false, nil}, {pkcs11.CKF_TOKEN_INITIALIZED, true, nil},
		{low, false, ErrPINLow}, {low, true, nil},
		{low | final, false, ErrPINLocked}, {low | final, true, ErrPINLocked}, {final, true, ErrPINLocked},
		{locked, false, ErrPINLocked}, {locked, true, ErrPINLocked},
	} {
		if err := mayLogIn(test.flags, test.spend); err != test.want {
			t.Errorf("%#x, %v: %v, want %v", test.flags, test.spend, err, test.want)
		}
	}
}

// TestExplain: what the token says becomes what callers branch on.
func TestExplain(t *testing.T) {
	for code, want := range map[pkcs11.Error]error{
		pkcs11.CKR_PIN_INCORRECT: ErrPIN, pkcs11.CKR_PIN_LEN_RANGE: ErrPIN, pkcs11.CKR_PIN_LOCKED: ErrPINLocked,
		pkcs11.CKR_PIN_EXPIRED: ErrPINLocked, pkcs11.CKR_MECHANISM_INVALID: ErrMechanism, pkcs11.CKR_DEVICE_REMOVED: ErrGone,
		pkcs11.CKR_TOKEN_NOT_PRESENT: ErrGone,
	} {
		if err := explain(code); !errors.Is(err, want) || !errors.Is(err, code) {
			t.Errorf("%v: %v", code, err)
		}
	}
	if err := explain(pkcs11.Error(pkcs11.CKR_HOST_MEMORY)); errors.Is(err, ErrGone) || away(err) {
		t.Errorf("out of memory: %v", err)
	}
}

// TestInit makes a token that is then ours, and never one over another.
func TestInit(t *testing.T) {
	o := Options{Module: hsm.Module, Label: "made by init", PIN: says(softhsm.PIN)}
	t.Cleanup(func() { _ = hsm.Delete(o.Label) })
	if err := Init(o, says(softhsm.SOPIN)); err != nil {
		t.Fatal(err)
	}
	tok := open(t, o)
	if err := tok.Add(1, nil); err != nil {
		t.Fatal(err)
	}
	if err := tok.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Init(o, says(softhsm.SOPIN)); !errors.Is(err, ErrTaken) {
		t.Errorf("again: %v", err)
	}
	if roots, err := open(t, o).Roots(); err != nil || len(roots) != 1 {
		t.Errorf("after that: %v, %v", roots, err)
	}
}
