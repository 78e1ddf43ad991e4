package facts

import (
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto/modbus"
)

// ofModbus reads a line of a serial bus. A line without a frame is tried as TCP,
// which has no checksum: it is believed only where all of it is frames, and where
// it is not a serial frame but for its CRC.
func ofModbus(line []byte) (frames []map[string]any, skipped int, err error) {
	rest := line
	for s := (modbus.Sniffer{}); ; {
		f, from, before, behind, err := s.Next(rest)
		if err != nil {
			break
		}
		frames, skipped, rest = append(frames, modbusFrame(f, from)), skipped+before, behind
	}
	if f, ok := modbusForeign(rest); ok {
		return append(frames, modbusFrame(f, modbus.Reply)), skipped, nil
	}
	if len(frames) > 0 {
		return frames, skipped + len(rest), nil
	}
	if facts := modbusForbidden(line); facts != nil {
		return []map[string]any{facts}, 0, nil
	}
	if !modbusButForCRC(line) {
		if frames := modbusTCP(line); frames != nil {
			return frames, 0, nil
		}
	}
	_, err = modbus.DecodeRTU(line, modbus.Reply)
	return nil, 0, err
}

// modbusForeign reads what is left of a line as one frame of a function that is
// not interpreted: the line's end is the silence behind it.
func modbusForeign(rest []byte) (modbus.Frame, bool) {
	f, err := modbus.DecodeRTU(rest, modbus.Reply)
	return f, err == nil && f.Message.Kind == modbus.Foreign
}

// modbusForbidden reads a line that is a request whose CRC is right, for what no
// request may ask: a slave takes the frame and answers with an exception. It is nil
// for every other line.
func modbusForbidden(line []byte) map[string]any {
	f, err := modbus.DecodeRTU(line, modbus.Request)
	wrong, ok := errors.AsType[*modbus.RangeError](err)
	if !ok {
		return nil
	}
	facts := modbusFrame(modbus.Frame{Unit: f.Unit, Message: wrong.Message}, modbus.Request)
	facts["problem"] = wrong.Reason
	return facts
}

// modbusButForCRC tells whether the line is a message that is known, between a
// unit and the two bytes of a CRC.
func modbusButForCRC(line []byte) bool {
	if len(line) < 4 {
		return false
	}
	for _, from := range []modbus.Side{modbus.Request, modbus.Reply} {
		if m, err := modbus.Decode(line[1:len(line)-2], from); err == nil && m.Kind != modbus.Foreign {
			return true
		}
	}
	return false
}

// modbusTCP reads a line that is frames of TCP, and nil where it is anything else. A
// function that is not known, with nothing behind it, proves too little: a read of
// two registers from 0 on whose function a disturbance changed looks like that.
func modbusTCP(line []byte) (frames []map[string]any) {
	for len(line) > 0 {
		from := modbus.Request
		f, transaction, rest, err := modbus.NextTCP(line, from)
		if err != nil {
			from = modbus.Reply
			f, transaction, rest, err = modbus.NextTCP(line, from)
		}
		if err != nil || f.Message.Kind == modbus.Foreign && len(f.Message.Data) == 0 {
			return nil
		}
		facts := modbusFrame(f, from)
		facts["transaction"] = transaction
		frames, line = append(frames, facts), rest
	}
	return frames
}

// modbusFrame is what one frame says.
func modbusFrame(f modbus.Frame, from modbus.Side) map[string]any {
	m := f.Message
	facts := map[string]any{
		"unit": f.Unit, "function": byte(m.Function), "function_name": m.Function.String(), "exception": m.Kind == modbus.Exception,
		"side": from.String(),
	}
	switch m.Kind {
	case modbus.Foreign:
		delete(facts, "side") // nothing tells
		facts["data"] = fmt.Sprintf("%X", m.Data)
	case modbus.Exception:
		facts["exception_code"], facts["exception_name"] = byte(m.Code), m.Code.String()
	case modbus.ReadRequest, modbus.WriteReply, modbus.WriteRequest:
		facts["address"], facts["quantity"] = m.Address, m.Quantity
	case modbus.WriteSingle:
		facts["address"], facts["value"] = m.Address, m.Value
	}
	if m.Kind == modbus.ReadReply || m.Kind == modbus.WriteRequest {
		modbusData(facts, m)
	}
	return facts
}

// modbusData adds what a message carries: registers as numbers, coils and inputs
// as the bytes that hold them.
func modbusData(facts map[string]any, m modbus.Message) {
	facts["byte_count"] = len(m.Data)
	switch m.Function {
	case modbus.ReadHoldingRegisters, modbus.ReadInputRegisters, modbus.WriteMultipleRegisters:
		facts["registers"] = m.Registers(nil)
	default:
		facts["data"] = fmt.Sprintf("%X", m.Data)
	}
}
