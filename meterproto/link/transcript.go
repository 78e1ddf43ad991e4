package link

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"
)

// Record makes the line write down what goes over its wire, one event a line:
// the time, the direction (> sent, < received, ! the wire failed), hexadecimal
// bytes or the error. It is called before the first exchange. A transcript
// holds what was sent, passwords of meters included: keep it as they are kept.
func (l *Line) Record(to io.Writer) {
	open := l.open
	l.open = func() (Wire, error) {
		w, err := open()
		if err != nil {
			return nil, err
		}
		return &recorder{Wire: w, to: to}, nil
	}
	if l.wire != nil {
		l.wire = &recorder{Wire: l.wire, to: to}
	}
}

// recorder is a Wire that is written down.
type recorder struct {
	Wire
	to io.Writer
}

func (r *recorder) Send(b []byte) error {
	if err := r.note(">", fmt.Sprintf("%X", b)); err != nil {
		return err
	}
	return r.failed(r.Wire.Send(b))
}

func (r *recorder) Receive(b []byte, wait time.Duration) (int, error) {
	n, err := r.Wire.Receive(b, wait)
	if n > 0 {
		if err := r.note("<", fmt.Sprintf("%X", b[:n])); err != nil {
			return 0, err
		}
	}
	return n, r.failed(err)
}

// SetBaud is the wire's own, where the line has seen that it has one.
func (r *recorder) SetBaud(baud int) error { return r.failed(r.Wire.(speeder).SetBaud(baud)) }

func (r *recorder) over() bool {
	w, ok := r.Wire.(ender)
	return ok && w.over()
}

// String is the wire's own.
func (r *recorder) String() string {
	if s, ok := r.Wire.(fmt.Stringer); ok {
		return s.String()
	}
	return ""
}

func (r *recorder) failed(err error) error {
	if err != nil {
		_ = r.note("!", strings.ReplaceAll(err.Error(), "\n", " "))
	}
	return err
}

// note writes one event. A transcript that cannot be written is an error: it would else
// look like a line that fell silent.
func (r *recorder) note(direction, what string) error {
	if _, err := fmt.Fprintf(r.to, "%s %s %s\n", time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), direction, what); err != nil {
		return fmt.Errorf("transcript: %w", err)
	}
	return nil
}

// comment begins a line of a transcript that is no event, but what its recorder wants to know of it.
const comment = "#"

// longestEvent bounds a line: a register map may be in a comment.
const longestEvent = 2 << 20

// event is one line of a transcript.
type event struct {
	line      int
	at        time.Time
	direction string
	bytes     []byte
	failure   string
}

// Play makes a line of a transcript: it takes the requests that were sent, in
// their order and to the byte, and answers as the line answered, after the same
// pauses. Lines that begin with # are left out. Any other request ends it with an error that names the transcript's line.
func Play(name string, mode Mode, transcript io.Reader) (*Line, error) {
	events, err := readTranscript(transcript)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p := &player{events: events, played: time.Now()}
	if len(events) > 0 {
		p.at = events[0].at
	}
	return New(name, mode, func() (Wire, error) { return p, nil })
}

func readTranscript(r io.Reader) ([]event, error) {
	var events []event
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestEvent)
	for n := 1; lines.Scan(); n++ {
		if strings.HasPrefix(lines.Text(), comment) {
			continue
		}
		parts := strings.SplitN(lines.Text(), " ", 3)
		if len(parts) != 3 || parts[1] != ">" && parts[1] != "<" && parts[1] != "!" {
			return nil, fmt.Errorf("line %d is no event: want TIME >|<|! BYTES", n)
		}
		e := event{line: n, direction: parts[1], failure: parts[2]}
		var err error
		if e.at, err = time.Parse(time.RFC3339, parts[0]); err == nil && e.direction != "!" {
			e.bytes, err = hex.DecodeString(parts[2])
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		events = append(events, e)
	}
	return events, lines.Err()
}

// player is a transcript as a Wire.
type player struct {
	events []event
	at     time.Time // of the event that was played last, in the transcript …
	played time.Time // … and here
}

// Send drops what came before the next event of ours: whoever recorded waited until the line was quiet, and whoever plays may find it so a
// moment earlier.
func (p *player) Send(b []byte) error {
	for len(p.events) > 0 && p.events[0].direction == "<" {
		p.next()
	}
	if len(p.events) == 0 {
		return fmt.Errorf("the transcript is over: %X is not in it", b)
	}
	e := p.events[0]
	if e.direction == "!" {
		return p.fail()
	}
	if e.direction != ">" || string(e.bytes) != string(b) {
		return fmt.Errorf("line %d of the transcript is %s %X, not > %X", e.line, e.direction, e.bytes, b)
	}
	p.next()
	return nil
}

// next goes on to the next event.
func (p *player) next() {
	p.at, p.played = p.events[0].at, time.Now()
	p.events = p.events[1:]
}

// fail is the wire's failure that comes next.
func (p *player) fail() error {
	e := p.events[0]
	p.next()
	return fmt.Errorf("as on line %d of the transcript: %s", e.line, e.failure)
}

func (p *player) Receive(b []byte, wait time.Duration) (int, error) {
	if len(p.events) == 0 || p.events[0].direction == ">" {
		<-time.After(wait)
		return 0, nil
	}
	e := &p.events[0]
	if pause := time.Until(p.played.Add(e.at.Sub(p.at))); pause > wait {
		<-time.After(wait)
		return 0, nil
	} else if pause > 0 {
		<-time.After(pause)
	}
	if e.direction == "!" {
		return 0, p.fail()
	}
	n := copy(b, e.bytes)
	if e.bytes = e.bytes[n:]; len(e.bytes) == 0 {
		p.next()
	}
	return n, nil
}

// SetBaud takes any: a transcript does not know what was possible.
func (p *player) SetBaud(int) error { return nil }

// Close leaves the transcript where it is: a line that was gone goes on.
func (p *player) Close() error { return nil }
