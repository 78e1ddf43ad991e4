package facts_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// line is a frame as `meter decode` is given it.
func line(t *testing.T, c dlt645.Control, data string) string {
	t.Helper()
	b, err := hex.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	wire, err := dlt645.Frame{Address: dlt645.Address{0x56, 0x34, 0x12}, Control: c, Data: b}.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(wire)
}

// What the reference frames do not show.
func TestDLT645Facts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		control dlt645.Control
		data    string
		want    map[string]string
	}{
		"demand":       {0x91, "00000101" + "3412003010060719", map[string]string{"value": "0.1234", "unit": "kW", "time": "2019-07-06 10:30"}},
		"block":        {0x91, "00FF0102" + "6222FFFFFFFF", map[string]string{"values": "[226.2 <nil> <nil>]", "unit": "V"}},
		"block of one": {0x91, "00FF0102" + "6222", map[string]string{"values": "[226.2]", "value": "<nil>"}},
		"frozen":       {0x91, "01010605" + "01000000", map[string]string{"value": "0.01"}},
		"password":     {0x18, "010C0004" + "02112233" + "04445566", map[string]string{"DI": "04000C01", "PA": "02", "new_PA": "04", "payload": "<nil>"}},
		"again, 1997":  {0x83, "1090" + "01000000", map[string]string{"DI": "9010", "payload": "01000000"}},
		"no value":     {0x91, "00000100" + "FFFFFFFF", map[string]string{"no_value": "true", "value": "<nil>"}},
		"bad digits":   {0x91, "00000100" + "0A000000", map[string]string{"value": "<nil>", "payload": "0A000000"}},
		"purchases":    {0x91, "01023303" + "0300", map[string]string{"value": "3", "count": "3"}},
		"counter":      {0x91, "000D3003" + "120000", map[string]string{"count": "12"}},
		"price":        {0x91, "0B008002" + "05480000", map[string]string{"value": "0.4805", "unit": "yuan/kWh"}},
		"clock":        {0x91, "0C010004" + "30591003311225", map[string]string{"time": "2025-12-31 10:59:30"}},
		"day time":     {0x91, "02010004" + "305910", map[string]string{"time": "10:59:30"}},
		"address":      {0x91, "01040004" + "563412000000", map[string]string{"number": "000000123456"}},
		"model":        {0x91, "0B040004" + "00000000003345444F4D", map[string]string{"text": "MODE3"}},
		"no control":   {0x91, "0B040004" + "0000004285C20A1B0741", map[string]string{"text": "A    B"}},
		"statuses":     {0x91, "FF050004" + "0400000010000000000000000000", map[string]string{"relay": "open (off)", "status_1": "[clock battery low]"}},
		"recharge": {0x03, "FF020107" + "01020304" + "DC05000002000000A1A2A3A4563412000000B1B2B3B4", map[string]string{
			"DI": "070102FF", "amount": "15.00", "count": "2", "customer": "000000123456", "operator": "04030201"}},
		"account": {0x83, "FF028107" + "DC050000A1A2A3A402000000B1B2B3B456341200000000000000", map[string]string{
			"remaining": "15.00", "count": "2", "customer": "000000123456"}},
		"sealed":           {0x1C, "99000000" + "01020304" + "1A00000000311225" + "A1A2A3A4", map[string]string{"PA": "99", "mac": "A1A2A3A4", "deadline": "<nil>"}},
		"write":            {0x14, "01100004" + "02112233" + "01020304" + "00100000", map[string]string{"DI": "04001001", "PA": "02", "value": "10.00", "password": "<nil>"}},
		"bare write":       {0x14, "01010004" + "06060719", map[string]string{"DI": "04000101", "payload": "<nil>", "date": "<nil>"}},
		"bare write, 1997": {0x04, "11C0" + "305910", map[string]string{"DI": "C011", "payload": "305910", "secret": "<nil>"}},
		"write, repeated":  {0x94, "01010004", map[string]string{"DI": "04000101"}},
		"part of nothing":  {0x92, "00FF0100", map[string]string{"DI": "0001FF00", "frame_seq": "<nil>"}},
		"write of nothing": {0x14, "0101", map[string]string{"DI": "<nil>"}},
		"readdress":        {0x15, "563412000000", map[string]string{"address": "000000123456"}},
		"clear":            {0x1B, "02112233" + "01020304" + "FFFFFFFF", map[string]string{"DI": "FFFFFFFF", "operator": "04030201"}},
		"baud":             {0x17, "08", map[string]string{"baud": "2400"}},
		"freeze":           {0x16, "00000199", map[string]string{"month": "99", "day": "1"}},
		"unknown":          {0x1E, "00", map[string]string{"data_decoded": "00", "DI": "<nil>"}},
		"refusal":          {0xD1, "010203", map[string]string{"payload": "010203", "err": "<nil>"}},
	} {
		answer := answered(t, "dlt645", line(t, c.control, c.data))
		list, _ := answer["frames"].([]any)
		if len(list) != 1 {
			t.Fatalf("%s: %v", name, answer)
		}
		facts := list[0].(map[string]any)
		for key, want := range c.want {
			if got := fmt.Sprint(facts[key]); got != want {
				t.Errorf("%s: %s is %s, want %s", name, key, got, want)
			}
		}
	}
}

