package terminal

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// What a top-up needs is sent, what makes files, keys and protection only with
// --allow-issue, and fuses, the reader's escape command and the unknown never.
func TestAllowList(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]permit{
		"00A4 0400 03 AABBCC":                           always,
		"00B0 8100 C8":                                  always,
		"0084 0000 04":                                  always,
		"0082 0001 08 0102030405060708":                 always,
		"04D6 8130 07 AABBCC0A0B0C0D":                   always,
		"8050 0002 0B 01000003E8112233445566":           always,
		"FFA4 0000 01 06":                               always,
		"FFB0 0020 10":                                  always,
		"FF20 0000 03 FFFFFF":                           always,
		"FFD0 0020 02 AABB":                             issues, // the reader was told of no chip
		"FF82 0000 06 FFFFFFFFFFFF":                     always,
		"FF86 0000 05 0100046000":                       always,
		"FFD6 0004 10 000102030405060708090A0B0C0D0E0F": always,
		"FFD7 0004 05 0000000001":                       always,
		"80E0 3F01 07 38036F0F0FFFFF":                   issues,
		"800E 0000 00":                                  issues,
		"84D4 0101 04 01020304":                         issues,
		"FFD1 0000 01 A2":                               issues,
		"FFD2 0001 03 010203":                           issues,
		"FF82 2000 06 FFFFFFFFFFFF":                     never, // the reader would keep it
		"FFA4 0000 01 08":                               never, // a chip that no driver speaks to
		"FFA4 0100 01 06":                               never,
		"FFA4 0000 02 0606":                             never,
		"FFD6 0007 10 000102030405060708090A0B0C0D0E0F": issues,
		"FFD6 008F 10 000102030405060708090A0B0C0D0E0F": issues,
		"FFD6 0083 10 000102030405060708090A0B0C0D0E0F": always, // of the large sectors of a 4K card
		"FFD6 0006 20 " + strings.Repeat("00", 32):      issues, // it would run into the trailer
		"FFD7 0004 02 0307":                             issues, // a copy into the trailer
		"FF05 0000 04 05B00100":                         never,
		"FF00 0000 02 D442":                             never,
		"FFC2 0000 01 00":                               never,
		"00E4 0000 02 3F00":                             never,
		"8024 0000 01 00":                               never,
		"A0A4 0000 02 3F00":                             never,
	} {
		command, err := hex.DecodeString(strings.ReplaceAll(line, " ", ""))
		if err != nil {
			t.Fatal(line, err)
		}
		for _, mayIssue := range []bool{false, true} {
			a, card := newAgent()
			a.MayIssue = mayIssue
			id := uuid.New()
			do(t, a, Frame{Insertion: id, Kind: Connect})
			got := do(t, a, Frame{Insertion: id, N: 1, Kind: Transmit, Command: command})
			sent := want == always || want == issues && mayIssue
			if (card.count() == 1) != sent || (got.Fault == "") != sent {
				t.Errorf("%s, may issue %t: sent %d, %+v", line, mayIssue, card.count(), got)
			}
			if !sent && (got.Fault != FaultInstruction || got.INS != hex.EncodeToString(command[:2])) {
				t.Errorf("%s: refused as %+v", line, got)
			}
		}
	}
}

// What is no short APDU cannot be judged, and is not sent.
func TestOddCommandsAreNotSent(t *testing.T) {
	t.Parallel()
	a, card := newAgent()
	do(t, a, Frame{Insertion: insertion, Kind: Connect})
	for i, line := range []string{"00", "00B0", "00B08100", "00D6810000000201", "00D681000301", "00D6810001AABBCC"} {
		command, _ := hex.DecodeString(line)
		if got := do(t, a, Frame{Insertion: insertion, N: uint32(i + 1), Kind: Transmit, Command: command}); got.Fault != FaultInstruction {
			t.Errorf("%s: %+v", line, got)
		}
	}
	if card.count() != 0 {
		t.Errorf("%d were sent", card.count())
	}
}
