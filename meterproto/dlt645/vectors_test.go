package dlt645_test

import (
	"encoding/hex"
	"testing"

	"github.com/vendgate/vendgate/fixtures/frames"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// Frames of other people's meters; fixtures/frames says whose.
const (
	voltageReply = "68010044235200689106333634359555DD16"                                      // themeyic/go-dlt645
	energyReply  = "6829250707212068910833333333A94A36332E16"                                  // juejin: 317.76 kWh
	asPublished  = "68200011114202689110000200003333333333333333333333337716"                  // checksum as published
	moneyReply   = "FEFEFEFE685634120000006891083335C33389CB4C333616"                          // constructed: 1998.56 yuan
	echoAndReply = "68010044235200681104333634357116" + "68010044235200689106333634359555DD16" // read of 02010300, and the answer
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// collected are the lines of other people's meters.
func collected(t testing.TB) (lines [][]byte) {
	t.Helper()
	for _, l := range frames.Of(t, "dlt645") {
		lines = append(lines, l.Bytes(t))
	}
	return lines
}

// decodeMessages runs every decoder over a frame; it only must not panic. It
// returns how many took it.
func decodeMessages(f dlt645.Frame) (took int) {
	reply, err := dlt645.DecodeReply(f)
	_, _ = dlt645.AppendRegisters(nil, reply)
	_ = dlt645.AddTo(&meterproto.Reading{}, f.Address, reply)
	_ = dlt645.Answers(f, f)
	_, _, _ = f.CutDI()
	_ = f.Shown()
	for _, err := range append(decodeCommands(f), err) {
		if err == nil {
			took++
		}
	}
	return took
}

func decodeCommands(f dlt645.Frame) []error {
	errs := make([]error, 20)
	_, errs[0] = dlt645.DecodeRead(f)
	_, errs[1] = dlt645.DecodeFollowUp(f)
	_, errs[2] = dlt645.DecodePart(f)
	_, errs[3] = dlt645.DecodeWrite(f)
	_, errs[4] = dlt645.DecodeAddress(f)
	_, errs[5] = dlt645.DecodeReaddress(f)
	_, errs[6] = dlt645.DecodeTime(f)
	_, errs[7] = dlt645.DecodeFreeze(f)
	_, errs[8] = dlt645.DecodeBaud(f)
	_, errs[9] = dlt645.DecodeRepassword(f)
	_, errs[10] = dlt645.DecodeRepassworded(f)
	_, errs[11] = dlt645.DecodeClear(f)
	_, errs[12] = dlt645.DecodeOutput(f)
	_, errs[13] = dlt645.DecodeRelay(f)
	_, errs[14] = dlt645.DecodeSealedRelay(f)
	var command dlt645.SecurityCommand
	command, errs[15] = dlt645.DecodeSecurityCommand(f)
	_, _ = dlt645.DecodeChallenge(command)
	_, errs[16] = dlt645.DecodeIdentity(f, dlt645.Challenge{})
	_, _ = dlt645.DecodePurchase(f)
	_, errs[17] = dlt645.DecodeCredit(f, dlt645.Recharge)
	_, errs[18] = dlt645.DecodeAccount(f)
	errs[19] = dlt645.Done(f, f.Control)
	return errs
}
