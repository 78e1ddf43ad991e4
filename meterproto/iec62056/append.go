package iec62056

import "fmt"

// AppendTo appends the message, its block check or CRC computed. It fails with
// ErrMalformed, and returns dst unchanged, where no meter or master may send it.
func (m Message) AppendTo(dst []byte) ([]byte, error) {
	if reason := m.wrong(); reason != "" {
		return dst, fmt.Errorf("%w: %s", ErrMalformed, reason)
	}
	switch m.Kind {
	case SignOn:
		return append(append(append(dst, "/?"...), m.Device...), "!\r\n"...), nil
	case Identified:
		return append(m.Ident.appendTo(dst), "\r\n"...), nil
	case OptionSelect:
		return append(dst, ack, m.Option.Protocol, m.Option.Baud, m.Option.Mode, '\r', '\n'), nil
	case Readout:
		return m.appendReadout(dst), nil
	case Answer:
		from := len(dst) + 1
		return m.appendCheck(appendSets(append(dst, stx), m.Fields), from), nil
	case Command:
		return m.appendCommand(dst), nil
	case Accepted:
		return append(dst, ack), nil
	}
	return append(dst, nak), nil
}

func (m Message) appendReadout(dst []byte) []byte {
	from := len(dst)
	if m.Ident.Baud != 0 {
		dst = append(m.Ident.appendTo(dst), "\r\n"...)
	}
	switch {
	case m.Seal == BCC, m.Seal == Sum, m.Ident.Baud == 0:
		dst = append(dst, stx)
		from = len(dst)
	default:
		dst = append(dst, "\r\n"...)
	}
	dst = appendSets(dst, m.Fields)
	if len(m.Fields) > 0 {
		dst = append(dst, "\r\n"...)
	}
	dst = append(dst, '!')
	if m.Seal == CRC {
		dst = fmt.Appendf(dst, "%04X", crc16(dst[from:]))
	}
	if dst = append(dst, "\r\n"...); m.Seal == BCC || m.Seal == Sum {
		dst = m.appendCheck(dst, from)
	}
	return dst
}

func (m Message) appendCommand(dst []byte) []byte {
	from := len(dst) + 1
	dst = append(dst, soh, byte(m.Code>>8), byte(m.Code))
	if len(m.Fields) > 0 {
		dst = appendSets(append(dst, stx), m.Fields)
	}
	return m.appendCheck(dst, from)
}

// appendCheck ends a block that is checked from there on.
func (m Message) appendCheck(dst []byte, from int) []byte {
	if m.More {
		dst = append(dst, eot)
	} else {
		dst = append(dst, etx)
	}
	if m.Seal == Sum {
		return append(dst, sum(dst[from:]))
	}
	return append(dst, bcc(dst[from:]))
}

// appendSets appends data sets, each on a line of its own.
func appendSets(dst []byte, fields []Field) []byte {
	for i, f := range fields {
		if f.Nth == 0 {
			if i > 0 {
				dst = append(dst, "\r\n"...)
			}
			dst = append(dst, f.Address...)
		}
		dst = append(append(append(dst, '('), f.Text...), ')')
	}
	return dst
}

// wrong says what the standard forbids in the message, "" where nothing.
func (m Message) wrong() string {
	if reason := m.wrongFields(); reason != "" {
		return reason
	}
	switch m.Kind {
	case SignOn:
		return m.wrongDevice()
	case Identified:
		return m.Ident.wrong()
	case OptionSelect:
		o := m.Option
		if o.Protocol < '0' || o.Protocol > '9' || o.Mode < '0' || o.Mode > '9' || !printable(o.Baud) {
			return "no such option"
		}
	case Readout:
		return m.wrongReadout()
	case Answer:
		if m.Seal != BCC || len(m.Fields) == 0 {
			return "an answer has data and a block check"
		}
	case Command:
		if !m.Code.valid() {
			return "no command is called so"
		}
	case Accepted, Repeat:
	default:
		return "no such message"
	}
	return ""
}

func (m Message) wrongReadout() string {
	identified := m.Ident.Baud != 0
	if reason := m.Ident.wrong(); identified && reason != "" {
		return reason
	}
	switch {
	case m.Seal == BrokenCRC, m.Seal == CRC && !identified, m.Seal == Sum && !m.Ident.sums():
		return "a readout with such a seal"
	case m.More && m.Seal != BCC && m.Seal != Sum:
		return "a partial block without a block check"
	}
	return ""
}

func (m Message) wrongDevice() string {
	if len(m.Device) > maxDevice {
		return "the device address is too long"
	}
	for _, x := range m.Device {
		if !printable(x) || x == '!' {
			return "no such character in a device address"
		}
	}
	return ""
}

// wrongFields holds the fields against the grammar, and how they are numbered.
func (m Message) wrongFields() string {
	nth := 0
	for _, f := range m.Fields {
		if f.Nth != 0 && f.Nth != nth {
			return "the fields of a set are numbered from 0"
		}
		if reason := f.wrong(); reason != "" {
			return reason
		}
		nth = f.Nth + 1
	}
	return ""
}
