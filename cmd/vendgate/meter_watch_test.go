package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// A burst is shown with the frames in it, or with why there is none; a program gets what meter decode gives.
func TestBurstsAreShown(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 27, 18, 0, 5, 0, time.UTC)
	for text, want := range map[string]string{
		"fefefe6830674523010001780103058107 7216": `"addr":"78010001234567"`, // the reference's request for DI 8105
		"01020304": "18:00:05.000  01 02 03 04\n              ",
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		var table, object bytes.Buffer
		if err := (&app{out: &table, output: "table"}).showBurst("cjt188", at, b); err != nil || !strings.Contains(table.String(), want) {
			t.Errorf("%s: %s, %v", text, &table, err)
		}
		var got struct {
			At     time.Time
			Hex    string
			OK     bool
			Error  string
			Frames []map[string]any
		}
		err = (&app{out: &object, output: "json"}).showBurst("cjt188", at, b)
		if err := json.Unmarshal(object.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v", &object, err)
		}
		if err != nil || !got.At.Equal(at) || got.Hex != hex.EncodeToString(b) || got.OK != (len(got.Frames) == 1) || got.OK == (got.Error != "") {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}
