package link_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/link"
)

// What was recorded is played back: the same answers, the same errors, and nothing else is taken.
func TestTranscriptIsPlayedBack(t *testing.T) {
	t.Parallel()
	var transcript bytes.Buffer
	onCable(t, func(p *peer) {
		p.line.Record(&transcript)
		p.say(100*time.Millisecond, "ans")
		p.say(200*time.Millisecond, "wer")
		if _, _, err := p.ask("request", "answer"); err != nil {
			p.Fatal(err)
		}
		if _, _, err := p.ask("silence", "answer"); !errors.Is(err, meterproto.ErrNoAnswer) {
			p.Fatal(err)
		}
		time.Sleep(time.Second)
		p.cable.Cut()
		if _, _, err := p.ask("request", "answer"); !errors.Is(err, meterproto.ErrLineGone) {
			p.Fatal(err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		l, err := link.Play("tape", link.Mode{Baud: 2400}, bytes.NewReader(transcript.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		p := &peer{T: t, line: l}
		seen, took, err := p.ask("request", "answer")
		if err != nil || len(seen) != 2 || seen[1] != "answer" || took != 200*time.Millisecond {
			t.Errorf("saw %q in %v, %v", seen, took, err)
		}
		if _, _, err := p.ask("silence", "answer"); !errors.Is(err, meterproto.ErrNoAnswer) {
			t.Errorf("silence: %v", err)
		}
		if _, _, err := p.ask("request", "answer"); !errors.Is(err, meterproto.ErrLineGone) || !strings.Contains(err.Error(), "line 5 of the transcript") {
			t.Errorf("cut: %v\n%s", err, &transcript)
		}
		if _, _, err := p.ask("another", "answer"); !errors.Is(err, meterproto.ErrLineGone) {
			t.Errorf("what is not in it: %v", err)
		}
	})
}

// tape is events at one moment.
func tape(events ...string) string {
	return "2026-11-27T00:00:00Z " + strings.Join(events, "\n2026-11-27T00:00:00Z ") + "\n"
}

func TestAnotherRequestIsNotInTheTranscript(t *testing.T) {
	t.Parallel()
	l, err := link.Play("tape", link.Mode{Baud: 2400}, strings.NewReader("# "+strings.Repeat("what it is of ", 100_000)+"\n"+tape("> 41", "< 42")))
	if err != nil {
		t.Fatal(err)
	}
	err = l.Exchange(t.Context(), []byte("B"), meterproto.Timing{}, func(b []byte) ([]byte, bool) { return b, true })
	if err == nil || !strings.Contains(err.Error(), "line 2 of the transcript") {
		t.Error(err)
	}
}

// Who recorded heard something just before the line was quiet for long enough; who plays has waited long enough before it comes.
func TestQuietIsFoundEarlierInATranscript(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, err := link.Play("tape", link.Mode{Baud: 2400}, strings.NewReader("2026-11-22T08:00:00.000Z < 58\n2026-11-22T08:00:00.051Z < 59\n"+
			"2026-11-22T08:00:00.200Z > 41\n2026-11-22T08:00:00.210Z < 42\n"))
		if err != nil {
			t.Fatal(err)
		}
		var heard string
		err = l.Exchange(t.Context(), []byte("A"), meterproto.Timing{Idle: 50 * time.Millisecond, Answer: time.Second}, func(b []byte) ([]byte, bool) {
			heard += string(b)
			return nil, true
		})
		if err != nil || heard != "B" {
			t.Errorf("heard %q, %v", heard, err)
		}
	})
}

// A disk that is full must not look like a silent meter.
func TestTranscriptThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	onCable(t, func(p *peer) {
		p.line.Record(full{})
		if _, _, err := p.ask("request", "answer"); !errors.Is(err, errFull) || p.sent != 0 {
			p.Errorf("%v, %d sent", err, p.sent)
		}
	})
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWhatIsNoTranscript(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"hello\n", "0 > 41\n", tape("> 4"), tape("? 41"), tape("> xyz")} {
		if _, err := link.Play("tape", link.Mode{Baud: 2400}, strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
