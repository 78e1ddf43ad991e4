package iec62056

// maxMessage is the longest message: load profiles come in blocks of some
// thousand bytes.
const maxMessage = 64 * 1024

// reader reads one message at the beginning of b. At the end of a capture
// (final) nothing more can come: a readout may then lack its block check, and an
// identification its data.
type reader struct {
	b     []byte
	final bool
}

// message reads the message and its size.
func (r reader) message(room []Field) (m Message, size int, f fault) {
	if len(r.b) == 0 {
		return m, 0, fault{kind: cut, reason: "want a message"}
	}
	switch r.b[0] {
	case '/':
		if len(r.b) > 1 && r.b[1] == '?' {
			return r.signOn()
		}
		return r.telegram(room)
	case soh:
		return r.command(room)
	case stx:
		return r.block(0, Message{}, room)
	case ack:
		return r.option()
	}
	if r.final && len(r.b) == 1 && r.b[0] == nak {
		return Message{Kind: Repeat}, 1, fault{}
	}
	if r.final {
		return r.bare(room)
	}
	return m, 0, fault{kind: form, reason: "no message begins so"}
}

// cutAt is a fault of bytes that are missing, unless the message is already as
// long as none is.
func (r reader) cutAt(at int, reason string) fault {
	if at > maxMessage {
		return fault{kind: form, at: at, reason: "the message is too long"}
	}
	return fault{kind: cut, at: at, reason: reason}
}

// lineBreak wants a line break at at, and says where it ends.
func (r reader) lineBreak(at int) (end int, f fault) {
	switch {
	case at == len(r.b), at+1 == len(r.b) && r.b[at] == '\r' && !r.final:
		return at, r.cutAt(at, "want a line break")
	case r.b[at] == '\n':
		return at + 1, fault{}
	case r.b[at] != '\r':
		return at, fault{kind: form, at: at, reason: "want a line break"}
	case at+1 < len(r.b) && r.b[at+1] == '\n':
		return at + 2, fault{}
	}
	return at + 1, fault{}
}

// signOn reads /?Device! CR LF (§6.3.1).
func (r reader) signOn() (m Message, size int, f fault) {
	const from = 2
	at := from
	for at < len(r.b) && at-from <= maxDevice && printable(r.b[at]) && r.b[at] != '!' {
		at++
	}
	switch {
	case at-from > maxDevice:
		return m, 0, fault{kind: form, at: at, reason: "the device address is too long"}
	case at == len(r.b):
		return m, 0, fault{kind: cut, at: at, reason: "want ! behind the device address"}
	case r.b[at] != '!':
		return m, 0, fault{kind: form, at: at, reason: "want ! behind the device address"}
	}
	end, f := r.lineBreak(at + 1)
	return Message{Kind: SignOn, Device: r.b[from:at]}, end, f
}

// option reads ACK V Z Y CR LF (§6.3.3), or at the end of a capture ACK alone.
func (r reader) option() (m Message, size int, f fault) {
	if r.final && len(r.b) == 1 {
		return Message{Kind: Accepted}, 1, fault{}
	}
	for at := 1; at < 4; at++ {
		if at == len(r.b) {
			return m, 0, fault{kind: cut, at: at, reason: "want protocol, baud rate and mode"}
		}
		if !printable(r.b[at]) || at != 2 && (r.b[at] < '0' || r.b[at] > '9') {
			return m, 0, fault{kind: form, at: at, reason: "want protocol, baud rate and mode"}
		}
	}
	end, f := r.lineBreak(4)
	return Message{Kind: OptionSelect, Option: Option{r.b[1], r.b[2], r.b[3]}}, end, f
}

// identification reads /XXXZ… up to its line break.
func (r reader) identification() (i Identification, end int, f fault) {
	const name = 5
	at := 1
	for at < len(r.b) && at <= name+maxName+8 && r.b[at] != '\r' && r.b[at] != '\n' {
		if at < name-1 && !letter(r.b[at]) {
			return i, 0, fault{kind: form, at: at, reason: "a maker has three letters"}
		}
		at++
	}
	switch {
	case at == len(r.b):
		return i, 0, fault{kind: cut, at: at, reason: "want the end of the identification"}
	case at < name:
		return i, 0, fault{kind: form, at: at, reason: "the identification is too short"}
	}
	i = Identification{Maker: [3]byte(r.b[1:4]), Baud: r.b[4]}
	split := name
	for split+1 < at && r.b[split] == '\\' {
		split += 2
	}
	i.Escape, i.Name = r.b[name:split], r.b[split:at]
	if reason := i.wrong(); reason != "" {
		return i, 0, fault{kind: form, at: at, reason: reason}
	}
	end, f = r.lineBreak(at)
	return i, end, f
}
