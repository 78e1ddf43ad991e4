package facts_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/fixtures/frames"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

// What the source of a frame states of its records is what is read of them.
func TestStatedValuesOfMBus(t *testing.T) {
	t.Parallel()
	compared := 0
	for i, line := range frames.Of(t, "mbus") {
		stated, _ := line.Expect["stated"].([]any)
		for _, s := range stated {
			want := s.(map[string]any)
			n, _ := number(want["record"])
			got := mbusRecordOf(t, line.Hex, int(n))
			var c comparison
			if c.words(want["value"].(string), got, "value", false); c.found != nil && got != "30" {
				t.Errorf("line %d, record %v: %v", i+1, n, c.found) // 30 is an RF level of which makers know two codings
			}
			compared++
		}
	}
	if compared < 20 {
		t.Errorf("only %d values", compared)
	}
}

// mbusRecordOf is the value of a record in the first frame, as the gateway reads it.
func mbusRecordOf(t *testing.T, line string, n int) any {
	t.Helper()
	frame := answered(t, "mbus", line)["frames"].([]any)[0].(map[string]any)
	record := frame["records"].([]any)[n].(map[string]any)
	if as, ok := record["read_as"].(map[string]any); ok && as["value"] != nil {
		return as["value"]
	}
	return text(record["value"])
}

func text(v any) any {
	if n, ok := v.(json.Number); ok {
		return n.String()
	}
	return v
}

// A password, an access code or a key is told of, and its bytes are not.
func TestMBusTellsNoSecret(t *testing.T) {
	t.Parallel()
	for data, records := range map[string]int{
		"04FD16A7B8C9D1": 1, "04FD12A7B8C9D1": 1, "04FD19A7B8C9D1": 1, "0C14453412000DFD1604A7B8C9D1": 2,
		"04FD16A7B8C9": 0, // cut short: no records
	} {
		for _, head := range []struct {
			control mbus.Control
			ci      mbus.CI
		}{{0x53, mbus.SendLow}, {0x08, mbus.VariableBare}} {
			answer := answered(t, "mbus", mbusWire(t, head.control, head.ci, data))
			said := fmt.Sprint(answer)
			for _, secret := range []string{"A7B8C9", "A7 B8 C9", "C9 B8 A7", "D1 C9", "-775309145", "§¸É", "É¸§"} {
				if strings.Contains(said, secret) {
					t.Errorf("%v %s: %s", head.ci, data, said)
				}
			}
			if n := strings.Count(said, "secret:true"); records > 0 && n != 2 { // the frame, and its record
				t.Errorf("%v %s: %d secrets: %s", head.ci, data, n, said)
			}
		}
	}
}

