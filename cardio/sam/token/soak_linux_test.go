//go:build cgo

package token

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vendgate/vendgate/cardio/sam"
)

// twins are one root in a token and in memory.
type twins struct {
	token, memory keys
}

func newTwins(t testing.TB) twins {
	t.Helper()
	root, tok := sam.Component(), opened(t)
	if err := tok.Add(1, root); err != nil {
		t.Fatal(err)
	}
	set, err := tok.Keys()
	if err != nil {
		t.Fatal(err)
	}
	file, err := new(sam.File).Add(1, root)
	if err != nil {
		t.Fatal(err)
	}
	return twins{set, file}
}

// derive derives the purse key of one more meter in the token, computes a MAC with
// it, and holds it against memory's.
func (w twins) derive(n int64) error {
	var macs [2][16]byte
	for i, k := range []keys{w.token, w.memory} {
		meter, err := k.Meter(1, fmt.Sprintf("%014d", n))
		if err != nil {
			return err
		}
		if macs[i], err = meter.Purse.CMAC([]byte("identity and purse")); err != nil {
			return err
		}
	}
	if macs[0] != macs[1] {
		return fmt.Errorf("meter %d: the token says %x, want %x", n, macs[0], macs[1])
	}
	return nil
}

// BenchmarkDerivation is a key derived and used, in the token, by eight goroutines.
// A million: go test -run - -bench Derivation -benchtime 1000000x ./cardio/sam/token
func BenchmarkDerivation(b *testing.B) {
	w := newTwins(b)
	var n atomic.Int64
	var working sync.WaitGroup
	b.ResetTimer()
	for range 8 {
		working.Go(func() {
			for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
				if err := w.derive(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	working.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "derivations/s")
}

// BenchmarkTopUp is what one top-up asks of the token: four MACs of the purse's key,
// one of the write-back's, a cryptogram and a secure-messaging MAC.
func BenchmarkTopUp(b *testing.B) {
	w := newTwins(b)
	message := make([]byte, 48)
	for b.Loop() {
		card, err := w.token.Card(1, [8]byte{1})
		if err != nil {
			b.Fatal(err)
		}
		meter, err := w.token.Meter(1, "00000000000001")
		if err != nil {
			b.Fatal(err)
		}
		for _, k := range []*sam.Key{meter.Purse, meter.Purse, meter.Purse, meter.Purse, meter.WriteBack} {
			if _, err := k.CMAC(message); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := card.Vendor.Auth.Cryptogram(message[:4]); err != nil {
			b.Fatal(err)
		}
		if _, err := card.Vendor.Message.SecureMAC(message[:4], message); err != nil {
			b.Fatal(err)
		}
	}
}

// TestSoakDerivations derives with eight goroutines for SOAK, or one short round.
func TestSoakDerivations(t *testing.T) {
	until := time.Now()
	if soak := os.Getenv("SOAK"); soak != "" {
		d, err := time.ParseDuration(soak)
		if err != nil {
			t.Fatal(err)
		}
		until = until.Add(d)
	}
	const round = 500
	w := newTwins(t)
	start := time.Now()
	var n atomic.Int64
	var working sync.WaitGroup
	for range 8 {
		working.Go(func() {
			for i := n.Add(1); i <= round || time.Now().Before(until); i = n.Add(1) {
				if err := w.derive(i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	working.Wait()
	t.Logf("%d derivations, %.0f a second", n.Load()-8, float64(n.Load()-8)/time.Since(start).Seconds())
}
