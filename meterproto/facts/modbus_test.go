package facts_test

import (
	"testing"
)

// Lines that the reference has no example of: several frames, noise, TCP.
func TestLinesOfModbus(t *testing.T) {
	t.Parallel()
	const (
		ask     = "010300000002C40B"
		reply   = "010304449A5000F2EC"
		foreign = "331122334455F093"
		overTCP = "0001000000061103006B0003" + "0001000000091103" + "06022B00000064"
	)
	for name, c := range map[string]struct {
		line   string
		frames int
		sides  string
	}{
		"request and reply":        {ask + reply, 2, "request reply "},
		"noise around them":        {"FFFF00" + ask + "00" + reply + "FF", 2, "request reply "},
		"a foreign function":       {ask + foreign, 2, "request <nil> "},
		"TCP":                      {overTCP, 2, "request reply "},
		"TCP that is cut":          {overTCP[:len(overTCP)-2], 0, ""},
		"TCP, foreign":             {"0001000000041111AABB", 1, "<nil> "},
		"serial, function changed": {"010700000002C40B", 0, ""},
		"serial, CRC like TCP":     {"010300000002C40C", 0, ""},
		"a foreign one in noise":   {"FF" + foreign, 0, ""},
		"126 registers":            {"01030000007EC5EA", 1, "request "},
		"no coil at all":           {"0101001000003DCF", 1, "request "},
		"a coil half set":          {"010500101234C178", 1, "request "},
		"behind the last":          {"0103FFFF0002C42F", 1, "request "},
		"4 bytes for 4 registers":  {"01100001000404000A01029256", 0, ""},
		"cut":                      {reply[:14], 0, ""},
	} {
		answer := answered(t, "modbus", c.line)
		frames, sides := answer["frames"].([]any), ""
		for _, f := range frames {
			side, _ := f.(map[string]any)["side"].(string)
			if side == "" {
				side = "<nil>"
			}
			sides += side + " "
		}
		if len(frames) != c.frames || sides != c.sides || (answer["ok"] == true) != (c.frames > 0) {
			t.Errorf("%s: %v", name, answer)
		}
	}
}
