package facts

import (
	"bytes"
	"fmt"

	"github.com/vendgate/vendgate/meterproto/iec62056"
)

// ofIEC62056 reads a line of text protocol. The line's end is the capture's: what
// is left behind the last whole message may be one that only that makes whole.
func ofIEC62056(line []byte) (frames []map[string]any, skipped int, err error) {
	text, _ := iec62056.StripParity(line)
	rest, gap := text, 0
	for {
		m, before, behind, err := iec62056.Next(rest, nil)
		skipped, gap = skipped+before, before
		if rest = behind; err != nil {
			break
		}
		frames = append(frames, iecMessage(m))
	}
	if nothing := len(rest) == 0 || gap > 0 && iecLone(rest); nothing && len(frames) == 0 {
		rest, skipped = iecFromStart(text), 0
	} else if nothing {
		return frames, skipped + len(rest), nil
	}
	m, err := iec62056.Decode(rest, nil)
	switch {
	case err == nil:
		return append(frames, iecMessage(m)), skipped, nil
	case len(frames) == 0:
		return nil, 0, err
	}
	return frames, skipped + len(rest), nil
}

// iecLone reports an ACK or NAK by itself. Behind bytes that are no message it is
// none either: a block check that is wrong may look like that.
func iecLone(rest []byte) bool {
	m, err := iec62056.Decode(rest, nil)
	return err == nil && (m.Kind == iec62056.Accepted || m.Kind == iec62056.Repeat)
}

// iecFromStart is the line from the first byte that begins a message, or all of
// it: what is wrong there is why nothing was found.
func iecFromStart(text []byte) []byte {
	if at := bytes.IndexAny(text, "/\x01\x02\x06"); at > 0 && text[at-1] != ')' {
		return text[at:]
	}
	return text
}

// iecMessage is what one message says. What a password command carries is left
// out: it belongs on no page.
func iecMessage(m iec62056.Message) map[string]any {
	facts := map[string]any{"message": iecKind(m)}
	switch m.Kind {
	case iec62056.SignOn:
		facts["address"] = string(m.Device)
	case iec62056.OptionSelect:
		facts["protocol"], facts["baud_id"], facts["mode"] = string(m.Option.Protocol), string(m.Option.Baud), string(m.Option.Mode)
	case iec62056.Command:
		iecCommand(facts, m)
	case iec62056.Readout, iec62056.Answer:
		iecData(facts, m)
	}
	if m.Ident.Baud != 0 {
		iecIdentification(facts, m.Ident)
	}
	if m.Seal == iec62056.BCC || m.Seal == iec62056.Sum {
		facts["bcc"] = fmt.Sprintf("%02X", m.Check)
	}
	if m.More {
		facts["more_follows"] = true
	}
	return facts
}

func iecKind(m iec62056.Message) string {
	switch m.Kind {
	case iec62056.SignOn:
		return "request"
	case iec62056.Identified:
		return "identification"
	case iec62056.OptionSelect:
		return "ack/option select"
	case iec62056.Readout:
		return "readout"
	case iec62056.Command:
		return "command"
	case iec62056.Accepted:
		return "ack"
	case iec62056.Repeat:
		return "nak"
	}
	return "answer"
}

func iecIdentification(facts map[string]any, i iec62056.Identification) {
	facts["manufacturer"], facts["identification"] = string(i.Maker[:]), string(i.Name)
	facts["baud_id"], facts["mode_escape"] = string(i.Baud), string(i.Escape)
	facts["reaction_time_ms"] = 200
	if i.FastAnswer() {
		facts["reaction_time_ms"] = 20
	}
}

func iecCommand(facts map[string]any, m iec62056.Message) {
	facts["command"] = m.Code.String()
	switch {
	case m.Code == iec62056.Break:
		facts["meaning"] = "break"
	case m.Code.Secret():
		facts["meaning"], facts["secret"] = "password", true
	case len(m.Fields) > 0:
		facts["data"], facts["address"] = string(m.Block), string(m.Fields[0].Address)
	}
}

// iecData adds the data sets, as they were sent and named by their codes.
func iecData(facts map[string]any, m iec62056.Message) {
	sets := []map[string]any{}
	for _, f := range m.Fields {
		if f.Nth == 0 {
			sets = append(sets, iecSet(f.Address))
		}
		value := map[string]any{"value": string(f.Value())}
		if unit, ok := f.Unit(); ok {
			value["unit"] = string(unit)
		}
		set := sets[len(sets)-1]
		set["values"] = append(set["values"].([]map[string]any), value)
	}
	facts["data_sets"], facts["data_set_count"] = sets, len(sets)
	if err := m.Refusal(); err != nil {
		facts["refusal"] = string(m.Fields[0].Text)
	}
	if m.Seal == iec62056.CRC || m.Seal == iec62056.BrokenCRC {
		facts["crc_ok"], facts["dsmr_crc"] = m.Seal == iec62056.CRC, fmt.Sprintf("%04X", m.Check)
	}
}

func iecSet(address []byte) map[string]any {
	set := map[string]any{"address": string(address), "values": []map[string]any{}}
	if code, ok := iec62056.ParseOBIS(address); ok && code.Name() != "" {
		set["name"] = code.Name()
	}
	return set
}
