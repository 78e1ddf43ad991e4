package facts

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vendgate/vendgate/meterproto/mbus"
)

// mbusLine finds the frames of a line and says what each holds. A frame that is
// whole but tells nothing that can be trusted counts as skipped.
func mbusLine(line []byte) (frames []map[string]any, skipped int, err error) {
	rest := line
	for {
		f, before, after, noMore := mbus.Next(rest)
		if noMore != nil {
			skipped += len(rest)
			break
		}
		skipped += before
		facts, refused := mbusFrame(f)
		if refused == nil {
			frames = append(frames, facts)
		} else {
			skipped += len(rest) - len(after) - before
			err = fmt.Errorf("frame at byte %d: %w", len(line)-len(rest)+before, refused)
		}
		rest = after
	}
	switch {
	case frames != nil:
		return frames, skipped, nil
	case err != nil:
		return nil, 0, err
	}
	return nil, 0, mbus.WhyNone(line)
}

func mbusFrame(f mbus.Frame) (map[string]any, error) {
	if f.Kind == mbus.Ack {
		return map[string]any{"frame": "ACK"}, nil
	}
	facts := map[string]any{
		"frame": f.Control.String(), "control": fmt.Sprintf("%02X", byte(f.Control)), "primary": f.Address,
	}
	if f.Kind == mbus.Short {
		return facts, nil
	}
	facts["ci"], facts["ci_meaning"] = fmt.Sprintf("%02X", byte(f.CI)), f.CI.String()
	if f.Control.FromMaster() {
		return facts, mbusRequest(facts, f)
	}
	return facts, mbusAnswer(facts, f)
}

// mbusAnswer says what a meter says. A layout that is not known stays bytes.
func mbusAnswer(facts map[string]any, f mbus.Frame) error {
	if f.CI == mbus.FixedLow || f.CI == mbus.FixedHigh {
		return mbusFixed(facts, f)
	}
	r, err := mbus.DecodeResponse(f)
	if failure, ok := errors.AsType[*mbus.ApplicationError](err); ok {
		facts["frame"] = f.Control.String() + " application error"
		facts["error_code"], facts["application_error"] = failure.Code, failure.Words()
		return nil
	}
	if errors.Is(err, mbus.ErrUnsupported) {
		facts["payload"] = upper(f.Data)
		return nil
	}
	if err != nil {
		return err
	}
	mbusHeader(facts, r)
	if mode, part, ok := r.Encrypted(); ok {
		facts["encrypted"], facts["payload"] = mode, upper(part)
		if len(part) == len(r.Body) {
			return nil
		}
	}
	return mbusRecords(facts, r.Records())
}

func mbusHeader(facts map[string]any, r mbus.Response) {
	h := r.Header
	if r.CI != mbus.VariableBare {
		facts["access"], facts["status"] = h.Access, fmt.Sprintf("%02X", byte(h.Status))
		facts["signature"] = fmt.Sprintf("%04X", h.Config)
		if words := h.Status.Words(); words != nil {
			facts["status_words"] = words
		}
	}
	if r.CI == mbus.VariableLow || r.CI == mbus.VariableHigh {
		mbusIdentity(facts, h.ID)
		facts["manufacturer"], facts["version"] = mbus.ManufacturerName(h.Manufacturer), h.Version
		facts["manufacturer_code"] = fmt.Sprintf("%04X", h.Manufacturer)
		facts["medium"], facts["medium_code"] = mbus.MediumName(h.Medium), fmt.Sprintf("%02X", h.Medium)
	}
}

// mbusIdentity is a meter's number as the reference frames have it, without
// leading zeros, and with them.
func mbusIdentity(facts map[string]any, id uint32) {
	facts["id_bytes"] = fmt.Sprintf("%08X", id)
	facts["id"] = fmt.Sprintf("%X", id)
}

// mbusRecords lists the records. One that cannot be read spoils the frame: what
// stands before it may be no less wrong.
func mbusRecords(facts map[string]any, records mbus.Records) error {
	list := []map[string]any{}
	var r mbus.Record
	for {
		ok, err := records.Next(&r)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if r.MoreFollow() {
			facts["more_records_follow"] = true
		}
		if r.Secret() {
			facts["secret"] = true
		}
		list = append(list, mbusRecord(r))
	}
	facts["record_count"], facts["records"] = len(list), list
	return nil
}

