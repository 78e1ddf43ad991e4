package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

// decodedLines is what meter decode says to the lines, one answer each.
func decodedLines(t *testing.T, in string) (all []map[string]any) {
	t.Helper()
	var out bytes.Buffer
	a := &app{out: &out, output: "table"}
	if err := runMeterDecode(a, meterDecodeOptions{protocol: "cjt188"}, strings.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, v)
	}
	return all
}

// Every line has its answer: an empty one, one that is too long, one that does
// not end, and those behind them.
func TestMeterDecodeAnswersEveryLine(t *testing.T) {
	t.Parallel()
	const good = "68300300000000000001031F90FF4D16"
	longest := good + strings.Repeat(" ", longestLine-len(good)-1)
	for name, c := range map[string]struct {
		in   string
		want []bool
	}{
		"nothing":             {"", nil},
		"empty lines":         {"\n\n" + good + "\n", []bool{false, false, true}},
		"no end":              {good + "\n" + good, []bool{true, true}},
		"returns":             {good + "\r\n" + good + "\r\n", []bool{true, true}},
		"longest":             {longest + "\n" + good + "\n", []bool{true, true}},
		"too long":            {longest + " \n" + good + "\n", []bool{false, true}},
		"far too long":        {strings.Repeat("F", 3*longestLine) + "\n" + good, []bool{false, true}},
		"too long and no end": {strings.Repeat("F", longestLine+1), []bool{false}},
	} {
		got := decodedLines(t, c.in)
		if len(got) != len(c.want) {
			t.Errorf("%s: %d answers, want %d", name, len(got), len(c.want))
			continue
		}
		for i, ok := range c.want {
			if got[i]["ok"] != ok {
				t.Errorf("%s: line %d: %v", name, i+1, got[i])
			}
		}
	}
}

// An answer is there before the next line comes: a program may talk with us.
func TestMeterDecodeAnswersAtOnce(t *testing.T) {
	t.Parallel()
	lines, ask := io.Pipe()
	hear, answers := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- runMeterDecode(&app{out: answers, output: "json"}, meterDecodeOptions{protocol: "cjt188"}, lines)
	}()
	answer := bufio.NewReader(hear)
	for range 3 {
		if _, err := io.WriteString(ask, "68300300000000000001031F90FF4D16\n"); err != nil {
			t.Fatal(err)
		}
		if line, err := answer.ReadString('\n'); err != nil || !strings.HasPrefix(line, `{"ok":true`) {
			t.Fatalf("%q, %v", line, err)
		}
	}
	ask.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
