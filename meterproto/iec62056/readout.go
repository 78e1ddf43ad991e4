package iec62056

// telegram reads an identification and the readout behind it. They are one
// message: an identification whose data is broken is not given away alone.
func (r reader) telegram(room []Field) (m Message, size int, f fault) {
	ident, at, f := r.identification()
	if f.kind != none {
		return m, 0, f
	}
	m.Kind, m.Ident = Identified, ident
	switch {
	case at == len(r.b) && r.final:
		return m, at, fault{}
	case at == len(r.b):
		return m, 0, fault{kind: cut, at: at, reason: "data may follow the identification"}
	}
	if data := skipBreaks(r.b, at); data < len(r.b) && r.b[data] == stx {
		return r.block(data, m, room)
	}
	switch r.b[at] {
	case '/', soh, ack: // the next message: a master's, or another meter's
		return m, at, fault{}
	}
	return r.push(at, m, room)
}

// push reads data sets up to "!", and the CRC that P1 puts behind it.
func (r reader) push(from int, m Message, room []Field) (Message, int, fault) {
	fields, n, f := scan(r.b[from:], room)
	at := from + n
	switch {
	case f.kind == cut:
		return m, 0, r.cutAt(at, f.reason)
	case f.kind != none:
		f.at += from
		return m, 0, f
	case r.b[at] != '!':
		return m, 0, fault{kind: form, at: at, reason: "a readout ends in !"}
	}
	m.Kind, m.Fields, m.Block = Readout, fields, r.b[from:at]
	return r.seal(m, at+1)
}

// seal reads what stands behind the "!" before at of a readout without a block
// check: a CRC of four digits or nothing, and a line break, which a capture may
// have lost. Behind a CRC that is right it may be missing: the end is proved. So is
// a telegram that lost its CRs in a text file, where with them the CRC is right.
func (r reader) seal(m Message, at int) (Message, int, fault) {
	switch {
	case at == len(r.b) && r.final:
		return m, at, fault{}
	case at == len(r.b):
		return m, 0, r.cutAt(at, "want a CRC or a line break")
	case r.b[at] != '\r' && r.b[at] != '\n':
		if len(r.b) < at+4 {
			return m, 0, r.cutAt(at, "want the four digits of a CRC")
		}
		sum, ok := hex16(r.b[at : at+4])
		if !ok {
			return m, 0, fault{kind: form, at: at, reason: "want the four digits of a CRC"}
		}
		if m.Check, m.Seal = sum, BrokenCRC; crc16(r.b[:at]) == sum || crcRestored(r.b[:at]) == sum {
			m.Seal = CRC
		}
		at += 4
		if at == len(r.b) && r.final {
			return m, at, fault{}
		}
	}
	end, f := r.lineBreak(at)
	if f.kind == form && m.Seal == CRC {
		return m, at, fault{}
	}
	return m, end, f
}

// hex16 reads four hexadecimal digits. P1 says nothing of their case.
func hex16(b []byte) (n uint16, ok bool) {
	for _, x := range b {
		switch {
		case x >= '0' && x <= '9':
			x -= '0'
		case x >= 'A' && x <= 'F':
			x -= 'A' - 10
		case x >= 'a' && x <= 'f':
			x -= 'a' - 10
		default:
			return 0, false
		}
		n = n<<4 | uint16(x)
	}
	return n, true
}

// block reads STX data ETX BCC, with STX at from (§6.5). A readout at the end of
// a capture may lack ETX and BCC: nothing then proves it.
func (r reader) block(from int, m Message, room []Field) (Message, int, fault) {
	fields, n, f := scan(r.b[from+1:], room)
	at := from + 1 + n
	switch {
	case f.kind == cut:
		return m, 0, r.cutAt(at, f.reason)
	case f.kind != none:
		f.at += from + 1
		return m, 0, f
	}
	if m.Fields, m.Block = fields, r.b[from+1:at]; m.Kind == SignOn {
		m.Kind = Answer
	}
	if r.b[at] == '!' {
		m.Kind = Readout
		if at = skipBreaks(r.b, at+1); at == len(r.b) && r.final {
			return m, at, fault{}
		}
	}
	if len(fields) == 0 && m.Kind == Answer {
		return m, 0, fault{kind: form, at: at, reason: "an answer without data"}
	}
	return r.check(from+1, at, m)
}

// check reads ETX or EOT at at, and the check of all bytes since from.
func (r reader) check(from, at int, m Message) (Message, int, fault) {
	if at+2 > len(r.b) {
		return m, 0, r.cutAt(at, "want ETX and a block check")
	}
	if r.b[at] != etx && r.b[at] != eot {
		return m, 0, fault{kind: form, at: at, reason: "want ETX or EOT"}
	}
	got, want := r.b[at+1], bcc(r.b[from:at+1])
	switch {
	case got == want:
		m.Seal = BCC
	case m.Ident.sums() && got == sum(r.b[from:at+1]):
		m.Seal = Sum
	default:
		return m, 0, fault{kind: check, at: at + 1, got: got, want: want}
	}
	if m.Kind == Identified {
		m.Kind = Readout
	}
	m.More, m.Check = r.b[at] == eot, uint16(got)
	return m, at + 2, fault{}
}

// bare reads a readout that lost everything in front of its data sets. Nothing
// proves it, so it must be all there is, and hold to the standard's lengths.
func (r reader) bare(room []Field) (m Message, size int, f fault) {
	m, size, f = r.push(0, m, room)
	if f.kind != none {
		return m, 0, f
	}
	if len(m.Fields) == 0 || m.Seal != Unsealed {
		return m, 0, fault{kind: form, reason: "no identification in front of the data"}
	}
	for _, field := range m.Fields {
		if field.long() {
			return m, 0, fault{kind: form, reason: "a value is longer than 32 characters, and nothing proves it"}
		}
	}
	return m, size, fault{}
}

// command reads SOH C D [STX data] ETX BCC (§6.5.2).
func (r reader) command(room []Field) (m Message, size int, f fault) {
	const data = 4
	if len(r.b) < data {
		return m, 0, fault{kind: cut, at: len(r.b), reason: "want a command"}
	}
	m.Kind, m.Code = Command, Code(r.b[1])<<8|Code(r.b[2])
	if !m.Code.valid() {
		return m, 0, fault{kind: form, at: 1, reason: "no command is called so"}
	}
	if r.b[3] != stx {
		return r.check(1, 3, m)
	}
	fields, n, f := scan(r.b[data:], room)
	at := data + n
	switch {
	case f.kind == cut:
		return m, 0, r.cutAt(at, f.reason)
	case f.kind != none:
		f.at += data
		return m, 0, f
	case len(fields) == 0 || r.b[at] == '!':
		return m, 0, fault{kind: form, at: at, reason: "want a data set"}
	}
	m.Fields, m.Block = fields, r.b[data:at]
	return r.check(1, at, m)
}
