package link

import (
	"bytes"
	"strings"
	"testing"
)

// Any text ends in one event a line that is no comment, or in an error that names the line.
func FuzzTranscript(f *testing.F) {
	f.Add("2026-11-27T00:00:00Z > 41\n2026-11-27T00:00:00.1Z < 42\n2026-11-27T00:00:01Z ! gone\n")
	f.Add("2026-11-27T00:00:00Z > 4\n")
	f.Add("# 2400 8E1\n2026-11-27T00:00:00Z > 41\n#")
	f.Fuzz(func(t *testing.T, text string) {
		events, err := readTranscript(strings.NewReader(text))
		want := 0
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, comment) {
				want++
			}
		}
		if err == nil && len(events) != want {
			t.Errorf("%d events in %q, want %d", len(events), text, want)
		}
	})
}

// What a DTU sends never breaks the hub: an id is a part of it, and what is cut off was a heartbeat.
func FuzzDTU(f *testing.F) {
	h, err := NewHub(HubOptions{Registration: `R(?P<id>[0-9]+);?`, Heartbeat: `\x00H\xFE`})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("R42;\x00H\xFEanswer"))
	f.Add([]byte("\x00H\xFE\x00H\xFE"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, ok := h.parse(b)
		if ok && (!bytes.HasPrefix(b, []byte("R"+p.id)) || !bytes.Equal(append(p.own, p.rest...), b)) {
			t.Errorf("DTU %q, %q and %q out of %q", p.id, p.own, p.rest, b)
		}
		whole := bytes.Clone(b)
		if kept := strip([]byte("R42;"), h.beats, b); !bytes.Contains(whole, kept) {
			t.Errorf("%q is left of %q", kept, whole)
		}
	})
}
