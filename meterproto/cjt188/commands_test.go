package cjt188_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// firstKey is the key that a meter leaves its factory with (§4, A014).
func firstKey() [8]byte { return [8]byte(bytes.Repeat([]byte{0x88}, 8)) }

func TestKeysAreNotPrinted(t *testing.T) {
	t.Parallel()
	k := cjt188.NewKey{Version: 7, Key: [8]byte{0xC0, 0xFF, 0xEE, 0xC0, 0xFF, 0xEE, 0xC0, 0xFF}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, v := range []any{k, &k, []cjt188.NewKey{k}} {
			if s := strings.ToLower(fmt.Sprintf(verb, v)); strings.Contains(s, "c0") || strings.Contains(s, "192") {
				t.Errorf("%s: %s", verb, s)
			}
		}
	}
}