// No fact tells a password, the old or the new one, nor a password that is written as a value.
func TestDLT645TellsNoPassword(t *testing.T) {
	t.Parallel()
	for data, control := range map[string]dlt645.Control{
		"01100004" + "02A7B8C9" + "01020304" + "00100000":    0x14,
		"010C0004" + "02A7B8C9" + "01020304" + "A7B8C9":      0x14,
		"010C0004" + "A7B8C9":                                0x91,
		"12C2" + "04A7B8C9":                                  0x81, // 1997
		"13C2" + "02A7B8C9" + "04A7B8C9":                     0x04,
		"1090" + "02A7B8C9" + "010203":                       0x04,
		"010C0004" + "02A7B8C9" + "04A7B8C9":                 0x18,
		"02A7B8C9" + "04A7B8C9":                              0x0F,
		"03A7B8C9" + "04A7B8C9":                              0x18,
		"04A7B8C9":                                           0x98,
		"05A7B8C9":                                           0x8F,
		"02A7B8C9" + "01020304":                              0x19,
		"03A7B8C9" + "01020304":                              0x1A,
		"04A7B8C9" + "01020304" + "FFFFFFFF":                 0x1B,
		"02A7B8C9" + "01020304" + "1A00000000311225":         0x1C,
		"99A7B8C9" + "01020304" + "1A0000000031122501020304": 0x1C,
	} {
		frame := answered(t, "dlt645", line(t, control, data))["frames"].([]any)[0]
		if sent := frame.(map[string]any)["data_decoded"]; sent != data {
			t.Errorf("%v %s: decoded as %v", control, data, sent)
		}
		delete(frame.(map[string]any), "data_decoded") // who decodes a line has given its bytes
		said := strings.ToUpper(fmt.Sprint(frame))
		if strings.Contains(said, "A7B8C9") || strings.Contains(said, "C9B8A7") {
			t.Errorf("%v %s: %s", control, data, said)
		}
		if _, told := frame.(map[string]any)["payload"]; told && strings.HasPrefix(data, "010C") {
			t.Errorf("%v %s: a payload: %s", control, data, said)
		}
	}
}

// A short address has a pair AA; two halves of pairs that are A make none.
func TestDLT645ShortAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[dlt645.Address]string{{0x56, 0x34, 0xAA, 0xAA, 0xAA, 0xAA}: "short (AA)", {0xA0, 0x0A}: "<nil>"} {
		wire, err := dlt645.Frame{Address: address, Control: dlt645.ReadAddress}.AppendTo(nil)
		if err != nil {
			t.Fatal(err)
		}
		frame := answered(t, "dlt645", hex.EncodeToString(wire))["frames"].([]any)[0].(map[string]any)
		if got := fmt.Sprint(frame["addr_kind"]); got != want {
			t.Errorf("%v is %s, want %s", address, got, want)
		}
	}
}

func TestDLT645CountsWhatItSkips(t *testing.T) {
	t.Parallel()
	frame := line(t, 0x91, "0001000078563412")
	for noisy, want := range map[string]string{
		"FEFE" + frame: "0", "FFFE" + frame: "1", frame + "00" + frame: "1", frame + "6800": "2", frame[:20] + "FE" + frame: "10",
	} {
		if got := fmt.Sprint(answered(t, "dlt645", noisy)["skipped_bytes"]); got != want {
			t.Errorf("%s: %s skipped, want %s", noisy, got, want)
		}
	}
	bad := answered(t, "dlt645", "00"+frame[:len(frame)-4]+"0016")
	if text := fmt.Sprint(bad["error"]); !strings.HasPrefix(text, "at byte 1: checksum 00, want ") {
		t.Error(text)
	}
}

// Lines from public sources that are not among the reference frames; each says where
// it was found, and what its meter said then is plausible on its face.
func TestDLT645LinesOfOthers(t *testing.T) {
	t.Parallel()
	for source, c := range map[string]struct {
		line string
		want []map[string]string
	}{
		"GitHub file id 48185737871, meter 000006605518": {
			"FEFEFEFE681855600600006 8D10135AA16 FEFEFEFE68185560060000689107353433376586 4B4416 FEFEFEFE6818556006000068910834343337395C454B3316" +
				"FEFEFEFE68185560060000 68910A373733378963616365659016 FEFEFEFE681855600600006891073C37333733 4533C316" +
				"FEFEFEFE6818556006000068910833333433C66335339A16",
			[]map[string]string{
				{"err": "02"}, {"time": "18:53:32"}, {"date": "2018-12-29", "weekday": "06"}, // a Saturday
				{"text": "220.0V"}, {"count": "1200", "name": "pulses a kWh"}, {"value": "230.93", "unit": "kWh"},
			},
		},
		"GitHub file id 39818203826, meter 181226034194": {
			"FEFEFEFE6894410326121868910A33323435365633333333B916 FEFEFEFE6894410326121868910D33323535BB34333333333333 33B916",
			[]map[string]string{{"values": "[230.3 0.0 0.0]", "unit": "V"}, {"values": "[0.188 0.000 0.000]", "unit": "A"}},
		},
		"GitHub file id 14975011456, meter 910004920760": {
			"FEFEFEFE6860079204009168910833337733984C33335116",
			[]map[string]string{{"DI": "00440000", "value": "19.65", "unit": "kvarh", "phase": "C"}},
		},
		"GitHub file id 42978557896, meter 151800161485": {
			"FEFEFEFE6885141600181568810643C37B954333BF16",
			[]map[string]string{{"DI": "9010", "value": "1062.48", "unit": "kWh"}},
		},
	} {
		list, _ := answered(t, "dlt645", c.line)["frames"].([]any)
		if len(list) != len(c.want) {
			t.Errorf("%s: %d frames", source, len(list))
			continue
		}
		for i, want := range c.want {
			for key, w := range want {
				if got := fmt.Sprint(list[i].(map[string]any)[key]); got != w {
					t.Errorf("%s, frame %d: %s is %s, want %s", source, i+1, key, got, w)
				}
			}
		}
	}
}