// mbusWire is a long frame with those data, in hexadecimal.
func mbusWire(t *testing.T, control mbus.Control, ci mbus.CI, data string) string {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(data, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	wire, err := mbus.Frame{Kind: mbus.Long, Control: control, Address: 1, CI: ci, Data: b}.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(wire)
}

// A clock whose year is 127, "every year" (EN 13757-3, annex A), is shown as the reference shows it, and said to be no date.
func TestMBusEveryYearIsNoDate(t *testing.T) {
	t.Parallel()
	for data, shown := range map[string]string{"046D0A0CFFFC": "2027-12-31T12:10:00", "426CFFFC": "2127-12-31"} {
		said := fmt.Sprint(answered(t, "mbus", mbusWire(t, mbus.RspUd, mbus.VariableBare, data)))
		if !strings.Contains(said, shown) || !strings.Contains(said, "read_as:map[state:no value]") || strings.Contains(said, "time:") {
			t.Errorf("%s: %s", data, said)
		}
	}
}

// An answer of which one block is encrypted: that stays bytes, and the record behind it is told.
func TestMBusTellsWhatStandsInPlain(t *testing.T) {
	t.Parallel()
	const cipher = "1F13050113050113050113050113050A"
	whole := answered(t, "mbus", mbusWire(t, mbus.RspUd, mbus.VariableShort, "05001005"+cipher))["frames"].([]any)[0].(map[string]any)
	part := answered(t, "mbus", mbusWire(t, mbus.RspUd, mbus.VariableShort, "05001005"+cipher+"0C1445341200"))["frames"].([]any)[0].(map[string]any)
	if text(whole["encrypted"]) != "5" || whole["payload"] != cipher || whole["records"] != nil || whole["more_records_follow"] != nil {
		t.Errorf("whole: %v", whole)
	}
	records, _ := part["records"].([]any)
	if text(part["encrypted"]) != "5" || part["payload"] != cipher || len(records) != 1 || text(records[0].(map[string]any)["value"]) != "1234.45" {
		t.Errorf("a part: %v", part)
	}
}

// Lines that no source has: each follows from the standard.
func TestMBusLines(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ line, want string }{
		"ack":             {"E5", `{"ok":true,"frames":1}`},
		"echo, then ack":  {"1040014116 E5", `{"ok":true,"frames":2}`},
		"wrong direction": {"680F0F68530172785634129315330305000000BD16", `{"ok":false}`},
		"header cut":      {"680606680801720102038116", `{"ok":false}`},
		"no records":      {"680F0F680801727856341293153303050000007216", `{"id":"12345678","manufacturer":"ELS","version":51,"record_count":0,"records":[]}`},
		"short header": {"680D0D6808017A050000000C14453412003316",
			`{"ci":"7A","access":5,"records":[{"function":"Inst","unit":"m3","value":1234.45}]}`},
		"a good frame behind a bad one": {"680606680801720102038116 1040014116", `{"ok":true,"primary":1}`},
		"fixed structure": {"68131368080573785634120A00E97E01000000350100003C16", `{"ci":"73","primary":5,"id":"12345678",
			"access":10,"status":"00","record_count":2,"records":[{"function":"Actual value","unit":"l","value":1},
			{"function":"Actual value","unit":"reserved but historic","value":135}]}`},
		"no value, by its digits": {"680909680801780C13FFFFFFFF9C16", `{"records":[{"invalid_or_unset":true}]}`},
		// rscada/libmbus:test/test-frames/example_binary16_lvar.hex
		"long number, highest byte first": {"6825256808007200000000CD250102000000000D7C025750F096075B2A27A693013DB51AB3DCD13E17D516",
			`{"records":[{"value":"17 3E D1 DC B3 1A B5 3D 01 93 A6 27 2A 5B 07 96"}]}`},
		// rscada/libmbus:test/test-frames/example_plain_text_placement.hex
		"text behind the VIFEs": {"68191968080272785634122440010755 00000003FC20034342411531007F16",
			`{"records":[{"value":12565,"unit":"-"}]}`},
		// rscada/libmbus:test/unsupported-frames/manual_frame5.hex
		"a whole secondary address is set": {"680D0D6853FE51077904030201244001049516",
			`{"ci":"51","id":"01020304","manufacturer":"PAD","version":"01"}`},
		"text without control characters": {"680F0F680801780DFD0B080042857F1B0AE9413316", `{"records":[{"value":"Aé    B"}]}`},
		"a constant that is added": {"6817176808017802DA7AD70001837BFF07DB78FFFFFFFFFFFFFF7F7E16",
			`{"records":[{"value":21.6,"unit":"C"},{"value":0,"unit":"Wh"},{"invalid_or_unset":true}]}`},
		"no block encrypted": {"680D0D6808017A050000050C14453412003816", `{"ci":"7A","signature":"0500","records":[{"value":1234.45}]}`},
		"alarm":              {"68040468080171047E16", `{"ci":"71"}`},
	} {
		for _, d := range differences("mbus", object(t, c.want), answered(t, "mbus", c.line)) {
			t.Errorf("%s: %s", name, d)
		}
	}
}