// mbusRequest says what a master says. Its data are shown as records where they
// are some: makers have commands of their own.
func mbusRequest(facts map[string]any, f mbus.Frame) error {
	switch f.CI {
	case mbus.SelectLow, mbus.SelectHigh:
		mask, more, err := mbus.DecodeSelect(f)
		if err != nil {
			return err
		}
		mbusMask(facts, mask)
		return mbusRecords(facts, mbus.NewRecords(more, mbus.LowFirst))
	case mbus.VariableLow, mbus.VariableHigh, mbus.VariableBare, mbus.VariableShort, mbus.FixedLow, mbus.FixedHigh,
		mbus.AppError:
		return fmt.Errorf("%w: CI %v is a meter's, control byte %02X a master's", mbus.ErrDirection, f.CI, byte(f.Control))
	case mbus.SendLow, mbus.SendHigh:
		order := mbus.LowFirst
		if f.CI == mbus.SendHigh {
			order = mbus.HighFirst
		}
		if mbusRecords(facts, mbus.NewRecords(f.Data, order)) == nil {
			mbusCommand(facts, mbus.NewRecords(f.Data, order))
		} else {
			delete(facts, "more_records_follow")
		}
		if mbusSecret(mbus.NewRecords(f.Data, order)) {
			facts["secret"] = true
			return nil
		}
	case mbus.AppReset:
		if len(f.Data) == 1 {
			facts["subcode"] = upper(f.Data)
		}
	}
	facts["payload"] = upper(f.Data)
	return nil
}

// mbusSecret reports a record that nobody is shown, be it one that is cut short.
func mbusSecret(records mbus.Records) bool {
	for {
		var r mbus.Record
		ok, err := records.Next(&r)
		if r.Secret() {
			return true
		}
		if !ok || err != nil {
			return false
		}
	}
}

// mbusCommand says what data that are one record make a meter do.
func mbusCommand(facts map[string]any, records mbus.Records) {
	var r, more mbus.Record
	if ok, err := records.Next(&r); err != nil || !ok || r.Coding == mbus.Special {
		return
	}
	if ok, err := records.Next(&more); err != nil || ok {
		return
	}
	address, whole := r.Secondary()
	switch {
	case whole:
		facts["meaning"], facts["manufacturer"] = "set secondary address", mbus.ManufacturerName(address.Manufacturer)
		mbusMask(facts, address)
	case r.VIF == 0x7A && r.Coding == mbus.Int8:
		facts["meaning"], facts["value"] = "set primary address", r.Data[0]
	case r.VIF == 0x79 && r.Coding == mbus.BCD8:
		facts["meaning"], facts["id"] = "set identification", r.Digits()
	}
}

func mbusMask(facts map[string]any, mask mbus.Secondary) {
	facts["id"], facts["wildcard"] = fmt.Sprintf("%08X", mask.ID), mask.Wild()
	facts["manufacturer_code"] = fmt.Sprintf("%04X", mask.Manufacturer)
	facts["version"], facts["medium"] = fmt.Sprintf("%02X", mask.Version), fmt.Sprintf("%02X", mask.Medium)
}

// mbusFixed says what a meter of the fixed structure says. Numbers are as they
// were sent, their unit has the power of ten: so the reference frames have them.
func mbusFixed(facts map[string]any, f mbus.Frame) error {
	x, err := mbus.DecodeFixed(f)
	if err != nil {
		return err
	}
	mbusIdentity(facts, x.ID)
	facts["access"], facts["status"] = x.Access, fmt.Sprintf("%02X", byte(x.Status))
	facts["medium"], facts["medium_code"] = x.MediumName(), fmt.Sprintf("%02X", x.Medium)
	function := "Actual value"
	if x.Status&mbus.StoredCounters != 0 {
		function = "Stored value"
	}
	var list []map[string]any
	for i := range x.Counters {
		counter := map[string]any{
			"function": function, "unit": x.UnitSymbol(i), "raw": upper(x.Counters[i].Data[:]),
		}
		d, state := x.Number(i)
		mbusNumber(counter, mbus.Record{Data: x.Counters[i].Data[:]}, mbus.Quantity{}, d, state)
		mbusReadAs(counter, x.Register(i))
		list = append(list, counter)
	}
	facts["record_count"], facts["records"] = len(list), list
	return nil
}

// upperSpaced is bytes as the reference frames write those of a maker.
func upperSpaced(b []byte) string { return strings.ToUpper(fmt.Sprintf("% x", b)) }
