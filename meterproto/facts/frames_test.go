package facts_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/fixtures/frames"
	"github.com/vendgate/vendgate/meterproto/facts"
)

// gainsaid are the differences where the lines themselves disagree, by protocol
// and line, with the line that is followed.
var gainsaid = map[string]string{
	"mbus 49 records[14].value: want 00 20, got 20 00": "line 16, the same meter, has 20 00 for the bytes 20 00",
	"mbus 50 records[15].value: want 00 23, got 23 00": "line 16, the same meter, has 20 00 for the bytes 20 00",
}

// Every line of other people's meters means to us what it means to them.
func TestFramesOfOthers(t *testing.T) {
	t.Parallel()
	for _, protocol := range facts.Protocols() {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			if len(compared[protocol]) == 0 {
				t.Fatal("no key of this protocol is compared")
			}
			lines := frames.Of(t, protocol)
			for i, line := range lines {
				for _, difference := range differences(protocol, line.Expect, answered(t, protocol, line.Hex)) {
					if why, known := gainsaid[fmt.Sprintf("%s %d %s", protocol, i+1, difference)]; known {
						t.Logf("line %d: %s; but %s", i+1, difference, why)
						continue
					}
					t.Errorf("line %d, %.48s…: %s", i+1, line.Hex, difference)
				}
			}
			t.Logf("%d lines", len(lines))
		})
	}
}

// answered is the answer to a line as a program reads it.
func answered(t *testing.T, protocol, line string) map[string]any {
	t.Helper()
	answer, err := facts.Decode(protocol, line)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	return object(t, string(text))
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	in := json.NewDecoder(strings.NewReader(text))
	in.UseNumber()
	var v map[string]any
	if err := in.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// The comparison itself notices what differs, and only that.
func TestComparison(t *testing.T) {
	t.Parallel()
	const whole = `{"ok":true,"frames":[{"T":"20","time":"2020-05-28T20:58:24Z","flow":{"value":1.5,"unit":"m^3/h"},"ST":{"raw":"0400","battery_low":true}}]}`
	for name, c := range map[string]struct {
		want, got string
		differ    bool
	}{
		"same":               {`{"T":"20","time":"2020-05-28 20:58:24","flow":{"value":1.5000001,"unit":"m3/h"}}`, whole, false},
		"numbers as text":    {`{"T":20}`, whole, false},
		"nothing expected":   {`{"addr":null}`, whole, false},
		"other number":       {`{"flow":{"value":1.51}}`, whole, true},
		"other unit":         {`{"flow":{"unit":"L/h"}}`, whole, true},
		"other flag":         {`{"ST":{"battery_low":false}}`, whole, true},
		"not there":          {`{"addr":"00"}`, whole, true},
		"no number":          {`{"flow":{"invalid_or_unset":true}}`, whole, true},
		"a time that is not": {`{"time":{"invalid_or_unset":true}}`, whole, false},
		"two frames":         {`{"frames":2}`, whole, true},
		"taken":              {`{"ok":false}`, whole, true},
		"refused":            {`{"ok":false}`, `{"ok":false,"error":"checksum","frames":[]}`, false},
		"refused wordlessly": {`{"ok":false}`, `{"ok":false,"frames":[]}`, true},
	} {
		got := differences("cjt188", object(t, c.want), object(t, c.got))
		if (len(got) > 0) != c.differ {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	if _, err := facts.Decode("semaphore", "00"); err == nil {
		t.Error("a protocol that there is not")
	}
	for _, protocol := range facts.Protocols() {
		for _, line := range []string{"", "0", "xx", "00", strings.Repeat("FE", 1000)} {
			answer := answered(t, protocol, line)
			text, _ := json.Marshal(answer)
			if answer["ok"] != false || answer["error"] == "" || !bytes.Contains(text, []byte(`"frames":[]`)) {
				t.Errorf("%s: %q: %s", protocol, line, text)
			}
		}
	}
}
